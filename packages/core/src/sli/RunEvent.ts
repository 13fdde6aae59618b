import { tally } from "../breaker/Attempts.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { Of } from "../control/ControlEvent.ts"
import type { RunReport } from "./RunReport.ts"

/**
 * The report of a run as the control branch has it: counts, sums of weights and minutes, without single results. Its
 * time is the event's.
 */
export const reportOf = (event: Of<"RunCompleted">): RunReport => {
  const { failed, passed, skipped } = tally(event.attempts)
  const { at, batch, ecosystem, minutes, runKey, startedAt, weighted } = event
  return {
    attempts: { failed, passed, skipped },
    batch,
    completedAt: at,
    ecosystem,
    minutes: minutes ?? Minutes.none,
    results: [],
    runKey,
    // A start that was stated later than the end is no start.
    startedAt: startedAt !== undefined && startedAt <= at ? startedAt : undefined,
    weighted
  }
}
