import { strict as assert } from "node:assert"
import type { ControlEvent, Of } from "@batchbrake/core/control/ControlEvent"
import { identityOf } from "@batchbrake/core/control/ControlEvent"
import { ControlStore, StoreRefused, VersionConflict } from "@batchbrake/core/port/ControlStore"
import { abandonRun } from "@batchbrake/core/program/abandonRun"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { operate } from "@batchbrake/core/program/operate"
import { recordRun } from "@batchbrake/core/program/recordRun"
import { ask } from "@batchbrake/core/testing/WorldArbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { AT, begun, controlText, countsOf, entriesOf, origin, POLICY, replay, tagsOf } from "../support/branch.ts"
import * as FaultyControlStore from "../support/FaultyControlStore.ts"
import { answerOf, failureOf, simulate } from "../support/simulate.ts"

const report = (runKey: string, ecosystem = "npm", minutes = 3): Of<"RunCompleted"> => ({
  _tag: "RunCompleted",
  at: AT,
  attempts: { categories: {}, results: "PPF" },
  author: "ci",
  ecosystem,
  minutes: { linux: minutes },
  runKey
})
const paused = (id: string, reason = "r"): Of<"Paused"> => ({
  _tag: "Paused",
  at: AT,
  author: "ops",
  autoResume: false,
  id,
  reason,
  scope: "npm"
})
const adjusted = (id: string): Of<"BudgetAdjusted"> => ({
  _tag: "BudgetAdjusted",
  at: AT,
  author: "ops",
  id,
  minutes: { macos: 1 },
  reason: "r"
})

/** One writer of some kind, and the identity of its event. */
const writer = (index: number) => {
  const runKey = `run-${index}`
  const ecosystem = ["npm", "cask", "crates.io"][index % 3] ?? "npm"
  const run = (event: ControlEvent) => Effect.asVoid(operate(origin(), [event]))
  switch (index % 4) {
    case 0:
      return {
        identity: `RunAdmitted ${ecosystem} ${runKey}`,
        write: Effect.asVoid(admitRuns({ ...origin(), requests: [ask(ecosystem, runKey)] }))
      }
    case 1:
      return { identity: identityOf(adjusted(runKey)), write: run(adjusted(runKey)) }
    default:
      return {
        identity: identityOf(report(runKey, ecosystem)),
        write: Effect.asVoid(recordRun(POLICY, report(runKey, ecosystem), origin().nonce))
      }
  }
}

describe("Programs under contention (SPEC.md PR)", () => {
  it("[PR1] every event that was reported done is in the log once, and none twice, whatever the network does", async () => {
    const fates = fc.array(FaultyControlStore.fate, { maxLength: 60, size: "max" })
    await fc.assert(
      fc.asyncProperty(fates, fc.integer({ max: 10, min: 1 }), async (list, count) => {
        const store = await begun()
        const writers = Array.from({ length: count }, (_, index) => writer(index))
        const all = Effect.all(
          writers.map(({ write }) => Effect.result(write)),
          { concurrency: "unbounded" }
        )
        const outcomes = await answerOf(all, FaultyControlStore.make(store.service, list))
        const counts = countsOf(store)
        for (const [index, { identity }] of writers.entries()) {
          const outcome = outcomes[index]
          const times = counts.get(identity) ?? 0
          assert.ok(times <= 1, `${identity} stands ${times} times in the log`)
          if (outcome !== undefined && Result.isSuccess(outcome)) assert.equal(times, 1, `${identity} was lost`)
          else if (outcome !== undefined && !(outcome.failure._tag === "GaveUp" && outcome.failure.uncertain))
            assert.equal(times, 0)
        }
        replay(store)
      }),
      { numRuns: 100 }
    )
  })

  it("[PR1] of many who write at once on a calm store all get through, and no minute is lost", async () => {
    const store = await begun()
    const writes = Array.from({ length: 40 }, (_, index) =>
      recordRun(POLICY, report(`run-${index}`, "npm", index), origin().nonce)
    )
    const slow = FaultyControlStore.make(
      store.service,
      Array.from({ length: 3000 }, (_, index) => ({
        delayMillis: (index * 7) % 50,
        read: "answered",
        write: "answered"
      }))
    )
    await answerOf(Effect.all(writes, { concurrency: "unbounded" }), slow)
    assert.equal(replay(store).file.budget.used.linux, (39 * 40) / 2)
    assert.equal(entriesOf(store).length, 41)
  })

  it("[PR2] a write whose answer was lost is found by its nonce and not repeated", async () => {
    for (const write of ["landed unheard", "lost unheard", "lands later"] as const) {
      const store = await begun()
      const lossy = FaultyControlStore.make(store.service, [
        { delayMillis: 0, read: "answered", write: "answered" },
        { delayMillis: 10, read: "answered", write }
      ])
      const recorded = await answerOf(recordRun(POLICY, report("a"), "mine"), lossy)
      assert.deepEqual([recorded.applied, recorded.breaker.window], [true, "PPF"])
      assert.deepEqual(tagsOf(store), ["Initialised", "PolicyAdopted", "RunCompleted"])
      assert.equal(entriesOf(store).at(-1)?.nonce.startsWith("mine-"), true)
    }
  })

  it("[PR2] another writer's event after a lost one does not hide it", async () => {
    const store = await begun()
    let lost = false
    const busy: ControlStore["Service"] = {
      ...store.service,
      commit: (expected, change) =>
        Effect.gen(function* () {
          const version = yield* store.service.commit(expected, change)
          if (lost) return version
          lost = true
          yield* Effect.orDie(operate(origin(), [adjusted("theirs")])).pipe(
            Effect.provideService(ControlStore, store.service)
          )
          return yield* FaultyControlStore.unavailable(true)
        })
    }
    const done = await answerOf(operate(origin(), [adjusted("ours")]), busy)
    assert.equal(done.applied, true)
    assert.deepEqual(countsOf(store).get("BudgetAdjusted * ours"), 1)
    assert.equal(replay(store).file.budget.used.macos, 2)
  })

  /** A store on which every write takes a second and comes too late. */
  const contended = (inner: ControlStore["Service"], times: Array<number>): ControlStore["Service"] => ({
    ...inner,
    commit: (expected) =>
      Effect.gen(function* () {
        times.push(yield* Clock.currentTimeMillis)
        yield* Effect.sleep(1000)
        return yield* new VersionConflict({ expected: expected ?? "", store: "test" })
      })
  })

  it("[PR3] a report gives up after four minutes and a stop after five, having written nothing and saying so", async () => {
    for (const [program, seconds] of [
      [recordRun(POLICY, report("a"), "n"), 240],
      [Effect.asVoid(operate(origin(), [paused("a")])), 300]
    ] as const) {
      const store = await begun()
      const before = controlText(store)
      const { millis, result } = await simulate<unknown, { readonly _tag: string }>(
        program,
        contended(store.service, [])
      )
      if (Result.isSuccess(result)) return assert.fail("it was written")
      assert.equal(result.failure._tag, "GaveUp")
      assert.match(String(Reflect.get(result.failure, "message")), /nothing was written/)
      assert.ok(millis >= seconds * 1000 && millis <= seconds * 1000 + 7000, String(millis))
      assert.deepEqual([controlText(store), store.history().length], [before, 1])
    }
  })

  it("[PR3] a report steps back for others, at random and at most two seconds; a stop does not step back", async () => {
    const steps = async (program: Effect.Effect<unknown, unknown, ControlStore>): Promise<ReadonlyArray<number>> => {
      const times: Array<number> = []
      await simulate(program, contended((await begun()).service, times), 10)
      return times.slice(1).map((time, index) => time - (times[index] ?? 0) - 1000)
    }
    const patient = await steps(recordRun(POLICY, report("a"), "n"))
    assert.ok(Math.max(...patient) <= 2020 && Math.max(...patient) > 1500, String(Math.max(...patient)))
    assert.ok(new Set(patient.map((millis) => Math.round(millis / 100))).size > 10)
    assert.ok((patient[0] ?? 0) <= 220 && (patient[1] ?? 0) <= 420)
    const urgent = await steps(operate(origin(), [paused("a")]))
    assert.ok(Math.max(...urgent) <= 20, String(Math.max(...urgent)))
  })

  it("[PR3] a store that stays out of reach is reported by a report soon, and tried by a stop until its time is up", async () => {
    const store = await begun()
    const dead = { ...store.service, read: () => Effect.fail(FaultyControlStore.unavailable(false)) }
    const recorded = await simulate(recordRun(POLICY, report("a"), "n"), dead)
    assert.ok(
      Result.isFailure(recorded.result) && recorded.result.failure._tag === "StoreUnavailable" && recorded.millis < 2000
    )
    const stopped = await simulate(operate(origin(), [paused("a")]), dead)
    assert.ok(Result.isFailure(stopped.result) && stopped.result.failure._tag === "GaveUp" && stopped.millis >= 300_000)
    const deaf = { ...store.service, commit: () => Effect.fail(FaultyControlStore.unavailable(false)) }
    const unheard = await simulate(recordRun(POLICY, report("a"), "n"), deaf)
    assert.ok(Result.isFailure(unheard.result) && unheard.result.failure._tag === "StoreUnavailable")
  })

  it("[PR3] a store that is out of reach for a while loses no stop and no report", async () => {
    const outage = (count: number): ReadonlyArray<FaultyControlStore.Fate> =>
      Array.from({ length: count }, () => ({ delayMillis: 100, read: "unreachable", write: "unreachable" }))
    const store = await begun()
    await answerOf(recordRun(POLICY, report("a"), "n"), FaultyControlStore.make(store.service, outage(2)))
    await answerOf(operate(origin(), [paused("a")]), FaultyControlStore.make(store.service, outage(40)))
    const calm = { delayMillis: 0, read: "answered", write: "answered" } as const
    await answerOf(
      recordRun(POLICY, report("b"), "m"),
      FaultyControlStore.make(store.service, [calm, ...outage(1), calm, ...outage(1)])
    )
    assert.deepEqual(tagsOf(store).slice(2), ["RunCompleted", "Paused", "RunCompleted"])
  })

  it("[PR3] failures that come one by one, between other writers' commits, never add up to giving up", async () => {
    const store = await begun()
    const [gone, beaten] = [
      { delayMillis: 10, read: "unreachable", write: "unreachable" },
      { delayMillis: 10, read: "answered", write: "conflict" }
    ] as const
    const list = Array.from({ length: 8 }, () => [gone, gone, beaten, beaten]).flat()
    await answerOf(recordRun(POLICY, report("a"), "n"), FaultyControlStore.make(store.service, list))
    assert.equal(tagsOf(store).at(-1), "RunCompleted")
  })

  it("[PR3] who gives up without having heard says that it may have been written, and when it is safe to repeat", async () => {
    const store = await begun()
    const mute = { ...store.service, commit: () => Effect.fail(FaultyControlStore.unavailable(true)) }
    const recorded = await failureOf(recordRun(POLICY, report("a"), "n"), mute)
    assert.ok(recorded._tag === "GaveUp" && recorded.uncertain && recorded.message.includes("applied once"))
    const corrected = await failureOf(operate(origin(), [adjusted("a")]), mute)
    assert.ok(corrected._tag === "GaveUp" && corrected.uncertain && corrected.message.includes("batchbrake status"))
  })

  it("[PR3] a store that refuses is not asked again", async () => {
    const store = await begun()
    let asked = 0
    const count = (): StoreRefused => {
      asked++
      return new StoreRefused({ detail: "protected", remedy: "ask its owner", store: "test" })
    }
    const locked = { ...store.service, commit: () => Effect.suspend(() => Effect.fail(count())) }
    assert.equal((await failureOf(operate(origin(), [paused("a")]), locked))._tag, "StoreRefused")
    assert.equal(asked, 1)
  })

  it("[EV10] of several events of one order all are written or none", async () => {
    const store = await begun()
    const before = store.history().length
    const wrong: ControlEvent = {
      _tag: "BreakerReset",
      at: AT,
      author: "ops",
      ecosystem: "nobody-knows",
      id: "b",
      reason: "r"
    }
    const failure = await failureOf(operate(origin(), [paused("a"), wrong]), store.service)
    assert.ok(failure._tag === "EventRejected" && failure.code === "unknown-ecosystem")
    assert.equal(store.history().length, before)
    await answerOf(operate(origin(), [paused("a"), { ...wrong, ecosystem: "npm" }]), store.service)
    assert.equal(store.history().length, before + 1)
  })

  it("[EV2] what was done already, or finds nothing to do, is answered and not written", async () => {
    const store = await begun()
    await answerOf(recordRun(POLICY, report("a"), "n"), store.service)
    await answerOf(operate(origin(), [paused("a")]), store.service)
    const before = store.history().length
    const again = await answerOf(recordRun(POLICY, { ...report("a"), at: AT + 5 }, "other"), store.service)
    assert.deepEqual([again.applied, again.notices[0]?.code], [false, "duplicate"])
    assert.equal((await answerOf(operate(origin(), [paused("a")]), store.service)).applied, false)
    const nothing: ControlEvent = { _tag: "Resumed", at: AT, author: "ops", id: "r", scope: "*" }
    assert.equal((await answerOf(operate(origin(), [nothing]), store.service)).applied, false)
    const given = await answerOf(
      abandonRun(origin(), { ecosystems: [], minutes: undefined, runKey: "nobody" }),
      store.service
    )
    assert.deepEqual([given.applied, given.notices[0]?.code], [false, "no-grant"])
    const held = await answerOf(admitRuns({ ...origin(), requests: [ask("npm", "x")] }), store.service)
    assert.equal(held[0]?.decision, "hold")
    assert.equal(store.history().length, before)
    const failure = await failureOf(recordRun(POLICY, report("a", "npm", 99), "n"), store.service)
    assert.ok(failure._tag === "EventRejected" && failure.code === "conflict")
  })
})
