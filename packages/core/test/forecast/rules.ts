/** Rules of breakers for the tests of forecasts, and the real breaker as the judge of a sequence. */
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import type { Rule } from "@batchbrake/core/forecast/OutcomeChain"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import * as fc from "fast-check"

export const policyOf = (rule: Partial<BreakerPolicy>): BreakerPolicy => ({
  closeAfter: 1,
  coolDownCapMillis: 86_400_000,
  coolDownMillis: 3_600_000,
  coolDownMultiplier: 1,
  ignoreCategories: [],
  minimumAttempts: rule.window ?? 10,
  mode: "enforce",
  probeAttempts: 1,
  probeLeaseMillis: 1_800_000,
  thresholdMillionths: 500_000,
  window: 10,
  ...rule
})

export const ruleUpTo = (window: number, from = 1): fc.Arbitrary<Rule> =>
  fc.integer({ max: window, min: from }).chain((size) =>
    fc.record({
      minimumAttempts: fc.oneof(fc.constant(size), fc.integer({ max: size, min: 1 })),
      thresholdMillionths: fc.oneof(
        fc.constantFrom(0, 1, 200_000, 500_000, 900_000, 1_000_000),
        fc.integer({ max: 1_000_000, min: 0 })
      ),
      window: fc.constant(size)
    })
  )

export const rate: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 0.02, 0.5, 0.98, 1),
  fc.double({ max: 1, min: 0, noNaN: true })
)

/** The attempt at which the real breaker trips on a sequence of attempts, a run of one each; `undefined`: it does not. */
export const tripOf = (rule: Rule, outcomes: string): number | undefined => {
  const policy = policyOf(rule)
  let state: BreakerState = initial
  for (let index = 0; index < outcomes.length; index++) {
    const outcome = outcomes[index] ?? ""
    const standing = { grantedGeneration: state.generation, runKey: "run" }
    state = Breaker.settle(policy, state, standing, { closed: outcome, probe: outcome }, index).state
    if (state.state !== "closed") return index + 1
  }
  return undefined
}

/** A small seeded generator of numbers from 0 to 1 (mulberry32). */
export const seeded = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
