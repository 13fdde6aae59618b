import { strict as assert } from "node:assert"
import { explain } from "@batchbrake/core/batch/RollbackOutcome"
import { describe, it } from "vitest"

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
})
