import { strict as assert } from "node:assert"
import { afterEach, describe, it } from "vitest"
import { runsOn } from "../support/runsOn.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const TEST_MILLIS = 60_000

describe("Writers at once", () => {
  let workshop: Workshop
  afterEach(() => workshop.dispose())

  it("eight, each with a clone and an ecosystem of its own, are all recorded, each once", {
    timeout: TEST_MILLIS
  }, async () => {
    const ecosystems = Array.from({ length: 8 }, (_, index) => `eco-${index}`)
    workshop = await openWorkshop(ecosystems)
    const reports = await Promise.all(
      ecosystems.map((ecosystem) =>
        workshop.json(0, ["record", "--ecosystem", ecosystem, "--run", "one", "--passed", "3", "--failed", "1"], {
          cwd: workshop.cloneTo(ecosystem, "--depth=1")
        })
      )
    )
    assert.deepEqual(
      reports.map(({ applied }) => applied),
      ecosystems.map(() => true)
    )
    assert.deepEqual([...runsOn(workshop)].sort(), ecosystems.map((ecosystem) => `${ecosystem} one`).sort())
  })

  it("two that claim one probe get one probe and one hold", { timeout: TEST_MILLIS }, async () => {
    workshop = await openWorkshop(["npm"])
    const at = (minute: number): ReadonlyArray<string> => [
      "--at",
      new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString()
    ]
    await workshop.expecting(0, [
      "record",
      "--ecosystem",
      "npm",
      "--run",
      "bad",
      "--passed",
      "0",
      "--failed",
      "10",
      ...at(0)
    ])
    const claims = await Promise.all(
      ["left", "right"].map((run) =>
        workshop.json(0, ["gate", "--ecosystem", "npm", "--claim", "--run", run, ...at(60)], {
          cwd: workshop.cloneTo(run, "--depth=1")
        })
      )
    )
    const decisions = claims.map(({ ecosystems }) => Object(ecosystems)[0])
    assert.deepEqual(decisions.map(({ decision }) => decision).sort(), ["hold", "probe"])
    const held = decisions.find(({ decision }) => decision === "hold")
    assert.equal(held.reasons[0].code, "probe-live")
  })

  it("two that begin the control branch at once both find it begun", { timeout: TEST_MILLIS }, async () => {
    workshop = await openWorkshop()
    const [left, right] = await Promise.all(
      ["left", "right"].map((name) => workshop.json(0, ["init", "--ecosystem", "npm"], { cwd: workshop.cloneTo(name) }))
    )
    assert.deepEqual([left?.created, right?.created].map(Boolean).sort(), [false, true])
    const again = await Promise.all([1, 2, 3].map(() => workshop.json(0, ["init", "--ecosystem", "npm"])))
    assert.equal(again.filter(({ policy_written: written }) => written === true).length, 1)
  })
})
