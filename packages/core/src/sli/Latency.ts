/**
 * How long recipes take to validate, as counts of a fixed histogram: counts add up over runs and days, where percentiles
 * would not. The buckets are part of what is stored: they may never change, or old counts would mean something else.
 */

/**
 * The upper bounds of the buckets in seconds, each inclusive: a bucket holds what took longer than the bound before it
 * and at most its own. The last bucket is open and has no bound here: a histogram has `BOUNDS.length + 1` counts. 90 and
 * 120 are bounds, so that "half of all recipes took over 2 minutes" is counted and not interpolated.
 */
export const BOUNDS: ReadonlyArray<number> = [
  1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1200, 1800, 3600
]

/** How many counts a histogram has: one a bound, and the open bucket. */
export const BUCKETS = BOUNDS.length + 1

/** A histogram of nothing. */
export const EMPTY: ReadonlyArray<number> = BOUNDS.map(() => 0).concat(0)

/** Where a duration is counted, from 0; `BOUNDS.length`, the open bucket, for what is longer than every bound. */
export const bucketOf = (seconds: number): number => {
  const found = BOUNDS.findIndex((bound) => seconds <= bound)
  return found < 0 ? BOUNDS.length : found
}

/** Bucket by bucket; a histogram that is shorter counts nothing in what it lacks. */
export const add = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): ReadonlyArray<number> =>
  EMPTY.map((_, bucket) => (left[bucket] ?? 0) + (right[bucket] ?? 0))

export const countOf = (counts: ReadonlyArray<number>): number => counts.reduce((sum, count) => sum + count, 0)

/** A percentile in seconds. */
export interface Percentile {
  readonly seconds: number
  /** It lies in the open bucket: `seconds` is the last bound, and the truth is longer. */
  readonly isAtLeast: boolean
}

/**
 * The duration that a share of all stayed within, 0 < share <= 1: the bucket that holds the attempt of that rank, and
 * inside it a straight line from bound to bound, as Prometheus' `histogram_quantile` reads a classic histogram
 * (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile). The true percentile is never
 * outside of that bucket. `undefined` where nothing was timed.
 */
export const percentile = (counts: ReadonlyArray<number>, share: number): Percentile | undefined => {
  const total = countOf(counts)
  if (total === 0) return undefined
  const rank = share * total
  let below = 0
  for (const [bucket, bound] of BOUNDS.entries()) {
    const count = counts[bucket] ?? 0
    if (count > 0 && below + count >= rank) {
      const lower = BOUNDS[bucket - 1] ?? 0
      return { isAtLeast: false, seconds: lower + (bound - lower) * ((rank - below) / count) }
    }
    below += count
  }
  return { isAtLeast: true, seconds: BOUNDS.at(-1) ?? 0 }
}

/** How many took longer than one of the `BOUNDS`: counted, without interpolation. */
export const countOver = (counts: ReadonlyArray<number>, bound: number): number =>
  countOf(counts.slice(bucketOf(bound) + 1))

/** Whether more than half of what was timed took longer than one of the `BOUNDS`. */
export const mostTookOver = (counts: ReadonlyArray<number>, bound: number): boolean =>
  countOver(counts, bound) * 2 > countOf(counts)
