/** Events as the lines of the log that hold them: each key by its name, what is refused, and which trailers count. */
import { strict as assert } from "node:assert"
import * as ControlEvent from "@batchbrake/core/control/ControlEvent"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const NOON = "2026-11-23T12:00:00Z"
const AT = Date.UTC(2026, 10, 23, 12)
const ORIGIN = { at: NOON, author: "ci" }
const RUN = { ...ORIGIN, ecosystem: "npm", run_key: "k" }
const BATCH = { ...ORIGIN, batch: "2026-11-23-001", digest: "d" }
const ADMITTED = { ...RUN, type: "RunAdmitted", batch: "b", max_attempts: 3, probe_recipes: ["a"] }
const COMPLETED = {
  ...RUN,
  type: "RunCompleted",
  attempts: { categories: { flaky: [1] }, results: "PFS" },
  duration_seconds: 1.5,
  minutes: { linux: 2 },
  started_at: NOON,
  weighted: { failed: -0.5, passed: 7 }
}
const PAUSED = {
  ...ORIGIN,
  type: "Paused",
  auto_resume: true,
  category: "c",
  expected_resume: NOON,
  id: "x",
  incident_url: "u",
  reason: "r",
  scope: "npm"
}
const PROPOSED = { ...BATCH, type: "BatchProposed", commit: "c", id: "x", pull_request: "7" }
const OPENED = { ...BATCH, type: "BatchOpened", ecosystems: ["npm"] }
const MOVED = { aliases: ["v1"], batch: "2026-11-23-002", commit: "c", digest: "d" }
const ADOPTED = { ...ORIGIN, type: "BatchAdopted", batches: [MOVED], id: "x" }
const RESUMED = { ...ORIGIN, type: "Resumed", id: "x", scope: "everything" }
const LINES: ReadonlyArray<JsonObject> = [ADMITTED, COMPLETED, PAUSED, PROPOSED, OPENED, ADOPTED, RESUMED]

const read = (line: JsonObject): ControlEvent.ControlEvent =>
  Result.getOrThrowWith(ControlEvent.fromJson(line), (faults) => new Error(JSON.stringify(faults)))
const isRefused = (line: JsonObject): boolean => Result.isFailure(ControlEvent.fromJson(line))

describe("The lines of the log (SPEC.md EV)", () => {
  it("[EV9] each key of an event stands in the log by its own name", () => {
    for (const line of LINES) assert.deepEqual(ControlEvent.toJson(read(line)), line)
    assert.deepEqual(read(PAUSED), {
      _tag: "Paused",
      at: AT,
      author: "ci",
      autoResume: true,
      category: "c",
      expectedResume: AT,
      id: "x",
      incidentUrl: "u",
      reason: "r",
      scope: "npm"
    })
    const { run_key: _key, ...admitted } = ADMITTED
    assert.ok(isRefused({ ...admitted, runKey: "k" }))
  })

  it("an event with a value that its field cannot have is refused", () => {
    const bare = { failed: 1, passed: 0, skipped: 0 }
    assert.ok(!isRefused({ ...COMPLETED, attempts: bare }))
    const ordered = (results: string) => ({ ...COMPLETED, attempts: { categories: {}, results } })
    assert.ok(!isRefused(ordered("")))
    const attempts = [{ ...bare, failed: -1 }, { passed: 0, skipped: 0 }, { results: "P" }, { categories: {} }, {}, 7]
    const faulty: ReadonlyArray<JsonObject> = [
      ...["XP", "PX", "P F"].map(ordered),
      ...attempts.map((wrong) => ({ ...COMPLETED, attempts: wrong })),
      ...[{}, { passed: 1 }, { failed: 1, passed: "1" }, 7].map((weighted) => ({ ...COMPLETED, weighted })),
      ...["", "!npm", "npm!", "**", "* "].flatMap((scope) => [
        { ...PAUSED, scope },
        { ...RESUMED, scope }
      ]),
      ...["", "2026-11-23", "2026-11-31-001"].flatMap((batch) => [
        { ...OPENED, batch },
        { ...ADOPTED, batches: [{ ...MOVED, batch }] }
      ]),
      ...[{}, 7, { ...MOVED, aliases: "v1" }].map((batch) => ({ ...ADOPTED, batches: [batch] }))
    ]
    for (const line of faulty) assert.ok(isRefused(line), JSON.stringify(line))
  })

  it("an event's own ID has 1 to 200 letters, digits, dots and dashes, and nothing else before or behind them", () => {
    for (const id of ["a", "-.A_9", "x".repeat(200)]) assert.ok(!isRefused({ ...RESUMED, id }), id)
    for (const id of ["", " a", "a ", "a\n", "é", "x".repeat(201)]) assert.ok(isRefused({ ...RESUMED, id }), id)
  })

  it("[EV3] an event is about the batch that it changes, or all that it adopts, and a run's about none", () => {
    const second = { ...MOVED, batch: "2026-11-23-003" }
    const about = [OPENED, PROPOSED, { ...ADOPTED, batches: [MOVED, second] }, ADMITTED, COMPLETED, PAUSED, RESUMED]
    assert.deepEqual(
      about.map((line) => ControlEvent.batchesOf(read(line)).join(" ")),
      ["2026-11-23-001", "2026-11-23-001", "2026-11-23-002 2026-11-23-003", "", "", "", ""]
    )
  })
})

const render = (...lines: ReadonlyArray<JsonObject>): string =>
  ControlLog.render("s", { control: "c", events: lines.map(read), nonce: "n", policy: "p" })

describe("The trailers of the log (SPEC.md EV)", () => {
  it("[EV9] a message names each event with its ecosystem, batches and run, where it has them, and no more", () => {
    const headsOf = (message: string) => message.replace(/^Batchbrake-Payload: .*\n/gm, "").split("\n")
    const tail = ["Batchbrake-Policy: p", "Batchbrake-Control: c", "Batchbrake-Nonce: n", ""]
    assert.deepEqual(headsOf(render(RESUMED)), ["s", "", "Batchbrake-Event: Resumed", ...tail])
    assert.deepEqual(headsOf(render(ADMITTED, ADOPTED)), [
      "s",
      "",
      "Batchbrake-Event: RunAdmitted",
      "Batchbrake-Ecosystem: npm",
      "Batchbrake-Run: k",
      "Batchbrake-Event: BatchAdopted",
      "Batchbrake-Batch: 2026-11-23-002",
      ...tail
    ])
  })

  it("[EV9] what an event says stands in one line of ASCII, and reads back as it was", () => {
    const message = render({ ...PAUSED, reason: "à\u2028😀~ \u007f" }, RESUMED)
    const [paused = "", resumed] = message.split("\n").filter((line) => line.startsWith("Batchbrake-Payload: "))
    assert.ok(paused.includes('"reason":"\\u00e0\\u2028\\ud83d\\ude00~ \\u007f"'), paused)
    const said = '"at":"2026-11-23T12:00:00Z","author":"ci"'
    assert.match(resumed ?? "", /^Batchbrake-Payload: \{.*"type":"Resumed".*\}$/)
    assert.ok(resumed?.includes(said), resumed)
    const events = [read({ ...PAUSED, reason: "à\u2028😀~ \u007f" }), read(RESUMED)]
    assert.deepEqual(ControlLog.parse(message), Result.succeed({ control: "c", events, nonce: "n", policy: "p" }))
    assert.equal(ControlLog.policyOf(message), "p")
    assert.equal(ControlLog.policyOf("s\n\nwords"), undefined)
  })

  it("[EV9] the last paragraph counts, whatever blanks part it from others, or come behind it", () => {
    const ours = render(RESUMED)
    for (const before of ["", "words\n\n", "words\n \t\n", "a\n\nb\n\nc\n\n"]) {
      for (const behind of ["", "\n\n", "\n \t\n", " "]) {
        assert.equal(ControlLog.controlOf(`${before}${ours}${behind}`), "c", JSON.stringify([before, behind]))
      }
    }
    for (const between of ["\n", " \n", "\t \n", "\nmore words\n\n"]) {
      assert.equal(ControlLog.controlOf(`${ours}${between}words`), undefined, JSON.stringify(between))
    }
  })

  it("[EV9] a line without a colon and a blank is no trailer", () => {
    const ours = render(RESUMED)
    for (const line of ["Batchbrake-Control:", "Batchbrake-Control", "Batchbrake-Control:d", "words", ": d"]) {
      assert.equal(ControlLog.controlOf(`${ours}${line}\n`), "c", line)
      assert.equal(ControlLog.controlOf(ours.replace("Batchbrake-Control: c", line)), undefined, line)
    }
  })
})
