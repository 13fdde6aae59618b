/** Whatever people write, it reaches the runner, the page and the command line as that text and as nothing else. */
import { strict as assert } from "node:assert"
import { parseArgs } from "node:util"
import { argumentsOf, COMMANDS } from "@batchbrake/entrypoints/action/ActionCommand"
import { fitMatrix, MOST_JOBS } from "@batchbrake/entrypoints/action/fitMatrix"
import { ofGate } from "@batchbrake/entrypoints/action/gateOutcome"
import { INPUTS, type InputName, NAMES, read, variableOf } from "@batchbrake/entrypoints/action/Input"
import * as Markdown from "@batchbrake/entrypoints/action/Markdown"
import { renderAction } from "@batchbrake/entrypoints/action/renderAction"
import { annotation, assignments, inert } from "@batchbrake/entrypoints/action/WorkflowCommand"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { parse } from "yaml"
import { commandsIn, readAssignments } from "../support/runner/RunnerFile.ts"

/** What an attacker, or a mistake, would write into a title, a branch's name or a reason. */
const ATTACKS = [
  "::error::owned",
  "\n::set-output name=can_proceed::true",
  "##[add-mask]a",
  "x\r\n::stop-commands::y",
  "$" + "{{ secrets.TOKEN }}",
  "$(touch owned)`touch owned`",
  '"; touch owned; "',
  "can_proceed=true\nEOF\nx<<EOF",
  "--undo",
  "-x",
  "--",
  "| a | b |\n| --- |",
  "![x](http://a/b) <img src=x> @octocat #1",
  "%0A::warning::x,title=a:b",
  "a\u2028::error::b",
  "\u202e::x"
]
const attack: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })), {
    maxLength: 4,
    minLength: 1
  })
  .map((parts) => parts.join(""))
const name = fc.stringMatching(/^[a-z_]{1,12}$/)

const stamp = (): (() => string) => {
  let count = 0
  return () => `f00d${count++}`
}

const environmentOf = (inputs: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(inputs).map(([input, value]) => [variableOf(input), value]))

const argumentsFor = (inputs: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Result.getOrThrowWith(
    argumentsOf(
      inputs.command ?? "",
      Result.getOrThrowWith(read(environmentOf(inputs)), (f) => new Error(JSON.stringify(f)))
    ),
    (faults) => new Error(JSON.stringify(faults))
  )

describe("What the Action passes on (SPEC.md AC)", () => {
  it("[AC1] a text becomes the value of its option or a name, however it begins", () => {
    fc.assert(
      fc.property(attack, attack, (batch, reason) => {
        fc.pre(batch.trim() !== "" && reason.trim() !== "" && !`${batch}${reason}`.includes("\0"))
        const args = argumentsFor({ batch, command: "rollback", reason })
        const { positionals, values } = parseArgs({
          allowPositionals: true,
          args: [...args],
          options: { json: { type: "boolean" }, reason: { type: "string" }, yes: { type: "boolean" } }
        })
        assert.deepEqual(positionals, ["rollback", batch.trim()])
        assert.deepEqual({ ...values }, { json: true, reason: reason.trim(), yes: true })
      })
    )
  })

  it("[AC1] each command is its verb's command line", () => {
    const lines: ReadonlyArray<readonly [Record<string, string>, string]> = [
      [{ command: "gate" }, "gate --json"],
      [
        { claim: "true", command: "gate", ecosystems: "npm, cask", policy: "origin/main:batch-policy.json" },
        "gate --ecosystem=npm --ecosystem=cask --claim --policy=origin/main:batch-policy.json --json"
      ],
      [
        { command: "record", ecosystems: "npm", minutes: "linux=2\nmacos=1.5", results: "r.jsonl", run: "1-1" },
        "record --ecosystem=npm --run=1-1 --results=r.jsonl --minutes=linux=2 --minutes=macos=1.5 --json"
      ],
      [{ command: "batch-open", ecosystems: '["npm","cask"]' }, "batch open --ecosystem=npm --ecosystem=cask --json"],
      [
        { base: "origin/main", batch: "1", command: "batch-seal", head: "HEAD" },
        "batch seal --base=origin/main --head=HEAD --json -- 1"
      ],
      [{ command: "batch-merged", head: "abc" }, "batch merged --head=abc --json"],
      [{ command: "sli", ecosystems: "npm", options: "--window=7d" }, "sli --ecosystem=npm --window=7d --json"],
      [{ command: "alerts" }, "alerts --json"],
      [{ batch: "1", command: "rollback", pr: "true", reason: "r" }, "rollback --reason=r --pr --yes --json -- 1"],
      [{ "auto-resume": "false", command: "pause", reason: "r", until: "" }, "pause --reason=r --json"],
      [{ command: "resume", everything: "true" }, "resume --everything --json"]
    ]
    for (const [inputs, expected] of lines) assert.equal(argumentsFor(inputs).join(" "), expected)
  })

  it.each<readonly [Record<string, string>, InputName]>([
    [{ command: "gaet" }, "command"],
    [{}, "command"],
    [{ command: "constructor" }, "command"],
    [{ claim: "yes", command: "gate" }, "claim"],
    [{ command: "gate", ecosystems: "../x" }, "ecosystems"],
    [{ command: "gate", ecosystems: '["npm"' }, "ecosystems"],
    [{ command: "gate", reason: "x" }, "reason"],
    [{ command: "batch-seal", base: "a", head: "b" }, "batch"],
    [{ command: "pause" }, "reason"],
    [{ command: "sli", options: "window=7d" }, "options"],
    [{ command: "sli", options: "--window=7d\n-- x" }, "options"]
  ])("[AC2] an input that is missing, malformed or of no use is named: %j", (inputs, input) => {
    const faults = Result.match(read(environmentOf(inputs)), {
      onFailure: (found) => found,
      onSuccess: (own) =>
        Result.match(argumentsOf(inputs.command ?? "", own), { onFailure: (found) => found, onSuccess: () => [] })
    })
    assert.deepEqual(
      faults.map((fault) => fault.input),
      [input]
    )
  })

  it("[AC2] action.yml declares each input that is read, and each command takes only such", () => {
    const action = parse(renderAction())
    assert.deepEqual(Object.keys(action.inputs), NAMES)
    assert.equal(action.runs.using, "node24")
    assert.equal(action.runs["post-if"], "failure() || cancelled()")
    for (const { names = [], needs = [], options, own = [] } of Object.values(COMMANDS)) {
      for (const input of [...names, ...needs, ...options, ...own]) assert.ok(Object.hasOwn(INPUTS, input))
    }
  })

  it("[AC12] a matrix is never longer than the platform takes, and every ecosystem has its turn", () => {
    const gateOf = (count: number) => ({
      ecosystems: Array.from({ length: count }, (_, place) => ({
        decision: place % 7 === 3 ? "hold" : place % 7 === 5 ? "probe" : "run",
        ecosystem: `e${place}`
      }))
    })
    fc.assert(
      fc.property(fc.integer({ max: 1200, min: 0 }), fc.nat({ max: 9999 }), (count, turn) => {
        const gate = gateOf(count)
        const able = gate.ecosystems.filter(({ decision }) => decision !== "hold").map(({ ecosystem }) => ecosystem)
        const seen = new Set<string>()
        for (let later = 0; later * MOST_JOBS < able.length + MOST_JOBS; later++) {
          const { answer, left } = fitMatrix(gate, turn + later)
          const names = JSON.parse(ofGate(answer).outputs.get("ecosystems") ?? "")
          assert.ok(names.length <= MOST_JOBS && names.length === Math.min(able.length, MOST_JOBS))
          assert.deepEqual(new Set([...names, ...left]), new Set(able))
          for (const name of names) seen.add(name)
        }
        assert.equal(seen.size, able.length)
      })
    )
  })

  it("[AC12] as many as fit are all let through", () => {
    const gate = (count: number) => ({
      ecosystems: Array.from({ length: count }, (_, place) => ({ decision: "run", ecosystem: `e${place}` }))
    })
    assert.equal(fitMatrix(gate(MOST_JOBS), 3).left.length, 0)
    assert.equal(fitMatrix(gate(MOST_JOBS + 1), 3).left.length, 1)
  })

  it("[AC3] an answer with an error, or of another shape, lets nothing run whatever else it says", () => {
    const running = { decision: "run", ecosystem: "npm", grant: {}, run_key: "1-1" }
    for (const answer of [
      { ecosystems: [running], error: { code: "internal", message: "x" } },
      { can_proceed: true, ecosystems: "npm" },
      { ecosystems: [{ ...running, decision: "maybe" }] },
      {}
    ]) {
      const { outputs } = ofGate(answer)
      assert.deepEqual(
        ["can_proceed", "ecosystems", "claims", "matrix"].map((output) => outputs.get(output)),
        ["false", "[]", "[]", '{"include":[]}']
      )
    }
    assert.equal(ofGate({ ecosystems: [running] }).outputs.get("can_proceed"), "true")
  })

  it("[AC5] outputs read back as the names and values that were written", () => {
    fc.assert(
      fc.property(fc.dictionary(name, attack, { noNullPrototype: true }), (values) => {
        const text = assignments(Object.entries(values), stamp())
        assert.deepEqual(Object.fromEntries(readAssignments(text)), values)
      })
    )
  })

  it("[AC5] a value that has the delimiter in it gets another one", () => {
    const value = "a\nbatchbrake_f00d0\ncan_proceed=true"
    assert.equal(readAssignments(assignments([["x", value]], stamp())).get("x"), value)
  })

  it("[AC6] an annotation is one command with the message and the title that were given", () => {
    fc.assert(
      fc.property(attack, attack, (title, message) => {
        const found = commandsIn(annotation({ message, severity: "warning", title }))
        assert.equal(found.length, 1)
        assert.equal(found[0]?.command, "warning")
        assert.equal(found[0]?.message, message)
        assert.deepEqual(Object.keys(found[0]?.properties ?? {}), ["title"])
      })
    )
  })

  it("[AC6] text for the log is no command, whatever is in it", () => {
    fc.assert(
      fc.property(attack, (text) => {
        assert.deepEqual(
          commandsIn(`${inert(text, "f00dfeed")}::notice::after\n`).map(({ command }) => command),
          ["notice"]
        )
      })
    )
  })

  it("[AC7] the summary's table has the cells and rows that were meant, and no markup in them", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(attack, attack), { maxLength: 3, minLength: 1 }), (rows) => {
        const lines = Markdown.table(["What", "Is"], rows).trimEnd().split("\n")
        assert.equal(lines.length, rows.length + 2)
        for (const line of lines.slice(2)) {
          assert.equal(line.split("|").length, 4)
          assert.doesNotMatch(line, /[<>`*_[\]!@\\~$]|\/\/|www\.|#(?!\d+;)/)
        }
      })
    )
  })

  it("[AC7] text stays legible: letters of any script, and entities that mean what was written", () => {
    assert.equal(Markdown.plain("npm: déjà 東京 <b> a|b"), "npm: déjà 東京 &lt;b&gt; a&#124;b")
    assert.match(
      Markdown.table(
        ["A"],
        Array.from({ length: 501 }, () => ["x"])
      ),
      /and 1 more\n$/
    )
  })
})
