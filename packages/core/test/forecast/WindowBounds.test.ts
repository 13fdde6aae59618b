import { strict as assert } from "node:assert"
import * as FirstTrip from "@batchbrake/core/forecast/FirstTrip"
import * as OutcomeChain from "@batchbrake/core/forecast/OutcomeChain"
import { meanSteps, type RunLength, trippedBy } from "@batchbrake/core/forecast/RunLength"
import * as WindowBounds from "@batchbrake/core/forecast/WindowBounds"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { rate, ruleUpTo, seeded, tripOf } from "./rules.ts"

const PLACES = [0, 1, 3, 7, 12, 19, 25, 40, 100, 500]
const SLACK = 1e-9

const encloses = ({ high, low }: WindowBounds.Bounded, exact: RunLength, message: string): void => {
  for (const attempts of PLACES) {
    const [least, found, most] = [trippedBy(low, attempts), trippedBy(exact, attempts), trippedBy(high, attempts)]
    assert.ok(least <= found + SLACK && found <= most + SLACK, `${message} at ${attempts}: ${least} ${found} ${most}`)
  }
  const [longest, mean, shortest] = [meanSteps(low, 1), meanSteps(exact, 1), meanSteps(high, 1)]
  if (mean < 1e15) {
    assert.ok(
      shortest <= mean * (1 + 1e-6) && mean <= longest * (1 + 1e-6),
      `${message}: ${shortest} ${mean} ${longest}`
    )
  }
}

describe("Windows too large for their chain (SPEC.md FO)", () => {
  it("[FO5] the bounds enclose the exact chain from an empty window, wherever both can be computed", () => {
    fc.assert(
      fc.property(ruleUpTo(13, 2), rate, (rule, passRate) => {
        if (OutcomeChain.mostFailures(rule) >= rule.window) return
        const exact = OutcomeChain.fromEmpty(OutcomeChain.make(rule), passRate)
        encloses(WindowBounds.fromEmpty(rule, passRate), exact, JSON.stringify([rule, passRate]))
      })
    )
  })

  it("[FO5] they enclose it after a drop as well", () => {
    fc.assert(
      fc.property(ruleUpTo(13, 2), rate, rate, (rule, before, after) => {
        if (OutcomeChain.mostFailures(rule) >= rule.window) return
        const chain = OutcomeChain.make(rule)
        const exact = OutcomeChain.afterDrop(chain, before, after)
        const settled = trippedBy(
          OutcomeChain.fromEmpty({ ...chain, rule: { ...rule, minimumAttempts: rule.window } }, before),
          rule.window
        )
        if (settled > 0.999) return
        encloses(WindowBounds.afterDrop(rule, before, after), exact, JSON.stringify([rule, before, after]))
      })
    )
  })

  it("[FO5] for rare trips the bounds differ by a factor of at most 2, and the estimate is within a tenth", () => {
    for (const [window, threshold, passRate] of [
      [12, 500_000, 0.9],
      [16, 500_000, 0.9],
      [20, 700_000, 0.97],
      [30, 900_000, 0.99]
    ] as const) {
      const rule = { minimumAttempts: window, thresholdMillionths: threshold, window }
      const exact = meanSteps(OutcomeChain.fromEmpty(OutcomeChain.make(rule), passRate), 1)
      const { estimate, high, low } = WindowBounds.fromEmpty(rule, passRate)
      assert.ok(meanSteps(low, 1) / meanSteps(high, 1) <= 2.02, `${window}`)
      assert.ok(Math.abs(meanSteps(estimate, 1) / exact - 1) < 0.1, `${window}: ${meanSteps(estimate, 1)} and ${exact}`)
    }
  })

  it("[FO5] they enclose what the real breaker does with a window of 100", () => {
    const rule = { minimumAttempts: 60, thresholdMillionths: 800_000, window: 100 }
    const trip = FirstTrip.of(rule)
    assert.equal(trip.method, "bounded")
    const { high, low } = trip.fromEmpty(0.85)
    const [chance, worlds, length] = [seeded(7), 1500, 600]
    const found = Array.from({ length: worlds }, () =>
      tripOf(rule, Array.from({ length }, () => (chance() < 0.85 ? "P" : "F")).join(""))
    )
    for (const attempts of [60, 99, 150, 300, 600]) {
      const share = found.filter((at) => at !== undefined && at <= attempts).length / worlds
      const noise = 4 * Math.sqrt((share * (1 - share) + 1 / worlds) / worlds)
      assert.ok(
        trippedBy(low, attempts) <= share + noise && share <= trippedBy(high, attempts) + noise,
        `${attempts}: ${trippedBy(low, attempts)} ${share} ${trippedBy(high, attempts)}`
      )
    }
  })

  it("[FO5] a threshold of zero never trips, whatever the window", () => {
    for (const window of [5, 400]) {
      const trip = FirstTrip.of({ minimumAttempts: 1, thresholdMillionths: 0, window })
      assert.equal(meanSteps(trip.fromEmpty(0).estimate, 1), Number.POSITIVE_INFINITY)
      assert.equal(trip.method, "exact")
    }
  })

  describe("of two attempts, one of which may fail, half of all passing", () => {
    const rule = { minimumAttempts: 2, thresholdMillionths: 500_000, window: 2 }
    const near = (found: RunLength, expected: RunLength): void => {
      assert.deepEqual([found.head.length, found.cycle.length], [expected.head.length, expected.cycle.length])
      const numbers = ({ cycle, head, loss }: RunLength) => [...Array.from(head), ...Array.from(cycle), loss]
      numbers(expected).forEach((number, index) => {
        assert.ok(Math.abs((numbers(found)[index] ?? Number.NaN) - number) < 1e-12, JSON.stringify(found))
      })
    }

    it("[FO5] trips with a quarter at once, an eighth with each of the next two, and goes on from there", () => {
      const { estimate, high, low } = WindowBounds.fromEmpty(rule, 0.5)
      const head = [0, 0, 0.25]
      near(estimate, { cycle: [0.375], head, loss: 0.2 })
      near(high, { cycle: [0.375, 0.53125], head, loss: 0.375 })
      near(low, { cycle: [0.375, 0.375, 0.375], head, loss: 0.375 })
    })

    it("[FO5] with a minimum of one trips while the window fills, and the estimate is in the middle", () => {
      const { estimate, high, low } = WindowBounds.fromEmpty({ ...rule, minimumAttempts: 1 }, 0.5)
      near(estimate, { cycle: [0.59375], head: [0, 0.5, 0.5625], loss: 0.2 })
      near(high, { cycle: [0.6875, 0.765625], head: [0, 0.5, 0.625], loss: 0.375 })
      near(low, { cycle: [0.5, 0.5, 0.5], head: [0, 0.5, 0.5], loss: 0.375 })
    })

    it("[FO5] after a drop begins with what has not tripped before", () => {
      near(WindowBounds.afterDrop(rule, 1, 0.5).estimate, { cycle: [0.25], head: [0, 0], loss: 0.2 })
      near(WindowBounds.afterDrop(rule, 0.5, 0.5).estimate, { cycle: [1 / 3], head: [0, 1 / 6], loss: 0.2 })
      near(WindowBounds.afterDrop(rule, 0, 0.5).estimate, { cycle: [1], head: [1, 1], loss: 0.2 })
    })

    it("[FO5] is sure where nothing passes, and never where nothing fails", () => {
      near(WindowBounds.fromEmpty(rule, 0).estimate, { cycle: [1], head: [0, 0, 1], loss: 1 })
      near(WindowBounds.fromEmpty(rule, 1).high, { cycle: [0, 0], head: [0, 0, 0], loss: 0 })
    })
  })
})
