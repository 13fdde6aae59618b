import { strict as assert } from "node:assert"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as BudgetArbitrary from "@batchbrake/core/testing/BudgetArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const minutes = BudgetArbitrary.minutes(1000)
const PLATFORMS = ["macos", "linux", "windows", "constructor", "other"]

/** Platform by platform, so that an absent one and one of none are the same. */
const counts = (given: Minutes.Minutes): ReadonlyArray<number> =>
  PLATFORMS.map((platform) => Minutes.of(given, platform))

describe("Minutes (SPEC.md BU)", () => {
  it("[BU15] decimal minutes are rounded up to the next whole one, and whole ones stay", () => {
    fc.assert(
      fc.property(fc.double({ max: 1e9, min: 0, noNaN: true }), fc.nat(), (decimal, whole) => {
        const rounded = Minutes.roundUp(decimal)
        assert.ok(Number.isInteger(rounded) && rounded >= decimal && (rounded === 0 || rounded - 1 < decimal))
        assert.equal(Minutes.roundUp(whole), whole)
      })
    )
    assert.deepEqual([0, 0.01, 1, 1.01, 12.5].map(Minutes.roundUp), [0, 1, 1, 2, 13])
  })

  it("[BU15] no correction goes below zero, on any platform", () => {
    fc.assert(
      fc.property(minutes, minutes, minutes, (left, assumed, actual) => {
        const expected = PLATFORMS.map((platform) =>
          Math.max(0, Minutes.of(left, platform) + Minutes.of(actual, platform) - Minutes.of(assumed, platform))
        )
        assert.deepEqual(counts(Minutes.correct(left, assumed, actual)), expected)
      })
    )
  })

  it("[BU15] sums do not depend on order, and none adds nothing", () => {
    fc.assert(
      fc.property(minutes, minutes, minutes, (a, b, c) => {
        assert.deepEqual(JSON.stringify(Minutes.add(a, b)), JSON.stringify(Minutes.add(b, a)))
        assert.deepEqual(Minutes.add(Minutes.add(a, b), c), Minutes.add(a, Minutes.add(b, c)))
        assert.deepEqual(Minutes.add(a, Minutes.none), a)
        assert.deepEqual(counts(Minutes.subtract(Minutes.add(a, b), b)), counts(a))
      })
    )
  })

  it("[BU15] a platform with the name of something built in has no minutes unless they are stated", () => {
    assert.equal(Minutes.of({}, "constructor"), 0)
    assert.equal(Minutes.of({ constructor: 3 }, "constructor"), 3)
    assert.deepEqual(Minutes.add({}, { constructor: 3 }), { constructor: 3 })
  })

  it("[BU15] platforms stand in the order of their names, whoever comes first", () => {
    for (const [left, right] of [
      [{ arm: 3 }, { linux: 2, windows: 1 }],
      [{ windows: 1 }, { linux: 2, arm: 3 }],
      [{ windows: 1, linux: 2 }, { arm: 3 }]
    ] as const) {
      assert.deepEqual(Object.entries(Minutes.add(left, right)), [
        ["arm", 3],
        ["linux", 2],
        ["windows", 1]
      ])
    }
  })

  it("[BU15] people read the platforms that have minutes, and read of none where there are none", () => {
    assert.equal(Minutes.print({ linux: 0, macos: 20, windows: 5 }), "macos 20, windows 5")
    for (const none of [{}, { linux: 0 }, { linux: 0, macos: 0 }]) {
      assert.equal(Minutes.isNone(none), true)
      assert.equal(Minutes.print(none), "no minutes")
    }
    for (const some of [{ linux: 1 }, { linux: 0, macos: 1 }]) assert.equal(Minutes.isNone(some), false)
  })
})
