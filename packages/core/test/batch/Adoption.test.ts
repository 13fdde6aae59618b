import { strict as assert } from "node:assert"
import { type Criterion, recognise } from "@batchbrake/core/batch/Adoption"
import { describe, it } from "vitest"
import { ID, objectId } from "./batches.ts"

const COMMIT = {
  id: objectId("1"),
  message: "batch old\n\nbatch_id: a\nother: b\nbatch_id:  c \nbatch_id:",
  subject: "x"
}

describe("What a commit is recognised as (SPEC.md AD)", () => {
  const bySubject = (pattern: RegExp, subject: string) =>
    recognise({ _tag: "Subject", pattern }, { ...COMMIT, subject })

  it("[AD5] by its trailers: each value of the last paragraph that is one, and none elsewhere", () => {
    const of = (message: string, key = "batch_id") =>
      recognise({ _tag: "Trailer", key }, { ...COMMIT, message })?.aliases
    assert.deepEqual(of(COMMIT.message), ["a", "c"])
    assert.deepEqual(of(`${COMMIT.message}\n\n \n`), ["a", "c"])
    assert.equal(of(COMMIT.message, "batch"), undefined)
    assert.equal(of("batch_id: a\n \t\nno trailer"), undefined)
    assert.deepEqual(of("first\n \t \nbatch_id: a"), ["a"])
    assert.deepEqual(of("batch_id: a"), ["a"])
    assert.equal(of("x batch_id: a"), undefined)
    assert.equal(of("batch_id:  "), undefined)
    assert.equal(of(""), undefined)
  })

  it("by its subject: what the groups caught, where they did", () => {
    assert.deepEqual(bySubject(/^batch (?<alias>\S*) ?(?<ecosystem>\S*)/, "batch old npm"), {
      aliases: ["old"],
      ecosystems: ["npm"]
    })
    assert.deepEqual(bySubject(/^batch (?<alias>\S*) ?(?<ecosystem>\S*)/, "batch  NPM"), {
      aliases: [],
      ecosystems: []
    })
    assert.deepEqual(bySubject(/^batch(?: (?<alias>\S+))?(?<ecosystem>x)?/, "batch"), { aliases: [], ecosystems: [] })
    assert.deepEqual(bySubject(/^batch/, "batch"), { aliases: [], ecosystems: [] })
    assert.equal(bySubject(/^batch/, "no batch"), undefined)
  })

  it("[AD7] one by one, and never a rollback", () => {
    const named: Criterion = { _tag: "Commits", commits: [objectId("1")] }
    assert.deepEqual(recognise(named, COMMIT), { aliases: [], ecosystems: [] })
    assert.equal(recognise(named, { ...COMMIT, id: objectId("2") }), undefined)
    assert.equal(recognise(named, { ...COMMIT, message: `Roll back batch ${ID}, it broke` }), undefined)
  })

  it.each<[string, ReadonlyArray<string>]>([
    ["2026-02-06-homebrew", ["homebrew"]],
    ["2026-02-06-7zip", ["7zip"]],
    ["2026-02-06-npm7", ["npm7"]],
    ["2026-02-06-npm\nx", []],
    ["2026-02-06-007", []],
    ["2026-02-06-Homebrew", []],
    ["2026-02-06-", []],
    ["x2026-02-06-npm", []],
    ["2026-2-06-npm", []],
    ["2026-02-6-npm", []],
    ["226-02-06-npm", []],
    ["npm", []]
  ])("the older name %j says its ecosystem, or does not", (alias, ecosystems) => {
    assert.deepEqual(bySubject(/^(?<alias>.*)$/s, alias)?.ecosystems, ecosystems)
  })

  it("the ecosystem that it says itself counts, else those of its names, once each and in order", () => {
    const said = bySubject(/^(?<ecosystem>\S+) (?<alias>\S+)/, "npm 2026-02-06-homebrew")
    assert.deepEqual(said, { aliases: ["2026-02-06-homebrew"], ecosystems: ["npm"] })
    const message = ["npm", "homebrew", "npm"].map((name, index) => `batch: 2026-02-0${index + 1}-${name}`).join("\n")
    assert.deepEqual(recognise({ _tag: "Trailer", key: "batch" }, { ...COMMIT, message })?.ecosystems, [
      "homebrew",
      "npm"
    ])
  })
})
