/** A comparison in one word and one sentence. */
import type { Comparison } from "./Backtest.ts"
import type { Bounds, Key } from "./Tally.ts"

/**
 * `same`: no run is decided otherwise. `looser`: at least as many attempts admitted and no more time open, whatever the
 * unknown outcomes; `stricter` the other way round. `mixed`: neither, or the record does not decide it.
 */
export type Word = "same" | "looser" | "stricter" | "mixed"

const atLeast = (left: Bounds, right: Bounds, key: Key): boolean => left.low[key] >= right.high[key]

export const of = ({ divergence, new: next, old }: Comparison): Word => {
  if (divergence === undefined) return "same"
  if (atLeast(next, old, "attemptsAdmitted") && atLeast(old, next, "openMillis")) return "looser"
  if (atLeast(old, next, "attemptsAdmitted") && atLeast(next, old, "openMillis")) return "stricter"
  return "mixed"
}
