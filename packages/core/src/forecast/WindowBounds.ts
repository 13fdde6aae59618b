/**
 * Run lengths of windows that are too large for their exact chain: bounds that hold, and an estimate between them.
 *
 * Exact are two things. Until the window is full the count of failures is enough. And the windows ending at W, W + 1, …,
 * 2W attempts are fixed by which of the first W attempts have left and how many failures have come, so that pairs of
 * counts are enough: the device of J. I. Naus, "Approximations for distributions of scan statistics", JASA 77 (1982).
 * "No trip" at different places is positively associated, since each can only be spoilt by failures (T. E. Harris, Proc.
 * Cambridge Phil. Soc. 56 (1960)): the product over blocks of W windows is a lower bound of having no trip. Leaving out
 * the W - 1 windows between two blocks makes them independent: their product is an upper bound. The estimate follows
 * J. Glaz and J. Naus, "Tight bounds and approximations for scan statistic probabilities for discrete data", Annals of
 * Applied Probability 1 (1991). The hazard of the two bounds differs by a factor of at most 2.
 */
import { limits, mostFailures, type Rule } from "./OutcomeChain.ts"
import type { RunLength } from "./RunLength.ts"

/** A lower bound of the probability of a trip, an estimate, and an upper bound. */
export interface Bounded {
  readonly low: RunLength
  readonly estimate: RunLength
  readonly high: RunLength
}

/** Smaller masses are left out, so that probabilities below some 1e-20 are none. */
const NOTHING = 1e-30

const binomial = (trials: number, rate: number): Float64Array => {
  const masses = new Float64Array(trials + 1)
  let logChoose = 0
  for (let count = 0; count <= trials; count++) {
    if (count > 0) logChoose += Math.log((trials - count + 1) / count)
    const logRate =
      (count === 0 ? 0 : count * Math.log(rate)) + (count === trials ? 0 : (trials - count) * Math.log1p(-rate))
    masses[count] = Math.exp(logChoose + logRate)
  }
  return masses
}

/** Tripped by attempt 0, 1, … before the window is full, from an empty one. Counts failures alone. */
const tripsWhileFilling = (rule: Rule, passRate: number): ReadonlyArray<number> => {
  const most = limits(rule)
  let masses = new Float64Array(rule.window + 1)
  masses[0] = 1
  const tripped = [0]
  let sum = 0
  for (let attempt = 1; attempt < rule.window; attempt++) {
    const limit = most[attempt] ?? attempt
    const next = new Float64Array(rule.window + 1)
    for (let failures = 0; failures < attempt; failures++) {
      const mass = masses[failures] ?? 0
      next[failures] = (next[failures] ?? 0) + mass * passRate
      next[failures + 1] = mass * (1 - passRate)
    }
    for (let failures = limit + 1; failures <= attempt; failures++) {
      sum += next[failures] ?? 0
      next[failures] = 0
    }
    masses = next
    tripped.push(sum)
  }
  return tripped
}

/**
 * Tripped in the full window at hand, or in it and the next 1 to W ones: W attempts at one rate, then W at another.
 * A mass stands for (failures of the first W that are still in, failures in the window).
 */
const tripsInBlocks = (rule: Rule, before: number, after: number): ReadonlyArray<number> => {
  const { window } = rule
  const most = mostFailures(rule)
  const width = most + 1
  const failRate = 1 - after
  let from = new Float64Array(width * width)
  let into = new Float64Array(width * width)
  const first = binomial(window, 1 - before)
  let tripped = 0
  for (let failures = 0; failures <= window; failures++) {
    if (failures > most) tripped += first[failures] ?? 0
    else from[failures * width + failures] = first[failures] ?? 0
  }
  const all = [tripped]
  for (let attempt = 1; attempt <= window; attempt++) {
    const staying = window - attempt + 1
    into.fill(0)
    for (let left = 0; left <= Math.min(most, staying); left++) {
      for (let count = left; count <= most; count++) {
        const mass = from[left * width + count] ?? 0
        if (mass < NOTHING) continue
        const gone = (mass * left) / staying
        const kept = mass - gone
        const place = left * width + count
        // One of the first W leaves, a failure or not; then the new attempt, a pass or not.
        if (gone > 0) {
          const next = place - width - 1
          into[next] = (into[next] ?? 0) + gone * after
          into[next + 1] = (into[next + 1] ?? 0) + gone * failRate
        }
        into[place] = (into[place] ?? 0) + kept * after
        if (count < most) into[place + 1] = kept * failRate
        else tripped += kept * failRate
      }
    }
    ;[from, into] = [into, from]
    all.push(Math.min(1, tripped))
  }
  return all
}

const either = (one: number, other: number): number => one + other - one * other

/** Where less than this has not tripped, a difference of two such numbers says nothing. */
const ROUNDING = 1e-9

/** What is behind the exact part: three ways on from the same attempt, by the trips in W windows in a row. */
const beyond = (
  heads: { readonly low: ReadonlyArray<number>; readonly high: ReadonlyArray<number> },
  blocks: ReadonlyArray<number>
): Bounded => {
  const window = blocks.length - 1
  const inBlock = blocks[window - 1] ?? 1
  const [low, high] = [heads.low.at(-1) ?? 0, heads.high.at(-1) ?? 0]
  const middle = heads.low.map((value, index) => (value + (heads.high[index] ?? value)) / 2)
  const hazard = 1 - inBlock < ROUNDING ? 1 : ((blocks[window] ?? 1) - inBlock) / (1 - inBlock)
  return {
    estimate: { cycle: middle.slice(-1), head: middle.slice(0, -1), loss: hazard },
    // Trips are likeliest: every window of every block counts for itself.
    high: {
      cycle: Array.from({ length: window }, (_, index) => either(high, index === 0 ? 0 : (blocks[index - 1] ?? 1))),
      head: heads.high.slice(0, -1),
      loss: inBlock
    },
    // Trips are rarest: W - 1 windows are left out before each block.
    low: { cycle: Array.from({ length: 2 * window - 1 }, () => low), head: heads.low.slice(0, -1), loss: inBlock }
  }
}

/** From an empty window, as after each close: attempts until the first trip. */
export const fromEmpty = (rule: Rule, passRate: number): Bounded => {
  const filling = tripsWhileFilling(rule, passRate)
  const blocks = tripsInBlocks(rule, passRate, passRate)
  const before = filling.at(-1) ?? 0
  const full = blocks.slice(0, rule.window)
  return beyond(
    {
      high: [...filling, ...full.map((tripped) => either(before, tripped))],
      low: [...filling, ...full.map((tripped) => Math.max(before, tripped))]
    },
    blocks
  )
}

/** From a full window of attempts at one rate that has not tripped: attempts at another rate until the first trip. */
export const afterDrop = (rule: Rule, before: number, after: number): Bounded => {
  const dropping = tripsInBlocks(rule, before, after)
  const already = dropping[0] ?? 0
  const head = dropping.map((tripped) => (already >= 1 ? 1 : (tripped - already) / (1 - already)))
  return beyond({ high: head, low: head }, tripsInBlocks(rule, after, after))
}
