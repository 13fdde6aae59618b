import { strict as assert } from "node:assert"
import * as BurnRate from "@batchbrake/core/sli/BurnRate"
import * as ErrorBudget from "@batchbrake/core/sli/ErrorBudget"
import { DAY, HOUR, WEEK } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { counted, NOW, totals } from "./figures.ts"

const objective = fc.integer({ max: 999, min: 0 }).map((thousandths) => thousandths / 1000)
const budget = (slo: number, window: readonly [number, number], recent = window) =>
  ErrorBudget.of({
    at: NOW,
    objective: slo,
    recent: totals(...recent),
    window: totals(...window),
    windowMillis: WEEK
  })

describe("ErrorBudget and BurnRate (SPEC.md OB)", () => {
  it("[OB1] of 100 attempts at 90 % ten may fail: one takes a tenth, ten take all, eleven more than there is", () => {
    assert.deepEqual([budget(0.9, [99, 1])?.allowed, budget(0.9, [99, 1])?.remaining], [10, 0.9])
    assert.equal(budget(0.9, [90, 10])?.remaining, 0)
    assert.equal(budget(0.9, [89, 11])?.remaining.toFixed(2), "-0.10")
    assert.equal(budget(0.9, [100, 0])?.remaining, 1)
    assert.equal(budget(0.9, [0, 0]), undefined)
  })

  it("[OB1] an objective of 1 allows nothing: untouched without a failure, used up with one", () => {
    assert.deepEqual([budget(1, [50, 0])?.remaining, budget(1, [49, 1])?.remaining], [1, 0])
  })

  it("[OB1] sampled failures count for what they stand for", () => {
    const window = { ...totals(0, 0), failed: counted(1, 10), passed: counted(90) }
    const found = ErrorBudget.of({ at: NOW, objective: 0.8, recent: window, window, windowMillis: WEEK })
    assert.deepEqual([found?.allowed, found?.failed, found?.remaining], [20, 10, 0.5])
  })

  it("[OB2] half of the budget at the pace of one lasts half a week, at twice the pace a quarter", () => {
    assert.equal(budget(0.9, [95, 5], [90, 10])?.exhaustedAt, NOW + WEEK / 2)
    assert.equal(budget(0.9, [95, 5], [80, 20])?.exhaustedAt, NOW + WEEK / 4)
    assert.equal(budget(0.9, [95, 5], [100, 0])?.exhaustedAt, undefined)
    assert.equal(budget(0.9, [95, 5], [0, 0])?.exhaustedAt, undefined)
    assert.equal(budget(0.9, [50, 50], [100, 0])?.exhaustedAt, NOW)
    assert.equal(budget(0.9, [90, 10], [100, 0])?.exhaustedAt, NOW)
    assert.equal(budget(1, [50, 0], [49, 1])?.exhaustedAt, NOW)
  })

  it("[OB3] the burn rate is the share of failures over the share that may fail, and 1 / (1 - objective) at most", () => {
    assert.equal(BurnRate.of(totals(80, 20), 0.9)?.toFixed(6), "2.000000")
    assert.equal(BurnRate.of(totals(0, 0), 0.9), undefined)
    assert.equal(BurnRate.of(totals(9, 0), 1), 0)
    assert.equal(BurnRate.of(totals(9, 1), 1), Number.POSITIVE_INFINITY)
    fc.assert(
      fc.property(objective, fc.nat(500), fc.integer({ max: 500, min: 1 }), (slo, passed, failed) => {
        const burn = BurnRate.of(totals(passed, failed), slo) ?? 0
        assert.ok(burn <= BurnRate.maximum(slo) * (1 + 1e-12))
        assert.equal(BurnRate.of(totals(0, failed), slo), BurnRate.maximum(slo))
      })
    )
  })

  it("[OB4] the rules of thirty days are 14.4, 6, 3 and 1, those of seven 13.44, 3.5, 1.4 and 0.98", () => {
    const thresholds = (rules: ReadonlyArray<BurnRate.Rule>) => rules.map(({ threshold }) => threshold)
    assert.deepEqual(thresholds(BurnRate.OF_THIRTY_DAYS), [14.4, 6, 3, 1])
    assert.deepEqual(thresholds(BurnRate.OF_SEVEN_DAYS), [13.44, 3.5, 1.4, 0.98])
  })

  it("[OB4] by default a day confirmed by two hours and three days confirmed by six are looked at", () => {
    assert.deepEqual(
      BurnRate.DEFAULT.map(({ longMillis, name, shortMillis, threshold }) => [
        name,
        longMillis,
        shortMillis,
        threshold
      ]),
      [
        ["1d", DAY, 2 * HOUR, 1.4],
        ["3d", 3 * DAY, 6 * HOUR, 0.98]
      ]
    )
  })

  it("[OB5] a rule is reachable up to the burn rate of failing in everything, and no further", () => {
    const rule = (threshold: number): BurnRate.Rule => ({ longMillis: DAY, name: "1d", shortMillis: HOUR, threshold })
    assert.ok(BurnRate.isReachable(rule(10), 0.9) && !BurnRate.isReachable(rule(10.001), 0.9))
    const [hour] = BurnRate.OF_SEVEN_DAYS
    const [day] = BurnRate.DEFAULT
    if (hour === undefined || day === undefined) return assert.fail("there are rules")
    assert.deepEqual(
      [0.85, 0.95, 0.98, 1].map((slo) => BurnRate.isReachable(hour, slo)),
      [false, true, true, true]
    )
    assert.deepEqual(
      [0, 0.2857, 0.285715].map((slo) => BurnRate.isReachable(day, slo)),
      [false, false, true]
    )
  })

  it("[OB5] an unreachable rule fires for no counts, and a reachable one fires when everything fails", () => {
    fc.assert(
      fc.property(objective, fc.nat(60), fc.nat(60), (slo, passed, failed) => {
        for (const rule of BurnRate.OF_SEVEN_DAYS) {
          const judged = BurnRate.judge(rule, slo, 20, { long: totals(passed, failed), short: totals(passed, failed) })
          if (!judged.isReachable) assert.ok(!judged.isFiring)
          const worst = BurnRate.judge(rule, slo, 20, { long: totals(0, 20), short: totals(0, 1) })
          assert.equal(worst.isFiring, worst.isReachable)
        }
      })
    )
  })

  it("[OB6] a rule fires with both windows at the threshold and the minimum of attempts in the long one", () => {
    const [rule] = BurnRate.DEFAULT
    if (rule === undefined) return assert.fail("there is a rule")
    const fires = (long: readonly [number, number], short: readonly [number, number]): boolean =>
      BurnRate.judge(rule, 0.9, 20, { long: totals(...long), short: totals(...short) }).isFiring
    assert.ok(fires([43, 7], [43, 7]))
    assert.ok(!fires([44, 6], [43, 7]) && !fires([43, 7], [44, 6]))
    assert.ok(!fires([43, 7], [0, 0]))
    assert.ok(fires([0, 20], [0, 1]) && !fires([0, 19], [0, 1]))
  })
})
