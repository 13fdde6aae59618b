import { strict as assert } from "node:assert"
import * as RollbackMessage from "@batchbrake/core/batch/RollbackMessage"
import type { Step } from "@batchbrake/core/batch/RollbackPlan"
import { describe, it } from "vitest"
import { directory, file, ID, objectId } from "./batches.ts"

const STEP: Step = {
  action: "restore",
  after: file("2"),
  before: file("1"),
  current: file("2"),
  outcome: file("1"),
  path: "recipes/a"
}

const rolling = (more: Partial<RollbackMessage.Rolling> = {}): RollbackMessage.Rolling => ({
  aliases: [],
  id: ID,
  reason: "it broke the build",
  steps: [STEP],
  undoes: undefined,
  ...more
})

const UNDOING = rolling({ undoes: objectId("e") })

describe("What a rollback's commit says (SPEC.md RB)", () => {
  it("is a subject and the trailers of the rollback, of one that is undone one more", () => {
    assert.equal(
      RollbackMessage.render(rolling()),
      [
        `Roll back batch ${ID}, it broke the build`,
        "",
        `Rollback-Of: ${ID}`,
        "Rollback-Reason: it broke the build",
        `Rollback-Plan: ${RollbackMessage.planDigest(rolling())}`,
        ""
      ].join("\n")
    )
    assert.equal(
      RollbackMessage.render(UNDOING),
      [
        `Put batch back: ${ID}, it broke the build`,
        "",
        `Rollback-Of: ${ID}`,
        `Rollback-Undoes: ${objectId("e")}`,
        "Rollback-Reason: it broke the build",
        `Rollback-Plan: ${RollbackMessage.planDigest(UNDOING)}`,
        ""
      ].join("\n")
    )
  })

  it("has a subject of at most a hundred characters, whole ones, and the whole reason below", () => {
    const start = `Roll back batch ${ID}, `
    for (const character of ["r", "\u{1f600}"]) {
      const fits = character.repeat(100 - start.length)
      const subject = (reason: string): string => RollbackMessage.render(rolling({ reason })).split("\n")[0] ?? ""
      assert.equal(subject(fits), start + fits)
      assert.equal(subject(`${fits}${character}`), `${start}${character.repeat(99 - start.length)}…`)
      const long = `${fits}${character} and more`
      assert.equal(RollbackMessage.reasonOf(RollbackMessage.render(rolling({ reason: long }))), long)
    }
  })

  it("[RB14] a colon goes where the batch or one of its names follows, and stays before anything else", () => {
    const said = (reason: string): string | undefined =>
      RollbackMessage.reasonOf(RollbackMessage.render(rolling({ aliases: ["a.b", "x|y"], reason })))
    assert.equal(said(`batch:${ID} batch: ${ID}: x`), `batch ${ID} batch  ${ID}: x`)
    assert.equal(said("batch:a.b batch: x|y"), "batch a.b batch  x|y")
    assert.equal(said("note: axb, x: y"), "note: axb, x: y")
  })

  it("[RB7] names its plan by the batch, what it undoes, and each path's action and entries", () => {
    const digest = RollbackMessage.planDigest(rolling())
    assert.match(digest, /^[0-9a-f]{32}$/)
    assert.equal(RollbackMessage.planDigest(rolling({ aliases: ["old"], reason: "another" })), digest)
    const others = [
      rolling({ id: "2026-02-06-002" }),
      UNDOING,
      rolling({ undoes: objectId("f") }),
      rolling({ steps: [] }),
      ...[
        { path: "recipes/b" },
        { action: "overwrite" as const },
        { current: file("3") },
        { current: file("2", "100755") },
        { current: undefined },
        { current: directory },
        { outcome: file("3") },
        { outcome: undefined }
      ].map((more) => rolling({ steps: [{ ...STEP, ...more }] }))
    ].map(RollbackMessage.planDigest)
    assert.equal(new Set([digest, ...others]).size, others.length + 1)
    const [one, other] = ["1", "2"].map((digit) =>
      RollbackMessage.planDigest(rolling({ steps: [{ ...STEP, current: { ...directory, blob: objectId(digit) } }] }))
    )
    assert.equal(one, other)
  })

  it("[RB7] is found again by its own trailers alone", () => {
    const message = RollbackMessage.render(rolling())
    assert.ok(RollbackMessage.isOf(rolling(), message))
    assert.ok(RollbackMessage.isOf(rolling(), `${message}\n\n`))
    assert.ok(!RollbackMessage.isOf(rolling({ steps: [] }), message))
    assert.ok(!RollbackMessage.isOf(rolling({ id: "2026-02-06-002" }), message))
    assert.ok(!RollbackMessage.isOf(rolling(), message.replace(`Rollback-Of: ${ID}`, "Rollback-Of: x")))
    assert.ok(!RollbackMessage.isOf(rolling(), `${message}\n \nmore`))
    assert.ok(!RollbackMessage.isOf(rolling(), ""))
    assert.equal(RollbackMessage.reasonOf("x\n \t \nRollback-Reason: a\nRollback-Reason: b"), "a")
    assert.equal(RollbackMessage.reasonOf("Rollback-Reason: a\nword\nmore: b"), "a")
    assert.equal(RollbackMessage.reasonOf("x\n\nxRollback-Reason: a\nRollback-Reason:b"), undefined)
  })

  it.each<[string, boolean]>([
    [`Roll back batch ${ID}, x (#7)`, true],
    [`Put batch back: ${ID}, x`, true],
    ["Roll back batches", false],
    ["Put batch back:x", false],
    ["Roll back the batch", false],
    [`x\n\nRollback-Of: ${ID}`, true],
    [`x\n\nRollback-Of: ${ID}\n\nmore`, false],
    ["", false]
  ])("[AD7] %j is one: %s", (message, expected) => {
    assert.equal(RollbackMessage.isRollback(message), expected)
  })

  it("wants a branch of its own, and so does its undoing", () => {
    assert.equal(RollbackMessage.branchOf(rolling()), `rollback/${ID}`)
    assert.equal(RollbackMessage.branchOf(UNDOING), `rollback/${ID}-undone`)
  })
})
