import { strict as assert } from "node:assert"
import type { Criterion } from "@batchbrake/core/batch/Adoption"
import { type AdoptionRequest, adoptBatches } from "@batchbrake/core/program/adoptBatches"
import { findBatch, listBatches } from "@batchbrake/core/program/readBatches"
import { describe, it } from "vitest"
import { Registry, START } from "../support/registry.ts"

const DAY = 86_400_000
const SUBJECT: Criterion = { _tag: "Subject", pattern: /^batch (?<alias>\S+)/g }

const adopt = (registry: Registry, request: Partial<AdoptionRequest> = {}) =>
  adoptBatches(registry.origin(), { criterion: SUBJECT, dryRun: false, ecosystems: [], ...request })

/** Four batches of two days, two of them under one older name, among other commits. */
const grown = async () => {
  const registry = await Registry.begin()
  const { commit, setTime } = registry.content
  setTime(START - 2 * DAY)
  commit("seed", { "recipes/a": "a1", "recipes/b": "b1" })
  const commits = [commit("batch 2026-02-04-homebrew (#1)", { "recipes/a": "a2", "state.json": "1" })]
  commit("no batch", { "recipes/b": "b2" })
  commits.push(commit("batch 2026-02-04-homebrew (#2)", { "recipes/b": undefined, "recipes/c": "c" }))
  setTime(START - DAY - 1)
  commits.push(commit("batch 2026-02-05-npm (#3)\n\nbatch_id: 2026-02-05-npm", { "recipes/d": "d" }))
  setTime(START - DAY)
  commits.push(commit("batch 2026-02-05-003 (#4)\n\nbatch_id: 2026-02-05-003", { "recipes/e": "e" }))
  return { commits, registry }
}

describe("Adopting history (SPEC.md AD)", () => {
  it("[AD1] each recognised commit is a batch of what it did to its first parent, under a fresh ID of its UTC date", async () => {
    const { commits, registry } = await grown()
    const { batches, fresh, skipped } = await registry.run(adopt(registry))
    assert.deepEqual(
      batches.map(({ adopted_from, aliases, ecosystems, id, state }) => [id, aliases, ecosystems, adopted_from, state]),
      [
        ["2026-02-04-001", ["2026-02-04-homebrew"], ["homebrew"], commits[0], "merged"],
        ["2026-02-04-002", ["2026-02-04-homebrew"], ["homebrew"], commits[1], "merged"],
        ["2026-02-04-003", ["2026-02-05-npm"], ["npm"], commits[2], "merged"],
        ["2026-02-05-004", ["2026-02-05-003"], [], commits[3], "merged"]
      ]
    )
    assert.deepEqual([fresh.length, skipped], [4, []])
    assert.deepEqual(
      batches[0]?.paths.map(({ path }) => path),
      ["recipes/a"]
    )
    assert.deepEqual(batches[0]?.merged?.outside, ["state.json"])
  })

  it("[AD2] adopting again changes nothing, however the commits are recognised", async () => {
    const { commits, registry } = await grown()
    const { batches } = await registry.run(adopt(registry))
    const log = registry.log().length
    const criteria: ReadonlyArray<Criterion> = [SUBJECT, { _tag: "Commits", commits }]
    for (const criterion of criteria) {
      const again = await registry.run(adopt(registry, { criterion }))
      assert.deepEqual([again.batches, again.fresh], [batches, []])
    }
    registry.content.commit("batch 2026-02-06-npm", { "recipes/f": "f" })
    assert.deepEqual((await registry.run(adopt(registry))).fresh, ["2026-02-06-001"])
    assert.equal(registry.log().length, log + 1)
  })

  it("[AD2] a batch that was opened here and merged is not adopted a second time", async () => {
    const registry = await Registry.begin()
    const id = await registry.batch({ "recipes/a": "1" })
    const { batches, fresh } = await registry.run(
      adopt(registry, { criterion: { _tag: "Commits", commits: ["main"] } })
    )
    assert.deepEqual([batches.map((batch) => batch.id), fresh], [[id], []])
  })

  it("[AD3] an older name finds its one batch; one that several have is refused with all of them", async () => {
    const { registry } = await grown()
    await registry.run(adopt(registry))
    assert.equal((await registry.run(findBatch("2026-02-05-npm"))).id, "2026-02-04-003")
    assert.equal(await registry.code(findBatch("2026-02-04-homebrew")), "ambiguous-alias")
    assert.match(await registry.message(findBatch("2026-02-04-homebrew")), /2026-02-04-001, 2026-02-04-002/)
    assert.equal(await registry.code(findBatch("2026-02-04-home")), "malformed-id")
    assert.equal(await registry.code(findBatch("2026-02-04-homebrew2")), "malformed-id")
  })

  it("[AD3] an older name that looks like an ID finds its batch, and is never given out as an ID", async () => {
    const { registry } = await grown()
    await registry.run(adopt(registry))
    assert.equal((await registry.run(findBatch("2026-02-05-003"))).id, "2026-02-05-004")
    const ids = (await registry.run(listBatches())).manifests.map(({ id }) => id)
    assert.ok(!ids.includes("2026-02-05-003"))
  })

  it("[AD3] an alias that was pointed elsewhere by hand is refused", async () => {
    const { registry } = await grown()
    await registry.run(adopt(registry))
    await registry.edit("manifests/aliases.json", (text) =>
      text.replace('["2026-02-05-npm",["2026-02-04-003"]]', '["2026-02-05-npm",["2026-02-04-001"]]')
    )
    assert.equal(await registry.code(findBatch("2026-02-05-npm")), "edited-by-hand")
  })

  it("[AD4] a dry run answers what the real one then does, and writes nothing", async () => {
    const { registry } = await grown()
    const log = registry.log().length
    const dry = await registry.run(adopt(registry, { dryRun: true }))
    assert.equal(registry.log().length, log)
    const real = await registry.run(adopt(registry))
    const bare = ({ sealed_at: _time, ...batch }: (typeof dry.batches)[number]) => batch
    assert.deepEqual(real.batches.map(bare), dry.batches.map(bare))
  })

  it("[AD5] by trailer only the exact key of the last paragraph counts", async () => {
    const { registry } = await grown()
    const { commit } = registry.content
    commit("quotes it\n\nbatch_id: 2026-02-05-x\n\nand goes on", { "recipes/x": "1" })
    commit("another key\n\nold_batch_id: 2026-02-05-x", { "recipes/x": "2" })
    commit("prefix\n\nbatch_idx: 2026-02-05-x", { "recipes/x": "3" })
    const { batches } = await registry.run(adopt(registry, { criterion: { _tag: "Trailer", key: "batch_id" } }))
    assert.deepEqual(
      batches.flatMap(({ aliases }) => aliases),
      ["2026-02-05-npm", "2026-02-05-003"]
    )
  })

  it("[AD6] what becomes no batch is named with why", async () => {
    const registry = await Registry.begin()
    const issued = await registry.seal({ "recipes/own": "1" })
    const { commit } = registry.content
    commit("batch docs-only", { "docs/a": "1" })
    commit("batch empty", {})
    commit(`batch ${issued}`, { "recipes/own": "1" })
    commit("batch submodule", { "recipes/sub": { mode: "160000", text: "x" } })
    const { batches, skipped } = await registry.run(adopt(registry))
    assert.deepEqual(batches, [])
    assert.deepEqual(skipped.map(({ code }) => code).sort(), [
      "issued-here",
      "not-a-file",
      "nothing-changed",
      "outside-content"
    ])
    const nowhere: Criterion = { _tag: "Commits", commits: [`bot-${issued}`] }
    assert.equal(await registry.code(adopt(registry, { criterion: nowhere })), "not-on-branch")
  })

  it("[AD7] no rollback is ever taken for a batch, also where a squash dropped its trailers", async () => {
    const { registry } = await grown()
    await registry.run(adopt(registry))
    const { proposed } = await registry.run(
      registry.rollBack("2026-02-04-001", { reason: "batch_id: 2026-02-04-homebrew" })
    )
    registry.content.land(proposed?.branch ?? "", "rebase", "")
    await registry.run(registry.rollBack("2026-02-04-001", { undo: true }))
    registry.content.land("rollback/2026-02-04-001-undone", "squash", "Put batch back: 2026-02-04-001, fine (#12)")
    const wide: Criterion = { _tag: "Subject", pattern: /batch/i }
    const { fresh } = await registry.run(adopt(registry, { criterion: wide }))
    assert.deepEqual(fresh, ["2026-02-04-004"])
    const trailer: Criterion = { _tag: "Trailer", key: "batch_id" }
    assert.deepEqual((await registry.run(adopt(registry, { criterion: trailer }))).fresh, [])
  })

  it("[AD8] two thousand batches are adopted in one control commit, and each can be rolled back", async () => {
    const registry = await Registry.begin()
    for (let number = 0; number < 2000; number++) {
      registry.content.setTime(START - DAY * (number % 300))
      registry.content.commit(`batch old-${number}`, { [`recipes/${number}`]: "1" })
      if (number > 60) registry.content.point("main", registry.content.tip())
    }
    const log = registry.log().length
    const { fresh } = await registry.run(adopt(registry, { ecosystems: ["npm"] }))
    assert.deepEqual([fresh.length, new Set(fresh).size, registry.log().length], [2000, 2000, log + 1])
    const { planned, proposed } = await registry.run(registry.rollBack("old-77"))
    assert.deepEqual(
      planned.steps.map(({ action, path }) => [path, action]),
      [["recipes/77", "delete"]]
    )
    assert.equal(Object.keys(registry.texts(proposed?.commit)).length, 1999)
  }, 120_000)
})
