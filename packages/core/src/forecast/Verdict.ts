/** A comparison in one word and one sentence. */
import type { Comparison } from "./Backtest.ts"
import type { Bounds, Key } from "./Tally.ts"

/**
 * `same`: every run is decided alike and leads to the same. `looser`: at least as many attempts admitted and no more
 * time open, whatever the unknown outcomes, or, where both are equal, fewer trips; `stricter` the other way round.
 * `mixed`: neither, or the record does not decide it.
 */
export type Word = "same" | "looser" | "stricter" | "mixed"

const atLeast = (left: Bounds, right: Bounds, key: Key): boolean => left.low[key] >= right.high[key]

/** Whether one lets at least as much through as another, for certain. */
const admitsMore = (one: Bounds, other: Bounds): boolean =>
  atLeast(one, other, "attemptsAdmitted") && atLeast(other, one, "openMillis")

export const of = ({ divergence, new: next, old }: Comparison): Word => {
  if (divergence === undefined) return "same"
  const [isLooser, isStricter] = [admitsMore(next, old), admitsMore(old, next)]
  if (isLooser !== isStricter) return isLooser ? "looser" : "stricter"
  if (!isLooser || next.low.trips === old.high.trips) return "mixed"
  return next.high.trips < old.low.trips ? "looser" : "stricter"
}
