/**
 * What one recipe says of all recipes where some platforms validate only a sample: always Linux, one in ten on macOS. A
 * recipe passes if it passes on every platform, and only on those that were tried is anything known. Pure; rules: SPEC.md,
 * section SL.
 *
 * The least of its weights says how many recipes a tried one stands for: every recipe has a platform that is tried
 * whenever the recipe is. Platforms are sampled independently of one another (Sampler.ts hashes the platform too), so that
 * with `x` 1 for a failure and 0 for a pass or for what was not tried
 *
 *     passed = least x product over platforms of (1 - (weight / least) x),   failed = least - passed
 *
 * are the Horvitz-Thompson estimates, factor by factor: the mean of (weight / least) x over the sample is the failure
 * itself. A failure where everything is tried counts one; one that only a sample of 10 % could find counts ten, and takes
 * nine from the passes, which are those recipes whose like was not looked at. So passes of few recipes may be estimated
 * below 0; over many they are right, and what was tried stays the sum of both. Nothing here needs to know which platforms
 * a recipe was not tried on, which no run reports. With one platform, or one weight for all, it is the plain adjusted count.
 *
 * Source: D. G. Horvitz, D. J. Thompson, "A Generalization of Sampling Without Replacement From a Finite Universe", Journal
 * of the American Statistical Association 47 (1952), 663-685.
 */

/** One platform that was tried. */
export interface Tried {
  readonly isFailed: boolean
  /** How many recipes this one stands for there. */
  readonly weight: number
}

/** An estimate, and what its uncertainty is computed from. Each of them adds up over recipes and runs. */
export interface Estimate {
  readonly passed: number
  readonly failed: number
  readonly passedSquared: number
  readonly failedSquared: number
}

export const NONE: Estimate = { failed: 0, failedSquared: 0, passed: 0, passedSquared: 0 }

/** Weights that no sampler gives must not make sums that no number holds. */
const LARGEST = 1_000_000_000
const within = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value))

/**
 * The uncertainty is that of residuals: at a rate r a recipe adds ((1 - r) passed - r failed)^2, which has a mixed term
 * that two sums of squares cannot hold. By Young's inequality 2ab <= 2 a^2 + b^2 / 2 it is at most
 * (1 - r)^2 (3 passed^2) + r^2 (1.5 failed^2): never too little, and at the rates that objectives ask for, at most half
 * too much.
 */
const MIXED = { failed: 1.5, passed: 3 }

/** What a recipe comes to, by the platforms that it was tried on; nothing where there are none. */
export const of = (platforms: ReadonlyArray<Tried>): Estimate => {
  const least = platforms.reduce((all, { weight }) => Math.min(all, weight), Number.POSITIVE_INFINITY)
  if (least === Number.POSITIVE_INFINITY || least === 0) return NONE
  const failures = platforms.filter(({ isFailed }) => isFailed)
  if (failures.length === 0) {
    // A pass where few are tried is what is known of the many: it counts as one recipe, and as unsure as its greatest weight.
    const greatest = platforms.reduce((all, { weight }) => Math.max(all, weight), 0)
    return { ...NONE, passed: least, passedSquared: greatest ** 2 }
  }
  const share = failures.reduce((product, { weight }) => within(product * (1 - weight / least)), 1)
  const passed = share === 0 ? 0 : within(least * share)
  const failed = least - passed
  const isMixed = passed !== 0
  return {
    failed,
    failedSquared: (isMixed ? MIXED.failed : 1) * failed ** 2,
    passed,
    passedSquared: isMixed ? MIXED.passed * passed ** 2 : 0
  }
}
