import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { tip } from "../support/ControlBranch.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const line = (fields: Json): string => `${JSON.stringify(fields)}\n`
const GOOD = line({ recipe: "a", status: "passed" })

/** Results that cannot be read, and what the answer has to name. */
const HOSTILE: ReadonlyArray<readonly [string, string | Uint8Array, RegExp]> = [
  ["no JSON", `${GOOD}nonsense\n`, /line 2/],
  ["half a line", `${GOOD}{"recipe":"b","sta`, /line 2/],
  ["an unknown status", `${GOOD}${GOOD}${line({ recipe: "b", status: "maybe" })}`, /line 3, status: found "maybe"/],
  ["no recipe", line({ status: "passed" }), /line 1, recipe/],
  ["an empty recipe", line({ recipe: "", status: "passed" }), /line 1, recipe/],
  ["an array", `[${GOOD.trim()}]\n`, /line 1/],
  ["null", "null\n", /line 1/],
  ["a key that stands twice", '{"recipe":"a","status":"failed","status":"passed"}\n', /line 1, status.*twice/],
  ["a weight below zero", line({ recipe: "a", status: "passed", weight: -1 }), /line 1, weight: found -1/],
  ["a number past all bounds", '{"recipe":"a","status":"passed","weight":1e999}\n', /line 1, weight/],
  ["a platform that is no name", line({ platform: "Mac OS", recipe: "a", status: "passed" }), /line 1, platform/],
  ["deep nesting", `${"[".repeat(300)}${"]".repeat(300)}\n`, /line 1/],
  ["bytes that are no text", Uint8Array.from([0x7b, 0xff, 0x7d]), /not UTF-8/],
  ["many bad lines", "x\n".repeat(5000), /line 1.*and 4997 more; nothing was recorded/]
]

describe("A report", () => {
  let workshop: Workshop
  const record = (run: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> => [
    ...["record", "--local", "--ecosystem", "npm", "--run", run],
    ...more
  ]
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "crates.io"])
    await workshop.expecting(0, ["init", "--local"])
  })
  afterAll(() => workshop.dispose())

  it.each(HOSTILE)("with %s is refused as a whole, the place is named, nothing is recorded", async (_, text, says) => {
    const before = tip(workshop, "local")
    workshop.write("results.jsonl", text)
    const refused = await workshop.json(2, record("hostile", "--results", "results.jsonl"))
    const { code, message } = Object(refused.error)
    assert.equal(code, "input-unreadable")
    assert.match(message, says)
    assert.ok(message.length < 2000)
    assert.equal(tip(workshop, "local"), before)
  })

  it("is refused where its file is missing or a directory, with the reason", async () => {
    const missing = await workshop.expecting(2, record("k", "--results", "nowhere.jsonl"))
    assert.match(missing.stderr, /--results nowhere\.jsonl: there is no such file/)
    const directory = await workshop.expecting(2, record("k", "--results", "."))
    assert.match(directory.stderr, /--results \.: it is a directory/)
  })

  it("is read from standard input, with a byte order mark and line ends of any kind", async () => {
    const results = [
      { platform: "linux", recipe: "a", status: "passed" },
      { platform: "macos", recipe: "a", status: "failed" },
      { recipe: "b", status: "failed" },
      { recipe: "b", status: "passed" },
      { recipe: "c", status: "skipped" }
    ]
    const text = `\ufeff${results.map((result) => JSON.stringify(result)).join("\r\n")}\r\n\r\n`
    const recorded = await workshop.json(0, record("from-input", "--results", "-"), { stdin: text })
    assert.deepEqual(recorded.attempts, { failed: 1, passed: 1, skipped: 1 })
    assert.equal(recorded.event, "RunCompleted npm from-input")
  })

  it("without a line is vacuous: recorded, and moves nothing", async () => {
    const recorded = await workshop.json(0, record("empty", "--results", "-"), { stdin: "" })
    assert.equal(recorded.applied, true)
    assert.deepEqual(Object(recorded.notices)[0].code, "vacuous")
  })

  it("repeated is answered and applied once; with another content it is refused; the minutes count once", async () => {
    const counts = ["--passed", "19", "--failed", "6", "--minutes", "macos=12.5", "--minutes", "macos=0.2"]
    const [one, two] = [
      await workshop.json(0, record("twice", ...counts)),
      await workshop.json(0, record("twice", ...counts))
    ]
    assert.deepEqual([one.applied, two.applied], [true, false])
    assert.equal(Object(two.notices)[0].code, "duplicate")
    const conflict = await workshop.json(2, record("twice", "--passed", "20", "--failed", "6"))
    assert.equal(Object(conflict.error).code, "conflict")
    const { control } = await workshop.json(0, ["status", "--local"])
    assert.equal(Object(control).budget.macos_minutes_used, 14)
  })

  it("of an ecosystem that the policy does not know is refused", async () => {
    const args = ["record", "--local", "--ecosystem", "cask", "--run", "k", "--passed", "1", "--failed", "0"]
    const refused = await workshop.json(2, args)
    assert.equal(Object(refused.error).code, "unknown-ecosystem")
  })

  it("takes any printable run key, and two ecosystems may use the same one", async () => {
    for (const run of ["--help", "'; rm -rf . #", "$(id)", "a\\nb", "%s%n", "../../x", "x".repeat(200)]) {
      const recorded = await workshop.json(0, [
        ...["record", "--local", "--ecosystem", "npm", `--run=${run}`, "--passed", "1", "--failed", "0"]
      ])
      assert.equal(recorded.event, `RunCompleted npm ${run}`)
    }
    await workshop.json(0, record("shared", "--passed", "1", "--failed", "0"))
    const other = ["record", "--local", "--ecosystem", "crates.io", "--run", "shared", "--passed", "1", "--failed", "0"]
    assert.equal((await workshop.json(0, other)).applied, true)
  })

  it("of many recipes is taken in seconds", async () => {
    const text = Array.from({ length: 50_000 }, (_, index) => line({ recipe: `r/${index}`, status: "passed" })).join("")
    const { seconds } = await workshop.expecting(0, record("large", "--results", "-"), { stdin: text })
    assert.ok(seconds < 20)
    const most = record("most", "--passed", "100000", "--failed", "0")
    assert.ok((await workshop.expecting(0, most)).seconds < 20)
  })
})
