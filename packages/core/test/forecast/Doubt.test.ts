import { strict as assert } from "node:assert"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as Doubt from "@batchbrake/core/forecast/Doubt"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

const HOUR = 3_600_000
const stateOf = (more: Partial<BreakerState>): BreakerState => ({ ...initial, ...more })

/** Two of four attempts may fail. */
const POLICY = policyOf({ minimumAttempts: 4, thresholdMillionths: 500_000, window: 4 })

describe("A window in doubt, step by step (SPEC.md BT)", () => {
  it("is the failures of both and the failures of either, and none where the two are one", () => {
    const of = (window: string, worst?: string): Doubt.Doubtful => ({ state: stateOf({ window }), worst })
    const joined = (one: Doubt.Doubtful, other: Doubt.Doubtful) => {
      const { state, worst } = Doubt.join(one, other)
      return [state.window, worst, state.failures]
    }
    assert.deepEqual(joined(of("FPPF"), of("PPFF")), ["PPPF", "FPFF", 1])
    assert.deepEqual(joined(of("FF"), of("FF")), ["FF", undefined, 0])
    assert.deepEqual(joined(of("PF", "FF"), of("PF")), ["PF", "FF", 1])
    assert.deepEqual(joined(of("PF"), of("PF", "FF")), ["PF", "FF", 1])
    assert.deepEqual(joined(of("PF", "FF"), of("PP", "FF")), ["PP", "FF", 0])
    assert.deepEqual(joined(of("PF", "PF"), of("PF", "PF")), ["PF", undefined, 0])
    assert.deepEqual(joined(of(""), of("")), ["", undefined, 0])
  })

  it("takes an attempt that is known as what it is, and one that is not as either", () => {
    const from = { state: stateOf({ window: "PPP" }), worst: "PFF" }
    const step = (outcome: "P" | "F" | "?") => {
      const { stays, trips } = Doubt.step(POLICY, from, outcome, HOUR)
      return [stays?.state.window, stays?.worst, trips?.state]
    }
    assert.deepEqual(step("P"), ["PPPP", "PFFP", undefined])
    assert.deepEqual(step("F"), ["PPPF", "PFFF", "open"])
    assert.deepEqual(step("?"), ["PPPP", "PFFF", "open"])
  })

  it("trips with a pass where that makes the attempts enough, and not in a full window", () => {
    const early = { state: stateOf({ window: "PPP" }), worst: "FFF" }
    const { stays, trips } = Doubt.step(POLICY, early, "P", HOUR)
    assert.deepEqual([stays?.worst, trips?.state, trips?.failures], ["FFFP", "open", 3])
    const full = Doubt.step(POLICY, { state: stateOf({ window: "PPPP" }), worst: "PFFF" }, "P", HOUR)
    assert.equal(full.trips, undefined)
  })

  it("takes a run's attempts until none of it can stay", () => {
    const from = { state: stateOf({ window: "PPPP" }), worst: undefined }
    const taken = Doubt.take(POLICY, from, "FFFFPP", HOUR)
    assert.deepEqual([taken.stays, taken.trips?.state], [undefined, "open"])
    assert.deepEqual(Doubt.take(POLICY, from, "", HOUR), { stays: from, trips: undefined })
    assert.equal(Doubt.take(POLICY, from, "FP", HOUR).stays?.state.window, "PPFP")
  })
})
