import { tally } from "../breaker/Attempts.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { Of } from "../control/ControlEvent.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { RunReport } from "./RunReport.ts"

/** When a run was claimed, and for which batch. */
export interface Claim {
  readonly at: EpochMillis
  readonly batch: string | undefined
}

/**
 * The report of a run as the control branch has it: counts, sums of weights and minutes, without single results. Its
 * time is the event's; its beginning and its batch, where the event states none, are those of the claim.
 */
export const reportOf = (event: Of<"RunCompleted">, claim: Claim | undefined): RunReport => {
  const { failed, passed, skipped } = tally(event.attempts)
  const { at, ecosystem, minutes, runKey, weighted } = event
  const startedAt = event.startedAt ?? claim?.at
  return {
    attempts: { failed, passed, skipped },
    batch: event.batch ?? claim?.batch,
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
