/** What may be said of an objective, given what was counted and when. */
import type { EpochMillis } from "../time/Instant.ts"
import type { SuccessRate } from "./SuccessRate.ts"

/**
 * - `met`: the whole interval is at or above the objective.
 * - `violated`: the whole interval is below it.
 * - `inconclusive`: the objective lies inside; more attempts would tell.
 * - `no-data`: nothing counted in the window.
 * - `stale`: no run has completed for longer than the policy allows. What the window holds is history.
 */
export type Verdict = "met" | "violated" | "inconclusive" | "no-data" | "stale"

/** Whether the newest completion is longer ago than allowed; exactly as long is not. */
export const isStale = (newestRunAt: EpochMillis | undefined, at: EpochMillis, staleMillis: number): boolean =>
  newestRunAt !== undefined && at - newestRunAt > staleMillis

export const of = (seen: {
  readonly rate: SuccessRate | undefined
  readonly objective: number
  readonly newestRunAt: EpochMillis | undefined
  readonly at: EpochMillis
  readonly staleMillis: number
}): Verdict => {
  if (isStale(seen.newestRunAt, seen.at, seen.staleMillis)) return "stale"
  if (seen.rate === undefined) return "no-data"
  const { high, low } = seen.rate.interval
  return low >= seen.objective ? "met" : high < seen.objective ? "violated" : "inconclusive"
}
