/** Two policies on one record: what each would have done, and where they part. */
import * as Attempts from "../breaker/Attempts.ts"
import { ecosystemOf, type Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import type { History, Run } from "./History.ts"
import * as Replay from "./Replay.ts"
import type { Held } from "./Spending.ts"
import * as Tally from "./Tally.ts"

/** The first run about which the two decide differently, or that leads them to different states. */
export interface Divergence {
  readonly at: EpochMillis
  readonly ecosystem: string
  /** What may have become of it: `run`, `run and trip`, `probe`, `probe and close`, `hold`, `hold for the budget`, `not asked`. */
  readonly old: ReadonlyArray<string>
  readonly new: ReadonlyArray<string>
}

export interface Line {
  readonly ecosystem: string
  readonly runs: number
  readonly old: Replay.Course
  readonly new: Replay.Course
  readonly divergence: Divergence | undefined
}

export interface Comparison {
  readonly lines: ReadonlyArray<Line>
  readonly old: Tally.Bounds
  readonly new: Tally.Bounds
  /** The earliest of the lines' divergences. */
  readonly divergence: Divergence | undefined
  readonly runs: number
  readonly attempts: number
  /** Runs on record as held, whose outcomes nobody knows. */
  readonly held: number
  /** Runs that the record has no line of, because the old policy held them: put in for the new one at the ecosystem's pace. */
  readonly filled: number
  readonly first: EpochMillis
  readonly end: EpochMillis
}

const middle = (numbers: ReadonlyArray<number>): number | undefined =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]

const countOf = ({ attempts }: Run): number => {
  const { failed, passed } = Attempts.tally(attempts)
  return passed + failed
}

const byEcosystem = (runs: ReadonlyArray<Run>): ReadonlyMap<string, ReadonlyArray<Run>> => {
  const lists = new Map<string, Array<Run>>()
  for (const run of runs) {
    const list = lists.get(run.ecosystem) ?? []
    list.push(run)
    lists.set(run.ecosystem, list)
  }
  return lists
}

/** The middle number of attempts of an ecosystem's runs that had any. */
const sizesOf = (runs: ReadonlyMap<string, ReadonlyArray<Run>>): ReadonlyMap<string, number> =>
  new Map([...runs].map(([name, list]) => [name, middle(list.map(countOf).filter((count) => count > 0)) ?? 1]))

const usedBy = (run: Run | undefined): number =>
  Object.values(run?.minutes ?? {}).reduce((sum, count) => sum + count, 0)

const MOST_FILLED = 20_000

/**
 * Runs that the record lacks because whoever asked was held: in such a stretch, between the runs on record, one each
 * pace of the ecosystem. Without outcomes.
 */
const fill = (runs: ReadonlyArray<Run>, held: ReadonlyArray<Held>, end: EpochMillis): ReadonlyArray<Run> => {
  const times = runs.map(({ at }) => at)
  const gaps = times.slice(1).flatMap((at, index) => (at > (times[index] ?? at) ? [at - (times[index] ?? at)] : []))
  const pace = middle(gaps)
  // What one would have used is bounded by the most that a run of the ecosystem used.
  const sample = runs.reduce<Run | undefined>(
    (most, run) => (usedBy(run) > usedBy(most) ? run : (most ?? run)),
    undefined
  )
  if (pace === undefined || sample === undefined) return []
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
      filled.push({ at: time, attempts, ecosystem: sample.ecosystem, made: false, minutes: sample.minutes })
      free = time
    }
  }
  return filled
}

const WORDS = [
  [Branch.RAN, "run"],
  [Branch.TRIPPED, "run and trip"],
  [Branch.PROBED, "probe"],
  [Branch.CLOSED, "probe and close"],
  [Branch.HELD, "hold"],
  [Branch.HELD_BY_BUDGET, "hold for the budget"]
] as const

const wordsOf = (mask: number): ReadonlyArray<string> =>
  mask === 0 ? ["not asked"] : WORDS.flatMap(([bit, word]) => ((mask & bit) === 0 ? [] : [word]))

const isCertain = (mask: number): boolean => (mask & (mask - 1)) === 0

/**
 * Where the two part, by ecosystem. About a run that was put in the old policy is not asked; only admitting it differs.
 * The same several possibilities are a difference, since it may be one for the one and another for the other, unless
 * both have the same rules.
 */
const divergences = (
  runs: ReadonlyArray<Run>,
  before: (run: Run, index: number) => number | undefined,
  after: Uint8Array,
  hasSameRules: (ecosystem: string) => boolean
): ReadonlyMap<string, Divergence> => {
  const found = new Map<string, Divergence>()
  const same = new Map<string, boolean>()
  for (const [index, run] of runs.entries()) {
    const { at, ecosystem } = run
    if (found.has(ecosystem)) continue
    const [old, next] = [before(run, index), after[index] ?? 0]
    if (!same.has(ecosystem)) same.set(ecosystem, hasSameRules(ecosystem))
    const agrees = old === next && (isCertain(next) || same.get(ecosystem) === true)
    if (old === undefined ? (next & Branch.ADMITTED) !== 0 : !agrees) {
      found.set(ecosystem, { at, ecosystem, new: wordsOf(next), old: wordsOf(old ?? 0) })
    }
  }
  return found
}

/** Whether two policies have one breaker for an ecosystem, and one budget. */
const haveSameRules = (old: Policy, next: Policy, ecosystem: string): boolean => {
  const rules = (policy: Policy): string => JSON.stringify([ecosystemOf(policy, ecosystem)?.breaker, policy.budget])
  return rules(old) === rules(next)
}

const NOTHING: Replay.Course = {
  held: [],
  lostFrom: undefined,
  tally: Tally.certain(),
  trips: [],
  uncertainFrom: undefined
}

const sum = (courses: ReadonlyArray<Replay.Course>): Tally.Bounds =>
  courses.reduce((all, { tally }) => Tally.both(all, tally), Tally.certain())

/**
 * Replays a record under two policies. Where the record itself says which runs were held, those are followed with every
 * outcome under both. Where it does not, it is taken to have been made under the old policy: what that held left no
 * line, and is put in for the new one.
 */
export const compare = (
  policies: { readonly old: Policy; readonly new: Policy },
  { runs }: History,
  oldUnit: Replay.Unit = "attempts"
): Comparison => {
  const lists = byEcosystem(runs)
  const end = runs.at(-1)?.at ?? 0
  const terms = { end, sizes: sizesOf(lists), unit: "attempts" as const }
  const old = Replay.replay(policies.old, runs, { ...terms, unit: oldUnit })
  const held = runs.filter(({ made }) => !made).length
  const filled =
    held > 0
      ? []
      : [...lists].flatMap(([name, list]) => fill(list, [...(old.courses.get(name)?.held ?? []), ...old.held], end))
  const all = filled.length === 0 ? runs : [...runs, ...filled].sort((left, right) => left.at - right.at)
  const after = Replay.replay(policies.new, all, terms)
  const places = filled.length === 0 ? undefined : new Map(runs.map((run, index) => [run, index]))
  const parted = divergences(
    all,
    (run, index) => {
      const place = places === undefined ? index : places.get(run)
      return place === undefined ? undefined : old.decisions[place]
    },
    after.decisions,
    (ecosystem) => oldUnit === "attempts" && haveSameRules(policies.old, policies.new, ecosystem)
  )
  const lines = [...old.courses.keys()].map((ecosystem) => ({
    divergence: parted.get(ecosystem),
    ecosystem,
    new: after.courses.get(ecosystem) ?? NOTHING,
    old: old.courses.get(ecosystem) ?? NOTHING,
    runs: lists.get(ecosystem)?.length ?? 0
  }))
  return {
    attempts: runs.reduce((count, run) => count + countOf(run), 0),
    divergence: [...parted.values()].sort((left, right) => left.at - right.at)[0],
    end,
    filled: filled.length,
    first: runs[0]?.at ?? 0,
    held,
    lines,
    new: sum(lines.map((line) => line.new)),
    old: sum(lines.map((line) => line.old)),
    runs: runs.length
  }
}
