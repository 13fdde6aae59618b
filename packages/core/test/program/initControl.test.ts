import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as Policy from "@batchbrake/core/policy/Policy"
import { CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import { abandonRun } from "@batchbrake/core/program/abandonRun"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { decideRuns } from "@batchbrake/core/program/decideRuns"
import { initControl } from "@batchbrake/core/program/initControl"
import { policyPath } from "@batchbrake/core/program/loadControl"
import { adoptHandEdit, operate } from "@batchbrake/core/program/operate"
import { adoptedPolicy, readStatus } from "@batchbrake/core/program/readStatus"
import { recordRun } from "@batchbrake/core/program/recordRun"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { ask } from "@batchbrake/core/testing/WorldArbitrary"
import { DAY, HOUR } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import {
  AT,
  begun,
  controlText,
  editControl,
  editFiles,
  eventsOf,
  headOf,
  origin,
  POLICY,
  replay,
  tagsOf
} from "../support/branch.ts"
import * as FaultyControlStore from "../support/FaultyControlStore.ts"
import { answerOf, failureOf, type Simulated, simulate } from "../support/simulate.ts"

const report = (runKey: string, ecosystem = "npm"): Extract<ControlEvent, { readonly _tag: "RunCompleted" }> => ({
  _tag: "RunCompleted",
  at: AT,
  attempts: { failed: 0, passed: 1, skipped: 0 },
  author: "ci",
  ecosystem,
  runKey
})
const OTHER = PolicyArbitrary.decoded({ ...Policy.starter(["cask", "crates.io", "npm"]), batch_size: 7 })

describe("The beginning of a control branch (SPEC.md PR)", () => {
  it("[PR4] of several that create the branch at once one does and the others join, whatever answers are lost", async () => {
    const fates = fc.array(FaultyControlStore.fate, { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fates, fc.integer({ max: 5, min: 1 }), async (list, count) => {
        const store = MemoryControlStore.make()
        const all = Effect.all(
          Array.from({ length: count }, () => Effect.result(initControl({ ...origin(), published: undefined }))),
          { concurrency: "unbounded" }
        )
        const results = await answerOf(all, FaultyControlStore.make(store.service, list))
        const created = results.filter((result) => Result.isSuccess(result) && result.success.created)
        const failed = results.filter(Result.isFailure)
        assert.ok(created.length <= 1)
        if (failed.length === 0) assert.equal(created.length, 1)
        if (created.length === 1) assert.equal(store.history().length, 1)
        if (store.history().length > 0) replay(store)
      }),
      { numRuns: 150 }
    )
  })

  it("[PR4] a branch that is there is joined, not written over, by an import neither", async () => {
    const store = await begun()
    await answerOf(recordRun(POLICY, report("a"), "n"), store.service)
    const before = controlText(store)
    const joined = await answerOf(initControl({ ...origin(), published: { enabled: false } }), store.service)
    assert.deepEqual([joined, controlText(store), store.history().length], [{ created: false }, before, 2])
  })

  it("[PR4] an import takes over a published file, and one that cannot be read makes no branch", async () => {
    const store = await begun({
      enabled: false,
      reason: "moving house",
      circuit_breaker: { npm: { state: "open", failures: 4, opens_at: "" } }
    })
    const { decisions, file } = await answerOf(readStatus(POLICY, AT, ["npm"]), store.service)
    assert.deepEqual(
      [decisions[0]?.reasons[0]?.code, file.breakers.npm?.state, file.stop.reason],
      ["paused", "open", "moving house"]
    )
    const none = MemoryControlStore.make()
    const failure = await failureOf(initControl({ ...origin(), published: { disabled_ecosystems: [] } }), none.service)
    assert.ok(failure._tag === "EventRejected" && failure.message.includes("enabled"))
    assert.equal(none.history().length, 0)
  })

  it("[PR5] a policy is stored in its normal form at its first use, and adopted once, whoever uses it first", async () => {
    const store = await begun()
    const uses = Array.from({ length: 6 }, (_, index) => recordRun(OTHER, report(`run-${index}`), `n${index}`))
    const list = Array.from({ length: 80 }, (_, index) => ({
      delayMillis: (index * 13) % 40,
      read: "answered" as const,
      write: "answered" as const
    }))
    await answerOf(Effect.all(uses, { concurrency: "unbounded" }), FaultyControlStore.make(store.service, list))
    const adopted = eventsOf(store).flatMap((event) => (event._tag === "PolicyAdopted" ? [event.hash] : []))
    assert.deepEqual(adopted, [POLICY.hash, OTHER.hash])
    const stored = Policy.parse(headOf(store).files.get(policyPath(OTHER.hash)) ?? "")
    assert.deepEqual(Result.getOrThrow(stored), OTHER)
    replay(store)
  })

  it("[PR5] a policy that is not used is not stored, and one that was removed by hand is stored again", async () => {
    const store = await begun()
    await answerOf(decideRuns({ ...origin(AT, OTHER), requests: [ask("npm", "a")] }), store.service)
    await answerOf(
      abandonRun(origin(AT, OTHER), { ecosystems: [], minutes: undefined, runKey: "nobody" }),
      store.service
    )
    assert.equal(headOf(store).files.has(policyPath(OTHER.hash)), false)
    await editFiles(store, { [policyPath(POLICY.hash)]: undefined })
    await answerOf(recordRun(POLICY, report("a"), "n"), store.service)
    assert.equal(headOf(store).files.has(policyPath(POLICY.hash)), true)
    assert.deepEqual(tagsOf(store).filter((tag) => tag === "PolicyAdopted").length, 1)
    replay(store)
  })

  it("[PR5] the adopted policy is that of the newest event, also after an edit by hand, and none where there is none", async () => {
    const store = await begun()
    await answerOf(recordRun(OTHER, report("a"), "n"), store.service)
    await editControl(store, (control) => ({ ...control, reason: "a note" }))
    assert.equal(Option.getOrUndefined(await answerOf(adoptedPolicy(), store.service))?.hash, OTHER.hash)
    await editFiles(store, { [policyPath(OTHER.hash)]: "{}" })
    assert.equal(Option.isNone(await answerOf(adoptedPolicy(), store.service)), true)
  })

  const pause: ControlEvent = {
    _tag: "Paused",
    at: AT,
    author: "ops",
    autoResume: false,
    id: "p",
    reason: "r",
    scope: "npm"
  }

  it("[PR6] a control file that cannot be read is never written over, and each question about it fails, naming the field", async () => {
    for (const [text, field] of [
      ['{"enabled": true, "budget": {"macos_minutes_used": -1}}', "budget.macos_minutes_used"],
      ["<<<<<<< ours\n{}", "not valid JSON"],
      ["", "not valid JSON"],
      [undefined, "found nothing"]
    ] as const) {
      const store = await begun()
      await editFiles(store, { [CONTROL_PATH]: text })
      const before = store.history().length
      const requests = [ask("npm", "k")]
      const results: ReadonlyArray<Simulated<unknown, { readonly _tag: string; readonly message: string }>> = [
        await simulate(decideRuns({ ...origin(), requests }), store.service),
        await simulate(admitRuns({ ...origin(), requests }), store.service),
        await simulate(recordRun(POLICY, report("a"), "n"), store.service),
        await simulate(operate(origin(), [pause]), store.service),
        await simulate(abandonRun(origin(), { ecosystems: [], minutes: undefined, runKey: "k" }), store.service),
        await simulate(adoptHandEdit(origin(), "r"), store.service),
        await simulate(readStatus(POLICY, AT, ["npm"]), store.service),
        await simulate(initControl({ ...origin(), published: undefined }), store.service)
      ]
      for (const { result } of results) {
        assert.ok(Result.isFailure(result))
        assert.equal(result.failure._tag, "ControlUnreadable")
        assert.ok(result.failure.message.includes(field), result.failure.message)
      }
      assert.equal(store.history().length, before)
      assert.equal(headOf(store).files.get(CONTROL_PATH), text)
    }
  })

  it("[PR6] a ledger that cannot be read stops who needs it, and is not written over", async () => {
    const store = await begun()
    await answerOf(recordRun(POLICY, report("a"), "n"), store.service)
    await editFiles(store, { "identities/npm/2026-01-01.jsonl": "<<<<<<< ours\n" })
    const failure = await failureOf(recordRun(POLICY, report("b"), "n"), store.service)
    assert.ok(failure._tag === "ControlUnreadable" && failure.message.includes("identities/npm/2026-01-01.jsonl"))
    assert.equal((await answerOf(recordRun(POLICY, report("b", "cask"), "n"), store.service)).applied, true)
    assert.equal(headOf(store).files.get("identities/npm/2026-01-01.jsonl"), "<<<<<<< ours\n")
  })

  it("[PR6] a file that was repaired by hand is read again, and judged by what the last event left", async () => {
    const store = await begun()
    const good = controlText(store)
    await editFiles(store, { [CONTROL_PATH]: "{" })
    await editFiles(store, { [CONTROL_PATH]: good })
    assert.equal((await answerOf(recordRun(POLICY, report("a"), "n"), store.service)).applied, true)
  })
})

describe("Claims and what is given back (SPEC.md DE, EV)", () => {
  it("[DE4] a claim is told its grant, and told it again, and several claims are one commit", async () => {
    const store = await begun()
    const requests = ["npm", "cask", "nobody-knows"].map((name) => ask(name, "k"))
    const first = await answerOf(admitRuns({ ...origin(), requests }), store.service)
    assert.deepEqual(
      first.map(({ decision, grant }) => [decision, grant?.runKey]),
      [
        ["run", "k"],
        ["run", "k"],
        ["hold", undefined]
      ]
    )
    assert.deepEqual(tagsOf(store).slice(2), ["RunAdmitted", "RunAdmitted"])
    const before = store.history().length
    const again = await answerOf(admitRuns({ ...origin(AT + HOUR), requests }), store.service)
    assert.deepEqual(
      again.map(({ grant }) => grant),
      first.map(({ grant }) => grant)
    )
    assert.equal(store.history().length, before)
  })

  it("[DE1] a claim that cannot be granted is held, even where the gate saw nothing against it", async () => {
    const store = await begun()
    const late = Date.UTC(9995, 0, 1)
    const [decision] = await answerOf(admitRuns({ ...origin(late), requests: [ask("npm", "k")] }), store.service)
    assert.deepEqual([decision?.decision, decision?.reasons[0]?.code, decision?.grant], ["hold", "invalid", undefined])
    assert.equal(store.history().length, 1)
  })

  it("[DE1] of two claims in one order the second sees what the first took", async () => {
    const tight = PolicyArbitrary.decoded({
      ...Policy.starter(["cask", "npm"]),
      budget: { caps: { macos: 30 }, pause_at: 1, reserve: { macos: 20 } }
    })
    const store = await begun(undefined, tight)
    const requests = ["npm", "cask"].map((name) => ask(name, "k"))
    const decisions = await answerOf(admitRuns({ ...origin(AT, tight), requests }), store.service)
    assert.deepEqual(
      decisions.map(({ decision }) => decision),
      ["run", "hold"]
    )
    replay(store)
  })

  it("[EV13] an abandon gives back the key's grants in every ecosystem, or in the named one", async () => {
    const store = await begun()
    const requests = ["npm", "cask", "crates.io"].map((name) => ask(name, "k"))
    await answerOf(admitRuns({ ...origin(), requests }), store.service)
    await answerOf(abandonRun(origin(), { ecosystems: ["cask"], minutes: { linux: 4 }, runKey: "k" }), store.service)
    assert.deepEqual(
      JSON.parse(controlText(store)).budget.reservations.map((held: { readonly ecosystem: string }) => held.ecosystem),
      ["crates.io", "npm"]
    )
    const done = await answerOf(
      abandonRun(origin(), { ecosystems: [], minutes: undefined, runKey: "k" }),
      store.service
    )
    assert.equal(done.applied, true)
    const { budget } = JSON.parse(controlText(store))
    assert.deepEqual([budget.reservations, budget.linux_minutes_used, budget.macos_minutes_used], [undefined, 4, 0])
    replay(store)
  })

  it("[EV6] a grant of an ecosystem that the policy has dropped is given back without losing its ledger", async () => {
    const store = await begun()
    await answerOf(admitRuns({ ...origin(), requests: [ask("npm", "k"), ask("npm", "l")] }), store.service)
    const without = PolicyArbitrary.decoded(Policy.starter(["cask"]))
    await answerOf(abandonRun(origin(AT, without), { ecosystems: [], minutes: undefined, runKey: "k" }), store.service)
    const [used, live] = await answerOf(
      decideRuns({ ...origin(), requests: [ask("npm", "k"), ask("npm", "l")] }),
      store.service
    )
    assert.deepEqual([used?.reasons[0]?.code, live?.reasons[0]?.code], ["key-used", "granted"])
    const shard = headOf(store).files.get("identities/npm/2026-01-01.jsonl") ?? ""
    assert.equal(shard.trim().split("\n").length, 3)
  })

  it("[DE7] the status is the state as time alone has left it", async () => {
    const store = await begun()
    await answerOf(admitRuns({ ...origin(), requests: [ask("npm", "k")] }), store.service)
    const { decisions, file, notices } = await answerOf(
      readStatus(POLICY, AT + DAY, ["npm", "nobody-knows"]),
      store.service
    )
    assert.deepEqual([file.budget.reservations, file.budget.used.macos], [[], 20])
    assert.ok(notices.some(({ code }) => code === "lease-expired"))
    assert.deepEqual(
      decisions.map(({ decision }) => decision),
      ["run", "hold"]
    )
  })
})
