/**
 * The score interval of a proportion: which true rates would not be surprised by what was counted. Unlike the interval
 * of the textbook it stays within 0 and 1, and says something of no failure at all.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
 * Statistical Association 22 (1927), 209-212.
 */

/** From `low` to `high`, both inclusive, 0 to 1. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** The standard normal deviate that leaves 2.5 % on each side: intervals are 95 % intervals. */
export const NINETY_FIVE = 1.959963984540054

/**
 * The interval of a rate among `attempts`, which need not be whole: a weighted rate has an effective number of them.
 * `attempts` must be above 0 and `rate` from 0 to 1.
 */
export const interval = (rate: number, attempts: number, deviate = NINETY_FIVE): Interval => {
  const square = (deviate * deviate) / attempts
  const middle = (rate + square / 2) / (1 + square)
  const reach = (deviate * Math.sqrt((rate * (1 - rate)) / attempts + square / (4 * attempts))) / (1 + square)
  // The interval holds its rate, also where rounding would put an end a hair beyond it.
  return { high: Math.min(1, Math.max(rate, middle + reach)), low: Math.max(0, Math.min(rate, middle - reach)) }
}
