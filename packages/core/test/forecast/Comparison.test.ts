import { strict as assert } from "node:assert"
import * as Backtest from "@batchbrake/core/forecast/Backtest"
import * as Branch from "@batchbrake/core/forecast/Branch"
import type { Run } from "@batchbrake/core/forecast/History"
import * as Replay from "@batchbrake/core/forecast/Replay"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const AT = 1_767_225_600_000

const policyWith = (more: JsonObject = {}, names = ["npm"]): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(names), ...more }))

const run = (hour: number, passed: number, failed: number, more: Partial<Run> = {}): Run => ({
  at: AT + hour * HOUR,
  attempts: { failed, passed, skipped: 0 },
  ecosystem: "npm",
  made: true,
  minutes: { macos: 0 },
  ...more
})

const recordOf = (runs: ReadonlyArray<Run>) => ({ known: {}, leftOut: {}, rules: [], runs })
const replayed = (policy: Policy.Policy, runs: ReadonlyArray<Run>, limits: Readonly<Record<string, number>> = {}) =>
  Replay.replay(policy, runs, {
    end: runs.at(-1)?.at ?? 0,
    limits: new Map(Object.entries(limits)),
    unit: "attempts"
  })

describe("A comparison, line by line (SPEC.md BT)", () => {
  it("[BT6] says how much it rests on", () => {
    const list = [
      run(1, 3, 2),
      run(2, 0, 0, { ecosystem: "stranger", made: false }),
      run(3, 4, 0, { ecosystem: "stranger" }),
      run(4, 0, 0, { made: false }),
      run(5, 0, 0, { made: false })
    ]
    const old = policyWith({ batch_size: 7 })
    const compared = Backtest.compare({ new: policyWith({ batch_size: 9 }, ["npm", "pypi"]), old }, recordOf(list))
    assert.deepEqual(
      compared.lines.map(({ ecosystem, isStranger, limit, runs, unmade }) => [
        ecosystem,
        isStranger,
        limit,
        runs,
        unmade
      ]),
      [
        ["npm", false, 9, 3, 2],
        ["stranger", true, 9, 2, 1]
      ]
    )
    const { attempts, end, filled, first, held, runs } = compared
    assert.deepEqual([attempts, first, end, runs, held, filled], [9, AT + HOUR, AT + 5 * HOUR, 5, 3, 0])
    const known = Backtest.compare({ new: policyWith({}, ["stranger"]), old }, recordOf(list))
    assert.deepEqual(
      known.lines.map(({ isStranger }) => isStranger),
      [false, false]
    )
    const empty = Backtest.compare({ new: old, old }, recordOf([]))
    assert.deepEqual([empty.lines, empty.attempts, empty.first, empty.end, empty.runs], [[], 0, 0, 0, 0])
  })

  it("[BT6] names the earliest of the lines' divergences", () => {
    const names = ["npm", "pypi"]
    const list = [run(0, 0, 10, { ecosystem: "pypi" }), run(1, 0, 10), run(2, 0, 1, { ecosystem: "pypi" })]
    const next = policyWith({ breaker: { threshold: 0 } }, names)
    const compared = Backtest.compare({ new: next, old: policyWith({}, names) }, recordOf(list))
    assert.deepEqual([compared.divergence?.ecosystem, compared.divergence?.at], ["pypi", AT])
    assert.equal(compared.lines[0]?.divergence?.at, AT + HOUR)
  })

  it("[BT6] what may have been is no difference for one with the same rules, unless the budget may reach it", () => {
    const names = ["npm", "pypi"]
    const own = { npm: { breaker: { threshold: 0 } }, pypi: {} }
    const policies = { new: policyWith({ ecosystems: own }, names), old: policyWith({}, names) }
    const unknown = [
      run(0, 0, 10),
      run(1, 10, 0, { ecosystem: "pypi" }),
      run(2, 0, 0, { ecosystem: "pypi", made: false })
    ]
    const found = Backtest.compare(policies, recordOf(unknown))
    assert.deepEqual(
      found.lines.map(({ divergence }) => divergence?.at),
      [AT, undefined]
    )
    const budget = policyWith({ budget: { caps: { macos: 100 }, reserve: { macos: 20 } } })
    const perhaps = [run(0, 0, 0, { made: false, minutes: { macos: 90 } }), run(1, 1, 0, { minutes: { macos: 1 } })]
    assert.equal(Backtest.compare({ new: budget, old: budget }, recordOf(perhaps)).divergence, undefined)
  })

  it("[BT6] what may have been is a difference where the old policy counted runs", () => {
    const policy = policyWith({ breaker: { minimum_attempts: 1, window: 1 } })
    const list = [run(0, 0, 0, { made: false })]
    const both = { new: policy, old: policy }
    assert.equal(Backtest.compare(both, recordOf(list)).divergence, undefined)
    assert.deepEqual(Backtest.compare(both, recordOf(list), "runs").divergence, {
      at: AT,
      ecosystem: "npm",
      new: ["run", "run and trip"],
      old: ["run", "run and trip"]
    })
  })
})

describe("A replay, hour by hour (SPEC.md BT)", () => {
  it("[BT1] knows where a breaker cooled down, and for how long it was not closed", () => {
    const policy = policyWith({ breaker: { cool_down_minutes: 120, cool_down_multiplier: 1 } })
    // Trips at 1; asked at 2 and held; the probe at 4 fails; the one at 6 passes.
    const list = [run(0, 5, 0), run(1, 0, 9), run(2, 1, 0), run(4, 0, 1), run(6, 1, 0), run(8, 1, 0)]
    const { courses, decisions } = replayed(policy, list)
    const course = courses.get("npm")
    const { CLOSED, HELD, PROBED, RAN, TRIPPED } = Branch
    assert.deepEqual([...decisions], [RAN, TRIPPED, HELD, PROBED, CLOSED, RAN])
    const hour = (from: number, to: number) => ({ from: AT + from * HOUR, to: AT + to * HOUR })
    assert.deepEqual(course?.held, [hour(1, 3), hour(4, 6)])
    assert.deepEqual([course?.tally.low.openMillis, course?.tally.high.openMillis], [5 * HOUR, 5 * HOUR])
    assert.deepEqual([course?.uncertainFrom, course?.lostFrom], [undefined, undefined])
    const watched = replayed(policyWith({ breaker: { mode: "observe" } }), list).courses.get("npm")
    assert.deepEqual(watched?.held, [])
  })

  it("[BT1] counts the time to the end of the record, and answers by name", () => {
    const policy = policyWith({}, ["npm", "pypi", "homebrew"])
    const list = [
      run(0, 0, 10, { ecosystem: "pypi" }),
      run(1, 1, 0),
      run(2, 1, 0, { ecosystem: "homebrew" }),
      run(2.5, 4, 3, { ecosystem: "stranger" })
    ]
    const { courses, decisions } = replayed(policy, list)
    assert.deepEqual([...courses.keys()], ["homebrew", "npm", "pypi", "stranger"])
    assert.equal(courses.get("pypi")?.tally.low.openMillis, 2.5 * HOUR)
    assert.equal(courses.get("npm")?.tally.low.openMillis, 0)
    assert.equal(decisions[3], Branch.HELD)
    const { attemptsRefused, heldByBudget, runsHeld } = courses.get("stranger")?.tally.low ?? {}
    assert.deepEqual([attemptsRefused, heldByBudget, runsHeld], [7, 0, 1])
  })

  it("[BT3] once it is lost, each run may have been anything", () => {
    const policy = policyWith({
      breaker: {
        cool_down_cap_minutes: 9999,
        cool_down_minutes: 1,
        cool_down_multiplier: 1.1,
        threshold: 1,
        window: 1
      }
    })
    const unmade = Array.from({ length: 100 }, (_, index) =>
      run(index / 6, 0, 0, { made: false, minutes: { macos: 1 } })
    )
    const more = [run(20, 3, 2, { minutes: { macos: 4 } }), run(21, 0, 0, { made: false, minutes: { macos: 1 } })]
    const lost = replayed(policy, unmade, { npm: 1 }).courses.get("npm")
    const after = replayed(policy, [...unmade, ...more], { npm: 1 })
    const course = after.courses.get("npm")
    assert.ok(lost?.lostFrom !== undefined && lost.lostFrom === course?.lostFrom)
    const [before, then] = [lost.tally.high, course.tally.high]
    const grown = Object.entries(then).map(([key, value]) => [
      key,
      value - (Object.entries(before).find(([name]) => name === key)?.[1] ?? 0)
    ])
    assert.deepEqual(Object.fromEntries(grown), {
      attemptsAdmitted: 6,
      attemptsRefused: 5,
      closings: 2,
      heldByBudget: 2,
      minutes: 5,
      openMillis: 4.5 * HOUR,
      probes: 2,
      runsAdmitted: 2,
      runsHeld: 2,
      trips: 2,
      wastedProbes: 2
    })
    assert.deepEqual(course.tally.low, lost.tally.low)
    assert.equal(after.decisions.at(-1), Branch.ADMITTED | Branch.HELD | Branch.HELD_BY_BUDGET)
  })
})
