import { strict as assert } from "node:assert"
import * as Lifecycle from "@batchbrake/core/batch/Lifecycle"
import { describe, it } from "vitest"
import { AT, changed, file, given, ID, MINUTE, merged, objectId, opened, refused, rollback, sealed } from "./batches.ts"

const EDIT = changed("recipes/a", "1", "2")

describe("The life of a batch (SPEC.md BA)", () => {
  it("begins with nothing but its name, its ecosystems once each and in order, and who opened it", () => {
    assert.deepEqual(Lifecycle.opened({ at: AT, by: "alice", ecosystems: ["npm", "homebrew", "npm"], id: ID }), {
      aliases: [],
      by: "alice",
      ecosystems: ["homebrew", "npm"],
      id: ID,
      merged_again: [],
      opened_at: "2026-02-06T10:00:00Z",
      paths: [],
      rollbacks: [],
      state: "open",
      version: 1
    })
  })

  it("[BA6] is sealed with two revisions, and again only with the same two", () => {
    const sealing = { at: AT + MINUTE, base: objectId("a"), changes: [EDIT], head: objectId("b") }
    const batch = given(Lifecycle.sealed(opened(), sealing))
    assert.deepEqual(batch, {
      ...opened(),
      base: objectId("a"),
      head: objectId("b"),
      paths: [{ after: file("2"), before: file("1"), path: "recipes/a" }],
      sealed_at: "2026-02-06T10:01:00Z",
      state: "sealed"
    })
    assert.equal(given(Lifecycle.sealed(batch, { ...sealing, at: AT, changes: [] })), batch)
    for (const other of [{ base: objectId("f") }, { head: objectId("f") }]) {
      assert.deepEqual(refused(Lifecycle.sealed(batch, { ...sealing, ...other })), [
        "sealed-already",
        `${ID} was sealed from ${objectId("a")} to ${objectId("b")} at 2026-02-06T10:01:00Z; ` +
          "what a batch is does not change any more: open another one"
      ])
    }
    const { base: _, head: __, ...bare } = batch
    assert.match(refused(Lifecycle.sealed(bare, sealing))[1], /from nothing to nothing/)
  })

  it("remembers the pull request of the batch once it is sealed, and the one of its newest rollback", () => {
    const [old, next] = ["https://forge.example/o/r/pull/1", "https://forge.example/o/r/pull/2"]
    const batch = sealed([EDIT])
    assert.equal(refused(Lifecycle.proposed(opened(), "batch", old))[0], "not-sealed")
    const first = given(Lifecycle.proposed(batch, "batch", old))
    assert.deepEqual(first, { ...batch, pull_request: old })
    assert.equal(given(Lifecycle.proposed(first, "batch", old)), first)
    assert.deepEqual(given(Lifecycle.proposed(first, "batch", next)), { ...batch, pull_request: next })
    assert.equal(refused(Lifecycle.proposed(first, "rollback", next))[0], "not-rolled-back")
    const [one, other] = [rollback(), rollback({ commit: objectId("f"), undoes: objectId("e") })]
    assert.equal(Lifecycle.proposedCommit({ ...first, rollbacks: [one, other, one] }, "rollback"), objectId("e"))
    const twice = { ...first, rollbacks: [one, other] }
    const thrice = { ...first, rollbacks: [one, one, other] }
    assert.deepEqual(given(Lifecycle.proposed(thrice, "rollback", next)).rollbacks, [
      one,
      one,
      { ...other, pull_request: next }
    ])
    const asked = given(Lifecycle.proposed(twice, "rollback", next))
    assert.deepEqual(asked, { ...twice, rollbacks: [one, { ...other, pull_request: next }] })
    assert.equal(given(Lifecycle.proposed(asked, "rollback", next)), asked)
    assert.deepEqual(
      [batch, twice].flatMap((each) => [
        Lifecycle.proposedCommit(each, "batch"),
        Lifecycle.proposedCommit(each, "rollback")
      ]),
      [objectId("b"), undefined, objectId("b"), objectId("f")]
    )
  })

  it("[BA14] a commit looks like the landing where it changes a path of the batch, or no content at all", () => {
    const batch = sealed([EDIT])
    assert.ok(Lifecycle.looksLikeLanding(batch, []))
    assert.ok(Lifecycle.looksLikeLanding(batch, [changed("recipes/z", "1", "2"), EDIT]))
    assert.ok(!Lifecycle.looksLikeLanding(batch, [changed("recipes/z", "1", "2")]))
  })

  it("is rolled back and put back, each commit once; undone it is what it was before", () => {
    assert.equal(refused(Lifecycle.rolledBack(opened(), rollback()))[0], "not-sealed")
    for (const batch of [sealed([EDIT]), merged([EDIT])]) {
      const out = given(Lifecycle.rolledBack(batch, rollback()))
      assert.deepEqual(out, { ...batch, rollbacks: [rollback()], state: "rolled-back" })
      assert.equal(given(Lifecycle.rolledBack(out, rollback({ reason: "again" }))), out)
      const undoing = rollback({ commit: objectId("f"), undoes: objectId("e") })
      const back = given(Lifecycle.rolledBack(out, undoing))
      assert.deepEqual(back, { ...batch, rollbacks: [rollback(), undoing] })
      assert.equal(given(Lifecycle.rolledBack(back, rollback())), back)
    }
  })

  it("[AD1] one of history is merged from the start, with or without a parent", () => {
    const adoption: Lifecycle.Adoption = {
      aliases: ["old", "2026-02-06-homebrew", "old"],
      at: AT + MINUTE,
      by: "alice",
      changes: [changed("recipes/b", undefined, "1"), EDIT],
      commit: objectId("c"),
      committedAt: AT,
      ecosystems: ["homebrew"],
      id: ID,
      outside: ["state.json", "README.md"],
      parent: objectId("a")
    }
    const adopted = {
      ...Lifecycle.opened({ at: AT, by: "alice", ecosystems: ["homebrew"], id: ID }),
      adopted_from: objectId("c"),
      aliases: ["2026-02-06-homebrew", "old"],
      head: objectId("c"),
      paths: [
        { after: file("2"), before: file("1"), path: "recipes/a" },
        { after: file("1"), path: "recipes/b" }
      ],
      sealed_at: "2026-02-06T10:01:00Z",
      state: "merged"
    }
    const at = "2026-02-06T10:00:00Z"
    const landed = { at, commit: objectId("c"), differs: [], outside: ["README.md", "state.json"] }
    const base = objectId("a")
    assert.deepEqual(Lifecycle.adopted(adoption), { ...adopted, base, merged: { ...landed, onto: base } })
    assert.deepEqual(Lifecycle.adopted({ ...adoption, parent: undefined }), { ...adopted, merged: landed })
    assert.deepEqual(Lifecycle.landings(Lifecycle.adopted(adoption)), [objectId("c"), objectId("c")])
  })
})
