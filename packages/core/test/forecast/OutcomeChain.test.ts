import { strict as assert } from "node:assert"
import * as OutcomeChain from "@batchbrake/core/forecast/OutcomeChain"
import { meanSteps, type RunLength, trippedBy } from "@batchbrake/core/forecast/RunLength"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { rate, ruleUpTo, seeded, tripOf } from "./rules.ts"

const near = (found: number, expected: number, tolerance = 1e-9, message = ""): void =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${message} found ${found}, expected ${expected}`)

const probabilityOf = (outcomes: string, passRate: number): number =>
  [...outcomes].reduce((product, outcome) => product * (outcome === "P" ? passRate : 1 - passRate), 1)

const sequences = (length: number): ReadonlyArray<string> =>
  Array.from({ length: 2 ** length }, (_, index) =>
    index.toString(2).padStart(length, "0").replaceAll("0", "P").replaceAll("1", "F")
  )

/** Every sequence, weighed: tripped by attempt 0, 1, …, according to the real breaker. */
const enumerated = (rule: OutcomeChain.Rule, passRate: number, length: number): ReadonlyArray<number> => {
  const tripped = Array.from({ length: length + 1 }, () => 0)
  for (const outcomes of sequences(length)) {
    const trip = tripOf(rule, outcomes)
    if (trip === undefined) continue
    const weight = probabilityOf(outcomes, passRate)
    for (let attempt = trip; attempt <= length; attempt++) tripped[attempt] = (tripped[attempt] ?? 0) + weight
  }
  return tripped
}

const agrees = (run: RunLength, expected: ReadonlyArray<number>, message: string): void => {
  for (const [attempt, tripped] of expected.entries())
    near(trippedBy(run, attempt), tripped, 1e-9, `${message} at ${attempt}:`)
}

describe("The chain over the outcome window (SPEC.md FO)", () => {
  it("[FO1] trips by each attempt as often as all sequences through the real breaker do", () => {
    fc.assert(
      fc.property(ruleUpTo(8), rate, (rule, passRate) => {
        if (OutcomeChain.mostFailures(rule) >= rule.window) return
        const run = OutcomeChain.fromEmpty(OutcomeChain.make(rule), passRate)
        agrees(run, enumerated(rule, passRate, 10), JSON.stringify(rule))
      }),
      { numRuns: 60 }
    )
  })

  it("[FO1] trips after a drop as often as all sequences do whose first window did not trip", () => {
    fc.assert(
      fc.property(ruleUpTo(5), rate, rate, (rule, before, after) => {
        if (OutcomeChain.mostFailures(rule) >= rule.window) return
        const { window } = rule
        const full = { ...rule, minimumAttempts: window }
        const tripped = Array.from({ length: 7 }, () => 0)
        let kept = 0
        for (const outcomes of sequences(window + 6)) {
          const trip = tripOf(full, outcomes)
          if (trip !== undefined && trip <= window) continue
          const weight = probabilityOf(outcomes.slice(0, window), before) * probabilityOf(outcomes.slice(window), after)
          kept += weight
          for (let attempt = (trip ?? 99) - window; attempt <= 6; attempt++)
            tripped[attempt] = (tripped[attempt] ?? 0) + weight
        }
        if (kept < 1e-6) return
        const run = OutcomeChain.afterDrop(OutcomeChain.make(rule), before, after)
        agrees(
          run,
          tripped.map((weight) => weight / kept),
          JSON.stringify(rule)
        )
      }),
      { numRuns: 40 }
    )
  })

  it("[FO2] has binomial(window, failures allowed) states, and every window up to 20 is exact", () => {
    fc.assert(
      fc.property(ruleUpTo(14), (rule) => {
        if (OutcomeChain.mostFailures(rule) >= rule.window) return
        assert.equal(OutcomeChain.make(rule).onPass.length, OutcomeChain.statesOf(rule))
      })
    )
    fc.assert(fc.property(ruleUpTo(20), (rule) => assert.ok(OutcomeChain.isExact(rule))))
    assert.ok(OutcomeChain.EXACT_WINDOW >= 16)
    const half = { minimumAttempts: 21, thresholdMillionths: 500_000, window: 21 }
    assert.ok(!OutcomeChain.isExact(half))
    assert.ok(OutcomeChain.isExact({ ...half, thresholdMillionths: 900_000 }))
    const few = (window: number): boolean =>
      OutcomeChain.isExact({ minimumAttempts: window, thresholdMillionths: 980_000, window })
    assert.deepEqual([few(64), few(65)], [true, false])
  })

  it("[FO3] agrees with the real breaker over random attempts, far past the first window", () => {
    const rule = { minimumAttempts: 12, thresholdMillionths: 500_000, window: 16 }
    const [chance, worlds, length] = [seeded(1), 4000, 120]
    const tripped = Array.from({ length: worlds }, () =>
      tripOf(rule, Array.from({ length }, () => (chance() < 0.62 ? "P" : "F")).join(""))
    )
    const run = OutcomeChain.fromEmpty(OutcomeChain.make(rule), 0.62)
    for (const attempts of [12, 20, 40, 80, 120]) {
      const share = tripped.filter((trip) => trip !== undefined && trip <= attempts).length / worlds
      const expected = trippedBy(run, attempts)
      near(share, expected, 4 * Math.sqrt((expected * (1 - expected)) / worlds), `by ${attempts}:`)
    }
  })

  it("[FO4] the mean is the sum of what has not tripped, for one attempt and for runs of several", () => {
    fc.assert(
      fc.property(
        ruleUpTo(6),
        fc.double({ max: 0.7, min: 0.05, noNaN: true }),
        fc.integer({ max: 7, min: 1 }),
        (rule, passRate, stride) => {
          if (OutcomeChain.mostFailures(rule) >= rule.window) return
          const run = OutcomeChain.fromEmpty(OutcomeChain.make(rule), passRate)
          let sum = 0
          for (let step = 0; step < 200_000; step++) {
            const survival = 1 - trippedBy(run, step * stride)
            sum += survival
            if (survival < 1e-12) break
          }
          near(meanSteps(run, stride) / sum, 1, 1e-6, JSON.stringify([rule, passRate]))
        }
      ),
      { numRuns: 40 }
    )
  })

  it("[FO4] what cannot fail never trips, and what always fails trips at the first attempt that may", () => {
    const rule = { minimumAttempts: 7, thresholdMillionths: 500_000, window: 10 }
    const chain = OutcomeChain.make(rule)
    assert.equal(meanSteps(OutcomeChain.fromEmpty(chain, 1), 1), Number.POSITIVE_INFINITY)
    assert.equal(trippedBy(OutcomeChain.fromEmpty(chain, 1), 1_000_000), 0)
    near(meanSteps(OutcomeChain.fromEmpty(chain, 0), 1), 7)
    near(meanSteps(OutcomeChain.afterDrop(chain, 1, 0), 1), 6)
  })

  it("[FO4] a very rare trip keeps its digits", () => {
    const chain = OutcomeChain.make({ minimumAttempts: 10, thresholdMillionths: 200_000, window: 10 })
    // Nine failures among ten: ten ways with one pass, one without; at the first full window.
    const first = 10 * 0.98 * 0.02 ** 9 + 0.02 ** 10
    const found = trippedBy(OutcomeChain.fromEmpty(chain, 0.98), 10)
    assert.ok(Math.abs(found / first - 1) < 1e-9, `${found} and ${first}`)
  })

  it("[FO1] loses in the long run what its greatest eigenvalue leaves", () => {
    // Two failures in a row trip: of what has not, a share of x remains, where x² = px + pq.
    const chain = OutcomeChain.make({ minimumAttempts: 2, thresholdMillionths: 500_000, window: 2 })
    for (const passRate of [0.5, 0.9, 0.99]) {
      const remains = (passRate + Math.sqrt(passRate ** 2 + 4 * passRate * (1 - passRate))) / 2
      near(OutcomeChain.fromEmpty(chain, passRate).loss / (1 - remains), 1, 1e-9)
    }
  })
})
