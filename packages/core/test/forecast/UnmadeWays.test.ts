import { strict as assert } from "node:assert"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as Branch from "@batchbrake/core/forecast/Branch"
import * as Tally from "@batchbrake/core/forecast/Tally"
import * as Unmade from "@batchbrake/core/forecast/Unmade"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

const HOUR = 3_600_000
/** One of two attempts may fail. */
const POLICY = policyOf({ minimumAttempts: 2, probeAttempts: 2, thresholdMillionths: 500_000, window: 2 })
const LIMITS: Unmade.Limits = { attempts: 5, counted: 5, hasUncounted: false, minutes: 7 }
const DUE: Partial<BreakerState> = { opensAt: 0, state: "open", window: "FF" }

const branchOf = (more: Partial<BreakerState>, worst?: string): Branch.Branch => ({
  state: { ...initial, ...more },
  tally: Tally.certain(),
  worst
})

type Way = readonly [number, string | undefined, string | undefined, readonly [number, number]]

const ways = (
  decision: number,
  branches: ReadonlyArray<Branch.Branch>,
  limits: Partial<Unmade.Limits> = {},
  policy = POLICY
): ReadonlyArray<Way> =>
  Unmade.admit(
    policy,
    branches.map((branch) => ({ branch, decision })),
    { ...LIMITS, ...limits },
    HOUR
  ).map(({ became, branch: { state, tally, worst } }) => {
    assert.deepEqual([tally.low.runsAdmitted, tally.high.runsAdmitted], [1, 1])
    assert.deepEqual([tally.low.minutes, tally.high.minutes], [0, 7])
    assert.equal(tally.low.trips, became === Branch.TRIPPED ? 1 : 0)
    return [became, state.window, worst, [tally.low.attemptsAdmitted, tally.high.attemptsAdmitted]]
  })

const { CLOSED, PROBED, RAN, TRIPPED } = Branch

describe("Where a run leads that was never made (SPEC.md BT)", () => {
  it("[BT2] as a probe passes so many attempts, or fails with one of them", () => {
    const probes = (limits: Partial<Unmade.Limits>) =>
      ways(PROBED, [branchOf(DUE)], limits).map(([became, _, __, attempts]) => [became, ...attempts])
    assert.deepEqual(probes({}), [
      [PROBED, 0, 0],
      [CLOSED, 1, 1],
      [CLOSED, 2, 2],
      [PROBED, 1, 2]
    ])
    assert.deepEqual(probes({ attempts: 1, counted: 1 }), [
      [PROBED, 0, 0],
      [CLOSED, 1, 1],
      [PROBED, 1, 1]
    ])
    assert.deepEqual(probes({ hasUncounted: true }), [
      [PROBED, 0, 2],
      [CLOSED, 1, 2],
      [CLOSED, 2, 2],
      [PROBED, 1, 2]
    ])
    assert.deepEqual(probes({ counted: 0, hasUncounted: true }), [[PROBED, 0, 2]])
  })

  it("[BT2] leaves an open breaker that is only watched as it was, whatever it had", () => {
    assert.deepEqual(ways(RAN, [branchOf({ ...DUE, opensAt: 9 * HOUR })]), [[RAN, "FF", undefined, [0, 5]]])
  })

  it("[BT2] takes every order of its attempts, one way for those that go on alike", () => {
    assert.deepEqual(ways(RAN, [branchOf({})], { attempts: 2, counted: 2 }), [
      [RAN, "", undefined, [0, 0]],
      [RAN, "P", undefined, [1, 2]],
      [RAN, "F", undefined, [1, 2]],
      [RAN, "PP", undefined, [2, 2]],
      [RAN, "PF", undefined, [2, 2]],
      [TRIPPED, "FF", undefined, [2, 2]]
    ])
    assert.deepEqual(ways(RAN, [branchOf({})], { counted: 0 }), [[RAN, "", undefined, [0, 0]]])
    assert.deepEqual(ways(RAN, [branchOf({})], { counted: 0, hasUncounted: true }), [[RAN, "", undefined, [0, 5]]])
    assert.deepEqual(ways(RAN, [], {}), [])
    // What follows a trip counts no more: it lengthens no cool-down.
    const growing = { ...POLICY, coolDownMultiplier: 2 }
    const trips = ways(RAN, [branchOf({})], { attempts: 4, counted: 4 }, growing).filter(
      ([became]) => became === TRIPPED
    )
    assert.deepEqual(trips, [[TRIPPED, "FF", undefined, [2, 4]]])
  })

  it("[BT2] leaves each place of a window open where one of them was in doubt", () => {
    assert.deepEqual(ways(RAN, [branchOf({ window: "PP" }, "PF")], { attempts: 1, counted: 1 }), [
      [RAN, "PP", "PF", [0, 0]],
      [RAN, "PP", "FF", [1, 1]],
      [TRIPPED, "FF", undefined, [1, 1]]
    ])
    assert.deepEqual(ways(RAN, [branchOf({ window: "PP" }, "PF")], { attempts: 2, counted: 2 }), [
      [RAN, "PP", "PF", [0, 0]],
      [RAN, "PP", "FF", [1, 2]],
      [TRIPPED, "FF", undefined, [1, 2]]
    ])
    const both = [branchOf({ window: "PF" }), branchOf({ window: "PP" }, "FP")]
    assert.deepEqual(ways(RAN, both, { attempts: 1, counted: 1 }), [
      [RAN, "PF", undefined, [0, 0]],
      [RAN, "PP", "FP", [0, 0]],
      [RAN, "PP", "FF", [1, 1]],
      [TRIPPED, "FF", undefined, [1, 1]]
    ])
  })
})
