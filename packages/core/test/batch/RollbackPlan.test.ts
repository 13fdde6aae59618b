import { strict as assert } from "node:assert"
import * as RollbackMessage from "@batchbrake/core/batch/RollbackMessage"
import * as RollbackPlan from "@batchbrake/core/batch/RollbackPlan"
import { isRegular, same, type TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import * as BatchArbitrary from "@batchbrake/core/testing/BatchArbitrary"
import { hostileText } from "@batchbrake/core/testing/TextArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const onChanged = fc.constantFrom<RollbackPlan.OnChanged>("skip", "three-way", "force")

/** Changes, and a tree in which each path is as before, as after, or as somebody else made it. */
const world = BatchArbitrary.changes(BatchArbitrary.fewEntries).chain((changes) =>
  fc.record({
    changes: fc.constant(changes),
    current: fc
      .tuple(
        ...changes.map(({ after, before }) =>
          fc.oneof(
            fc.constant(before),
            fc.constant(after),
            BatchArbitrary.fewEntries,
            fc.constant({ blob: "d".repeat(40), mode: "040000" })
          )
        )
      )
      .map((entries) => {
        const found = new Map<string, TreeEntry>()
        for (const [index, entry] of entries.entries()) {
          const path = changes[index]?.path
          if (path !== undefined && entry !== undefined) found.set(path, entry)
        }
        return found
      })
  })
)

describe("The plan of a rollback (SPEC.md RB)", () => {
  it("[RB8] a directory that the batch had made a file is as it was once its files are back, and only then", () => {
    const file = (digit: string): TreeEntry => ({ blob: digit.repeat(40), mode: "100644" })
    const directory: TreeEntry = { blob: "d".repeat(40), mode: "040000" }
    const replaced = [
      { after: file("1"), before: undefined, path: "recipes/d" },
      { after: undefined, before: file("2"), path: "recipes/d/one" }
    ]
    const landed = new Map([
      ["recipes/d", directory],
      ["recipes/d/one", file("2")]
    ])
    assert.equal(RollbackPlan.emptiness(RollbackPlan.plan(replaced, landed, "skip")), "already-reverted")
    const other = RollbackPlan.plan(replaced.slice(0, 1), landed, "force")
    assert.deepEqual(
      other.map(({ action }) => action),
      ["changed-since"]
    )
  })

  it("[RB1] a path that is as the batch left it goes back to what it was, in every mode, and says how", () => {
    fc.assert(
      fc.property(BatchArbitrary.changes(BatchArbitrary.fewEntries), onChanged, (changes, mode) => {
        const flat = changes.map((change, index) => ({ ...change, path: `recipes/${index}` }))
        const current = new Map(
          flat.flatMap(({ after, path }) => (after === undefined ? [] : [[path, after] as const]))
        )
        const steps = RollbackPlan.plan(flat, current, mode)
        for (const { action, after, before, outcome } of steps) {
          assert.deepEqual(outcome, before)
          assert.equal(action, before === undefined ? "delete" : after === undefined ? "recreate" : "restore")
        }
        assert.equal(steps.length, changes.length)
        assert.equal(RollbackPlan.emptiness(steps), changes.length === 0 ? "nothing-matches" : undefined)
      })
    )
  })

  it("[RB2] a path that is as before, or that somebody changed since, stays as it is unless asked for", () => {
    fc.assert(
      fc.property(world, ({ changes, current }) => {
        for (const step of RollbackPlan.plan(changes, current, "skip")) {
          if (same(step.current, step.before)) assert.equal(step.action, "already-reverted")
          if (!same(step.current, step.after)) assert.ok(!RollbackPlan.writes(step), step.action)
        }
      })
    )
  })

  it("[RB3] force puts back what was there before, but never takes a directory or a submodule away", () => {
    fc.assert(
      fc.property(world, ({ changes, current }) => {
        const flat = changes.map((change, index) => ({ ...change, path: `recipes/${index}` }))
        const found = new Map(
          changes.flatMap(({ path }, index) => {
            const entry = current.get(path)
            return entry === undefined ? [] : [[`recipes/${index}`, entry] as const]
          })
        )
        for (const step of RollbackPlan.plan(flat, found, "force")) {
          assert.deepEqual(step.outcome, step.current?.mode === "040000" ? step.current : step.before)
        }
      })
    )
    const link = { blob: "a".repeat(40), mode: "160000" }
    const [step] = RollbackPlan.plan(
      [{ after: undefined, before: { ...link, mode: "100644" }, path: "recipes/a" }],
      new Map([["recipes/a", link]]),
      "force"
    )
    assert.equal(step?.action, "changed-since")
  })

  it("[RB3] nothing is put below a file that stays", () => {
    const file = { blob: "a".repeat(40), mode: "100644" }
    const gone = { after: undefined, before: file, path: "recipes/a/b" }
    const blocked = RollbackPlan.plan([gone], new Map([["recipes/a", file]]), "force")
    assert.deepEqual(
      blocked.map(({ action, outcome }) => [action, outcome]),
      [["changed-since", undefined]]
    )
    const swapped = RollbackPlan.plan(
      [gone, { after: file, before: undefined, path: "recipes/a" }],
      new Map([["recipes/a", file]]),
      "skip"
    )
    assert.deepEqual(
      swapped.map(({ action }) => action),
      ["delete", "recreate"]
    )
  })

  it("[RB4] a merge is asked for where all three sides are texts, else it is a conflict; a conflict leaves the path", () => {
    fc.assert(
      fc.property(world, fc.boolean(), ({ changes, current }, conflicts) => {
        const steps = RollbackPlan.plan(changes, current, "three-way")
        const entry = { blob: "e".repeat(40), mode: "100644" }
        const merges = new Map(
          steps.filter(({ action }) => action === "merge").map(({ path }) => [path, conflicts ? undefined : entry])
        )
        for (const [index, step] of RollbackPlan.settle(steps, merges).entries()) {
          const drafted = steps[index]
          if (drafted?.action === "merge") {
            assert.ok([step.before, step.after, step.current].every(isRegular))
            assert.deepEqual([step.action, step.outcome], conflicts ? ["conflict", step.current] : ["merge", entry])
          } else assert.deepEqual(step, drafted)
          if (step.action === "conflict") assert.ok(!RollbackPlan.writes(step))
        }
      })
    )
  })

  it("[RB9] a plan that writes nothing says why, and one that writes does not", () => {
    fc.assert(
      fc.property(world, onChanged, ({ changes, current }, mode) => {
        const steps = RollbackPlan.settle(RollbackPlan.plan(changes, current, mode), new Map())
        const actions = new Set(steps.map(({ action }) => action))
        const reason = RollbackPlan.emptiness(steps)
        assert.equal(reason === undefined, steps.some(RollbackPlan.writes))
        if (reason === "already-reverted") assert.deepEqual([...actions], ["already-reverted"])
        if (reason === "all-changed-since") assert.ok(!actions.has("already-reverted"))
        if (reason === "partly-changed-since") assert.ok(actions.has("already-reverted") && actions.size > 1)
      })
    )
  })

  it("[RB14] no search for the batch's own trailer finds its rollback, whatever the reason quotes", () => {
    const trailer = fc.constantFrom("batch_id", "Batchbrake-Batch", "Batch", "rollback-of")
    fc.assert(
      fc.property(
        BatchArbitrary.batchId,
        hostileText,
        trailer,
        fc.constantFrom(" ", "", "\n", "\u00a0", "  "),
        (id, text, key, space) => {
          const alias = "2026-02-06-homebrew"
          const reason = `${text}\n\n${key}:${space}${id} and ${key}:${space}${alias}`
          const rolling = { aliases: [alias], id, reason, steps: [], undoes: undefined }
          const message = RollbackMessage.render(rolling)
          const lines = message.split("\n").filter((line) => !line.startsWith("Rollback-Of: "))
          assert.ok(
            lines.every((line) => !line.includes(`:${space}${id}`) && !line.includes(`:${space}${alias}`)),
            message
          )
          assert.ok(!message.includes(`: ${alias}`))
          assert.ok(RollbackMessage.isOf(rolling, message) && RollbackMessage.isRollback(message))
          assert.ok(RollbackMessage.isRollback(message.split("\n")[0] ?? ""))
          assert.equal(message.split("\n").length, 6)
        }
      )
    )
  })
})
