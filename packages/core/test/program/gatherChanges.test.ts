import { strict as assert } from "node:assert"
import { gatherChanges } from "@batchbrake/core/program/gatherChanges"
import { findBatch } from "@batchbrake/core/program/readBatches"
import { sealBatch } from "@batchbrake/core/program/sealBatch"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { policy, Registry } from "../support/registry.ts"

/** A path that a command may leave: content or not, plain or not, another one's in other letters. */
const path = fc.constantFrom(
  ...["recipes/a", "recipes/b/c", "recipes/A", "docs/x", "stray.txt", ".github/workflows/x.yml", "recipes/.git/config"]
)
const changes = fc
  .uniqueArray(fc.tuple(path, fc.constantFrom("1", "2")), { maxLength: 4, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries))

describe("What could be a batch (SPEC.md LI)", () => {
  it("[LI14] is told before one is opened as it is told by sealing it, and nothing is written", async () => {
    let [fit, unfit] = [0, 0]
    await fc.assert(
      fc.asyncProperty(changes, async (files) => {
        const registry = await Registry.begin()
        registry.content.commit("seed", { "recipes/a": "0" })
        registry.content.commit("work", files, "bot")
        const before = registry.log().length
        const gathered = await registry.run(gatherChanges(policy, { base: "main", head: "bot" }))
        assert.equal(registry.log().length, before)
        const id = await registry.open()
        const seal = sealBatch(registry.origin(), id, { base: "main", head: "bot" })
        if (gathered._tag === "Unfit") {
          unfit++
          assert.equal(await registry.code(seal), gathered.objection.code)
          assert.ok((await registry.message(seal)).includes(gathered.objection.message))
          return
        }
        fit++
        await registry.run(seal)
        const { base, head, paths } = await registry.run(findBatch(id))
        assert.deepEqual([base, head], [gathered.base, gathered.head])
        assert.deepEqual(
          paths.map(({ path }) => path),
          gathered.changes.map(({ path }) => path)
        )
      }),
      { numRuns: 60 }
    )
    assert.ok(fit > 5 && unfit > 5, `${fit} fit, ${unfit} not`)
  })
})
