import { strict as assert } from "node:assert"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import { openBatch } from "@batchbrake/core/program/openBatch"
import { findBatch, listBatches } from "@batchbrake/core/program/readBatches"
import { sealBatch } from "@batchbrake/core/program/sealBatch"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { policyOf, Registry } from "../support/registry.ts"

const FIRST = "2026-02-06-001"
const PATH = `manifests/2026/02/06/${FIRST}.json`
const LEDGER = "manifests/2026/02/06/ledger.jsonl"

describe("Batches on the control branch (SPEC.md BA)", () => {
  it("[BA1] fifty openings at once get the fifty first IDs of the day, each once", async () => {
    const registry = await Registry.begin()
    const origins = Array.from({ length: 50 }, () => registry.origin())
    const opened = await registry.run(
      Effect.forEach(origins, (origin) => openBatch(origin, ["npm"]), { concurrency: "unbounded" })
    )
    const expected = Array.from({ length: 50 }, (_, index) => `2026-02-06-${String(index + 1).padStart(3, "0")}`)
    assert.deepEqual(opened.map(({ id }) => id).sort(), expected)
    const { manifests, refused } = await registry.run(listBatches())
    assert.deepEqual(
      manifests.map(({ id, state }) => [id, state]),
      expected.map((id) => [id, "open"])
    )
    assert.deepEqual(refused, [])
  }, 120_000)

  it("[BA1] each day begins with 001, and numbers whose manifest or whose line is gone are not given out again", async () => {
    const registry = await Registry.begin()
    assert.equal(await registry.open(), FIRST)
    const tomorrow = { ...registry.origin(), at: registry.origin().at + 86_400_000 }
    assert.equal((await registry.run(openBatch(tomorrow, ["npm"]))).id, "2026-02-07-001")
    await registry.edit(PATH, () => undefined)
    assert.equal(await registry.open(), "2026-02-06-002")
    await registry.edit(LEDGER, () => undefined)
    assert.equal(await registry.open(), "2026-02-06-003")
  })

  it("[BA1] an ecosystem that the policy does not know opens nothing, and neither does none", async () => {
    const registry = await Registry.begin()
    const before = registry.log().length
    assert.equal(await registry.code(openBatch(registry.origin(), ["pypi"])), "no-ecosystem")
    assert.equal(await registry.code(openBatch(registry.origin(), [])), "no-ecosystem")
    assert.equal(registry.log().length, before)
  })

  it("[BA5] what was done to a manifest by hand stops every order on its batch, and hides no other", async () => {
    const registry = await Registry.begin()
    const id = await registry.batch({ "recipes/a": "1" })
    const other = await registry.batch({ "recipes/b": "1" })
    await registry.edit(PATH, (text) => text.replace("recipes/a", "recipes/b"))
    const code = "edited-by-hand"
    assert.equal(await registry.code(findBatch(id)), code)
    assert.equal(await registry.code(registry.rollBack(id)), code)
    assert.equal(await registry.code(sealBatch(registry.origin(), id, { base: "main", head: "main" })), code)
    assert.equal(await registry.code(confirmMerge(registry.origin(), id, "main")), code)
    const { manifests, refused } = await registry.run(listBatches())
    assert.deepEqual([manifests.map(({ id }) => id), refused.map(({ id }) => id)], [[other], [id]])
  })

  it("[BA5] a manifest put there by hand under an ID that was never given out is refused as such", async () => {
    const registry = await Registry.begin()
    const id = await registry.batch({ "recipes/a": "1" })
    const text = (registry.files().get(PATH) ?? "").replaceAll(id, "2026-02-06-007")
    await registry.edit("manifests/2026/02/06/2026-02-06-007.json", () => text)
    assert.equal(await registry.code(registry.rollBack("2026-02-06-007")), "never-allocated")
  })

  it("[BA6] sealing records what changed since the branch forked off: additions, deletions, modes, links, renames", async () => {
    const registry = await Registry.begin()
    registry.content.commit("seed", {
      "recipes/gone": "g",
      "recipes/mode": "m",
      "recipes/old": "same",
      "recipes/text": "1"
    })
    const link = { mode: "120000", text: "../target" }
    const id = await registry.open()
    registry.content.commit(
      "batch",
      {
        "recipes/gone": undefined,
        "recipes/link": link,
        "recipes/mode": { mode: "100755", text: "m" },
        "recipes/new": "same",
        "recipes/old": undefined,
        "recipes/text": "2"
      },
      "bot"
    )
    registry.content.commit("meanwhile", { "docs/x": "1", "recipes/other": "1" })
    await registry.run(sealBatch(registry.origin(), id, { base: "main", head: "bot" }))
    const { paths, state } = await registry.run(findBatch(id))
    const { entryOf } = registry.content
    assert.equal(state, "sealed")
    assert.deepEqual(JSON.parse(JSON.stringify(paths)), [
      { before: entryOf("g"), path: "recipes/gone" },
      { after: entryOf("../target", "120000"), path: "recipes/link" },
      { after: entryOf("m", "100755"), before: entryOf("m"), path: "recipes/mode" },
      { after: entryOf("same"), path: "recipes/new" },
      { before: entryOf("same"), path: "recipes/old" },
      { after: entryOf("2"), before: entryOf("1"), path: "recipes/text" }
    ])
  })

  it("[BA6] sealing again with the same revisions is not applied, with others it is refused", async () => {
    const registry = await Registry.begin()
    const id = await registry.seal({ "recipes/a": "1" })
    const before = registry.log().length
    const again = await registry.run(sealBatch(registry.origin(), id, { base: "main", head: `bot-${id}` }))
    assert.deepEqual([again.applied, registry.log().length], [false, before])
    registry.content.commit("more", { "recipes/b": "1" }, `bot-${id}`)
    const other = sealBatch(registry.origin(), id, { base: "main", head: `bot-${id}` })
    assert.equal(await registry.code(other), "sealed-already")
  })

  it("[BA7] a batch with a path outside the content cannot be sealed, and the path is named", async () => {
    const registry = await Registry.begin()
    const id = await registry.open()
    registry.content.commit("batch", { ".github/workflows/x.yml": "1", "recipes/a": "1" }, "bot")
    const seal = sealBatch(registry.origin(), id, { base: "main", head: "bot" })
    assert.equal(await registry.code(seal), "outside-content")
    assert.match(await registry.message(seal), /"\.github\/workflows\/x\.yml"/)
    assert.equal((await registry.run(findBatch(id))).state, "open")
  })

  it.each(["merge", "squash", "rebase"] as const)(
    "[BA8] a %s of two commits is confirmed, and says what review edited",
    async (how) => {
      const registry = await Registry.begin()
      registry.content.commit("seed", { "recipes/a": "a1", "recipes/b": "b1", "recipes/c": "c1" })
      const id = await registry.open()
      registry.content.commit("first", { "recipes/a": "a2", "recipes/b": "b2" }, "bot")
      registry.content.commit("second", { "recipes/a": "a3", "recipes/c": undefined, "recipes/new": "n" }, "bot")
      await registry.run(sealBatch(registry.origin(), id, { base: "main", head: "bot" }))
      registry.content.commit("meanwhile", { "recipes/other": "o" })
      const onto = registry.content.tip()
      const review = { "README.md": "r", "recipes/b": "b1", "recipes/extra": "e", "recipes/new": "edited" }
      const commit = registry.content.land("bot", how, "land (#1)", review)
      const { applied, manifest } = await registry.run(confirmMerge(registry.origin(), id, "main"))
      const { entryOf } = registry.content
      assert.ok(applied)
      assert.deepEqual(
        [manifest.merged?.commit, manifest.merged?.onto, manifest.merged?.outside],
        [commit, onto, ["README.md"]]
      )
      assert.deepEqual(JSON.parse(JSON.stringify(manifest.merged?.differs)), [
        { path: "recipes/b" },
        { after: entryOf("e"), path: "recipes/extra" },
        { after: entryOf("edited"), path: "recipes/new" }
      ])
      const { planned, proposed } = await registry.run(registry.rollBack(id))
      assert.deepEqual(
        planned.steps.map(({ action, path }) => [path, action]),
        [
          ["recipes/a", "restore"],
          ["recipes/c", "recreate"],
          ["recipes/extra", "delete"],
          ["recipes/new", "delete"]
        ]
      )
      const expected = { ...registry.texts(onto), "README.md": "r" }
      assert.deepEqual(registry.texts(proposed?.commit), expected)
    }
  )

  it("[BA8] a rebase whose own commits are gone still counts what an earlier commit of it brought", async () => {
    const registry = await Registry.begin()
    const id = await registry.open()
    registry.content.commit("first", { "recipes/a": "1" }, "bot")
    registry.content.commit("second", { "recipes/b": "1" }, "bot")
    await registry.run(sealBatch(registry.origin(), id, { base: "main", head: "bot" }))
    const { head = "" } = await registry.run(findBatch(id))
    registry.content.land("bot", "rebase", "")
    const { commitAt } = registry.content.service
    const lost = (revision: string) => (revision === head ? commitAt("gone") : commitAt(revision))
    registry.services = { ...registry.services, content: { ...registry.content.service, commitAt: lost } }
    const { manifest } = await registry.run(confirmMerge(registry.origin(), id, "main"))
    assert.deepEqual(manifest.merged?.differs, [])
  })

  it("[BA8] a commit that is not on the content branch, and a batch that is not sealed, cannot be merged", async () => {
    const registry = await Registry.begin()
    const id = await registry.seal({ "recipes/a": "1" })
    assert.equal(await registry.code(confirmMerge(registry.origin(), id, `bot-${id}`)), "not-on-branch")
    const open = await registry.open()
    assert.equal(await registry.code(confirmMerge(registry.origin(), open, "main")), "not-sealed")
  })

  it("[BA9] a batch merged twice has both commits on record, and is what both did", async () => {
    const registry = await Registry.begin()
    registry.content.commit("seed", { "recipes/a": "a1", "recipes/b": "b1" })
    const id = await registry.batch({ "recipes/a": "a2", "recipes/b": "b2" })
    registry.content.commit("half of it again", { "recipes/a": "a3", "recipes/c": "c3" })
    const second = registry.content.tip()
    const { manifest } = await registry.run(confirmMerge(registry.origin(), id, second))
    assert.deepEqual(manifest.merged_again, [second])
    assert.equal((await registry.run(confirmMerge(registry.origin(), id, second))).applied, false)
    const { outcome, planned, proposed } = await registry.run(registry.rollBack(id))
    assert.equal(outcome, "rolled-back")
    assert.deepEqual(
      planned.steps.map(({ action }) => action),
      ["restore", "restore", "delete"]
    )
    assert.deepEqual(registry.texts(proposed?.commit), { "recipes/a": "a1", "recipes/b": "b1" })
  })

  it("[BA10] a name that no batch has is refused with the nearest ones", async () => {
    const registry = await Registry.begin()
    const none = await registry.message(findBatch("2026-02-06-001"))
    assert.match(none, /there is no batch yet/)
    for (let count = 0; count < 12; count++) await registry.open()
    assert.equal(await registry.code(findBatch("2026-02-06-013")), "unknown-batch")
    assert.match(await registry.message(findBatch("2026-02-06-013")), /nearest: 2026-02-06-012/)
    for (const name of ["2026-02-06-01", "2026-02-06", "2026-02-06-00１", "", "__proto__", "2026-02-06-0012"]) {
      assert.equal(await registry.code(findBatch(name)), "malformed-id", name)
    }
  })

  it("[BA11] each step is one commit with manifest, ledger and event; the event names its batch and nothing of the control file moves", async () => {
    const registry = await Registry.begin()
    const control = registry.files().get("batch-control.json")
    const id = await registry.batch({ "recipes/a": "1" })
    await registry.run(registry.rollBack(id))
    const messages = registry.log().slice(-4)
    const entries = messages.map((message) => Result.getOrThrow(ControlLog.parse(message)))
    assert.deepEqual(
      entries.map(({ events }) => events.map(({ _tag }) => _tag)),
      [["BatchOpened"], ["BatchSealed"], ["BatchMerged"], ["BatchRolledBack"]]
    )
    for (const message of messages) assert.ok(message.split("\n").includes(`Batchbrake-Batch: ${id}`))
    assert.equal(registry.files().get("batch-control.json"), control)
    const digests = (registry.files().get(LEDGER) ?? "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)[2])
    assert.deepEqual(
      entries.flatMap(({ events }) => events.map((event) => ("digest" in event ? event.digest : ""))),
      digests
    )
  })

  it("[BA7] a new path that is another one of the tree in other letters is refused, and named with it", async () => {
    const registry = await Registry.begin()
    registry.content.commit("seed", { "recipes/Curl": "c1", "recipes/jq": "j1" })
    const id = await registry.open()
    registry.content.commit(`batch ${id}`, { "recipes/curl": "c2" }, `bot-${id}`)
    const seal = sealBatch(registry.origin(), id, { base: "main", head: `bot-${id}` })
    assert.match(await registry.message(seal), /"recipes\/curl", "recipes\/Curl"/)
    assert.equal((await registry.run(findBatch(id))).state, "open")
  })

  it("[BA7] a policy whose content is wider lets more be sealed", async () => {
    const registry = await Registry.begin()
    const id = await registry.open()
    registry.content.commit("batch", { "docs/a": "1", "recipes/a": "1" }, "bot")
    const wide = registry.origin(policyOf(["recipes/**", "docs/*"]))
    assert.ok((await registry.run(sealBatch(wide, id, { base: "main", head: "bot" }))).applied)
  })
})
