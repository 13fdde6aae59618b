import { strict as assert } from "node:assert"
import { explain } from "@batchbrake/core/batch/RollbackOutcome"
import type { Action, OnChanged, Step } from "@batchbrake/core/batch/RollbackPlan"
import { describe, it } from "vitest"
import { file, ID } from "./batches.ts"

const step = (action: Action, path = "recipes/a"): Step => ({
  action,
  after: file("2"),
  before: file("1"),
  current: file("2"),
  outcome: action === "restore" ? file("1") : file("2"),
  path
})

/** One path is put back, and two were changed since. */
const MIXED = [step("restore"), step("changed-since", "recipes/b"), step("conflict", "recipes/c")]

describe("What a rollback came to, in words (SPEC.md RB)", () => {
  it("[RB13] where there is nothing to undo the words are about the rollback, not about the batch", () => {
    for (const outcome of ["already-reverted", "already-rolled-back"] as const) {
      const [rolled, undone] = [
        explain(outcome, "2026-01-05-001", [], { onChanged: "skip", undo: false }),
        explain(outcome, "2026-01-05-001", [], { onChanged: "skip", undo: true })
      ]
      assert.notEqual(rolled, undone)
      assert.match(undone, /rollback/)
      assert.doesNotMatch(undone, /before the batch|rolled back already/)
    }
  })

  it.each<[OnChanged, string]>([
    ["force", ": what stands there now is no file, or leaves no room for one"],
    ["skip", ": decide with --on-changed"],
    ["three-way", ": no merge takes the part out, `--on-changed force` puts back what was there"]
  ])(
    "count what was put back and what was left alone, and say what can still be decided after %s",
    (onChanged, further) => {
      const asked = { onChanged, undo: false }
      const rest = `; 2 paths changed since and left alone${further}`
      assert.equal(explain("rolled-back", ID, MIXED, asked), `${ID}: 1 path put back${rest}`)
      assert.equal(explain("planned", ID, MIXED, asked), `${ID}: 1 path would be put back${rest}`)
      assert.equal(
        explain("already-rolled-back", ID, MIXED, asked),
        `${ID} is rolled back already: that rollback stands${rest}`
      )
      assert.equal(
        explain("partly-changed-since", ID, MIXED, asked),
        `${ID}: what was not changed since is as it was already${rest}`
      )
      assert.equal(
        explain("all-changed-since", ID, MIXED, asked),
        `${ID}: every path was changed since the batch${
          onChanged === "skip" ? "; `--on-changed three-way` takes only its part out" : further
        }`
      )
      assert.equal(
        explain("planned", ID, [step("changed-since")], asked),
        `${ID}: 0 paths would be put back; 1 path changed since and left alone${further}`
      )
    }
  )

  it("say what there was nothing to do about, without counts", () => {
    const asked = { onChanged: "skip", undo: false } as const
    const undoing = { ...asked, undo: true }
    assert.deepEqual(
      [
        explain("rolled-back", ID, [step("restore"), step("restore", "recipes/b")], asked),
        explain("already-reverted", ID, [], asked),
        explain("already-reverted", ID, [], undoing),
        explain("already-rolled-back", ID, [], undoing),
        explain("nothing-matches", ID, [], asked),
        explain("outside-content", ID, [], asked),
        explain("never-merged", ID, [], asked)
      ],
      [
        `${ID}: 2 paths put back`,
        `${ID}: every path is as it was before the batch already`,
        `${ID}: every path is as it was before the rollback: it has not landed, or is undone already`,
        `${ID}: its rollback is undone already: that stands`,
        `${ID} changed no path: there is nothing to roll back`,
        `${ID}: none of its paths is under the policy's content, so none may be written: widen \`content\``,
        `${ID} was never merged: nothing that it left at its paths was ever on the content branch`
      ]
    )
  })
})
