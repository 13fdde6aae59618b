import { strict as assert } from "node:assert"
import * as JobLine from "@batchbrake/core/budget/JobLine"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as Incident from "@batchbrake/core/sli/Incident"
import * as Price from "@batchbrake/core/sli/Price"
import * as SliJson from "@batchbrake/core/sli/SliJson"
import { HOUR, parse } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const NEW_YEAR = parse("2026-01-01T00:00:00Z") ?? 0
const minutes = fc.record({ linux: fc.nat(100_000), macos: fc.nat(100_000), windows: fc.nat(100_000) })

describe("Price (SPEC.md MO)", () => {
  it("[MO1] from 2026 a minute is 0.006 on Linux, 0.010 on Windows and 0.062 dollars on macOS; one millisecond before it is not", () => {
    const price = (platform: string, at: number): number => Price.costOf({ [platform]: 1 }, at).dollars
    assert.deepEqual(
      ["linux", "windows", "macos"].map((name) => price(name, NEW_YEAR)),
      [0.006, 0.01, 0.062]
    )
    assert.deepEqual(
      ["linux", "windows", "macos"].map((name) => price(name, NEW_YEAR - 1)),
      [0.008, 0.016, 0.08]
    )
    assert.ok(Price.SOURCE.startsWith("https://docs.github.com/"))
  })

  it("[MO1] a thousand macOS minutes are exactly 62 dollars, and sums do not drift", () => {
    assert.equal(Price.costOf({ macos: 1000 }, NEW_YEAR).dollars, 62)
    fc.assert(
      fc.property(minutes, minutes, (one, other) => {
        const cents = (used: Minutes.Minutes): number => Math.round(Price.costOf(used, NEW_YEAR).dollars * 1000)
        assert.equal(cents(Minutes.add(one, other)), cents(one) + cents(other))
      })
    )
  })

  it("[MO1] minutes of different days cost what each day's did, and prices are named by a day that is known", () => {
    const [old, now] = [Price.costOf({ macos: 10 }, NEW_YEAR - 1), Price.costOf({ macos: 10 }, NEW_YEAR)]
    const both = Price.sum([old, now, Price.costOf({ other: 1 }, NEW_YEAR)], NEW_YEAR)
    assert.deepEqual(
      [both.dollars, both.unpriced, both.prices.map(Price.name)],
      [1.42, ["other"], ["of 2026-01-01", "before 2026-01-01"]]
    )
    assert.deepEqual(SliJson.cost(both).earlier_prices_from, [null])
    assert.deepEqual([SliJson.cost(old).prices_from, SliJson.cost(now).prices_from], [null, "2026-01-01T00:00:00Z"])
    assert.deepEqual(Price.sum([], NEW_YEAR), Price.costOf({}, NEW_YEAR))
    const span = { from: NEW_YEAR - HOUR, until: NEW_YEAR + HOUR }
    assert.deepEqual(Price.cut(span), [
      { from: NEW_YEAR - HOUR, until: NEW_YEAR },
      { from: NEW_YEAR, until: NEW_YEAR + HOUR }
    ])
    assert.deepEqual(Price.cut({ ...span, until: NEW_YEAR }), [{ ...span, until: NEW_YEAR }])
    assert.deepEqual(Price.cut({ ...span, from: NEW_YEAR }), [{ ...span, from: NEW_YEAR }])
  })

  it("[MO2] minutes on a platform without a price are named and not in the sum", () => {
    const cost = Price.costOf({ constructor: 3, linux: 10, solaris: 5, zos: 0 }, NEW_YEAR)
    assert.deepEqual([cost.dollars, cost.unpriced], [0.06, ["constructor", "solaris"]])
  })

  it("[MO1] money is printed in cents, and in tenths of cents where cents would round it", () => {
    const print = (used: Minutes.Minutes): string => Price.print(Price.costOf(used, NEW_YEAR))
    assert.deepEqual([print({}), print({ macos: 1000 }), print({ linux: 1 })], ["$0.00", "$62.00", "$0.006"])
  })

  it("[MO3] each job's duration is rounded up to whole minutes before they are summed by platform", () => {
    const job = (platform: string, duration_seconds: number): JobLine.JobLine => ({
      duration_seconds,
      job: "j",
      platform
    })
    assert.deepEqual(JobLine.minutesOf([job("macos", 61), job("macos", 60), job("linux", 0.1)]), { linux: 1, macos: 3 })
    assert.equal(JobLine.minutesOf([]), undefined)
    assert.deepEqual(JobLine.minutesOf([job("linux", 0)]), { linux: 0 })
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), (seconds) => {
        const total = Minutes.of(JobLine.minutesOf(seconds.map((each) => job("linux", each))) ?? {}, "linux")
        const sum = seconds.reduce((all, each) => all + each, 0)
        assert.ok(total * 60 >= sum && total * 60 < sum + 60 * seconds.length)
      })
    )
  })
})

describe("Incident (SPEC.md AL)", () => {
  it("[AL15] critical is answered within an hour, high within four, medium within a day, low by the next batch", () => {
    assert.deepEqual((["critical", "high", "medium", "low"] as const).map(Incident.responseMillis), [
      HOUR,
      4 * HOUR,
      24 * HOUR,
      undefined
    ])
    assert.deepEqual((["critical", "low"] as const).map(Incident.printResponse), ["within 1 h", "next batch"])
  })
})
