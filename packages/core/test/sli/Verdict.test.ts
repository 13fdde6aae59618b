import { strict as assert } from "node:assert"
import type { SuccessRate } from "@batchbrake/core/sli/SuccessRate"
import * as Verdict from "@batchbrake/core/sli/Verdict"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const STALE = 48 * HOUR
const verdict = (rate: SuccessRate | undefined, objective: number, newestRunAt: number | undefined = NOW) =>
  Verdict.of({ at: NOW, newestRunAt, objective, rate, staleMillis: STALE })
const between = (low: number, high: number): SuccessRate => ({
  attempts: 20,
  effectiveAttempts: 20,
  interval: { high, low },
  rate: (low + high) / 2
})

describe("Verdict (SPEC.md SL)", () => {
  it("[SL7] an interval at or above the objective meets it, one below violates it, any other does not tell", () => {
    assert.equal(verdict(between(0.85, 0.95), 0.85), "met")
    assert.equal(verdict(between(0.8499, 0.95), 0.85), "inconclusive")
    assert.equal(verdict(between(0.7, 0.85), 0.85), "inconclusive")
    assert.equal(verdict(between(0.7, 0.8499), 0.85), "violated")
    assert.equal(verdict(undefined, 0.85), "no-data")
    assert.equal(verdict(undefined, 0.85, undefined), "no-data")
  })

  it("[SL8] after more than the allowed time without a run everything is stale; after exactly that it is not", () => {
    fc.assert(
      fc.property(fc.option(fc.constant(between(0.9, 0.95)), { nil: undefined }), fc.nat(1_000_000), (rate, more) => {
        assert.equal(verdict(rate, 0.85, NOW - STALE - 1 - more), "stale")
        assert.notEqual(verdict(rate, 0.85, NOW - STALE), "stale")
      })
    )
  })

  it("[SL7] a stricter objective never turns a verdict for the better", () => {
    const ORDER = ["met", "inconclusive", "violated"]
    const share = fc.integer({ max: 1000, min: 0 }).map((thousandths) => thousandths / 1000)
    fc.assert(
      fc.property(fc.tuple(share, share), fc.tuple(share, share), (ends, objectives) => {
        const [low, high] = [Math.min(...ends), Math.max(...ends)]
        const [lax, strict] = [Math.min(...objectives), Math.max(...objectives)]
        const rank = (objective: number): number => ORDER.indexOf(verdict(between(low, high), objective))
        assert.ok(rank(strict) >= rank(lax) && rank(lax) >= 0)
      })
    )
  })
})
