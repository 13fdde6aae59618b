import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { eventsOn, tip } from "../support/ControlBranch.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const lines = (...reports: ReadonlyArray<Json>): string => reports.map((one) => `${JSON.stringify(one)}\n`).join("")

describe("record --reports (SPEC.md WF)", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["cask", "npm"])
    await workshop.expecting(0, ["init", "--local"])
  }, 90_000)
  afterAll(() => workshop.dispose())
  const record = (stdin: string, ...more: ReadonlyArray<string>) =>
    [["record", "--local", "--reports", "-", ...more], { stdin }] as const

  it("[WF1] [WF2] records what can be recorded in one commit, and names what cannot with exit 2", async () => {
    const before = eventsOn(workshop, "local").length
    const stdin = lines(
      { ecosystem: "npm", minutes: ["linux=2.5"], results: '{"recipe":"a","status":"passed"}\n', run_key: "1-1" },
      { ecosystem: "unheard-of", failed: 0, passed: 1, run_key: "1-1" },
      { ecosystem: "cask", results: "nonsense", run_key: "1-1" }
    )
    const answer = await workshop.json(2, ...record(stdin))
    const runs = Array.isArray(answer.runs) ? answer.runs : []
    assert.deepEqual(
      runs.map(({ applied, ecosystem, error }) => [ecosystem, applied, error?.code]),
      [
        ["npm", true, undefined],
        ["unheard-of", false, "unknown-ecosystem"],
        ["cask", false, "input-unreadable"]
      ]
    )
    assert.equal(Object(answer.error).code, "unknown-ecosystem")
    assert.deepEqual(
      eventsOn(workshop, "local")
        .slice(before)
        .map(({ minutes, type }) => [type, minutes]),
      [["RunCompleted", { linux: 3 }]]
    )
    const said = await workshop.expecting(2, ...record(stdin))
    assert.match(said.stdout, /^npm +not applied +closed +1 passed/m)
  })

  it("[WF3] a line that cannot be read is refused by its number, as is an option beside it, and nothing is written", async () => {
    const before = tip(workshop, "local")
    const refused = await workshop.json(
      2,
      ...record(`${lines({ abandoned: true, ecosystem: "npm", run_key: "2-1" })}{`)
    )
    assert.match(Object(refused.error).message, /--reports -: line 2.*nothing was recorded/)
    const beside = await workshop.expecting(2, ...record("", "--passed", "1"))
    assert.match(beside.stderr, /leave --passed out/)
    const empty = await workshop.expecting(0, ...record(""))
    assert.match(empty.stdout, /no run to record/)
    assert.equal(tip(workshop, "local"), before)
  })
})
