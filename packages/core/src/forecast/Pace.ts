/** How often ecosystems ran, from a record. */
import * as Attempts from "../breaker/Attempts.ts"
import { WEEK } from "../time/Instant.ts"
import type { History, Run } from "./History.ts"
import type { Pace } from "./OpenTime.ts"

const countOf = ({ attempts }: Run): number => {
  const { failed, passed } = Attempts.tally(attempts)
  return passed + failed
}

/**
 * By ecosystem, over the time from its first run to its last one: runs with a counted attempt a week, and their mean
 * number of attempts, rounded, at least 1. Not for one with fewer than two such runs: two instants make a pace.
 */
export const of = ({ runs }: History): ReadonlyMap<string, Pace> => {
  const lists = new Map<string, Array<Run>>()
  for (const run of runs) {
    if (!run.made || countOf(run) === 0) continue
    const list = lists.get(run.ecosystem) ?? []
    list.push(run)
    lists.set(run.ecosystem, list)
  }
  return new Map(
    [...lists].flatMap(([name, list]): ReadonlyArray<readonly [string, Pace]> => {
      const span = (list.at(-1)?.at ?? 0) - (list[0]?.at ?? 0)
      if (span <= 0) return []
      const attempts = list.reduce((sum, run) => sum + countOf(run), 0)
      const pace = {
        attemptsPerRun: Math.max(1, Math.round(attempts / list.length)),
        runsPerWeek: ((list.length - 1) * WEEK) / span
      }
      return [[name, pace]]
    })
  )
}
