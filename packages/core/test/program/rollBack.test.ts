import { strict as assert } from "node:assert"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import { operate } from "@batchbrake/core/program/operate"
import { findBatch } from "@batchbrake/core/program/readBatches"
import type { RolledBack } from "@batchbrake/core/program/rollBack"
import { rollbackJson } from "@batchbrake/core/program/rollbackJson"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { policyOf, Registry } from "../support/registry.ts"

const SEED = { "README.md": "r", "recipes/a": "a1\nmiddle\nend", "recipes/b": "b1", "recipes/c": "c1" }
const EDITS = { "recipes/a": "a2\nmiddle\nend", "recipes/b": undefined, "recipes/new": "n" }

/** A registry with one batch that landed, and the texts from before it. */
const landed = async () => {
  const registry = await Registry.begin()
  registry.content.commit("seed", SEED)
  const before = registry.texts()
  return { before, id: await registry.batch(EDITS), registry }
}

describe("Rolling back (SPEC.md RB)", () => {
  it("[RB5] one commit on the tip puts every path back, moves nothing else, and is verified", async () => {
    const { before, id, registry } = await landed()
    const tip = registry.content.tip()
    const { outcome, proposed, verified } = await registry.run(registry.rollBack(id))
    assert.deepEqual(
      [outcome, verified, proposed?.onto, proposed?.branch],
      ["rolled-back", true, tip, `rollback/${id}`]
    )
    assert.deepEqual(registry.texts(proposed?.commit), before)
    assert.equal(registry.content.tip(), tip)
    const { rollbacks, state } = await registry.run(findBatch(id))
    assert.deepEqual([state, rollbacks.map(({ commit }) => commit)], ["rolled-back", [proposed?.commit]])
  })

  it("[RB2] what was changed since is left alone, with the commits that changed it", async () => {
    const { id, registry } = await landed()
    const changed = registry.content.commit("a hand's work", { "recipes/a": "precious" })
    const { outcome, planned, proposed } = await registry.run(registry.rollBack(id))
    assert.equal(outcome, "rolled-back")
    assert.equal(registry.texts(proposed?.commit)["recipes/a"], "precious")
    assert.deepEqual(planned.changedBy.get("recipes/a"), [
      { batch: undefined, commit: changed, subject: "a hand's work" }
    ])
  })

  it("[RB3] force puts back what was there, whatever was done since", async () => {
    const { before, id, registry } = await landed()
    registry.content.commit("edit", { "recipes/a": "mine", "recipes/b": "again", "recipes/new": "mine too" })
    const { proposed } = await registry.run(registry.rollBack(id, { onChanged: "force" }))
    assert.deepEqual(registry.texts(proposed?.commit), before)
  })

  it("[RB4] a merge takes the batch's part out of a changed text, and names a conflict instead of writing one", async () => {
    const { id, registry } = await landed()
    registry.content.commit("below", { "recipes/a": "a2\nmiddle\nother end" })
    const merged = await registry.run(registry.rollBack(id, { onChanged: "three-way" }))
    assert.equal(registry.texts(merged.proposed?.commit)["recipes/a"], "a1\nmiddle\nother end")
    registry.content.commit("same line", { "recipes/a": "a3\nmiddle\nend", "recipes/new": "edited" })
    const { planned, proposed } = await registry.run(registry.rollBack(id, { onChanged: "three-way" }))
    assert.deepEqual(
      planned.steps.map(({ action, path }) => [path, action]),
      [
        ["recipes/a", "conflict"],
        ["recipes/b", "recreate"],
        ["recipes/new", "conflict"]
      ]
    )
    const texts = registry.texts(proposed?.commit)
    assert.deepEqual([texts["recipes/a"], texts["recipes/new"]], ["a3\nmiddle\nend", "edited"])
  })

  it("[RB1] a file that the batch made a directory is a file again, unless somebody put more into the directory", async () => {
    for (const more of [{}, { "recipes/c/y": "mine" }]) {
      const registry = await Registry.begin()
      registry.content.commit("seed", SEED)
      const before = registry.texts()
      const id = await registry.batch({ "recipes/c": undefined, "recipes/c/x": "1" })
      registry.content.commit("more", more)
      const { planned, proposed } = await registry.run(registry.rollBack(id, { onChanged: "force" }))
      const isFree = Object.keys(more).length === 0
      const actions = planned.steps.map(({ action }) => action)
      assert.deepEqual(actions, [isFree ? "recreate" : "changed-since", "delete"])
      const { "recipes/c": _blocked, ...rest } = before
      assert.deepEqual(registry.texts(proposed?.commit), isFree ? before : { ...rest, ...more })
    }
  })

  it("[RB6] a proposal that holds anything else than the plan is refused and not recorded", async () => {
    const meddle: ReadonlyArray<(paths: Map<string, unknown>) => void> = [
      (paths) => paths.delete("recipes/b"),
      (paths) => paths.set("README.md", undefined),
      (paths) => paths.set("recipes/b", paths.get("recipes/a"))
    ]
    for (const change of meddle) {
      const { id, registry } = await landed()
      const { service } = registry.content
      const propose: typeof service.propose = (proposal) => {
        const entries = new Map(proposal.entries)
        change(entries)
        return service.propose({ ...proposal, entries })
      }
      registry.services = { ...registry.services, content: { ...service, propose } }
      assert.equal(await registry.code(registry.rollBack(id)), "not-verified")
      assert.equal((await registry.run(findBatch(id))).state, "merged")
    }
  })

  it("[RB6] a proposal on another commit than the planned one is refused", async () => {
    const { id, registry } = await landed()
    registry.content.commit("later", { "recipes/x": "1" })
    const { service } = registry.content
    const parent = (await Effect.runPromise(service.tip)).parent ?? ""
    const propose: typeof service.propose = (proposal) => service.propose({ ...proposal, onto: parent })
    registry.services = { ...registry.services, content: { ...service, propose } }
    assert.equal(await registry.code(registry.rollBack(id)), "not-verified")
  })

  it("[RB7] killed after any call to the outside and run again, it finishes the same rollback: one branch, one event", async () => {
    for (let survived = 0; ; survived++) {
      const { before, id, registry } = await landed()
      const whole = registry.services
      let calls = 0
      const mortal = <S extends object>(service: S): S =>
        new Proxy(service, {
          get: (target, key) => {
            const value: unknown = Reflect.get(target, key)
            if (typeof value !== "function") return value
            return (...input: ReadonlyArray<unknown>) =>
              Effect.flatMap(value(...input) as Effect.Effect<unknown>, (answer) =>
                calls++ < survived ? Effect.succeed(answer) : Effect.die("killed")
              )
          }
        })
      registry.services = { content: mortal(whole.content), control: mortal(whole.control) }
      const first = await registry.run(Effect.exit(registry.rollBack(id)))
      registry.services = whole
      registry.content.commit("elsewhere", { "recipes/x": "1" })
      const { proposed, verified } = await registry.run(registry.rollBack(id))
      assert.ok(verified)
      assert.deepEqual([proposed?.branch, registry.content.head(`rollback/${id}-2`)], [`rollback/${id}`, undefined])
      const { rollbacks } = await registry.run(findBatch(id))
      assert.deepEqual(
        rollbacks.map(({ commit }) => commit),
        [proposed?.commit]
      )
      assert.equal(registry.log().filter((message) => message.includes("Batchbrake-Event: BatchRolledBack")).length, 1)
      const { "recipes/x": _elsewhere, ...texts } = registry.texts(proposed?.commit)
      assert.deepEqual(texts, before)
      if (first._tag === "Success") return assert.ok(survived > 8)
    }
  })

  it("[RB8] run again it answers the rollback on record, before and after that landed", async () => {
    const { id, registry } = await landed()
    const { proposed } = await registry.run(registry.rollBack(id))
    const log = registry.log().length
    const pending = await registry.run(registry.rollBack(id, { reason: "another reason" }))
    assert.deepEqual(
      [pending.outcome, pending.verified, pending.proposed?.commit],
      ["already-rolled-back", true, proposed?.commit]
    )
    registry.content.land(`rollback/${id}`, "squash", "Roll back (#9)")
    const done = await registry.run(registry.rollBack(id))
    assert.deepEqual([done.outcome, done.proposed?.commit], ["already-rolled-back", proposed?.commit])
    assert.equal(registry.log().length, log)
  })

  it("[RB8] what came back after a rollback is rolled back anew, and so is one whose branch is gone", async () => {
    const { before, id, registry } = await landed()
    const first = await registry.run(registry.rollBack(id))
    registry.content.land(`rollback/${id}`, "squash", "Roll back (#9)")
    registry.content.commit("batch again", EDITS)
    const second = await registry.run(registry.rollBack(id))
    assert.equal(second.outcome, "rolled-back")
    assert.notEqual(second.proposed?.commit, first.proposed?.commit)
    assert.deepEqual(registry.texts(second.proposed?.commit), before)
    registry.content.point(second.proposed?.branch ?? "", undefined)
    const third = await registry.run(registry.rollBack(id))
    assert.equal(third.outcome, "rolled-back")
    assert.equal((await registry.run(findBatch(id))).rollbacks.length, 3)
  })

  it("[RB9] nothing matches: a batch without a path", async () => {
    const registry = await Registry.begin()
    const id = await registry.seal({})
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "nothing-matches")
  })

  it("[RB9] everything is filtered out by the content", async () => {
    const { id, registry } = await landed()
    const narrow = policyOf(["casks/**"])
    const { explanation, outcome, proposed } = await registry.run(registry.rollBack(id, {}, narrow))
    assert.deepEqual([outcome, proposed], ["outside-content", undefined])
    assert.match(explanation, /content/)
  })

  it("[RB9] some paths are gone already, all are, or each was changed since", async () => {
    const { id, registry } = await landed()
    registry.content.commit("by hand", { "recipes/new": undefined })
    const partly = await registry.run(registry.rollBack(id, { dryRun: true }))
    assert.deepEqual(
      partly.planned.steps.map(({ action }) => action),
      ["restore", "recreate", "already-reverted"]
    )
    registry.content.commit("by hand", { "recipes/a": SEED["recipes/a"], "recipes/b": SEED["recipes/b"] })
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "already-reverted")
    registry.content.commit("by hand", { "recipes/a": "mine" })
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "partly-changed-since")
    registry.content.commit("by hand", { "recipes/b": "mine", "recipes/new": "mine" })
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "all-changed-since")
    assert.equal((await registry.run(findBatch(id))).rollbacks.length, 0)
  })

  it("[RB10] a batch that never merged is said to be so, in every mode, and one that merged unconfirmed is not", async () => {
    const registry = await Registry.begin()
    registry.content.commit("seed", SEED)
    const id = await registry.seal(EDITS)
    registry.content.commit("edit", { "recipes/a": "mine" })
    for (const onChanged of ["skip", "three-way", "force"] as const) {
      const { outcome, proposed } = await registry.run(registry.rollBack(id, { onChanged }))
      assert.deepEqual([outcome, proposed], ["never-merged", undefined])
    }
    const tip = registry.content.tip()
    registry.content.land(`bot-${id}`, "squash", "landed and not confirmed")
    assert.equal((await registry.run(registry.rollBack(id, { dryRun: true }))).outcome, "planned")
    registry.content.commit("edit", { "recipes/a": "mine", "recipes/b": "mine", "recipes/new": "mine" })
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "all-changed-since")
    registry.content.point("main", tip)
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "never-merged")
  })

  it("[RB10] a batch that merged twice is rolled back once", async () => {
    const { before, id, registry } = await landed()
    registry.content.commit("taken out by hand", {
      "recipes/a": SEED["recipes/a"],
      "recipes/b": "b1",
      "recipes/new": undefined
    })
    const second = registry.content.commit("and merged again", EDITS)
    await registry.run(confirmMerge(registry.origin(), id, second))
    const { proposed } = await registry.run(registry.rollBack(id))
    assert.deepEqual(registry.texts(proposed?.commit), before)
  })

  it("[RB11] a branch of somebody else's under the wanted name is left alone", async () => {
    const { id, registry } = await landed()
    const theirs = registry.content.commit("theirs", { "recipes/x": "1" }, `rollback/${id}`)
    const { proposed } = await registry.run(registry.rollBack(id))
    assert.equal(proposed?.branch, `rollback/${id}-2`)
    assert.equal(registry.content.head(`rollback/${id}`), theirs)
  })

  /** A content repository whose branch moves before each of the first askings for its tip but one. */
  const moving = (registry: Registry, move: (time: number) => void, times: number) => {
    const { service } = registry.content
    let asked = 0
    const tip = Effect.suspend(() => {
      asked++
      if (asked > 1 && asked <= times + 1) move(asked)
      return service.tip
    })
    registry.services = { ...registry.services, content: { ...service, tip } }
  }

  it("[RB12] a branch that moves elsewhere while planning keeps the plan, on the newest tip", async () => {
    const { before, id, registry } = await landed()
    moving(registry, (time) => registry.content.commit("elsewhere", { "recipes/x": `${time}` }), 1)
    const { proposed } = await registry.run(registry.rollBack(id))
    assert.equal(proposed?.onto, registry.content.tip())
    assert.deepEqual(registry.texts(proposed?.commit), { ...before, "recipes/x": "2" })
  })

  it("[RB12] a branch that moves under the plan is planned anew, and one that never stands still is given up", async () => {
    const { id, registry } = await landed()
    moving(registry, () => registry.content.commit("mine", { "recipes/a": "mine" }), 1)
    const { planned, proposed } = await registry.run(registry.rollBack(id))
    assert.equal(planned.steps[0]?.action, "changed-since")
    assert.equal(registry.texts(proposed?.commit)["recipes/a"], "mine")
    const restless = await landed()
    moving(restless.registry, (time) => restless.registry.content.commit("mine", { "recipes/a": `${time}` }), 99)
    assert.equal(await restless.registry.code(restless.registry.rollBack(restless.id)), "content-moving")
    assert.equal(restless.registry.content.head(`rollback/${restless.id}`), undefined)
  })

  it("[RB13] a rollback is taken out again, and that is recorded; the batch can be rolled back once more", async () => {
    const { before, id, registry } = await landed()
    const after = registry.texts()
    assert.equal(await registry.code(registry.rollBack(id, { undo: true })), "nothing-to-undo")
    await registry.run(registry.rollBack(id))
    registry.content.land(`rollback/${id}`, "squash", "Roll back (#9)")
    registry.content.commit("elsewhere", { "recipes/x": "1" })
    const undone = await registry.run(registry.rollBack(id, { undo: true }))
    assert.deepEqual([undone.outcome, undone.proposed?.branch], ["rolled-back", `rollback/${id}-undone`])
    assert.deepEqual(registry.texts(undone.proposed?.commit), { ...after, "recipes/x": "1" })
    assert.equal((await registry.run(findBatch(id))).state, "merged")
    const again = await registry.run(registry.rollBack(id, { undo: true }))
    assert.deepEqual([again.outcome, again.proposed?.commit], ["already-rolled-back", undone.proposed?.commit])
    registry.content.land(`rollback/${id}-undone`, "merge", "Merge")
    const third = await registry.run(registry.rollBack(id))
    assert.equal(third.outcome, "rolled-back")
    assert.deepEqual(registry.texts(third.proposed?.commit), { ...before, "recipes/x": "1" })
  })

  it("[RB15] blobs that do not exist are refused, where they would be written", async () => {
    const { id, registry } = await landed()
    const { service } = registry.content
    const missingBlobs: typeof service.missingBlobs = (blobs) => Effect.succeed(blobs)
    registry.services = { ...registry.services, content: { ...service, missingBlobs } }
    assert.equal(await registry.code(registry.rollBack(id)), "blobs-missing")
    assert.equal(registry.content.head(`rollback/${id}`), undefined)
  })

  it("[RB15] a manifest that names paths outside the content beside others is refused", async () => {
    const { id, registry } = await landed()
    const narrow = policyOf(["recipes/a"])
    assert.equal(await registry.code(registry.rollBack(id, {}, narrow)), "outside-content")
    assert.match(await registry.message(registry.rollBack(id, {}, narrow)), /"recipes\/new"/)
  })

  it("[RB16] a pause does not hold a rollback, and a rollback changes nothing of breakers, budget and pauses", async () => {
    const { id, registry } = await landed()
    const { at, author, nonce } = registry.origin()
    const pause = { _tag: "Paused", at, author, autoResume: false, id: nonce, reason: "stop", scope: "*" } as const
    await registry.run(operate(registry.origin(), [pause]))
    const control = registry.files().get("batch-control.json")
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "rolled-back")
    assert.equal(registry.files().get("batch-control.json"), control)
  })

  it("[RB16] a control file that was loosened by hand is said before anything is proposed", async () => {
    const { id, registry } = await landed()
    const control = registry.files().get("batch-control.json") ?? ""
    const { at, author, nonce } = registry.origin()
    const pause = { _tag: "Paused", at, author, autoResume: false, id: nonce, reason: "stop", scope: "*" } as const
    await registry.run(operate(registry.origin(), [pause]))
    await registry.edit("batch-control.json", () => control)
    assert.equal(await registry.code(registry.rollBack(id)), "UnexplainedEdit")
    assert.equal(registry.content.head(`rollback/${id}`), undefined)
    assert.equal((await registry.run(registry.rollBack(id, { dryRun: true }))).outcome, "planned")
  })

  it("[RB18] a rollback without a reason is refused", async () => {
    const { id, registry } = await landed()
    assert.equal(await registry.code(registry.rollBack(id, { reason: " \n" })), "invalid")
  })

  it("[RB17] the later batches that built on it are named, and so is the batch that a commit since belongs to", async () => {
    const { id, registry } = await landed()
    const second = await registry.batch({ "recipes/a": "a3", "recipes/c": "c2" })
    const third = await registry.batch({ "recipes/a": "a4" })
    await registry.batch({ "recipes/c": "c3" })
    const { planned } = await registry.run(registry.rollBack(id, { dryRun: true }))
    assert.deepEqual(planned.laterBatches, [
      { id: second, paths: ["recipes/a"] },
      { id: third, paths: ["recipes/a"] }
    ])
    assert.deepEqual(
      planned.changedBy.get("recipes/a")?.map(({ batch }) => batch),
      [third, second]
    )
  })

  it("[RB8] one that left paths alone is answered too once it landed, until what it wrote changes again", async () => {
    const { id, registry } = await landed()
    registry.content.commit("a hand's work", { "recipes/a": "precious" })
    const first = await registry.run(registry.rollBack(id))
    registry.content.point("main", first.proposed?.commit)
    const again = await registry.run(registry.rollBack(id))
    assert.deepEqual([again.outcome, again.proposed?.commit], ["already-rolled-back", first.proposed?.commit])
    assert.match(again.explanation, /1 path changed since and left alone/)
    registry.content.commit("more of it", { "recipes/b": "again" })
    assert.equal((await registry.run(registry.rollBack(id))).outcome, "partly-changed-since")
  })

  it("[RB19] exactly the plan that was approved is carried out, though the content branch moved on meanwhile", async () => {
    const { id, registry } = await landed()
    const tip = registry.content.tip()
    let shown: RolledBack | undefined
    const { planned, proposed, verified } = await registry.run(
      registry.approved(id, (plan) => {
        shown = plan
        registry.content.commit("meanwhile", { "recipes/a": "precious", "recipes/c": "c2" })
        return Effect.succeed(true)
      })
    )
    assert.deepEqual([shown?.outcome, shown?.proposed, shown?.verified], ["planned", undefined, false])
    assert.deepEqual(planned, shown?.planned)
    assert.deepEqual([verified, proposed?.onto], [true, tip])
  })

  it("[RB19] without approval nothing is written, and nobody is asked about nothing", async () => {
    const { id, registry } = await landed()
    const log = registry.log().length
    const declined = await registry.run(registry.approved(id, () => Effect.succeed(false)))
    assert.deepEqual([declined.outcome, declined.proposed], ["planned", undefined])
    assert.deepEqual([registry.log().length, registry.content.head(`rollback/${id}`)], [log, undefined])
    const { proposed } = await registry.run(registry.rollBack(id))
    registry.content.point("main", proposed?.commit)
    const again = await registry.run(registry.approved(id, () => Effect.die("asked about nothing")))
    assert.equal(again.outcome, "already-rolled-back")
  })

  it("[RB19] a batch that became another one while its plan was looked at is refused, and nothing is written", async () => {
    const { id, registry } = await landed()
    const meanwhile = Effect.as(registry.rollBack(id), true)
    assert.equal(await registry.code(registry.approved(id, () => meanwhile)), "batch-moved")
    assert.equal((await registry.run(findBatch(id))).rollbacks.length, 1)
    assert.equal(registry.content.head(`rollback/${id}-2`), undefined)
  })

  it("[RB18] an open batch cannot be rolled back; a dry run says what would be done, and writes nothing anywhere", async () => {
    const { id, registry } = await landed()
    assert.equal(await registry.code(registry.rollBack(await registry.open())), "not-sealed")
    const log = registry.log().length
    const done = await registry.run(registry.rollBack(id, { dryRun: true, reason: "" }))
    assert.deepEqual([done.outcome, done.proposed, done.verified], ["planned", undefined, false])
    assert.deepEqual([registry.log().length, registry.content.head(`rollback/${id}`)], [log, undefined])
    const { branch, commit, plan, verified } = rollbackJson(done)
    assert.deepEqual([branch, commit, verified, Array.isArray(plan) && plan.length], [null, null, false, 3])
  })
})
