import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { editByHand } from "../support/ControlBranch.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const FAILING = ["--passed", "1", "--failed", "9"]

describe.each([
  ["on a remote", [] as ReadonlyArray<string>, "remote" as const],
  ["with --local", ["--local"] as ReadonlyArray<string>, "local" as const]
])("Every verb %s answers in its published shape", (_, place, where) => {
  let workshop: Workshop
  const json = (...args: ReadonlyArray<string>): Promise<Json> => workshop.json(0, [...args, ...place])
  beforeAll(async () => {
    workshop = await openWorkshop()
  })
  afterAll(() => workshop.dispose())

  it("init", async () => {
    const begun = await json("init", "--ecosystem", "npm", "--ecosystem", "crates.io")
    assertShape(SHAPES.init, begun)
    assert.equal(begun.created, true)
    assertShape(SHAPES.init, await json("init"))
  })

  it("gate, asked and claimed", async () => {
    assertShape(SHAPES.gate, await json("gate"))
    const claimed = await json("gate", "--claim", "--batch", "2026-11-23-001", "--run", "one")
    assertShape(SHAPES.gate, claimed)
    assert.equal(claimed.can_proceed, true)
  })

  it("record, tripping and vacuous", async () => {
    assertShape(SHAPES.record, await json("record", "--ecosystem", "npm", "--run", "one", ...FAILING))
    assertShape(
      SHAPES.record,
      await json("record", "--ecosystem", "npm", "--run", "two", "--passed", "0", "--failed", "0", "--skipped", "3")
    )
  })

  it("abandon, of a grant and of none", async () => {
    assertShape(SHAPES.abandon, await json("abandon", "--run", "one"))
    const nothing = await json("abandon", "--run", "unheard-of")
    assertShape(SHAPES.abandon, nothing)
    assert.equal(nothing.applied, false)
  })

  it("status and explain, with a breaker open", async () => {
    assertShape(SHAPES.status, await json("status"))
    const why = await json("explain", "npm")
    assertShape(SHAPES.explain, why)
    assert.equal(why.decision, "hold")
  })

  it("sli and alerts, with figures and without", async () => {
    const known = await json("sli")
    assertShape(SHAPES.sli, known)
    assert.ok(Array.isArray(known.ecosystems) && known.ecosystems.length === 2)
    const alarming = await json("alerts")
    assertShape(SHAPES.alerts, alarming)
    assert.ok(Array.isArray(alarming.alerts) && alarming.alerts.length > 0)
    assertShape(SHAPES.sli, await json("sli", "--at", "2020-01-01T00:00:00Z"))
  })

  it("pause, resume and status between them", async () => {
    assertShape(SHAPES.pause, await json("pause", "npm", "--reason", "r", "--incident", "https://example.com/1"))
    assertShape(SHAPES.status, await json("status"))
    assertShape(SHAPES.resume, await json("resume", "npm"))
    const nothing = await json("resume", "npm")
    assertShape(SHAPES.resume, nothing)
    assert.equal(nothing.applied, false)
  })

  it("reset and budget adjust", async () => {
    assertShape(SHAPES.reset, await json("reset", "npm", "--reason", "r"))
    assertShape(SHAPES.budget, await json("budget", "adjust", "--minutes", "macos=7", "--reason", "r"))
    assertShape(SHAPES.status, await json("status"))
  })

  it("audit, with nothing, with findings and adopting", async () => {
    assertShape(SHAPES.audit, await json("audit"))
    editByHand(
      workshop,
      (control) => {
        control.budget = { ...Object(control.budget), macos_minutes_used: 0 }
      },
      where
    )
    const found = await workshop.json(1, ["audit", ...place])
    assertShape(SHAPES.audit, found)
    assertShape(SHAPES.gate, await json("gate"))
    assertShape(SHAPES.auditAdopt, await json("audit", "--adopt", "--reason", "r"))
    assert.deepEqual(await json("audit"), { findings: [] })
  })

  it("a gate that cannot decide", async () => {
    const failed = await workshop.json(2, ["gate", "--policy", "nowhere.json", "--ecosystem", "npm", ...place])
    assertShape(SHAPES.gateFailed, failed)
  })
})
