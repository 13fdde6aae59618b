import { strict as assert } from "node:assert"
import * as BurnRate from "@batchbrake/core/sli/BurnRate"
import * as controls from "@batchbrake/core/sli/controlSignals"
import * as Estimate from "@batchbrake/core/sli/Estimate"
import * as Latency from "@batchbrake/core/sli/Latency"
import { metricsSignals } from "@batchbrake/core/sli/metricsSignals"
import * as Price from "@batchbrake/core/sli/Price"
import * as SuccessRate from "@batchbrake/core/sli/SuccessRate"
import { DAY, EARLIEST, HOUR, parse } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { counted, NOW, sliOf, totals } from "./figures.ts"

/** How the two levels of the success rate read, critical first. */
const readings = (objective: number, rate: number, high: number): string | undefined => {
  const sli = sliOf(totals(100, 100), { objective })
  const seen = { attempts: 200, effectiveAttempts: 200, interval: { high, low: 0 }, rate }
  const [signal] = metricsSignals({ ...sli, rate: seen, verdict: "inconclusive" }, 20)
  return signal?.levels?.map(({ reading }) => reading).join(", ")
}

describe("A success rate just at a line", () => {
  it.each<[string, number, number, number, string]>([
    ["whose interval ends at one half is not beyond doubt, but its rate is below", 0.9, 0.4, 0.5, "raised, raised"],
    ["of one half lingers", 0.9, 0.5, 0.5, "lingering, raised"],
    ["whose interval ends at the objective is in doubt", 0.4, 0.3, 0.4, "lingering, lingering"],
    ["whose interval ends just below the objective is not", 0.4, 0.3, 0.3999, "raised, raised"],
    ["below one half, in doubt of a lower objective, is not critical", 0.4, 0.3, 0.45, "lingering, lingering"],
    ["at the objective is over", 0.5, 0.5, 0.6, "cleared, cleared"],
    ["above a low objective is over", 0.4, 0.45, 0.6, "cleared, cleared"],
    ["at 55 % is critical no more", 0.9, 0.55, 0.6, "cleared, raised"]
  ])("%s", (_, objective, rate, high, expected) => {
    assert.equal(readings(objective, rate, high), expected)
  })

  it("with few attempts says something only where its whole interval is below one half and the objective", () => {
    const few = (objective: number, high: number) => {
      const seen = { attempts: 19, effectiveAttempts: 19, interval: { high, low: 0 }, rate: 0.1 }
      return metricsSignals({ ...sliOf(totals(2, 17), { objective }), rate: seen, verdict: "violated" }, 20)[0]?.levels
    }
    assert.deepEqual([few(0.9, 0.5), few(0.9, 0.4999) === undefined], [undefined, false])
    assert.deepEqual([few(0.3, 0.3), few(0.3, 0.2999) === undefined], [undefined, false])
  })
})

describe("A burn rate", () => {
  it("fires at its threshold exactly", () => {
    const rule = (threshold: number): BurnRate.Rule => ({ longMillis: DAY, name: "1d", shortMillis: HOUR, threshold })
    const fires = (threshold: number): boolean =>
      BurnRate.judge(rule(threshold), 0.5, 20, { long: totals(0, 20), short: totals(0, 1) }).isFiring
    assert.deepEqual([fires(1.999), fires(2), fires(2.001)], [true, true, false])
  })

  it("of too few attempts in its long window says nothing, whatever the short one says", () => {
    const last = new Map([DAY, 2 * HOUR].map((millis) => [millis, totals(0, 19)]))
    const found = metricsSignals(sliOf(totals(0, 100), { last }), 20).find(({ subject }) => subject === "npm 1d")
    assert.equal(found?.levels, undefined)
  })

  it("has rules that are named by their long windows", () => {
    for (const rules of [BurnRate.OF_THIRTY_DAYS, BurnRate.OF_SEVEN_DAYS]) {
      assert.deepEqual(
        rules.map(({ longMillis, name, shortMillis }) => [name, longMillis / HOUR, longMillis / shortMillis]),
        [
          ["1h", 1, 12],
          ["6h", 6, 12],
          ["1d", 24, 12],
          ["3d", 72, 12]
        ]
      )
    }
  })
})

describe("A success rate of weights", () => {
  it("that come to more than there is knows as much as Kish says", () => {
    const found = SuccessRate.of({
      failed: { count: 1, weight: -80, weightSquared: 1.5 * 80 ** 2 },
      passed: { count: 0, weight: 81, weightSquared: 3 * 81 ** 2 }
    })
    assert.deepEqual([found?.rate, found?.effectiveAttempts], [1, 1 / (1.5 * 80 ** 2 + 3 * 81 ** 2)])
    assert.equal(found?.interval.high, 1)
  })

  it("of no attempts is none, and of weights that are not their squares is no plain one", () => {
    const none = { count: 0, weight: 3, weightSquared: 3 }
    assert.equal(SuccessRate.of({ failed: counted(0), passed: none }), undefined)
    assert.equal(
      SuccessRate.of({ failed: counted(0), passed: { count: 4, weight: 2, weightSquared: 4 } })?.effectiveAttempts,
      1
    )
    assert.equal(
      SuccessRate.of({ failed: counted(0), passed: { count: 4, weight: 4, weightSquared: 8 } })?.effectiveAttempts,
      2
    )
  })
})

describe("An estimate", () => {
  const tried = (weight: number, isFailed = false): Estimate.Tried => ({ isFailed, weight })

  it("of what weighs nothing is of nothing", () => {
    assert.deepEqual(Estimate.of([tried(0, true)]), Estimate.NONE)
    assert.deepEqual(Estimate.of([tried(5), tried(0)]), Estimate.NONE)
  })

  it("of a failure where all is tried has no passes, be there another in a sample or not", () => {
    const failed = { failed: 1, failedSquared: 1, passed: 0, passedSquared: 0 }
    assert.deepEqual(Estimate.of([tried(1, true), tried(10, true)]), failed)
    assert.deepEqual(Estimate.of([tried(10, true), tried(1, true)]), failed)
  })
})

describe("A percentile", () => {
  const counts = (...buckets: ReadonlyArray<number>) =>
    Latency.EMPTY.map((_, bucket) => buckets.filter((one) => one === bucket).length)

  it("whose rank is the last of a bucket is that bucket's bound", () => {
    assert.deepEqual(Latency.percentile(counts(0, 5), 0.5), { isAtLeast: false, seconds: 1 })
    assert.deepEqual(Latency.percentile(counts(2, 5), 1), { isAtLeast: false, seconds: 12 })
    assert.deepEqual(Latency.percentile(counts(2, 2), 0.5), { isAtLeast: false, seconds: 2.5 })
  })

  it("of counts that cannot be is a number all the same", () => {
    assert.deepEqual(Latency.percentile([0, -10], 0.5), { isAtLeast: true, seconds: 3600 })
  })

  it("beyond a bound is one of more than half", () => {
    const [half, more] = [counts(0, 12), counts(0, 12, 12)]
    assert.deepEqual([Latency.mostTookOver(half, 120), Latency.mostTookOver(more, 120)], [false, true])
  })
})

describe("A cost", () => {
  const now = parse("2026-01-01") ?? 0
  const of = (used: Readonly<Record<string, number>>, at = now) => Price.costOf(used, at)

  it("names what has no price in order, alone or together", () => {
    assert.deepEqual(of({ zos: 1, aix: 1 }).unpriced, ["aix", "zos"])
    assert.deepEqual(Price.sum([of({ zos: 1 }), of({ aix: 1 }), of({ zos: 2 })], now).unpriced, ["aix", "zos"])
    assert.deepEqual(of({ linux: 1 }, EARLIEST - 1), {
      dollars: 0,
      prices: [{ from: EARLIEST, thousandths: {} }],
      unpriced: ["linux"]
    })
  })

  it("names the prices of what cost something, or has no price, and of nothing else", () => {
    const names = (...costs: ReadonlyArray<Price.Cost>) => Price.sum(costs, now).prices.map(Price.name)
    const [recent, old] = [["of 2026-01-01"], ["before 2026-01-01"]]
    assert.deepEqual(names(of({}, now - 1), of({ macos: 1 })), recent)
    assert.deepEqual(names(of({ macos: 1 }, now - 1), of({})), old)
    assert.deepEqual(names(of({ other: 1 }, now - 1)), old)
    const both = Price.sum([of({ macos: 1 }), of({ macos: 1 }, now - 1)], now)
    assert.deepEqual(names(both), [...recent, ...old])
  })
})

describe("The age of the newest run", () => {
  it("past half of what is allowed says nothing while the control branch is away", () => {
    const signal = (hours: number) =>
      controls.staleSignal({
        at: NOW,
        begunAt: undefined,
        ecosystem: "npm",
        isControlRead: false,
        newestRunAt: NOW - hours * HOUR,
        staleMillis: 48 * HOUR
      }).levels
    assert.deepEqual([signal(25), signal(24)?.map(({ reading }) => reading)], [undefined, ["cleared"]])
  })
})
