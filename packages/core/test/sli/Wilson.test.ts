import { strict as assert } from "node:assert"
import * as SuccessRate from "@batchbrake/core/sli/SuccessRate"
import * as Wilson from "@batchbrake/core/sli/Wilson"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { counted } from "./figures.ts"

const attempts = fc.integer({ max: 100_000, min: 1 })
const rate = fc.double({ max: 1, min: 0, noNaN: true })

describe("Wilson (SPEC.md SL)", () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [20, 20, 0.8389, 1]
  ])("[SL2] of %i of %i the interval is %f to %f", (passed, all, low, high) => {
    const found = SuccessRate.of({ failed: counted(all - passed), passed: counted(passed) })?.interval
    assert.deepEqual([found?.low.toFixed(4), found?.high.toFixed(4)], [low.toFixed(4), high.toFixed(4)])
  })

  it("[SL3] the interval holds its rate, stays within 0 and 1, and always leaves a doubt", () => {
    fc.assert(
      fc.property(rate, attempts, (share, count) => {
        const { high, low } = Wilson.interval(share, count)
        assert.ok(low >= 0 && high <= 1 && low <= share && share <= high && low < high)
      })
    )
  })

  it("[SL3] failures seen as passes give the mirrored interval", () => {
    fc.assert(
      fc.property(rate, attempts, (share, count) => {
        const [one, other] = [Wilson.interval(share, count), Wilson.interval(1 - share, count)]
        assert.ok(Math.abs(one.low - (1 - other.high)) < 1e-9 && Math.abs(one.high - (1 - other.low)) < 1e-9)
      })
    )
  })

  it("[SL3] more attempts at the same rate never widen it", () => {
    fc.assert(
      fc.property(rate, attempts, fc.integer({ max: 1000, min: 1 }), (share, count, more) => {
        const [few, many] = [Wilson.interval(share, count), Wilson.interval(share, count + more)]
        assert.ok(many.low >= few.low - 1e-12 && many.high <= few.high + 1e-12)
      })
    )
  })
})
