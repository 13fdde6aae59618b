/**
 * The failures that an objective allows, and how many of them are used. Source of the idea: B. Beyer, N. Murphy,
 * D. Rensin, K. Kawahara, S. Thorne (editors), "The Site Reliability Workbook" (2018), chapter 2.
 */
import type { EpochMillis } from "../time/Instant.ts"
import * as BurnRate from "./BurnRate.ts"
import type { Totals } from "./Totals.ts"

export interface ErrorBudget {
  /** Failures that the attempts of the window allow: (1 - objective) x attempts, weighted where sampled. */
  readonly allowed: number
  readonly failed: number
  /** The share that is left: 1 untouched, 0 used up, below 0 overspent. An objective of 1 allows none: 1, then 0. */
  readonly remaining: number
  /**
   * When the budget will be used up if the recent burn rate holds: at once where it is used up. `undefined` where nothing
   * burns. Failures that leave the window give budget back, which this leaves out: the truth is later, never sooner, while
   * the rate holds.
   */
  readonly exhaustedAt: EpochMillis | undefined
}

type Counts = Pick<Totals, "passed" | "failed">

/** `undefined` where nothing counted. */
export const of = (seen: {
  readonly objective: number
  readonly window: Counts
  readonly windowMillis: number
  /** What the pace is taken from: the end of the window. */
  readonly recent: Counts
  readonly at: EpochMillis
}): ErrorBudget | undefined => {
  const attempts = seen.window.passed.weight + seen.window.failed.weight
  if (!(attempts > 0)) return undefined
  // Estimates of few attempts may lie outside of what can be.
  const failed = Math.max(0, Math.min(attempts, seen.window.failed.weight))
  const allowed = BurnRate.allowance(seen.objective) * attempts
  const remaining = allowed === 0 ? (failed === 0 ? 1 : 0) : 1 - failed / allowed
  return { allowed, exhaustedAt: exhaustion(seen, remaining), failed, remaining }
}

const exhaustion = (
  { at, objective, recent, windowMillis }: Parameters<typeof of>[0],
  remaining: number
): EpochMillis | undefined => {
  if (remaining <= 0) return at
  const pace = BurnRate.of(recent, objective)
  if (pace === undefined || pace === 0) return undefined
  return at + Math.ceil((remaining * windowMillis) / pace)
}
