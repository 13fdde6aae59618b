import { strict as assert } from "node:assert"
import * as History from "@batchbrake/core/forecast/History"
import * as RecordedRow from "@batchbrake/core/forecast/RecordedRow"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { HOUR, parse } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const AT = parse("2026-03-02T00:00:00Z") ?? 0
const ROW: JsonObject = {
  after: "closed/0",
  at: "2026-03-02T00:00:00Z",
  before: "closed/0",
  ecosystem: "npm",
  outcome: "success"
}

const rowOf = (more: JsonObject): RecordedRow.Row => Result.getOrThrow(RecordedRow.fromJson({ ...ROW, ...more }))
const isRow = (more: JsonObject): boolean => Result.isSuccess(RecordedRow.fromJson({ ...ROW, ...more }))

describe("A recorded row (SPEC.md BT)", () => {
  it.each<[string, JsonObject, readonly [number, number, number], RecordedRow.Row["known"]]>([
    ["exact counts", { blocked: 3, counts: "exact", failed: 2, merged: 9, succeeded: 1 }, [1, 2, 3], "exact"],
    ["exact counts of nothing", { counts: "exact" }, [0, 0, 0], "exact"],
    ["nothing at all, whatever it says", { counts: "exact", failed: 2, vacuous: true }, [0, 0, 0], "exact"],
    ["what is not said to be vacuous", { counts: "exact", failed: 2, vacuous: false }, [0, 2, 0], "exact"],
    ["a failure as a whole", { attempted: 4, counts: "inferred", outcome: "failure" }, [0, 4, 0], "inferred"],
    ["a success of blocked ones", { attempted: 4, counts: "inferred" }, [0, 0, 4], "inferred"],
    ["inferred counts of nothing", { counts: "inferred" }, [0, 0, 0], "inferred"],
    ["merges without counts", { merged: 1, outcome: "failure" }, [1, 0, 0], "merged"],
    ["a failure without counts", { merged: 0, outcome: "failure" }, [0, 1, 0], "verdict"],
    ["a success without counts", { attempted: 4, failed: 2 }, [0, 0, 0], "nothing"]
  ])("is read by what it knows: %s", (_, more, [passed, failed, skipped], known) => {
    assert.deepEqual(rowOf(more), {
      at: AT,
      attempts: { failed, passed, skipped },
      ecosystem: "npm",
      isOpen: false,
      known,
      lost: false,
      outcome: more.outcome ?? "success",
      wasOpen: false
    })
  })

  it("says whether it was on hold before and after, and whether its change was kept", () => {
    const { isOpen, lost, wasOpen } = rowOf({ after: "half-open/2", before: "open/11", persisted: false })
    assert.deepEqual([wasOpen, isOpen, lost], [true, true, true])
    assert.equal(rowOf({ persisted: true }).lost, false)
    for (const state of ["closed", "closed/", "closed/x", "xclosed/0", "closed/0x", "shut/0"]) {
      assert.ok(!isRow({ before: state }) && !isRow({ after: state }), state)
    }
    assert.ok(isRow({ more: "keys are of others" }))
    for (const key of ["attempted", "blocked", "failed", "merged", "succeeded"]) assert.ok(!isRow({ [key]: -1 }), key)
    assert.ok(!isRow({ counts: "guessed" }) && !isRow({ outcome: "gone" }) && !isRow({ vacuous: 1 }))
  })

  it("stands for a run where one took place and was remembered", () => {
    const runs = ["success", "failure", "manual", "skipped-open"].map((outcome) =>
      RecordedRow.isRun(rowOf({ outcome }))
    )
    assert.deepEqual(runs, [true, true, false, false])
    assert.equal(RecordedRow.isRun(rowOf({ persisted: false })), false)
  })

  it("comes in the order of its time, blank lines aside, and the first fault names its line", () => {
    const at = (hour: number): string => JSON.stringify({ ...ROW, at: `2026-03-02T0${hour}:00:00Z` })
    const rows = Result.getOrThrow(RecordedRow.parseRows(`\n${at(3)}\n  \n${at(1)}\n${at(2)}`))
    assert.deepEqual(
      rows.map((row) => (row.at - AT) / HOUR),
      [1, 2, 3]
    )
    assert.deepEqual(Result.getOrThrow(RecordedRow.parseRows("")), [])
    const pathOf = (line: string): string | undefined => {
      const found = RecordedRow.parseRows(`${at(1)}\n\n${line}\n{`)
      return Result.isFailure(found) ? found.failure.path : undefined
    }
    assert.deepEqual([pathOf("{"), pathOf("[]"), pathOf('{"at":1}')], ["line 3", "line 3", "line 3, after"])
    const bare = RecordedRow.parseLines("1", () => Result.fail([]))
    assert.deepEqual(bare, Result.fail({ expected: "a recorded attempt", found: "something else", path: "line 1" }))
  })

  it("has its rule stated, a line each, whenever one is in a history", () => {
    const rulesOf = (more: JsonObject) => Result.getOrThrow(History.parse(JSON.stringify({ ...ROW, ...more }))).rules
    const rules = rulesOf({})
    assert.equal(rules.length, 8)
    assert.equal(rules[0], RecordedRow.RULE.split("\n")[0])
    assert.ok(rules.every((rule) => rule === rule.trim() && rule !== "" && !rule.includes("  ")))
    assert.ok(rules[1]?.endsWith("a successful one had only blocked recipes, so no counted attempt"))
    assert.deepEqual(rulesOf({ persisted: false }), rules)
    assert.deepEqual(rulesOf({ counts: "exact" }), [])
    const exact = JSON.stringify({ ...ROW, counts: "exact" })
    for (const more of [{}, { counts: "exact", persisted: false }]) {
      const history = History.parse(`${exact}\n${JSON.stringify({ ...ROW, ...more })}`)
      assert.deepEqual(Result.getOrThrow(history).rules, rules)
    }
  })
})

describe("A line of a history (SPEC.md BT)", () => {
  const LINE: JsonObject = { at: "2026-03-02T00:00:00Z", ecosystem: "npm" }
  const read = (more: JsonObject) => History.parse(JSON.stringify({ ...LINE, ...more }))
  const faultOf = (more: JsonObject) => {
    const found = read(more)
    assert.ok(Result.isFailure(found))
    return [found.failure.path, found.failure.found, found.failure.expected]
  }
  const runOf = (more: JsonObject) => Result.getOrThrow(read(more)).runs[0]

  it("is a run with its attempts as they are given", () => {
    const run = { at: AT, ecosystem: "npm", made: true, minutes: undefined }
    assert.deepEqual(runOf({}), { ...run, attempts: { failed: 0, passed: 0, skipped: 0 } })
    assert.deepEqual(runOf({ failed: 1, passed: 2, skipped: 3 })?.attempts, { failed: 1, passed: 2, skipped: 3 })
    assert.deepEqual(runOf({ held: false, results: "" }), { ...run, attempts: { categories: {}, results: "" } })
    const held = { failed: 0, held: true, passed: 0, skipped: 0 }
    assert.deepEqual(runOf(held), { ...run, attempts: { failed: 0, passed: 0, skipped: 0 }, made: false })
    assert.deepEqual(runOf({ held: true, results: "" })?.made, false)
  })

  it("that contradicts itself is refused with what it says and what it may", () => {
    const inOrder = "no such key beside results, which has the attempts in order"
    assert.deepEqual(faultOf({ results: "P", skipped: 0 }), ["line 1, skipped", "0", inOrder])
    assert.deepEqual(faultOf({ failed: 2, passed: 1, results: "P" }), ["line 1, passed", "1", inOrder])
    assert.deepEqual(faultOf({ categories: {} }), [
      "line 1, categories",
      "categories without results",
      "results, of which they name places"
    ])
    const place = "the place of an F in results, from 0"
    const categories = { flaky: [1], network: [1, 0] }
    assert.deepEqual(faultOf({ categories, results: "PF" }), ["line 1, categories.network[1]", "0", place])
    assert.deepEqual(faultOf({ categories: { flaky: [0] }, results: "" }), ["line 1, categories.flaky[0]", "0", place])
    assert.deepEqual(runOf({ categories: { flaky: [1] }, results: "PF" })?.attempts, {
      categories: { flaky: [1] },
      results: "PF"
    })
    const nothing = "nothing: a run that was held had no attempts"
    assert.deepEqual(faultOf({ held: true, passed: 0, skipped: 3 }), ["line 1, skipped", "3", nothing])
    assert.deepEqual(faultOf({ held: true, results: "S" }), ["line 1, results", '"S"', nothing])
  })

  it.each(["XPFS", "PFSX", "pfs", "P F"])("has no results but P, F and S: %j", (results) => {
    assert.equal(faultOf({ results })[2], "a text of P, F and S")
  })

  it("has at most as many attempts as a run may have, counted together", () => {
    const expected = "at most 100000 attempts a run"
    assert.deepEqual(runOf({ failed: 40_000, passed: 59_999, skipped: 1 })?.attempts, {
      failed: 40_000,
      passed: 59_999,
      skipped: 1
    })
    assert.deepEqual(faultOf({ failed: 40_000, passed: 60_000, skipped: 1 }), ["line 1, passed", "100001", expected])
    assert.deepEqual(faultOf({ results: "S".repeat(100_001) }), ["line 1, results", "100001", expected])
  })
})

describe("A control branch's own history (SPEC.md BT)", () => {
  const completed = (runKey: string, ecosystem = "npm", failed = 1) =>
    ({
      _tag: "RunCompleted",
      at: AT,
      attempts: { failed, passed: 0, skipped: 0 },
      author: "ci",
      ecosystem,
      runKey
    }) as const

  it("has the runs of each ecosystem, the newest report of each, and what was done by hand apart", () => {
    const { known, leftOut, rules, runs } = History.fromEvents([
      completed("1"),
      completed("1", "homebrew"),
      completed("1", "npm", 2),
      { _tag: "RunAdmitted", at: AT, author: "ci", ecosystem: "npm", runKey: "2" },
      { _tag: "BreakerReset", at: AT, author: "o", ecosystem: "npm", id: "1", reason: "r" },
      { _tag: "Resumed", at: AT, author: "o", id: "2", scope: "*" }
    ])
    assert.deepEqual(
      runs.map(({ attempts, ecosystem, made }) => [ecosystem, attempts, made]),
      [
        ["npm", { failed: 2, passed: 0, skipped: 0 }, true],
        ["homebrew", { failed: 1, passed: 0, skipped: 0 }, true]
      ]
    )
    assert.deepEqual([known, leftOut, rules], [{ exact: 2 }, { "by-hand": 2 }, []])
    assert.deepEqual(History.fromEvents([]), { known: {}, leftOut: {}, rules: [], runs: [] })
    const hand = { at: AT, author: "o", id: "1", reason: "r" }
    const { leftOut: byHand } = History.fromEvents([
      { ...hand, _tag: "Paused", autoResume: false, scope: "*" },
      { ...hand, _tag: "BudgetAdjusted", minutes: {} },
      { ...hand, _tag: "HandEditAdopted", control: {} }
    ])
    assert.deepEqual(byHand, { "by-hand": 3 })
  })
})
