import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { commitByHand, controlText, tip } from "../support/ControlBranch.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const edited = (edit: (file: Json) => void) => (text: string) => {
  const file: Json = JSON.parse(text)
  edit(file)
  return `${JSON.stringify(file, null, 2)}\n`
}
const NPM = { failures: 0, state: "closed" }

/** Kinds of damage, how each is done, and the field that the answer has to name. */
const DAMAGE: ReadonlyArray<readonly [string, (text: string) => string | Uint8Array, string]> = [
  ["nothing in it", () => "", "batch-control.json"],
  ["half of it", (text) => text.slice(0, text.length / 2), "batch-control.json"],
  ["a conflict in it", (text) => `<<<<<<< ours\n${text}=======\n>>>>>>> theirs\n`, "batch-control.json"],
  ["an array for an object", () => "[]\n", "batch-control.json"],
  ["no word on whether it is enabled", edited((file) => delete file.enabled), "enabled"],
  ["enabled as a text", edited((file) => Object.assign(file, { enabled: "false" })), "enabled"],
  ["a key that stands twice", (text) => text.replace("{", '{\n  "enabled": true,'), "enabled"],
  ["a newer version", edited((file) => Object.assign(file, { version: 99 })), "version"],
  [
    "an unknown state",
    edited((file) => Object.assign(file, { circuit_breaker: { npm: { ...NPM, state: "ajar" } } })),
    "circuit_breaker.npm.state"
  ],
  [
    "failures below zero",
    edited((file) => Object.assign(file, { circuit_breaker: { npm: { ...NPM, failures: -1 } } })),
    "circuit_breaker.npm.failures"
  ],
  [
    "a day that does not exist",
    edited((file) => Object.assign(file, { circuit_breaker: { npm: { ...NPM, opens_at: "2026-02-30T00:00:00Z" } } })),
    "circuit_breaker.npm.opens_at"
  ],
  [
    "an ecosystem that is no name",
    edited((file) => Object.assign(file, { circuit_breaker: { "../npm": NPM } })),
    'circuit_breaker["../npm"]'
  ],
  [
    "minutes as a text",
    edited((file) => Object.assign(file, { budget: { ...Object(file.budget), macos_minutes_used: "12" } })),
    "budget.macos_minutes_used"
  ],
  [
    "a pause that nobody knows the scope of",
    edited((file) => Object.assign(file, { pauses: { "A B": { by: "x", reason: "r" } } })),
    'pauses["A B"]'
  ],
  ["bytes that are no text", () => Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]), ""]
]

const WRITERS: ReadonlyArray<ReadonlyArray<string>> = [
  ["gate", "--claim"],
  ["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "0"],
  ["pause", "--reason", "r"],
  ["reset", "npm", "--reason", "r"]
]

describe.each([
  ["with --local", ["--local"] as ReadonlyArray<string>, "local" as const, DAMAGE],
  ["on a remote", [] as ReadonlyArray<string>, "remote" as const, DAMAGE.filter((_, index) => index % 6 === 4)]
])("A damaged control file %s", (_, place, where, damages) => {
  let workshop: Workshop
  let good: string
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "pypi"])
    await workshop.expecting(0, ["init", ...place])
    good = controlText(workshop, where)
  })
  afterAll(() => workshop.dispose())

  it.each(damages)("with %s holds everything, is named, and is left as it is", async (_damage, damage, path) => {
    commitByHand(workshop, damage(good), where)
    const before = tip(workshop, where)
    const answers = await Promise.all(WRITERS.map((args) => workshop.json(path === "" ? 4 : 2, [...args, ...place])))
    const [held = {}] = answers
    assert.deepEqual(
      Object(held.ecosystems).map(({ decision, ecosystem }: Json) => `${ecosystem} ${decision}`),
      ["npm hold", "pypi hold"]
    )
    assert.equal(held.can_proceed, false)
    for (const { error } of answers) {
      assert.equal(Object(error).code, path === "" ? "store-corrupt" : "control-unreadable")
      assert.equal(Object(error).path ?? "", path)
      assert.ok(Object(error).message.includes(path))
    }
    assert.equal(tip(workshop, where), before)
  })

  it("that is mended by hand works again", async () => {
    commitByHand(workshop, good, where)
    await workshop.expecting(0, ["gate", "--exit-code", ...place])
    await workshop.expecting(0, ["pause", "--reason", "r", ...place])
  })
})
