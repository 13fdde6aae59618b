import { strict as assert } from "node:assert"
import * as FirstTrip from "@batchbrake/core/forecast/FirstTrip"
import * as Forecast from "@batchbrake/core/forecast/Forecast"
import * as OpenTime from "@batchbrake/core/forecast/OpenTime"
import * as RunLength from "@batchbrake/core/forecast/RunLength"
import { MINUTE } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-9, `found ${found}, expected ${expected}`)

/** Half of what is left goes in each cycle of two attempts. */
const HALVES: RunLength.RunLength = { cycle: [0.5, 0.6], head: [0, 0.25], loss: 0.5 }
/** All that is left goes in the second cycle. */
const SURE: RunLength.RunLength = { cycle: [0.5, 0.6], head: [0], loss: 1 }

describe("A run length (SPEC.md FO)", () => {
  it("[FO4] is its head, then its cycle, then the cycle again of what is left", () => {
    for (const [attempts, expected] of [0, 0.25, 0.5, 0.6, 0.75, 0.8, 0.875, 0.9].entries()) {
      near(RunLength.trippedBy(HALVES, attempts), expected)
    }
    for (const [attempts, expected] of [0, 0.5, 0.6, 1, 1, 1].entries()) {
      near(RunLength.trippedBy(SURE, attempts), expected)
    }
    assert.deepEqual(
      [0, 1, 1000].map((attempts) => RunLength.trippedBy(RunLength.never, attempts)),
      [0, 0, 0]
    )
  })

  it("[FO10] in the long run is what a cycle loses, by the attempts", () => {
    near(RunLength.steadyWithin(HALVES, 2), 0.5)
    near(RunLength.steadyWithin(HALVES, 4), 0.75)
    near(RunLength.steadyWithin(HALVES, 1), 1 - Math.sqrt(0.5))
    assert.deepEqual(
      [RunLength.steadyWithin(HALVES, 0), RunLength.steadyWithin(SURE, 0), RunLength.steadyWithin(SURE, 1)],
      [0, 0, 1]
    )
    assert.equal(RunLength.steadyWithin(RunLength.never, 1000), 0)
  })

  it("[FO4] has the mean that its steps add up to", () => {
    near(RunLength.meanSteps(HALVES, 1), 1 + 0.75 + (0.5 + 0.4) * 2)
    near(RunLength.meanSteps(HALVES, 2), 2)
    near(RunLength.meanSteps(HALVES, 3), 1.6)
    near(RunLength.meanSteps(SURE, 1), 1 + 0.5 + 0.4)
    near(RunLength.meanSteps(SURE, 2), 1 + 0.4)
    assert.equal(RunLength.meanSteps({ cycle: [1], head: [0], loss: 0 }, 1), 1)
    assert.equal(RunLength.meanSteps(RunLength.never, 1), Number.POSITIVE_INFINITY)
  })
})

describe("What is worked out from it (SPEC.md FO)", () => {
  const HOURLY = { attemptsPerRun: 5, runsPerWeek: 168 }

  it("[FO6] a breaker that never trips is never open, even where nothing would close it", () => {
    assert.equal(OpenTime.share(policyOf({}), 0, HOURLY, RunLength.never), 0)
    assert.equal(OpenTime.share(policyOf({}), 0, HOURLY, SURE), 1)
  })

  it("[FO6] a sure cycle of known lengths is open for its share", () => {
    // Trips with the first run; the cool-down is two runs; every probe closes.
    const run = { cycle: [1], head: [0], loss: 1 }
    const policy = policyOf({ coolDownMillis: 120 * MINUTE })
    near(OpenTime.share(policy, 1, HOURLY, run), 2 / 3)
    near(OpenTime.share({ ...policy, coolDownMillis: 121 * MINUTE }, 1, HOURLY, run), 3 / 4)
    near(OpenTime.share({ ...policy, coolDownMillis: 1 }, 1, HOURLY, run), 1 / 2)
    // Two probes in a row have to pass.
    near(OpenTime.share({ ...policy, closeAfter: 2 }, 1, HOURLY, run), 3 / 4)
    near(OpenTime.share({ ...policy, closeAfter: 6, probeAttempts: 9 }, 1, HOURLY, run), 3 / 4)
    // Half of the probes close: two cool-downs in the mean.
    near(OpenTime.share(policy, 0.5, HOURLY, run), 4 / 5)
    // The second cool-down is as long as all that follow: of two runs, then of four, never forgiven.
    const growing = { ...policy, coolDownCapMillis: 240 * MINUTE, coolDownMultiplier: 2 }
    near(OpenTime.share(growing, 1, HOURLY, run), 4 / 5)
  })

  it("each rule is prepared once, and each question answered once", () => {
    const sharing = FirstTrip.sharing()
    const trip = sharing(policyOf({}))
    assert.equal(sharing(policyOf({ coolDownMillis: 1 })), trip)
    for (const other of [{ window: 11 }, { minimumAttempts: 9 }, { thresholdMillionths: 1 }]) {
      assert.notEqual(sharing(policyOf(other)), trip)
    }
    for (const window of [10, 60]) {
      const own = FirstTrip.of(policyOf({ window }))
      assert.equal(own.method, window === 10 ? "exact" : "bounded")
      assert.equal(own.fromEmpty(0.5), own.fromEmpty(0.5))
      assert.equal(own.afterDrop(0.9, 0.5), own.afterDrop(0.9, 0.5))
      assert.notEqual(own.afterDrop(0.9, 0.5), own.afterDrop(0.5, 0.9))
    }
    for (const thresholdMillionths of [0, 1]) {
      const never = FirstTrip.of(policyOf({ minimumAttempts: 1, thresholdMillionths, window: 1 }))
      assert.deepEqual([never.method, never.fromEmpty(0).low === RunLength.never], ["exact", thresholdMillionths === 0])
      assert.equal(never.afterDrop(1, 0).high === RunLength.never, thresholdMillionths === 0)
    }
  })

  it("[FO7] a forecast has the objective first and each rate once, and bounds that are apart where it is not exact", () => {
    const breaker = policyOf({ minimumAttempts: 60, window: 60 })
    const pace = { attemptsPerRun: 4, runsPerWeek: 30.2 }
    const bounded = Forecast.of("npm", { breaker, slo: 0.9 }, pace)
    assert.deepEqual([bounded.ecosystem, bounded.method, bounded.states, bounded.pace], ["npm", "bounded", 0, pace])
    assert.deepEqual(
      bounded.levels.map(({ rate }) => rate),
      [0.9, 1, 0.99, 0.95, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]
    )
    const level = bounded.levels.find(({ rate }) => rate === 0.6)
    const run = FirstTrip.of(breaker).fromEmpty(0.6)
    assert.ok(level !== undefined && level.attemptsToTrip.low < level.attemptsToTrip.high)
    assert.deepEqual(level.attemptsToTrip, {
      estimate: RunLength.meanSteps(run.estimate, 1),
      high: RunLength.meanSteps(run.low, 1),
      low: RunLength.meanSteps(run.high, 1)
    })
    const range = (figure: (run: RunLength.RunLength) => number): Forecast.Range => ({
      estimate: figure(run.estimate),
      high: figure(run.high),
      low: figure(run.low)
    })
    assert.deepEqual(
      level.tripWithin100,
      range((each) => RunLength.trippedBy(each, 100))
    )
    assert.deepEqual(
      level.tripWithinWeek,
      range((each) => RunLength.trippedBy(each, 121))
    )
    assert.deepEqual(
      level.steadyTripWithin100,
      range((each) => RunLength.steadyWithin(each, 100))
    )
    assert.deepEqual(
      level.steadyTripWithinWeek,
      range((each) => RunLength.steadyWithin(each, 121))
    )
    assert.deepEqual(
      level.openHours,
      range((each) => 168 * OpenTime.share(breaker, 0.6, pace, each))
    )
  })
})
