/**
 * The success rate: passed among passed and failed, with what is not known about it. Pure; rules: SPEC.md, section SL.
 *
 * Where validation was sampled, each attempt stands for its adjusted count, one divided by the rate at which it was kept.
 * The rate is the ratio of two such sums, the Hajek form of the Horvitz-Thompson estimator: unlike the latter divided by a
 * known total it stays within 0 and 1. Where a recipe is validated always on one platform and sampled on another, the sums
 * are the estimates of Estimate.ts, and the rate is cut off at 0 and 1. It speaks of the process that makes recipes, not of the recipes of one week, so
 * that there is no correction for a finite population, and where nothing was sampled everything below is plain Wilson.
 *
 * Variance: Taylor's linearisation of the ratio, sum of w^2 (y - p)^2 over the square of the sum of w, the attempts being
 * drawn independently as the sampler draws them. It needs the sums of squares of `Counted` and nothing else. What follows
 * from it is an effective number of attempts, p (1 - p) / variance, which stands in Wilson's formula in place of the
 * number of attempts. The linearised variance knows nothing where every attempt, or nearly every one, came out the same,
 * so the effective number is never above Kish's, (sum of w)^2 / (sum of w^2).
 *
 * Sources: C.-E. Särndal, B. Swensson, J. Wretman, "Model Assisted Survey Sampling" (1992), chapter 5 (ratio, its
 * linearisation); L. Kish, "Survey Sampling" (1965), section 11.7 (loss from unequal weights); C. Franco, R. Little,
 * T. Louis, E. Slud, "Comparative Study of Confidence Intervals for Proportions in Complex Sample Surveys", Journal of
 * Survey Statistics and Methodology 7 (2019) (Wilson with an effective sample size, recommended there).
 * The coverage is simulated in SuccessRate.test.ts.
 */
import type { Counted } from "./Totals.ts"
import * as Wilson from "./Wilson.ts"

export interface SuccessRate {
  /** 0 to 1, weighted where sampled. */
  readonly rate: number
  readonly interval: Wilson.Interval
  /** Attempts that were made. */
  readonly attempts: number
  /** As many unweighted attempts would know as much; equal to `attempts` where nothing was sampled. */
  readonly effectiveAttempts: number
}

/** How many unweighted attempts know as much about a rate as these weighted ones. */
const effectiveOf = (passed: Counted, failed: Counted, rate: number): number => {
  const weight = passed.weight + failed.weight
  const kish = (weight * weight) / (passed.weightSquared + failed.weightSquared)
  const spread = passed.weightSquared * (1 - rate) ** 2 + failed.weightSquared * rate ** 2
  return rate === 0 || rate === 1 ? kish : Math.min(kish, (rate * (1 - rate) * weight * weight) / spread)
}

/** `undefined` where nothing counted: a vacuous run, or none, has no rate, and neither has what weighs nothing. */
export const of = (counted: { readonly passed: Counted; readonly failed: Counted }): SuccessRate | undefined => {
  const { failed, passed } = counted
  const attempts = passed.count + failed.count
  const weight = passed.weight + failed.weight
  if (!(attempts > 0 && weight > 0)) return undefined
  // What only a sample could find is estimated, and may come to more than there is.
  const rate = Math.max(0, Math.min(1, passed.weight / weight))
  const isWeighted = weight !== attempts || passed.weightSquared + failed.weightSquared !== attempts
  const effectiveAttempts = isWeighted ? effectiveOf(passed, failed, rate) : attempts
  return { attempts, effectiveAttempts, interval: Wilson.interval(rate, effectiveAttempts), rate }
}
