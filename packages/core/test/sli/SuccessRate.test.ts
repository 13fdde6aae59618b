import { strict as assert } from "node:assert"
import * as SuccessRate from "@batchbrake/core/sli/SuccessRate"
import type { Counted } from "@batchbrake/core/sli/Totals"
import * as Wilson from "@batchbrake/core/sli/Wilson"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { counted, numbersFrom, totals } from "./figures.ts"

const weights = fc.array(fc.double({ max: 100, min: 1, noNaN: true }), { maxLength: 40 })
const sum = (all: ReadonlyArray<number>): Counted => ({
  count: all.length,
  weight: all.reduce((total, weight) => total + weight, 0),
  weightSquared: all.reduce((total, weight) => total + weight * weight, 0)
})
const near = (left: number, right: number): boolean => Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(right))

interface Stratum {
  /** Of all recipes. */
  readonly share: number
  /** At which they are kept. */
  readonly rate: number
  readonly passes: number
}

const shareUpTo = (strata: ReadonlyArray<Stratum>, index: number): number =>
  strata.slice(0, index + 1).reduce((total, { share }) => total + share, 0)

/** One week of recipes: each is of some stratum, is kept or not, and passes or not. */
const week = (next: () => number, recipes: number, strata: ReadonlyArray<Stratum>) => {
  const [passed, failed]: [Array<number>, Array<number>] = [[], []]
  for (let recipe = 0; recipe < recipes; recipe++) {
    const place = next()
    const stratum = strata.find((_, index) => place < shareUpTo(strata, index)) ?? strata.at(-1)
    if (stratum === undefined || next() >= stratum.rate) continue
    const side = next() < stratum.passes ? passed : failed
    side.push(1 / stratum.rate)
  }
  return { failed: sum(failed), passed: sum(passed) }
}

const coverageOf = (recipes: number, strata: ReadonlyArray<Stratum>): number => {
  const next = numbersFrom(20_261_123)
  const truth = strata.reduce((total, { passes, share }) => total + share * passes, 0)
  const weeks = 1500
  let held = 0
  for (let each = 0; each < weeks; each++) {
    const found = SuccessRate.of(week(next, recipes, strata))?.interval
    if (found === undefined || (found.low <= truth && truth <= found.high)) held++
  }
  return held / weeks
}

const half = (passes: number, sampled: number): ReadonlyArray<Stratum> => [
  { passes, rate: 1, share: 0.5 },
  { passes: sampled, rate: 0.1, share: 0.5 }
]

describe("SuccessRate (SPEC.md SL)", () => {
  it("[SL1] is what passed among what passed and failed; skipped ones and vacuous runs play no part", () => {
    assert.equal(SuccessRate.of(totals(3, 1, { skipped: 96 }))?.rate, 0.75)
    assert.equal(SuccessRate.of(totals(0, 4))?.rate, 0)
    assert.equal(SuccessRate.of(totals(0, 0, { skipped: 5, vacuousRuns: 1 })), undefined)
    assert.equal(SuccessRate.of({ failed: counted(0), passed: counted(3, 0) }), undefined)
  })

  it("[SL4] where nothing was sampled it is plain Wilson", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (passed, failed) => {
        fc.pre(passed + failed > 0)
        const found = SuccessRate.of(totals(passed, failed))
        assert.equal(found?.effectiveAttempts, passed + failed)
        assert.deepEqual(found?.interval, Wilson.interval(passed / (passed + failed), passed + failed))
      })
    )
  })

  it("[SL4] only the ratios of weights matter: ten times as heavy says the same", () => {
    fc.assert(
      fc.property(weights, weights, (passed, failed) => {
        const [light, heavy] = [1, 10].map((factor) =>
          SuccessRate.of({
            failed: sum(failed.map((weight) => weight * factor)),
            passed: sum(passed.map((weight) => weight * factor))
          })
        )
        if (light === undefined || heavy === undefined) return assert.equal(light, heavy)
        assert.ok(near(light.rate, heavy.rate) && Math.abs(light.interval.low - heavy.interval.low) < 1e-6)
      })
    )
  })

  it("[SL5] weighted, it is the ratio of the adjusted counts, and knows no more than that many attempts, or Kish's", () => {
    fc.assert(
      fc.property(weights, weights, (passed, failed) => {
        fc.pre(passed.length + failed.length > 0)
        const [good, bad] = [sum(passed), sum(failed)]
        const found = SuccessRate.of({ failed: bad, passed: good })
        if (found === undefined) return assert.fail("it has attempts")
        const all = good.weight + bad.weight
        assert.ok(near(found.rate, good.weight / all))
        assert.ok(found.effectiveAttempts <= passed.length + failed.length + 1e-6)
        assert.ok(found.effectiveAttempts <= (all * all) / (good.weightSquared + bad.weightSquared) + 1e-6)
        assert.ok(found.interval.low <= found.rate + 1e-12 && found.rate <= found.interval.high + 1e-12)
      })
    )
  })

  it("[SL5] the effective number is the linearised one: 50 light passes and one heavy failure know little", () => {
    const found = SuccessRate.of({ failed: counted(1, 10), passed: counted(50) })
    assert.equal(found?.rate.toFixed(4), "0.8333")
    assert.equal(found?.effectiveAttempts.toFixed(3), "7.059")
  })

  // The nominal level is 95 %. The last but one is the hardest: eight attempts speak for a fifth of all recipes.
  it.each<[string, number, ReadonlyArray<Stratum>]>([
    ["nothing is sampled", 60, [{ passes: 0.85, rate: 1, share: 1 }]],
    ["nothing is sampled and little fails", 200, [{ passes: 0.98, rate: 1, share: 1 }]],
    ["half is sampled and all are alike", 300, half(0.85, 0.85)],
    ["the sampled half fails more", 300, half(0.95, 0.7)],
    ["the sampled half fails less", 300, half(0.7, 0.95)],
    ["little fails anywhere", 600, half(0.99, 0.97)],
    [
      "a sampled fifth fails five times as often",
      400,
      [
        { passes: 0.9, rate: 1, share: 0.8 },
        { passes: 0.5, rate: 0.1, share: 0.2 }
      ]
    ],
    [
      "there are three rates",
      400,
      [
        { passes: 0.9, rate: 1, share: 0.4 },
        { passes: 0.8, rate: 0.5, share: 0.3 },
        { passes: 0.85, rate: 0.1, share: 0.3 }
      ]
    ]
  ])("[SL6] the interval holds the truth in at least 90 of 100 simulated weeks when %s", (_, recipes, strata) => {
    const coverage = coverageOf(recipes, strata)
    assert.ok(coverage >= 0.9, `${coverage}`)
  })
})
