/**
 * Random histories of a registry against what a rollback promises: batches land in every way, people and other batches
 * edit after them, and one of them is taken out again in every mode.
 */
import { strict as assert } from "node:assert"
import type { OnChanged } from "@batchbrake/core/batch/RollbackPlan"
import { findBatch } from "@batchbrake/core/program/readBatches"
import type { Landing } from "@batchbrake/core/testing/MemoryContentRepository"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { Registry } from "../support/registry.ts"

const NAMES = ["a", "b", "c", "d/e", "d/f"].map((name) => `recipes/${name}`)

/** A text of three lines that can be edited apart; short, so that texts meet again. */
const text = fc
  .tuple(fc.constantFrom("1", "2", "3"), fc.constantFrom("x", "y"))
  .map(([top, end]) => `${top}\nmiddle\n${end}`)
const edits = fc.dictionary(fc.constantFrom(...NAMES), fc.option(text, { nil: undefined }), {
  maxKeys: 4,
  noNullPrototype: true
})
const landing = fc.constantFrom<Landing>("merge", "squash", "rebase")

interface Batch {
  readonly edits: Readonly<Record<string, string | undefined>>
  readonly more: Readonly<Record<string, string | undefined>>
  readonly how: Landing
  readonly review: Readonly<Record<string, string | undefined>>
  readonly confirmed: boolean
}

const batch: fc.Arbitrary<Batch> = fc.record({
  confirmed: fc.boolean(),
  edits,
  how: landing,
  more: edits,
  review: fc.oneof({ arbitrary: fc.constant({}), weight: 3 }, { arbitrary: edits, weight: 1 })
})

const history = fc.record({
  after: fc.array(fc.oneof(edits, batch), { maxLength: 3 }),
  before: fc.array(edits, { maxLength: 2 }),
  batch,
  meanwhile: edits,
  onChanged: fc.constantFrom<OnChanged>("skip", "three-way", "force")
})

type Texts = Readonly<Record<string, string | undefined>>

const land = async (registry: Registry, { confirmed, edits, how, more, review }: Batch, meanwhile: Texts) => {
  const id = await registry.open()
  registry.content.commit(`first of ${id}`, edits, `bot-${id}`)
  registry.content.commit(`second of ${id}`, more, `bot-${id}`)
  await registry.sealBranch(id)
  registry.content.commit("meanwhile", { ...meanwhile, "docs/meanwhile": id })
  const onto = registry.texts()
  // What review edits is only told where somebody confirms the merge.
  const commit = registry.content.land(`bot-${id}`, how, `land ${id}`, confirmed ? review : {})
  if (confirmed) await registry.confirm(id, commit, { whateverPaths: true })
  return { id, landed: registry.texts(), onto }
}

const play = async (registry: Registry, run: typeof history extends fc.Arbitrary<infer H> ? H : never) => {
  for (const edits of run.before) registry.content.commit("before", { ...edits, "docs/before": "1" })
  const played = await land(registry, run.batch, run.meanwhile)
  for (const after of run.after) {
    if ("how" in after) await land(registry, after as Batch, {})
    else registry.content.commit("after", after)
  }
  return played
}

describe("Random histories (SPEC.md RB)", () => {
  it("[RB1] what nobody touched after a confirmed batch is as it was right before it, however it landed", async () => {
    const confirmed = history.map((run) => ({ ...run, batch: { ...run.batch, confirmed: true } }))
    await fc.assert(
      fc.asyncProperty(confirmed, async (run) => {
        const registry = await Registry.begin()
        const { id, landed, onto } = await play(registry, run)
        const now = registry.texts()
        const { proposed } = await registry.run(registry.rollBack(id, { onChanged: run.onChanged }))
        const then = registry.texts(proposed?.commit)
        for (const path of NAMES) {
          if (now[path] === landed[path]) assert.equal(then[path], onto[path], path)
        }
      }),
      { numRuns: 150 }
    )
  }, 120_000)

  it("[RB2] what was changed since is never lost, and nothing else of the tree moves", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (run) => {
        const registry = await Registry.begin()
        const { id, landed } = await play(registry, run)
        const now = registry.texts()
        const { planned, proposed, verified } = await registry.run(registry.rollBack(id, { onChanged: run.onChanged }))
        const then = registry.texts(proposed?.commit)
        const actions = new Map(planned.steps.map(({ action, path }) => [path, action]))
        for (const path of new Set([...Object.keys(now), ...Object.keys(then)])) {
          const action = actions.get(path)
          if (action === undefined || action === "changed-since" || action === "conflict")
            assert.equal(then[path], now[path], path)
          if (
            now[path] !== landed[path] &&
            run.onChanged === "skip" &&
            action !== "delete" &&
            action !== "restore" &&
            action !== "recreate"
          ) {
            assert.equal(then[path], now[path], path)
          }
        }
        assert.equal(verified, proposed !== undefined)
        assert.ok(Object.values(then).every((text) => !text?.includes("<<<<")))
      }),
      { numRuns: 150 }
    )
  }, 120_000)

  it("[RB8] run again it writes nothing more, and once landed there is nothing left to do", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (run) => {
        const registry = await Registry.begin()
        const { id } = await play(registry, run)
        const request = { onChanged: run.onChanged }
        const first = await registry.run(registry.rollBack(id, request))
        const log = registry.log().length
        const second = await registry.run(registry.rollBack(id, request))
        assert.equal(second.proposed?.commit, first.proposed?.commit)
        if (first.proposed !== undefined) registry.content.land(first.proposed.branch, "squash", "Roll back")
        const texts = registry.texts()
        const third = await registry.run(registry.rollBack(id, request))
        if (run.onChanged === "skip") assert.notEqual(third.outcome, "rolled-back")
        assert.deepEqual(third.outcome === "rolled-back" ? texts : registry.texts(third.proposed?.commit), texts)
        if (third.outcome !== "rolled-back") assert.equal(registry.log().length, log)
      }),
      { numRuns: 100 }
    )
  }, 120_000)

  it("[RB13] a rollback that landed is undone exactly", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (run) => {
        const registry = await Registry.begin()
        const { id } = await play(registry, run)
        const now = registry.texts()
        const { proposed } = await registry.run(registry.rollBack(id, { onChanged: run.onChanged }))
        if (proposed === undefined) return
        registry.content.land(proposed.branch, "squash", "Roll back")
        const undone = await registry.run(registry.rollBack(id, { undo: true }))
        assert.equal(undone.outcome, "rolled-back")
        assert.deepEqual(registry.texts(undone.proposed?.commit), now)
        assert.notEqual((await registry.run(findBatch(id))).state, "rolled-back")
      }),
      { numRuns: 100 }
    )
  }, 120_000)
})
