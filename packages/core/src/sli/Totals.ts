/**
 * What the attempts of some runs came to, as counts that add up: over platforms, runs, hours and days. Every rate is
 * computed from sums, never from an average of rates.
 */

/** How many attempts passed or failed, and how many items they stand for where they were sampled. */
export interface Counted {
  /** Attempts that were made. */
  readonly count: number
  /**
   * How many recipes they stand for: sums of the estimates of Estimate.ts, `count` where nothing was sampled. Of few
   * attempts it may be below 0; passed and failed together are what was tried.
   */
  readonly weight: number
  /** Sum of what the estimates are unsure by: what the uncertainty of a weighted rate is computed from. */
  readonly weightSquared: number
}

export interface Totals {
  /** Runs that completed, vacuous ones included. */
  readonly runs: number
  /** Runs without a counted attempt: they prove nothing. */
  readonly vacuousRuns: number
  readonly passed: Counted
  readonly failed: Counted
  /** Attempts that count in no rate. */
  readonly skipped: number
  /** How many attempts took how long: one count a bucket of `Latency.BOUNDS`, the last for all that is longer. */
  readonly latency: ReadonlyArray<number>
  /** Whole minutes by platform. */
  readonly minutes: Readonly<Record<string, number>>
}
