import { strict as assert } from "node:assert"
import * as Branch from "@batchbrake/core/forecast/Branch"
import type { Run } from "@batchbrake/core/forecast/History"
import * as Outcomes from "@batchbrake/core/forecast/Outcomes"
import * as Pace from "@batchbrake/core/forecast/Pace"
import * as Spending from "@batchbrake/core/forecast/Spending"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { WEEK } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { AT, POLICY, policyWith, run } from "./week.ts"

describe("What a replay spends (SPEC.md BT)", () => {
  const { HELD, HELD_BY_BUDGET, RAN } = Branch
  const begun = (): Spending.Spending => {
    const spending = Spending.begin()
    Spending.passTime(POLICY, spending, AT)
    return spending
  }
  const says = (spending: Spending.Spending) => {
    const { admits, refuses } = Spending.ask(POLICY, spending, AT)
    return [admits, refuses]
  }

  it("[BT1] is refused where a reservation no longer fits below the pause line", () => {
    // The line of macos is at 95.
    for (const [used, refuses] of [
      [74, false],
      [75, false],
      [76, true]
    ] as const) {
      const spending = begun()
      assert.deepEqual(says(spending), [true, false])
      Spending.add(spending, RAN, true, { macos: used })
      assert.deepEqual(says(spending), [!refuses, refuses], String(used))
      assert.deepEqual(spending.held, refuses ? [{ from: AT, to: AT + WEEK }] : [])
    }
  })

  it("[BT2] lies between what is certain and what may have been", () => {
    const spending = begun()
    const used = () => [spending.low.macos ?? 0, spending.high.macos ?? 0]
    Spending.add(spending, RAN, true, { macos: 10 })
    assert.deepEqual([used(), spending.low === spending.high], [[10, 10], true])
    Spending.add(spending, HELD, true, { macos: 10 })
    Spending.add(spending, RAN, true, { macos: 0 })
    assert.deepEqual([used(), spending.low === spending.high], [[10, 10], true])
    Spending.add(spending, RAN, false, { macos: 5 })
    assert.deepEqual(used(), [10, 15])
    Spending.add(spending, RAN | HELD, true, { macos: 5 })
    Spending.add(spending, RAN | HELD_BY_BUDGET, true, { macos: 5 })
    assert.deepEqual(used(), [10, 25])
    Spending.add(spending, RAN, true, { linux: 3, macos: 30 })
    assert.deepEqual(used(), [40, 55])
    assert.deepEqual(says(spending), [true, false])
    Spending.add(spending, RAN | HELD, true, { macos: 30 })
    assert.deepEqual(
      [used(), says(spending)],
      [
        [40, 85],
        [true, true]
      ]
    )
    Spending.add(spending, RAN, true, { macos: 40 })
    assert.deepEqual([used(), says(spending), spending.held.length], [[80, 125], [false, true], 1])
  })

  it("[BT1] is forgotten with the week, and what was held is not", () => {
    const spending = begun()
    Spending.add(spending, RAN, true, { macos: 99 })
    assert.deepEqual(says(spending), [false, true])
    Spending.passTime(POLICY, spending, AT + WEEK - 1)
    assert.deepEqual(says(spending), [false, true])
    Spending.passTime(POLICY, spending, AT + WEEK)
    assert.deepEqual([says(spending), spending.held.length, spending.low], [[true, false], 1, {}])
    Spending.passTime(POLICY, spending, AT)
    assert.equal(spending.weekStart, AT + WEEK)
    assert.deepEqual(Spending.begin().held, [])
  })

  it("[BT1] of a run that states nothing is its reservation", () => {
    assert.deepEqual(Spending.minutesOf(POLICY, run(0)), { macos: 0 })
    for (const minutes of [undefined, {}]) {
      assert.deepEqual(Spending.minutesOf(POLICY, run(0, 0, 0, { minutes })), { linux: 10, macos: 20 })
    }
    assert.equal(Spending.total({ linux: 3, macos: 4 }), 7)
    assert.equal(Spending.total({}), 0)
  })
})

describe("What a run came to (SPEC.md BT)", () => {
  const own = (more: JsonObject = {}): Policy.EcosystemPolicy => {
    const found = Policy.ecosystemOf(policyWith({ breaker: more }), "npm")
    assert.ok(found !== undefined)
    return found
  }
  const probes = (attempts: Run["attempts"], probe: number): ReadonlyArray<string> =>
    Outcomes.ofRecorded(POLICY, run(0, 0, 0, { attempts }), own({ probe_attempts: probe }), "attempts").probes()
  const bare = (passed: number, failed: number) => ({ failed, passed, skipped: 1 })

  it("[BT2] of bare counts a probe may have met passes alone, where there were as many as it takes", () => {
    assert.deepEqual(probes(bare(2, 1), 2), ["PP", "FPP"])
    assert.deepEqual(probes(bare(1, 1), 2), ["FP"])
    assert.deepEqual(probes(bare(3, 0), 2), ["PPP"])
    assert.deepEqual(probes({ categories: {}, results: "PPPF" }, 2), ["PPPF"])
  })

  it("[BT4] as one attempt is what most of its attempts were", () => {
    const whole = (passed: number, failed: number) => {
      const {
        attempts,
        closed,
        minutes,
        probes: of
      } = Outcomes.ofRecorded(POLICY, run(0, passed, failed, { minutes: { linux: 3, macos: 4 } }), own(), "runs")
      return [attempts, closed, minutes, of()]
    }
    assert.deepEqual(whole(1, 1), [2, "P", 7, ["P"]])
    assert.deepEqual(whole(1, 2), [3, "F", 7, ["F"]])
    assert.deepEqual(whole(0, 0), [0, "", 7, [""]])
  })

  it("[BT2] that was never made may be so many attempts, counted or not", () => {
    const of = (unit: Outcomes.Unit, attempts: number, categories: ReadonlyArray<string> = []) => {
      const limits = Outcomes.ofUnmade(POLICY, run(0), own({ ignore_categories: [...categories] }), unit, attempts)
      return [limits.attempts, limits.counted, limits.hasUncounted, limits.minutes]
    }
    assert.deepEqual(of("attempts", 7), [7, 7, false, 0])
    assert.deepEqual(of("attempts", 7, ["network"]), [7, 7, true, 0])
    assert.deepEqual(
      [of("runs", 7), of("runs", 0)],
      [
        [7, 1, true, 0],
        [0, 0, true, 0]
      ]
    )
  })
})

describe("How often ecosystems ran (SPEC.md FO)", () => {
  const paceOf = (runs: ReadonlyArray<Run>) => [...Pace.of({ known: {}, leftOut: {}, rules: [], runs })]

  it("is runs a week from the first to the last, and their mean attempts", () => {
    assert.deepEqual(paceOf([run(0, 2, 1), run(1, 9, 9, { ecosystem: "homebrew" }), run(84, 1, 0), run(168, 4, 0)]), [
      ["npm", { attemptsPerRun: 3, runsPerWeek: 2 }]
    ])
    assert.deepEqual(paceOf([run(0, 1, 0), run(0.5, 0, 0), run(1, 2, 0), run(2, 9, 9, { made: false })]), [
      ["npm", { attemptsPerRun: 2, runsPerWeek: 168 }]
    ])
    assert.deepEqual(paceOf([run(3, 1, 0), run(3, 1, 0)]), [])
    assert.deepEqual(paceOf([]), [])
  })
})
