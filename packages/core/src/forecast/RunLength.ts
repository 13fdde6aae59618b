/**
 * Run lengths: how many counted attempts a closed breaker takes until it trips. The word, and judging a rule by the run
 * lengths that it gives at each true rate, are from E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954).
 */

/** The distribution of a run length. Everything is the probability of having tripped by an attempt, so that rare trips keep their digits. */
export interface RunLength {
  /** Tripped by attempt 0, 1, 2, … */
  readonly head: ArrayLike<number>
  /** The same for the attempts behind the head. In each later cycle what had not tripped is the cycle before times `1 - loss`. */
  readonly cycle: ArrayLike<number>
  /** The share of what has not tripped that trips in one cycle, 0 to 1. */
  readonly loss: number
}

/** A breaker that never trips. */
export const never: RunLength = { cycle: [0], head: [], loss: 0 }

/** The probability of a trip at or before the n-th attempt. */
export const trippedBy = ({ cycle, head, loss }: RunLength, attempts: number): number => {
  if (attempts < head.length) return head[attempts] ?? 0
  const beyond = attempts - head.length
  const rounds = Math.floor(beyond / cycle.length)
  const tripped = cycle[beyond - rounds * cycle.length] ?? 0
  // 1 - (1 - loss)^rounds, without losing the digits of a small loss.
  const more = loss >= 1 ? (rounds > 0 ? 1 : 0) : -Math.expm1(rounds * Math.log1p(-loss))
  return tripped + (1 - tripped) * more
}

/**
 * The probability of a trip within so many attempts in the long run: of a breaker that has been closed for long, so that
 * its window is full. From the share that a cycle loses, which settles there.
 */
export const steadyWithin = ({ cycle, loss }: RunLength, attempts: number): number =>
  loss >= 1 ? (attempts > 0 ? 1 : 0) : -Math.expm1((attempts / cycle.length) * Math.log1p(-loss))

const MOST_TERMS = 2_000_000

/**
 * The expected number of steps of a stride until the first trip, the last one whole: of attempts with a stride of 1, of
 * runs with a stride of their attempts. `Infinity` for a breaker that may never trip.
 */
export const meanSteps = (run: RunLength, stride: number): number => {
  const survival = (step: number): number => 1 - trippedBy(run, step * stride)
  const { cycle, head, loss } = run
  let sum = 0
  let step = 0
  for (; step * stride < head.length; step++) sum += survival(step)
  const remaining = survival(step)
  if (remaining <= 0) return sum
  if (loss === 0) return Number.POSITIVE_INFINITY
  // Every `cycle.length` steps are a whole number of cycles, so what remains is a geometric series of such sums.
  let ofSeries = 0
  const terms = Math.min(cycle.length, MOST_TERMS)
  for (let term = 0; term < terms; term++) ofSeries += survival(step + term)
  return sum + ofSeries / -Math.expm1(stride * Math.log1p(-loss))
}
