import { strict as assert } from "node:assert"
import type { ControlEvent, Of } from "@batchbrake/core/control/ControlEvent"
import { isObject, type JsonObject } from "@batchbrake/core/json/Json"
import { CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { decideRuns } from "@batchbrake/core/program/decideRuns"
import { loadControl } from "@batchbrake/core/program/loadControl"
import { adoptHandEdit, operate } from "@batchbrake/core/program/operate"
import { readStatus } from "@batchbrake/core/program/readStatus"
import { recordRun } from "@batchbrake/core/program/recordRun"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import { ask } from "@batchbrake/core/testing/WorldArbitrary"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import {
  AT,
  begun,
  controlText,
  editControl,
  editFiles,
  headOf,
  origin,
  POLICY,
  replay,
  tagsOf
} from "../support/branch.ts"
import { answerOf, failureOf } from "../support/simulate.ts"

const report = (runKey: string, failed = 10): Of<"RunCompleted"> => ({
  _tag: "RunCompleted",
  at: AT,
  attempts: { failed, passed: 10 - failed, skipped: 0 },
  author: "ci",
  ecosystem: "npm",
  runKey
})
const reset = (ecosystem: string, id = "r"): ControlEvent => ({
  _tag: "BreakerReset",
  at: AT,
  author: "ops",
  ecosystem,
  id,
  reason: "looked at it"
})

const breakers = (control: JsonObject): JsonObject => (isObject(control.circuit_breaker) ? control.circuit_breaker : {})

/** A branch on which npm has tripped, and somebody has set it back to closed in the file. */
const loosened = async (): Promise<MemoryControlStore.MemoryControlStore> => {
  const store = await begun()
  await answerOf(recordRun(POLICY, report("a"), "n"), store.service)
  await editControl(store, (control) => ({
    ...control,
    circuit_breaker: { ...breakers(control), npm: { state: "closed", failures: 0 } }
  }))
  return store
}

const isExplained = async (store: MemoryControlStore.MemoryControlStore): Promise<boolean> =>
  (await answerOf(loadControl([], []), store.service)).edit === undefined
const ofAll = { ...origin(), requests: ["npm", "cask"].map((name) => ask(name, "k")) }

describe("Edits by hand (SPEC.md HE)", () => {
  it("[HE1] a stop by hand holds at once, and the next event records it before itself", async () => {
    const store = await begun()
    await editControl(store, (control) => ({ ...control, disabled_ecosystems: ["npm"], reason: "on fire" }))
    const [npm, cask] = await answerOf(decideRuns(ofAll), store.service)
    assert.deepEqual([npm?.decision, npm?.reasons[0]?.code, cask?.decision], ["hold", "paused", "run"])
    assert.match(npm?.reasons[0]?.message ?? "", /hand edit.*on fire/)
    await answerOf(recordRun(POLICY, report("a", 0), "n"), store.service)
    assert.deepEqual(tagsOf(store).slice(2), ["HandEditAdopted", "RunCompleted"])
    assert.equal(await isExplained(store), true)
    const [still] = await answerOf(decideRuns(ofAll), store.service)
    assert.equal(still?.decision, "hold")
    replay(store)
  })

  it("[HE1] setting enabled back by hand lifts no pause, and a claim that is held records nothing", async () => {
    const store = await begun()
    await answerOf(
      operate(origin(), [
        { _tag: "Paused", at: AT, author: "ops", autoResume: false, id: "p", reason: "r", scope: "*" }
      ]),
      store.service
    )
    await editControl(store, (control) => ({ ...control, enabled: true }))
    const before = store.history().length
    const claimed = await answerOf(admitRuns(ofAll), store.service)
    assert.deepEqual(
      claimed.map(({ decision }) => decision),
      ["hold", "hold"]
    )
    assert.equal(store.history().length, before)
    await answerOf(recordRun(POLICY, report("a", 0), "n"), store.service)
    assert.equal(JSON.parse(controlText(store)).enabled, false)
  })

  it("[HE1] a commit of a person that leaves the file as it was changes nothing, wherever it stands in the history", async () => {
    const store = await begun()
    await editFiles(store, { "README.md": "do not touch" })
    await editFiles(store, { "README.md": "really" }, `Revert "x"\n\n${headOf(store).message}`)
    const loaded = await answerOf(loadControl([], []), store.service)
    assert.deepEqual(loaded.edit, { isTakenBack: true, loosenings: [] })
    assert.equal((await answerOf(decideRuns(ofAll), store.service))[0]?.decision, "run")
  })

  it("[HE2] a loosened breaker holds everything, says where, and nothing is written over it", async () => {
    const store = await loosened()
    const before = [store.history().length, controlText(store)]
    const { decisions } = await answerOf(readStatus(POLICY, AT, ["npm", "cask"]), store.service)
    for (const decision of [
      ...decisions,
      ...(await answerOf(decideRuns(ofAll), store.service)),
      ...(await answerOf(admitRuns(ofAll), store.service))
    ]) {
      assert.deepEqual(
        [decision.decision, decision.reasons.map(({ code }) => code), decision.grant],
        ["hold", ["unexplained-edit"], undefined]
      )
      assert.match(decision.reasons[0]?.message ?? "", /circuit_breaker\.npm\.state/)
    }
    const pause: ControlEvent = {
      _tag: "Paused",
      at: AT,
      author: "ops",
      autoResume: false,
      id: "p",
      reason: "r",
      scope: "*"
    }
    for (const program of [
      recordRun(POLICY, report("b"), "m"),
      operate(origin(), [pause]),
      operate(origin(), [reset("cask")])
    ]) {
      const failure = await failureOf<unknown, { readonly _tag: string }>(program, store.service)
      assert.equal(failure._tag, "UnexplainedEdit")
    }
    assert.deepEqual([store.history().length, controlText(store)], before)
  })

  it("[HE2] minutes taken back and a pause taken out are loosened too, and a branch without any event as a whole", async () => {
    const store = await begun()
    const spend: ControlEvent = {
      _tag: "BudgetAdjusted",
      at: AT,
      author: "ops",
      id: "b",
      minutes: { linux: 9 },
      reason: "r"
    }
    const pause: ControlEvent = {
      _tag: "Paused",
      at: AT,
      author: "ops",
      autoResume: false,
      id: "p",
      reason: "r",
      scope: "npm"
    }
    await answerOf(operate(origin(), [spend, pause]), store.service)
    await editControl(store, ({ pauses: _gone, ...control }) => ({
      ...control,
      budget: { linux_minutes_used: 8, week_start: "2025-12-29" },
      disabled_ecosystems: []
    }))
    const loaded = await answerOf(loadControl([], []), store.service)
    assert.deepEqual(
      loaded.edit?.loosenings.map(({ path }) => path),
      ["budget.linux_minutes_used", "pauses.npm"]
    )
    const bare = MemoryControlStore.make()
    const files = new Map([[CONTROL_PATH, '{"enabled":true}']])
    await Effect.runPromise(bare.service.commit(undefined, { files, message: () => "begun by hand" }))
    const [decision] = await answerOf(decideRuns(ofAll), bare.service)
    assert.deepEqual([decision?.decision, decision?.reasons[0]?.code], ["hold", "unexplained-edit"])
    await answerOf(adoptHandEdit(origin(), "this is how it begins"), bare.service)
    assert.equal((await answerOf(decideRuns(ofAll), bare.service))[0]?.decision, "run")
  })

  it("[HE4] after an adoption the file is explained again, as it stands", async () => {
    const store = await loosened()
    const text = controlText(store)
    const done = await answerOf(adoptHandEdit(origin(), "the trip was a false alarm"), store.service)
    assert.equal(done.applied, true)
    assert.equal(await isExplained(store), true)
    assert.equal(JSON.parse(controlText(store)).circuit_breaker.npm.state, JSON.parse(text).circuit_breaker.npm.state)
    assert.equal((await answerOf(decideRuns(ofAll), store.service))[0]?.decision, "run")
    assert.deepEqual(tagsOf(store).slice(3), ["HandEditAdopted"])
    const before = store.history().length
    assert.equal((await answerOf(adoptHandEdit(origin(), "again"), store.service)).applied, false)
    assert.equal(store.history().length, before)
    replay(store)
  })

  it("[HE4] a reset of the breaker that was loosened explains it, a reset of another or of one of two does not", async () => {
    const store = await loosened()
    await answerOf(operate(origin(), [reset("npm")]), store.service)
    assert.equal(await isExplained(store), true)
    assert.deepEqual(tagsOf(store).slice(3), ["HandEditAdopted", "BreakerReset"])
    replay(store)
    const two = await loosened()
    await editControl(two, (control) => ({
      ...control,
      circuit_breaker: { ...breakers(control), "crates.io": { generation: 7, state: "closed" } }
    }))
    assert.equal((await failureOf(operate(origin(), [reset("npm", "1")]), two.service))._tag, "UnexplainedEdit")
    await answerOf(operate(origin(), [reset("npm", "2"), reset("crates.io", "3")]), two.service)
    assert.equal(await isExplained(two), true)
  })

  it("[HE4] a reset does not stand for minutes or pauses that were loosened beside its breaker", async () => {
    const store = await loosened()
    await editControl(store, (control) => ({
      ...control,
      budget: { ...(isObject(control.budget) ? control.budget : {}), week_start: "2025-12-22" }
    }))
    assert.equal((await failureOf(operate(origin(), [reset("npm")]), store.service))._tag, "UnexplainedEdit")
    const pausedToo = await begun()
    const stop: ControlEvent = {
      _tag: "Paused",
      at: AT,
      author: "ops",
      autoResume: false,
      id: "p",
      reason: "r",
      scope: "npm"
    }
    await answerOf(operate(origin(), [stop]), pausedToo.service)
    await editControl(pausedToo, ({ pauses: _gone, ...control }) => ({ ...control, disabled_ecosystems: [] }))
    assert.equal((await failureOf(operate(origin(), [reset("npm")]), pausedToo.service))._tag, "UnexplainedEdit")
  })
})
