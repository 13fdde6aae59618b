import { strict as assert } from "node:assert"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as Branch from "@batchbrake/core/forecast/Branch"
import * as Tally from "@batchbrake/core/forecast/Tally"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

const HOUR = 3_600_000
const stateOf = (more: Partial<BreakerState>): BreakerState => ({ ...initial, ...more })
const branchOf = (more: Partial<BreakerState>, worst?: string): Branch.Branch => ({
  state: stateOf(more),
  tally: Tally.certain(),
  worst
})

/** Two of four attempts may fail. */
const POLICY = policyOf({ minimumAttempts: 4, thresholdMillionths: 500_000, window: 4 })

const outcomes = (closed: string, more: Partial<Branch.Outcomes> = {}): Branch.Outcomes => ({
  attempts: closed.length,
  closed,
  minutes: 7,
  probes: () => [closed],
  ...more
})

describe("Ways that go on alike (SPEC.md BT)", () => {
  const keys = (policy: typeof POLICY, windows: ReadonlyArray<string | undefined>): ReadonlyArray<string> =>
    windows.map((window) => Branch.keyOf(policy, stateOf({ window }), 0))

  it("have one name by their failures that a trip may still count", () => {
    const full = ["PPPP", "FPPP", "FFPP", "PFPP"]
    assert.equal(new Set(keys(POLICY, full)).size, 1)
    assert.equal(new Set(keys(POLICY, ["PPPP", "PPPF", "PPFP", "PPFF", "PFPF"])).size, 5)
    assert.equal(new Set(keys(POLICY, ["PFPP", "FPP", "PP", "P", ""])).size, 5)
    // Until the window is full, what is before the last passes is the same as none too.
    assert.equal(new Set(keys(POLICY, ["FPP", "PPP"])).size, 1)
    const early = { ...POLICY, minimumAttempts: 2 }
    assert.equal(new Set(keys(early, ["FPP", "PPP"])).size, 2)
    assert.equal(new Set(keys(early, full)).size, 1)
    assert.deepEqual(keys(POLICY, ["FPFP", "FF", "", undefined]), ["c 1  ", "c 2: 0 0  ", "c 0:  ", "c 0:  "])
    assert.deepEqual(keys(early, ["FPFP", "FF", undefined]), ["c 1  ", "c FF ", "c  "])
  })

  it("have one name by their doubt, their deadline, and their probes that passed", () => {
    const name = (more: Partial<BreakerState>, worst?: string) => Branch.keyOf(POLICY, stateOf(more), 0, worst)
    assert.equal(name({ window: "PPF" }, "PFF"), "d PPF PFF ")
    assert.equal(name({ opensAt: 5, state: "open", window: "FFF" }), "o 5 ")
    assert.equal(name({ halfOpenSuccesses: 2, opensAt: 5, state: "half-open", window: "FFF" }), "h 2 ")
  })

  it("have one name by the trips that lengthen a cool-down, where they do and until they are forgiven", () => {
    const growing = { ...POLICY, coolDownCapMillis: 4 * HOUR, coolDownMillis: HOUR, coolDownMultiplier: 2 }
    const growth = (more: Partial<BreakerState>, at = 0, policy = growing) => Branch.growthOf(policy, stateOf(more), at)
    assert.deepEqual(
      [0, 1, 2, 3].map((trips) => growth({ trips })),
      ["0", "1", "most", "most"]
    )
    assert.equal(growth({ trips: 1 }, 0, { ...growing, coolDownMultiplier: 1 }), "")
    assert.equal(growth({ trips: 1 }, 0, { ...growing, coolDownCapMillis: HOUR }), "")
    assert.equal(growth({ openedAt: 5, state: "open", trips: 1 }), "1 5")
    assert.equal(growth({ closedAt: 9, openedAt: 5, state: "half-open", trips: 3 }), "most 5")
    const closed = { closedAt: 9, openedAt: 5, trips: 1 }
    assert.deepEqual([growth(closed, 12), growth(closed, 13), growth(closed, 14)], ["1 13", "forgiven", "forgiven"])
    assert.equal(growth({ closedAt: 9, trips: 1 }, 99), "1")
    assert.equal(growth({ openedAt: 5, trips: 1 }, 99), "1")
  })

  it("are one with the bounds of both, and one alone stays as it is", () => {
    const [one, other, third] = [branchOf({ window: "FPPP" }), branchOf({ window: "PPPP" }), branchOf({ window: "F" })]
    Tally.add(one.tally, "trips", 1)
    const merged = Branch.merge(POLICY, [one, other, third], 0)
    assert.equal(merged.length, 2)
    assert.deepEqual([merged[0]?.tally.low.trips, merged[0]?.tally.high.trips], [0, 1])
    assert.equal(merged[0]?.state.window, "FPPP")
    assert.equal(Branch.merge(POLICY, [one, third], 0).length, 2)
    assert.equal(Branch.merge(POLICY, [one, other], 0).length, 1)
    assert.deepEqual(Branch.merge(POLICY, [one], 0), [one])
    assert.deepEqual(Branch.merge(POLICY, [], 0), [])
  })

  it("[BT3] are too many above 2048, or with more than 64 windows in doubt", () => {
    const tooMany = (exact: number, doubtful: number): boolean =>
      Branch.areTooMany([...Array(exact).fill(branchOf({})), ...Array(doubtful).fill(branchOf({}, "F"))])
    assert.deepEqual(
      [tooMany(2048, 0), tooMany(2049, 0), tooMany(1984, 64), tooMany(1985, 64)],
      [false, true, false, true]
    )
    assert.deepEqual([tooMany(0, 64), tooMany(0, 65), tooMany(100, 64), tooMany(100, 65)], [false, true, false, true])
    assert.equal(tooMany(1, 0), false)
  })

  it("are blurred where they are closed and their windows have one length", () => {
    const [one, other] = [branchOf({ window: "FPPF" }), branchOf({ window: "PPFF" })]
    Tally.add(other.tally, "trips", 1)
    const [open, short] = [branchOf({ opensAt: 5, state: "open", window: "FPPF" }), branchOf({ window: "P" })]
    const blurred = Branch.blur(POLICY, [one, open, other, short], 0)
    assert.deepEqual(
      blurred.map(({ state, worst }) => [state.state, state.window, worst]),
      [
        ["closed", "PPPF", "FPFF"],
        ["open", "FPPF", undefined],
        ["closed", "P", undefined]
      ]
    )
    assert.deepEqual([blurred[0]?.tally.low.trips, blurred[0]?.tally.high.trips], [0, 1])
    assert.equal(blurred[0]?.state.failures, 1)
  })
})

describe("A run against one way (SPEC.md BT)", () => {
  const figures = ({ branch: { tally } }: Branch.After) =>
    Object.fromEntries(
      Tally.KEYS.flatMap((key) =>
        tally.low[key] === 0 && tally.high[key] === 0 ? [] : [[key, [tally.low[key], tally.high[key]]]]
      )
    )
  const HALF_OPEN: Partial<BreakerState> = { opensAt: 0, state: "open", window: "FFFF" }

  it("is refused, by the budget or not", () => {
    const [one, other] = [Branch.hold(branchOf({}), 3, false), Branch.hold(branchOf({}), 3, true)]
    assert.deepEqual(figures({ became: 0, branch: one }), { attemptsRefused: [3, 3], runsHeld: [1, 1] })
    assert.deepEqual(figures({ became: 0, branch: other }), {
      attemptsRefused: [3, 3],
      heldByBudget: [1, 1],
      runsHeld: [1, 1]
    })
  })

  it("closes with a probe that passes, and reopens with one that fails", () => {
    const of = (run: Branch.Outcomes) => Branch.admit(POLICY, branchOf(HALF_OPEN), Branch.PROBED, run, HOUR)
    const counts = { attemptsAdmitted: [1, 1], minutes: [7, 7], probes: [1, 1], runsAdmitted: [1, 1] }
    const [passed, ...none] = of(outcomes("P"))
    assert.deepEqual([passed?.became, passed?.branch.state.state, none.length], [Branch.CLOSED, "closed", 0])
    assert.deepEqual(passed && figures(passed), { ...counts, closings: [1, 1] })
    const [failed] = of(outcomes("F"))
    assert.deepEqual([failed?.became, failed?.branch.state.state], [Branch.PROBED, "open"])
    assert.deepEqual(failed && figures(failed), { ...counts, wastedProbes: [1, 1] })
    const [empty] = of(outcomes(""))
    assert.deepEqual([empty?.became, empty?.branch.state.state], [Branch.PROBED, "half-open"])
    assert.deepEqual(empty && figures(empty).wastedProbes, [1, 1])
  })

  it("as a part of it is each way that the part may have been, and the rest is refused", () => {
    const afters = Branch.admit(
      POLICY,
      branchOf(HALF_OPEN),
      Branch.PROBED,
      outcomes("PPPFF", { probes: () => ["P", "F"] }),
      HOUR
    )
    const counts = {
      attemptsAdmitted: [1, 1],
      attemptsRefused: [4, 4],
      minutes: [0, 7],
      probes: [1, 1],
      runsAdmitted: [1, 1]
    }
    assert.deepEqual(afters.map(figures), [
      { ...counts, closings: [1, 1] },
      { ...counts, wastedProbes: [1, 1] }
    ])
    const [only] = Branch.admit(POLICY, branchOf(HALF_OPEN), Branch.PROBED, outcomes("PP"), HOUR)
    assert.deepEqual(only && figures(only).minutes, [0, 7])
    const whole = { ...POLICY, probeAttempts: 5 }
    const both = Branch.admit(
      whole,
      branchOf(HALF_OPEN),
      Branch.PROBED,
      outcomes("PF", { probes: () => ["PP", "FF"] }),
      HOUR
    )
    assert.deepEqual(
      both.map((after) => figures(after).runsAdmitted),
      [
        [1, 1],
        [1, 1]
      ]
    )
  })

  it("trips or stays where its window is known", () => {
    const of = (closed: string, more: Partial<BreakerState> = {}) =>
      Branch.admit(POLICY, branchOf({ window: "PPPF", failures: 1, ...more }), Branch.RAN, outcomes(closed), HOUR)
    const counts = { minutes: [7, 7], runsAdmitted: [1, 1] }
    assert.deepEqual(
      of("FFP").map(({ became }) => became),
      [Branch.TRIPPED]
    )
    assert.deepEqual(of("FFP").map(figures), [{ ...counts, attemptsAdmitted: [3, 3], trips: [1, 1] }])
    assert.deepEqual(
      of("F").map(({ became, branch }) => [became, branch.state.window]),
      [[Branch.RAN, "PPFF"]]
    )
    assert.deepEqual(of("F").map(figures), [{ ...counts, attemptsAdmitted: [1, 1] }])
    const watched = of("FF", { opensAt: 9 * HOUR, state: "open" })
    assert.deepEqual(
      watched.map(({ became }) => became),
      [Branch.RAN]
    )
  })

  it("trips, stays or does either where its window is in doubt", () => {
    const of = (closed: string, window: string, worst: string) => {
      const branch = branchOf({ window }, worst)
      return Branch.admit(POLICY, branch, Branch.RAN, outcomes(closed), HOUR)
    }
    const either = of("F", "PPPP", "PPFF")
    assert.deepEqual(
      either.map(({ became, branch }) => [became, branch.state.state, branch.worst]),
      [
        [Branch.RAN, "closed", "PFFF"],
        [Branch.TRIPPED, "open", undefined]
      ]
    )
    assert.deepEqual(
      either.map((after) => figures(after).trips),
      [undefined, [1, 1]]
    )
    assert.deepEqual(
      of("FFF", "PPPP", "PPFF").map(({ became }) => became),
      [Branch.TRIPPED]
    )
    assert.deepEqual(
      of("FFF", "PPPP", "PPFF").map((after) => figures(after).trips),
      [[1, 1]]
    )
    const stays = of("PPPP", "PPPP", "PPFF")
    assert.deepEqual(
      stays.map(({ became, branch }) => [became, branch.worst]),
      [[Branch.RAN, undefined]]
    )
    assert.deepEqual(
      stays.map((after) => figures(after).trips),
      [undefined]
    )
  })
})
