/** A comparison in one word and one sentence. */
import type { Comparison } from "./Backtest.ts"
import type { Bounds, Key } from "./Tally.ts"

/**
 * `same`: every run is decided alike and leads to the same. `looser`: at least as many attempts admitted and no more
 * time open, whatever the unknown outcomes, and where both may be equal, no more trips; `stricter` the other way round.
 * `mixed`: neither, or the record does not decide it. No outcome of what is unknown makes a looser policy a stricter one.
 */
export type Word = "same" | "looser" | "stricter" | "mixed"

const atLeast = (left: Bounds, right: Bounds, key: Key): boolean => left.low[key] >= right.high[key]
const more = (left: Bounds, right: Bounds, key: Key): boolean => left.low[key] > right.high[key]

/** Whether one lets at least as much through as another, for certain. */
const admitsMore = (one: Bounds, other: Bounds): boolean =>
  atLeast(one, other, "attemptsAdmitted") && atLeast(other, one, "openMillis")

const isLooser = (one: Bounds, other: Bounds): boolean => {
  if (!admitsMore(one, other)) return false
  if (more(one, other, "attemptsAdmitted") || more(other, one, "openMillis")) return true
  // They may be equal in both: then the trips decide.
  return admitsMore(other, one) ? more(other, one, "trips") : atLeast(other, one, "trips")
}

export const of = ({ divergence, new: next, old }: Comparison): Word => {
  if (divergence === undefined) return "same"
  if (isLooser(next, old)) return "looser"
  return isLooser(old, next) ? "stricter" : "mixed"
}
