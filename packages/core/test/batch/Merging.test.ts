import { strict as assert } from "node:assert"
import * as Lifecycle from "@batchbrake/core/batch/Lifecycle"
import { describe, it } from "vitest"
import {
  AT,
  changed,
  file,
  given,
  ID,
  landing,
  MINUTE,
  merged,
  objectId,
  opened,
  refused,
  rollback,
  sealed
} from "./batches.ts"

const EDIT = changed("recipes/a", "1", "2")

describe("The merge of a batch (SPEC.md BA)", () => {
  it("[BA8] is confirmed with its commit, and says what is otherwise than it was sealed", () => {
    const changes = [EDIT, changed("recipes/b", undefined, "1"), changed("recipes/c", "1", undefined)].concat(
      changed("recipes/d", undefined, "1")
    )
    const batch = sealed(changes)
    const found = given(
      Lifecycle.merged(
        batch,
        landing({
          changes: [
            changed("recipes/z", undefined, "9"),
            changed("recipes/0", undefined, "8"),
            EDIT,
            changed("recipes/b", undefined, "2"),
            changed("recipes/y", "3", "3")
          ],
          outside: ["b", "a", "b"]
        })
      )
    )
    assert.deepEqual(found, {
      ...batch,
      merged: {
        at: "2026-02-06T10:02:00Z",
        commit: objectId("c"),
        differs: [
          { after: file("8"), path: "recipes/0" },
          { after: file("2"), path: "recipes/b" },
          { path: "recipes/c" },
          { path: "recipes/d" },
          { after: file("9"), path: "recipes/z" }
        ],
        onto: objectId("a"),
        outside: ["a", "b"]
      },
      state: "merged"
    })
    const first = given(Lifecycle.merged(batch, landing({ changes, onto: undefined })))
    assert.deepEqual(first.merged, {
      at: "2026-02-06T10:02:00Z",
      commit: objectId("c"),
      differs: [],
      outside: []
    })
    assert.deepEqual(refused(Lifecycle.merged(opened(), landing())), [
      "not-sealed",
      `${ID} is not sealed yet: \`batchbrake batch seal ${ID}\` first`
    ])
  })

  it("[BA9] the second one goes on where the first ended, and stands alone where somebody was in between", () => {
    const batch = merged([EDIT, changed("recipes/b", "1", "2")])
    assert.equal(given(Lifecycle.merged(batch, landing({ changes: [] }))), batch)
    const again = landing({
      changes: [changed("recipes/a", "2", "3"), changed("recipes/b", "7", "8"), changed("recipes/c", undefined, "1")],
      commit: objectId("e"),
      outside: ["README.md"]
    })
    const twice = given(Lifecycle.merged(batch, again))
    assert.deepEqual(twice.merged, {
      ...batch.merged,
      differs: [
        { after: file("3"), before: file("1"), path: "recipes/a" },
        { after: file("8"), before: file("7"), path: "recipes/b" },
        { after: file("1"), path: "recipes/c" }
      ],
      outside: ["README.md"]
    })
    assert.deepEqual(twice.merged_again, [objectId("e")])
    assert.deepEqual(Lifecycle.landings(twice), [objectId("c"), objectId("e")])
    assert.deepEqual(Lifecycle.landings(sealed([])), [])
    assert.equal(given(Lifecycle.merged(twice, again)), twice)
    const third = given(Lifecycle.merged(twice, landing({ commit: objectId("f") })))
    assert.deepEqual(third.merged_again, [objectId("e"), objectId("f")])
  })

  it("[BA14] instead of others takes the place of all of them, and is known where it is the only one", () => {
    const batch = merged([EDIT])
    assert.equal(given(Lifecycle.merged(batch, landing({ changes: [EDIT], instead: true }))), batch)
    const twice = given(Lifecycle.merged(batch, landing({ commit: objectId("e") })))
    const instead = given(Lifecycle.merged(twice, landing({ changes: [EDIT], commit: objectId("e"), instead: true })))
    assert.deepEqual(instead, {
      ...batch,
      merged: {
        at: "2026-02-06T10:02:00Z",
        commit: objectId("e"),
        differs: [],
        onto: objectId("a"),
        outside: []
      }
    })
  })

  it("makes a batch merged that was rolled back before it, and not one that was rolled back since", () => {
    const out = given(Lifecycle.rolledBack(merged([EDIT]), rollback({ at: "2026-02-06T10:03:00Z" })))
    const stateAt = (minutes: number, more: Partial<Lifecycle.Merging> = {}): string =>
      given(Lifecycle.merged(out, landing({ at: AT + minutes * MINUTE, commit: objectId("9"), ...more }))).state
    assert.deepEqual([stateAt(2), stateAt(3), stateAt(4)], ["rolled-back", "rolled-back", "merged"])
    assert.equal(stateAt(3, { instead: true }), "rolled-back")
    const again = given(Lifecycle.merged(out, landing({ at: AT + 4 * MINUTE, commit: objectId("8") })))
    const late = landing({ at: AT + 2 * MINUTE, commit: objectId("9") })
    assert.equal(given(Lifecycle.merged(again, late)).state, "merged")
    assert.equal(given(Lifecycle.merged(again, { ...late, instead: true })).state, "rolled-back")
  })

  it("leaves a batch merged whose rollback was undone, whenever it landed", () => {
    const undoing = { ...rollback({ commit: objectId("f"), undoes: objectId("e") }), at: "2026-02-06T12:00:00Z" }
    for (const batch of [sealed([EDIT]), merged([EDIT])]) {
      const back = given(Lifecycle.rolledBack(given(Lifecycle.rolledBack(batch, rollback())), undoing))
      for (const instead of [false, true]) {
        assert.equal(given(Lifecycle.merged(back, landing({ commit: objectId("9"), instead }))).state, "merged")
      }
    }
  })
})
