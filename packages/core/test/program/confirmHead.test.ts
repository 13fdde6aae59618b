import { strict as assert } from "node:assert"
import { confirmHead } from "@batchbrake/core/program/confirmHead"
import { findBatch } from "@batchbrake/core/program/readBatches"
import { describe, it } from "vitest"
import { Registry } from "../support/registry.ts"

const begun = async () => {
  const registry = await Registry.begin()
  registry.content.commit("seed", { "recipes/a": "a1", "recipes/b": "b1" })
  const confirm = (head: string, commit?: string) => confirmHead(registry.origin(), head, commit)
  const headOf = async (id: string) => (await registry.run(findBatch(id))).head ?? ""
  return { confirm, headOf, registry }
}

const EDITS = { "recipes/a": "a2", "recipes/c": "c1" }

describe("Merges by the head of their pull request (SPEC.md FG)", () => {
  it.each(["merge", "squash", "rebase"] as const)(
    "[FG13] a %s is confirmed by the batch's head, with the commit or without, and then rolled back whole",
    async (how) => {
      for (const isNamed of [true, false]) {
        const { confirm, headOf, registry } = await begun()
        const id = await registry.seal(EDITS)
        await registry.seal({ "recipes/b": "b2" })
        registry.content.commit("in between", { "recipes/d": "d1" })
        const before = registry.texts()
        const commit = registry.content.land(`bot-${id}`, how, "Land it (#7)", {})
        registry.content.commit("afterwards", { "recipes/e": "e1" })
        const head = await headOf(id)
        const { applied, manifest, rollback } = await registry.run(confirm(head, isNamed ? commit : undefined))
        assert.deepEqual([applied, manifest.id, manifest.merged?.commit, rollback], [true, id, commit, undefined])
        assert.deepEqual(manifest.merged?.differs, [])
        assert.equal((await registry.run(confirm(head, commit))).applied, false)
        const { proposed } = await registry.run(registry.rollBack(id))
        assert.deepEqual(registry.texts(proposed?.commit), { ...before, "recipes/e": "e1" })
      }
    }
  )

  it("[FG13] a rollback is known by its commit, and nothing is written", async () => {
    const { confirm, registry } = await begun()
    const id = await registry.batch(EDITS)
    const { proposed } = await registry.run(registry.rollBack(id))
    const commit = proposed?.commit ?? ""
    const { length } = registry.log()
    const { applied, manifest, rollback } = await registry.run(confirm(commit))
    assert.deepEqual([applied, manifest.id, manifest.state, rollback?.commit], [false, id, "rolled-back", commit])
    assert.equal(await registry.code(confirm(commit, commit)), "not-on-branch")
    registry.content.point("main", commit)
    assert.equal((await registry.run(confirm(commit, commit))).applied, false)
    assert.equal(registry.log().length, length)
  })

  it("[FG13] near misses are no head: a part of one, other digits, other cases, a branch, a batch's own commit", async () => {
    const { confirm, headOf, registry } = await begun()
    const id = await registry.batch(EDITS)
    const head = await headOf(id)
    const landed = (await registry.run(findBatch(id))).merged?.commit ?? ""
    const other = `${head.slice(0, -1)}${head.endsWith("0") ? "1" : "0"}`
    for (const near of ["", head.slice(0, 12), `${head}0`, ` ${head}`, other, `bot-${id}`, id, landed]) {
      assert.equal(await registry.code(confirm(near)), "unknown-head", near)
    }
    if (head !== head.toUpperCase()) assert.equal(await registry.code(confirm(head.toUpperCase())), "unknown-head")
  })

  it("[FG13] a head that several batches have is refused with all of them", async () => {
    const { confirm, headOf, registry } = await begun()
    const id = await registry.seal(EDITS)
    const head = await headOf(id)
    const second = await registry.open()
    registry.content.point(`bot-${second}`, head)
    await registry.sealBranch(second)
    const message = await registry.message(confirm(head))
    assert.ok(message.includes(id) && message.includes(second), message)
  })

  it("[FG13] without its commit a merge that cannot be told from others is refused", async () => {
    const { confirm, headOf, registry } = await begun()
    const id = await registry.seal(EDITS)
    const head = await headOf(id)
    assert.equal(await registry.code(confirm(head)), "no-landing")
    const commit = registry.content.land(`bot-${id}`, "squash", "Land it", {})
    registry.content.commit("by hand", { "recipes/a": "a3" })
    assert.equal(await registry.code(confirm(head)), "no-landing")
    assert.equal((await registry.run(confirm(head, commit))).applied, true)
    const twice = await registry.open()
    registry.content.commit("first", { "recipes/f": "f1" }, `bot-${twice}`)
    registry.content.commit("second", { "recipes/b": "b9" }, `bot-${twice}`)
    await registry.sealBranch(twice)
    const last = registry.content.land(`bot-${twice}`, "rebase", "", {})
    assert.equal(await registry.code(confirm(await headOf(twice))), "no-landing")
    assert.deepEqual((await registry.run(confirm(await headOf(twice), last))).manifest.merged?.differs, [])
    const edited = await registry.seal({ "recipes/b": "b2" })
    registry.content.land(`bot-${edited}`, "squash", "Land it", { "recipes/b": "b3" })
    assert.equal(await registry.code(confirm(await headOf(edited))), "no-landing")
  })

  it("[FG13] a manifest that is refused is named, since it may have been the one", async () => {
    const { confirm, headOf, registry } = await begun()
    const id = await registry.seal(EDITS)
    const head = await headOf(id)
    const [path = ""] = [...registry.files().keys()].filter((one) => one.endsWith(`${id}.json`))
    await registry.edit(path, (text) => text.replace('"npm"', '"homebrew"'))
    const message = await registry.message(confirm(head))
    assert.match(message, new RegExp(`${id}.*refused`))
  })
})
