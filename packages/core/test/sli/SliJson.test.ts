import { strict as assert } from "node:assert"
import * as Anomaly from "@batchbrake/core/sli/Anomaly"
import * as EcosystemSli from "@batchbrake/core/sli/EcosystemSli"
import * as Latency from "@batchbrake/core/sli/Latency"
import * as Price from "@batchbrake/core/sli/Price"
import * as SliJson from "@batchbrake/core/sli/SliJson"
import { DAY, HOUR, parse } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { NOW, sliOf, totals } from "./figures.ts"

/** 60 validations of up to 45 seconds, and 40 of up to 240. */
const TIMED = Latency.EMPTY.map((_, bucket) => (bucket === 8 ? 60 : bucket === 13 ? 40 : 0))

const burning = (name: string, threshold: number, hours: readonly [number, number], burn: number | null) => ({
  attempts: burn === null ? 0 : 100,
  firing: burn !== null,
  long: burn,
  long_hours: hours[0],
  maximum: 10,
  name,
  reachable: true,
  short: burn,
  short_hours: hours[1],
  threshold
})

describe("The figures of an ecosystem as JSON", () => {
  it("say all that is known", () => {
    const window = totals(85, 15, {
      latency: TIMED,
      minutes: { linux: 10, macos: 100, solaris: 3 },
      runs: 12,
      skipped: 4,
      vacuousRuns: 2
    })
    assert.deepEqual(SliJson.ecosystem(sliOf(window, { unexplained: ["a"] })), {
      anomalies: [{ certain: true, kind: "unexplained-run", message: "no event of the control branch tells of a" }],
      burn_rates: [burning("1d", 1.4, [24, 2], 1.5), burning("3d", 0.98, [72, 6], 1.5)],
      cost: { dollars: 6.26, prices_from: "2026-01-01T00:00:00Z", source: Price.SOURCE, unpriced: ["solaris"] },
      ecosystem: "npm",
      effective_attempts: 100,
      error_budget: { allowed: 10, exhausted_at: "2026-11-23T06:00:00Z", failed: 15, remaining: -0.5 },
      failed: 15,
      interval: [0.767164, 0.90694],
      latency: { p50_seconds: 42.5, p95_seconds: 232.5, timed: 100 },
      minutes: { linux: 10, macos: 100, solaris: 3 },
      newest_run_at: "2026-11-23T05:00:00Z",
      objective: 0.9,
      passed: 85,
      runs: 12,
      skipped: 4,
      success_rate: 0.85,
      vacuous_runs: 2,
      verdict: "inconclusive"
    })
  })

  it("say null for what is not known", () => {
    const none = sliOf(totals(0, 0, { runs: 0 }), { newestRunAt: undefined, used: [] })
    assert.deepEqual(SliJson.ecosystem(none), {
      anomalies: [],
      burn_rates: [burning("1d", 1.4, [24, 2], null), burning("3d", 0.98, [72, 6], null)],
      cost: { dollars: 0, prices_from: "2026-01-01T00:00:00Z", source: Price.SOURCE, unpriced: [] },
      ecosystem: "npm",
      effective_attempts: null,
      error_budget: null,
      failed: 0,
      interval: null,
      latency: { p50_seconds: null, p95_seconds: null, timed: 0 },
      minutes: {},
      newest_run_at: null,
      objective: 0.9,
      passed: 0,
      runs: 0,
      skipped: 0,
      success_rate: null,
      vacuous_runs: 0,
      verdict: "no-data"
    })
  })

  it("say null for a budget that nothing uses up, and for a burn rate without a bound", () => {
    const [good, bad] = [sliOf(totals(50, 0), { objective: 1 }), sliOf(totals(49, 1), { objective: 1 })]
    assert.deepEqual(SliJson.ecosystem(good).error_budget, {
      allowed: 0,
      exhausted_at: null,
      failed: 0,
      remaining: 1
    })
    const [first] = bad.burning
    assert.equal(first?.long, Number.POSITIVE_INFINITY)
    assert.deepEqual(SliJson.ecosystem(bad).burn_rates, [
      { ...burning("1d", 1.4, [24, 2], null), attempts: 50, firing: true, maximum: null },
      { ...burning("3d", 0.98, [72, 6], null), attempts: 50, firing: true, maximum: null }
    ])
  })

  it("call a jump that is only likely uncertain", () => {
    const jump = sliOf(totals(900, 100), { last: new Map([[DAY, totals(15, 5)]]) })
    assert.deepEqual(SliJson.ecosystem(jump).anomalies, [
      { certain: false, kind: "rate-jump", message: "the success rate went from 90.0 % to 75.0 % within a day" }
    ])
  })

  it("name the earlier prices only where there are some", () => {
    const newYear = parse("2026-01-01") ?? 0
    const [old, now] = [Price.costOf({ macos: 10 }, newYear - 1), Price.costOf({ macos: 10 }, newYear)]
    assert.deepEqual(SliJson.cost(Price.sum([now, old], newYear)), {
      dollars: 1.42,
      earlier_prices_from: [null],
      prices_from: "2026-01-01T00:00:00Z",
      source: "https://docs.github.com/en/billing/reference/actions-runner-pricing",
      unpriced: []
    })
    assert.deepEqual(Object.keys(SliJson.cost(old)), ["dollars", "prices_from", "source", "unpriced"])
  })
})

describe("The figures of an ecosystem", () => {
  it("are taken from the stretches that each is about", () => {
    assert.deepEqual([...EcosystemSli.STRETCHES], [2 * HOUR, 6 * HOUR, DAY, 3 * DAY])
    const stretches = [
      [98, 2],
      [96, 4],
      [94, 6],
      [92, 8]
    ] as const
    const last = new Map(
      stretches.map(([passed, failed], at) => [EcosystemSli.STRETCHES[at] ?? 0, totals(passed, failed)])
    )
    const sli = sliOf(totals(950, 50), { last, newestRunAt: NOW - 49 * HOUR })
    const burns = sli.burning.map(({ long, short }) => [long?.toFixed(6), short?.toFixed(6)])
    assert.deepEqual(burns, [
      ["0.600000", "0.200000"],
      ["0.800000", "0.400000"]
    ])
    // Half of the budget is left; at 0.6 of the allowed pace it lasts 0.5 / 0.6 of a week.
    assert.equal(sli.errorBudget?.exhaustedAt, NOW + Math.ceil((0.5 * 7 * DAY) / 0.6))
    assert.equal(sli.verdict, "stale")
  })

  it("say nothing of stretches that nothing is known of", () => {
    const sli = sliOf(totals(95, 5), { last: new Map(), unexplained: undefined })
    assert.deepEqual(
      sli.burning.map(({ attempts, long, short }) => [attempts, long, short]),
      [
        [0, undefined, undefined],
        [0, undefined, undefined]
      ]
    )
    assert.deepEqual(sli.unsaid, ["rate-jump", "duration-jump", "unexplained-run"])
    assert.deepEqual(sli.anomalies, [])
    assert.ok(sli.unsaid.every((kind) => Anomaly.KINDS.includes(kind)))
  })
})
