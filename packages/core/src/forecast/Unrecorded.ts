/** Runs that a record has no outcome of: how large they may have been, and those that it has no line of at all. */
import * as Attempts from "../breaker/Attempts.ts"
import * as Budget from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { Run } from "./History.ts"
import type { Held } from "./Spending.ts"

export interface Policies {
  readonly old: Policy
  readonly new: Policy
}

/** Attempts that passed or failed. */
export const countOf = ({ attempts }: Run): number => {
  const { failed, passed } = Attempts.tally(attempts)
  return passed + failed
}

/** The most attempts that a run may have had that was never made: a batch of either policy, or the largest on record. */
export const limitsOf = (
  { new: next, old }: Policies,
  lists: ReadonlyMap<string, ReadonlyArray<Run>>
): ReadonlyMap<string, number> =>
  new Map(
    [...lists].map(([name, list]) => [
      name,
      list.reduce((most, run) => Math.max(most, countOf(run)), Math.max(next.batchSize, old.batchSize))
    ])
  )

/** By platform the more of two. */
const atMost = (left: Minutes.Minutes, right: Minutes.Minutes): Minutes.Minutes =>
  Object.fromEntries(
    [...new Set([...Object.keys(left), ...Object.keys(right)])].map((platform) => [
      platform,
      Math.max(Minutes.of(left, platform), Minutes.of(right, platform))
    ])
  )

/** What a run may have used that was never made: a reservation of either policy, or the most that one on record did. */
const minutesFor = ({ new: next, old }: Policies, runs: ReadonlyArray<Run>): Minutes.Minutes => {
  const reserve = atMost(Budget.reserveOf(next.budget), Budget.reserveOf(old.budget))
  return runs.reduce((minutes, run) => atMost(minutes, run.minutes ?? {}), reserve)
}

/** Runs that were held and state no minutes get the most that they may have used. */
export const withMinutes = (
  policies: Policies,
  lists: ReadonlyMap<string, ReadonlyArray<Run>>,
  runs: ReadonlyArray<Run>
): ReadonlyArray<Run> => {
  if (runs.every(({ made }) => made)) return runs
  const most = new Map([...lists].map(([name, list]) => [name, minutesFor(policies, list)]))
  return runs.map((run) => (run.made || run.minutes !== undefined ? run : { ...run, minutes: most.get(run.ecosystem) }))
}

const middle = (numbers: ReadonlyArray<number>): number | undefined =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]

/** More than these are not put in for an ecosystem. */
export const MOST_FILLED = 20_000

/**
 * Runs that the record lacks because whoever asked was held: in such a stretch, between the runs on record, one each
 * pace of the ecosystem. Without outcomes.
 */
export const fill = (
  policies: Policies,
  runs: ReadonlyArray<Run>,
  held: ReadonlyArray<Held>,
  end: EpochMillis
): ReadonlyArray<Run> => {
  const times = runs.map(({ at }) => at)
  const gaps = times.slice(1).flatMap((at, index) => (at > (times[index] ?? at) ? [at - (times[index] ?? at)] : []))
  const pace = middle(gaps)
  const ecosystem = runs[0]?.ecosystem
  if (pace === undefined || ecosystem === undefined) return []
  const minutes = minutesFor(policies, runs)
  const filled: Array<Run> = []
  let free = Number.NEGATIVE_INFINITY
  let next = 0
  for (const { from, to } of [...held].sort((left, right) => left.from - right.from)) {
    const until = Math.min(to, end)
    for (let time = Math.max(from, free) + pace; time < until && filled.length < MOST_FILLED; time += pace) {
      while (next < times.length && (times[next] ?? 0) < time - pace / 2) next++
      // A run on record stands for itself.
      if (Math.abs((times[next] ?? Number.POSITIVE_INFINITY) - time) <= pace / 2) continue
      const attempts = { failed: 0, passed: 0, skipped: 0 }
      filled.push({ at: time, attempts, ecosystem, made: false, minutes })
      free = time
    }
  }
  return filled
}
