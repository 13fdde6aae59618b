import { strict as assert } from "node:assert"
import * as ControlEvent from "@batchbrake/core/control/ControlEvent"
import * as RunReports from "@batchbrake/core/control/RunReports"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const ORIGIN = { at: MONDAY, author: "ci" }
const run: JsonObject = { ecosystem: "npm", run_key: "run" }
const read = (...lines: ReadonlyArray<string | JsonObject>) =>
  RunReports.parse(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"), ORIGIN)
const reportsOf = (...lines: ReadonlyArray<string | JsonObject>): ReadonlyArray<RunReports.RunReport> =>
  Result.getOrThrow(read(...lines))
/** The event that a line comes to, as the log has it, and where its results cannot be read. */
const endOf = (more: JsonObject): readonly [JsonObject, ReadonlyArray<string>] => {
  const [report] = reportsOf({ ...run, ...more })
  assert.ok(report)
  const { at: _at, author: _author, ...end } = ControlEvent.toJson(report.end)
  return [end, report.faults.map(({ path }) => path)]
}
const faultsOf = (...lines: ReadonlyArray<string | JsonObject>): ReadonlyArray<string> =>
  Result.match(read(...lines), {
    onFailure: (faults) => faults.map(({ expected, found, path }) => `${path}: ${found} / ${expected}`),
    onSuccess: () => []
  })

const passed = '{"recipe":"a","status":"passed","duration_seconds":3,"weight":2}'
const job = '{"job":"j","platform":"macos","duration_seconds":61}'
const completed: JsonObject = { ecosystem: "npm", run_key: "run", type: "RunCompleted" }
const givenBack: JsonObject = { ecosystem: "npm", run_key: "run", type: "RunAbandoned" }
const WAYS = "another number of ways / one of: results; passed and failed; abandoned, to say how the run ended"

describe("RunReports (SPEC.md RE)", () => {
  it.each<[JsonObject, JsonObject]>([
    [
      { failed: 1, passed: 2 },
      { ...completed, attempts: { failed: 1, passed: 2, skipped: 0 } }
    ],
    [
      { failed: 0, passed: 0, skipped: 3 },
      { ...completed, attempts: { failed: 0, passed: 0, skipped: 3 } }
    ],
    [
      {
        batch: "2026-11-23-001",
        failed: 0,
        minutes: ["linux=2.5", "linux=1"],
        passed: 1,
        started: "2026-11-22T23:00:00Z"
      },
      {
        ...completed,
        attempts: { failed: 0, passed: 1, skipped: 0 },
        batch: "2026-11-23-001",
        minutes: { linux: 4 },
        started_at: "2026-11-22T23:00:00Z"
      }
    ],
    [
      { results: `${passed}\n${job}` },
      {
        ...completed,
        attempts: { categories: {}, results: "P" },
        duration_seconds: 3,
        minutes: { macos: 2 },
        weighted: { failed: 0, passed: 2 }
      }
    ],
    [{ results: "" }, { ...completed, attempts: { categories: {}, results: "" } }],
    [
      { minutes: ["macos=1"], results: '{"recipe":"a","status":"failed"}' },
      { ...completed, attempts: { categories: {}, results: "F" }, minutes: { macos: 1 } }
    ],
    [
      { abandoned: true, minutes: ["macos=0"] },
      { ...givenBack, minutes: { macos: 0 } }
    ],
    [{ abandoned: true }, givenBack]
  ])("a run that says %j comes to one event", (more, end) => {
    assert.deepEqual(endOf(more), [end, []])
  })

  it("results that cannot be read, or are stated twice, give the grant of their run back, and stop no other", () => {
    assert.deepEqual(endOf({ minutes: ["linux=1"], results: "{" })[0], { ...givenBack, minutes: { linux: 1 } })
    assert.deepEqual(endOf({ minutes: ["linux=1"], results: job }), [
      { ...givenBack, minutes: { linux: 1 } },
      ["minutes"]
    ])
    assert.deepEqual(endOf({ results: '{"recipe":"a"}' })[1], ["line 1, status"])
    const reports = reportsOf({ ...run, results: "{" }, "", "  ", { ...run, failed: 0, passed: 1, run_key: "other" })
    assert.deepEqual(
      reports.map(({ end, faults, results }) => [end._tag, faults.length, results.length]),
      [
        ["RunAbandoned", 1, 0],
        ["RunCompleted", 0, 0]
      ]
    )
    assert.deepEqual(reports[1]?.end.at, MONDAY)
    const kept = reportsOf({ ...run, results: passed })[0]?.results.map(({ recipe, weight }) => [recipe, weight])
    assert.deepEqual(kept, [["a", 2]])
  })

  it("a line that says how a run ended in no way, by half, or in two ways fails them all, and is named", () => {
    const lines = [
      {},
      { passed: 1 },
      { failed: 1 },
      { skipped: 1 },
      { passed: 1, skipped: 1 },
      { abandoned: true, results: "" },
      { abandoned: true, failed: 0, passed: 0 },
      { failed: 0, passed: 0, results: "" },
      { abandoned: true, skipped: 1 }
    ]
    const good = { ...run, failed: 0, passed: 1 }
    for (const more of lines) assert.deepEqual(faultsOf(good, { ...run, ...more }), [`line 2: ${WAYS}`])
    assert.deepEqual(faultsOf(good, "", { ...good, minutes: ["macos"] }), [
      'line 3, minutes: "macos", expected PLATFORM=MINUTES, such as macos=12.5 / minutes'
    ])
    assert.deepEqual(
      faultsOf({ ...good, odd: 1 }, "{").map((fault) => fault.slice(0, fault.indexOf(":"))),
      ["line 1, odd", "line 2"]
    )
  })

  it("a report is its event and what it says of each recipe, and nothing else", () => {
    const origin = { ...ORIGIN, ecosystem: "npm", runKey: "run" }
    const attempts = { failed: 0, passed: 1, skipped: 0 }
    const line = { ...run, failed: 0, passed: 1 }
    assert.deepEqual(reportsOf(line, { ...run, abandoned: true }), [
      { end: { ...origin, _tag: "RunCompleted", attempts }, faults: [], notices: [], results: [] },
      { end: { ...origin, _tag: "RunAbandoned" }, faults: [], notices: [], results: [] }
    ])
    const started = { started: "2026-11-23T00:00:00Z" }
    const end = { ...origin, _tag: "RunCompleted" as const, attempts, startedAt: MONDAY }
    assert.deepEqual(reportsOf({ ...line, ...started }), [{ end, faults: [], notices: [], results: [] }])
  })

  it("a run that says what cannot be true gives its grant back, says what is wrong, and keeps no results", () => {
    const later = { started: "2026-11-23T00:00:00.001Z" }
    const reports = reportsOf(
      { ...run, ...later, results: passed },
      { ...run, ...later, failed: 0, minutes: ["linux=1"], passed: 1 }
    )
    const fault = {
      expected: "an instant at or before completed_at (2026-11-23T00:00:00Z)",
      found: '"2026-11-23T00:00:00.001Z"',
      path: "started_at"
    }
    const end = { ...ORIGIN, _tag: "RunAbandoned" as const, ecosystem: "npm", runKey: "run" }
    assert.deepEqual(reports, [
      { end, faults: [fault], notices: [], results: [] },
      { end: { ...end, minutes: { linux: 1 } }, faults: [fault], notices: [], results: [] }
    ])
  })

  it("one count beside another way is one way too many, whichever count it is", () => {
    for (const count of ["passed", "failed", "skipped"]) {
      for (const way of [{ results: "" }, { abandoned: true }]) {
        assert.deepEqual(faultsOf({ ...run, ...way, [count]: 0 }), [`line 1: ${WAYS}`])
      }
    }
    assert.deepEqual(faultsOf("3", "[]"), ["line 1: 3 / RunReport", "line 2: [] / RunReport"])
  })

  it("[JU13] what the forge knows of a run is a warning that names the run", () => {
    const measured = { isBroken: true, isPartial: true, minutes: {} }
    const results = `${passed}\n{"recipe":"b`
    const [report] = Result.getOrThrow(RunReports.parse(JSON.stringify({ ...run, results }), ORIGIN, () => measured))
    assert.deepEqual(report?.notices, [
      {
        code: "results-cut",
        message: "npm run: its job was stopped within the last line of its results, which is left out",
        severity: "warning"
      },
      {
        code: "minutes-unmeasured",
        message: "npm run: its job ran where nobody says on what platform, and states no minutes",
        severity: "warning"
      }
    ])
  })
})
