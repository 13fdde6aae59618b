import { strict as assert } from "node:assert"
import * as PullRequest from "@batchbrake/core/batch/PullRequest"
import { findBatch } from "@batchbrake/core/program/readBatches"
import { recordPullRequest } from "@batchbrake/core/program/recordPullRequest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { Registry } from "../support/registry.ts"

const FIRST = "https://forge.example/owner/recipes/pull/7"
const SECOND = "https://forge.example/owner/recipes/pull/9"

const begun = async () => {
  const registry = await Registry.begin()
  registry.content.commit("seed", { "recipes/a": "a1" })
  const say = (name: string, which: "batch" | "rollback", address: string) =>
    recordPullRequest(registry.origin(), name, which, address)
  return { registry, say }
}

describe("Pull requests on record (SPEC.md BA)", () => {
  it("[BA12] the batch's is in its manifest, the same again is not applied, and another takes its place", async () => {
    const { registry, say } = await begun()
    const id = await registry.seal({ "recipes/a": "a2" })
    for (const [address, applied] of [
      [FIRST, true],
      [FIRST, false],
      [SECOND, true],
      [FIRST, true]
    ] as const) {
      assert.equal((await registry.run(say(id, "batch", address))).applied, applied)
      assert.equal((await registry.run(findBatch(id))).pull_request, address)
    }
    const said = registry.log().filter((message) => message.includes("Batchbrake-Event: BatchProposed"))
    assert.equal(said.length, 3)
    assert.match(said[0] ?? "", new RegExp(`^batch ${id}: asked for by ${FIRST}\n`))
  })

  it("[BA12] a rollback's stands with the newest rollback, and with no other", async () => {
    const { registry, say } = await begun()
    const id = await registry.batch({ "recipes/a": "a2" })
    assert.equal(await registry.code(say(id, "rollback", FIRST)), "not-rolled-back")
    const { proposed } = await registry.run(registry.rollBack(id))
    await registry.run(say(id, "rollback", FIRST))
    registry.content.point("main", proposed?.commit)
    await registry.run(registry.rollBack(id, { undo: true }))
    await registry.run(say(id, "rollback", SECOND))
    const { pull_request, rollbacks } = await registry.run(findBatch(id))
    assert.deepEqual([pull_request, rollbacks.map((rollback) => rollback.pull_request)], [undefined, [FIRST, SECOND]])
  })

  it("[BA12] an open batch has none, nor has one that nobody knows", async () => {
    const { registry, say } = await begun()
    assert.equal(await registry.code(say(await registry.open(), "batch", FIRST)), "not-sealed")
    assert.equal(await registry.code(say("2026-02-06-099", "batch", FIRST)), "unknown-batch")
  })

  it("[BA12] only the address of one is taken: no other scheme, no credentials, nothing that breaks a line", async () => {
    const isTaken = (text: string): boolean => Result.isSuccess(PullRequest.parse(text))
    for (const text of [
      FIRST,
      "http://127.0.0.1:8080/o/r/pulls/1",
      "https://forge.example/o/r/-/merge_requests/3?x#y"
    ]) {
      assert.ok(isTaken(text), text)
    }
    for (const text of [
      ...["", "7", "#7", "ftp://forge.example/pull/7", "javascript:alert(1)", "https://", "https:///pull/7"],
      ...["https://user:secret@forge.example/pull/7", "https://token@forge.example/pull/7", "https://forge.example"],
      ...[`${FIRST}\nBatchbrake-Event: x`, `${FIRST} `, ` ${FIRST}`, `${FIRST}\u0000`, `${FIRST}\u202e`],
      `https://forge.example/${"x".repeat(2_000)}`
    ]) {
      assert.ok(!isTaken(text), text)
    }
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const taken = isTaken(`${url.split(/[?#]/)[0]}/pull/1`)
        assert.equal(taken, true)
      })
    )
  })
})
