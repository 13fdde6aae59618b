import { strict as assert } from "node:assert"
import type { Of } from "@batchbrake/core/control/ControlEvent"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import type { MetricsStore as Store } from "@batchbrake/core/port/MetricsStore"
import { MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import { NotDelivered, Notifier } from "@batchbrake/core/port/Notifier"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { evaluateAlerts } from "@batchbrake/core/program/evaluateAlerts"
import { openBatch } from "@batchbrake/core/program/openBatch"
import { operate } from "@batchbrake/core/program/operate"
import { recordRun } from "@batchbrake/core/program/recordRun"
import type { Alert, Change } from "@batchbrake/core/sli/Alert"
import * as AlertBook from "@batchbrake/core/sli/AlertBook"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import * as MemoryNotifier from "@batchbrake/core/testing/MemoryNotifier"
import type { NotifierWorld } from "@batchbrake/core/testing/NotifierContract"
import { report } from "@batchbrake/core/testing/SampleRuns"
import { ask } from "@batchbrake/core/testing/WorldArbitrary"
import { DAY, HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { AT, begun, editControl, origin, POLICY } from "../support/branch.ts"
import { answerOf, simulate } from "../support/simulate.ts"

type Branch = MemoryControlStore.MemoryControlStore
type Metrics = Store["Service"]

/** A branch and a store on which every ecosystem ran an hour ago, npm with nothing but failures. */
const troubled = async (): Promise<{ readonly branch: Branch; readonly metrics: Metrics }> => {
  const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
  await run(branch, metrics, "bad", { failed: 60, passed: 0, skipped: 0 })
  await run(branch, metrics, "fine", { failed: 0, passed: 30, skipped: 0 }, "cask")
  await run(branch, metrics, "fine", { failed: 0, passed: 30, skipped: 0 }, "crates.io")
  return { branch, metrics }
}

const run = async (
  branch: Branch,
  metrics: Metrics,
  runKey: string,
  attempts: { readonly failed: number; readonly passed: number; readonly skipped: number },
  ecosystem = "npm",
  at = AT
): Promise<void> => {
  const event = { _tag: "RunCompleted", at, attempts, author: "ci", ecosystem, runKey } as const
  await answerOf(recordRun(POLICY, event, origin().nonce), branch.service)
  await Effect.runPromise(metrics.ingest([report(runKey, at, { attempts, ecosystem })]))
}

const look = async (branch: Branch, metrics: Metrics, at: number, world?: NotifierWorld) => {
  const evaluation = evaluateAlerts(POLICY, at).pipe(Effect.provideService(MetricsStore, metrics))
  return answerOf(
    world === undefined ? evaluation : Effect.provideService(evaluation, Notifier, world.notifier),
    branch.service
  )
}

type Looked = Awaited<ReturnType<typeof look>>
const standing = ({ alerts }: Looked) => alerts.map(({ condition, subject }) => `${condition} ${subject}`).sort()
const changed = ({ changes }: Looked) =>
  changes.map(({ alert, transition }) => `${transition} ${alert.condition} ${alert.subject}`).sort()
const codes = ({ notices }: Looked) => notices.map(({ code }) => code)
const heard = (world: NotifierWorld) => world.heard().map(({ change }) => `${change.transition}`)

const reset = (at: number, id = "1"): Of<"BreakerReset"> => ({
  _tag: "BreakerReset",
  at,
  author: "ann",
  ecosystem: "npm",
  id,
  reason: "mended"
})

const STANDING: Alert = {
  condition: "open-batch",
  frozenSince: undefined,
  incident: "medium",
  message: "",
  openedAt: AT,
  severity: "warning",
  subject: "gone",
  updatedAt: AT
}

const TROUBLE = ["breaker-open npm", "burn-rate npm 1d", "burn-rate npm 3d", "error-budget npm", "success-rate npm"]

describe("evaluateAlerts (SPEC.md AL, NO)", () => {
  it("[AL1] trouble is opened once, stands, and is told once", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    const first = await look(branch, metrics, AT + HOUR, world)
    assert.deepEqual(standing(first), TROUBLE)
    assert.deepEqual(
      changed(first),
      TROUBLE.map((key) => `opened ${key}`)
    )
    const second = await look(branch, metrics, AT + 2 * HOUR - 1, world)
    assert.deepEqual([standing(second), changed(second)], [TROUBLE, []])
    assert.equal(world.heard().length, TROUBLE.length)
    assert.deepEqual([first.told, first.undelivered, codes(first)], [TROUBLE.length, 0, []])
  })

  it("[AL10] an edit by hand is critical while nobody stands for it, and so is a file that cannot be read", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const text = (await answerOf(branch.service.read({ directories: [], files: [] }), branch.service)).files
    await editControl(branch, (control) => ({
      ...control,
      budget: { ...Object(control.budget), macos_minutes_used: -1 }
    }))
    const unreadable = await look(branch, metrics, AT + HOUR)
    assert.deepEqual(changed(unreadable), ["opened hand-edit batch-control.json"])
    assert.equal(unreadable.alerts[0]?.incident, "critical")
    assert.deepEqual(codes(unreadable), ["control-away"])
    const before = JSON.parse([...text.values()][0] ?? "")
    await editControl(branch, () => ({ ...before, disabled_ecosystems: ["npm"] }))
    const stricter = await look(branch, metrics, AT + 2 * HOUR)
    assert.deepEqual(
      [changed(stricter), stricter.alerts[0]?.severity],
      [["updated hand-edit batch-control.json"], "warning"]
    )
    await run(branch, metrics, "next", { failed: 0, passed: 1, skipped: 0 })
    assert.deepEqual(changed(await look(branch, metrics, AT + 3 * HOUR)), ["resolved hand-edit batch-control.json"])
  })

  it("[AL10] an edit that somebody takes back is over, without any event", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const text = (await answerOf(branch.service.read({ directories: [], files: [] }), branch.service)).files
    await editControl(branch, (control) => ({
      ...control,
      budget: { ...Object(control.budget), week_start: "2020-01-06T00:00:00Z" }
    }))
    assert.deepEqual(changed(await look(branch, metrics, AT + HOUR)), ["opened hand-edit batch-control.json"])
    await editControl(branch, () => JSON.parse([...text.values()][0] ?? ""))
    assert.deepEqual(changed(await look(branch, metrics, AT + 2 * HOUR)), ["resolved hand-edit batch-control.json"])
  })

  it("[AL11] when no run completes any more every ecosystem is stale, and its other alerts freeze", async () => {
    const { branch, metrics } = await troubled()
    await look(branch, metrics, AT + HOUR)
    const later = await look(branch, metrics, AT + 2 * DAY + 1)
    assert.deepEqual(changed(later), ["opened stale cask", "opened stale crates.io", "opened stale npm"])
    assert.deepEqual(
      later.alerts
        .filter(({ frozenSince }) => frozenSince !== undefined)
        .map(({ condition }) => condition)
        .sort(),
      ["burn-rate", "burn-rate", "error-budget", "success-rate"]
    )
  })

  it("[AL12] a batch that was opened and forgotten is an alert", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await answerOf(openBatch(origin(), ["npm"]), branch.service)
    assert.deepEqual(standing(await look(branch, metrics, AT + DAY)), [])
    const [alert] = (await look(branch, metrics, AT + DAY + 1)).alerts
    assert.deepEqual([alert?.condition, alert?.severity, alert?.incident], ["open-batch", "warning", "medium"])
  })

  /** Each round the breaker trips, cools down for an hour, and a probe of one attempt closes it again. */
  const flap = async (rounds: number) => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    for (let round = 0; round < rounds; round++) {
      const at = AT + round * 2 * HOUR
      await run(branch, metrics, `bad-${round}`, { failed: 10, passed: 0, skipped: 0 }, "npm", at)
      const claim = { ...ask("npm", `probe-${round}`), candidates: [] }
      await answerOf(admitRuns({ ...origin(at + HOUR), requests: [claim] }), branch.service)
      const passed = { failed: 0, passed: 1, skipped: 0 }
      await run(branch, metrics, `probe-${round}`, passed, "npm", at + HOUR + MINUTE)
    }
    return { branch, metrics }
  }
  const flapping = (looked: Looked) => looked.alerts.filter(({ condition }) => condition === "flapping").length

  it("[AL13] closings that nobody looked between are taken from the log", async () => {
    const [two, three] = [await flap(2), await flap(3)]
    assert.equal(flapping(await look(two.branch, two.metrics, AT + 6 * HOUR)), 0)
    assert.equal(flapping(await look(three.branch, three.metrics, AT + 6 * HOUR)), 1)
    // A day after the first of them there were two within a day, which keeps it and would not open it.
    const late = AT + DAY + HOUR + MINUTE
    assert.equal(flapping(await look(three.branch, three.metrics, late)), 1)
    const unseen = await flap(3)
    assert.equal(flapping(await look(unseen.branch, unseen.metrics, late)), 0)
  })

  it("[AL13] where the log cannot be read it is said, and what looks saw counts as before", async () => {
    const { branch, metrics } = await flap(3)
    const lost = Effect.fail(
      new StoreUnavailable({ detail: "gone", mayHaveLanded: false, remedy: "wait", store: "the branch" })
    )
    const service = { ...branch.service, findBack: () => lost }
    const looked = await look({ ...branch, service }, metrics, AT + 6 * HOUR)
    assert.deepEqual([flapping(looked), codes(looked)], [0, ["closings-unread"]])
  })

  it("[AL17] of eight that look at once each change is one's own, and told once", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    const slow: Metrics = { ...metrics, alerts: Effect.delay(metrics.alerts, 5) }
    const looked = await Promise.all(
      Array.from({ length: 8 }, (_, index) => look(branch, slow, AT + HOUR + index, world))
    )
    assert.deepEqual(
      looked.flatMap(changed).sort(),
      TROUBLE.map((key) => `opened ${key}`)
    )
    assert.deepEqual(
      heard(world),
      TROUBLE.map(() => "opened")
    )
  })

  it("[AL17] one that is overtaken looks again at what stands by then", async () => {
    const { branch, metrics } = await troubled()
    let overtaken = 0
    const raced: Metrics = {
      ...metrics,
      swapAlerts: (expected, text) =>
        overtaken++ === 0
          ? Effect.andThen(
              Effect.promise(() => look(branch, metrics, AT + HOUR)),
              Effect.succeed(false)
            )
          : metrics.swapAlerts(expected, text)
    }
    const late = await look(branch, raced, AT + HOUR)
    assert.deepEqual([standing(late), changed(late), overtaken], [TROUBLE, [], 2])
  })

  it("[AL18] alerts on record that cannot be read are set aside, what stands is taken over, and nobody is told", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    await Effect.runPromise(metrics.swapAlerts(0, "gibberish"))
    const first = await look(branch, metrics, AT + HOUR, world)
    assert.deepEqual([standing(first), changed(first), codes(first)], [TROUBLE, [], ["alerts-unreadable"]])
    const second = await look(branch, metrics, AT + HOUR + 1, world)
    assert.deepEqual([standing(second), changed(second), codes(second), heard(world)], [TROUBLE, [], [], []])
    const { text } = await Effect.runPromise(metrics.alerts)
    assert.equal(Result.getOrThrow(AlertBook.parse(text)).setAside, "gibberish")
  })

  it("[AL19] a look at an earlier time than the newest shows what stands and changes nothing", async () => {
    const { branch, metrics } = await troubled()
    await look(branch, metrics, AT + HOUR)
    const before = await Effect.runPromise(metrics.alerts)
    const older = await look(branch, metrics, AT + HOUR - 1)
    assert.deepEqual([standing(older), changed(older), codes(older)], [TROUBLE, [], ["alerts-older"]])
    assert.deepEqual(await Effect.runPromise(metrics.alerts), before)
    await look(branch, metrics, AT + 2 * HOUR - 1)
    const world = MemoryNotifier.make()
    assert.deepEqual([(await look(branch, metrics, AT + HOUR + 30 * MINUTE, world)).told, world.heard()], [0, []])
  })

  it("[AL20] without a place to remember what stands is shown and nobody is told, since that would be told every time", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    const away = Effect.fail(new MetricsUnavailable({ detail: "it is locked", store: "metrics.sqlite" }))
    const lost = await look(branch, { ...metrics, alerts: away }, AT + HOUR, world)
    assert.deepEqual([standing(lost), changed(lost), codes(lost)], [TROUBLE, [], ["alerts-not-kept"]])
    assert.deepEqual([world.heard(), lost.isKept], [[], false])
  })

  it("[AL4] with the control branch away its alerts freeze, and it is said what could not be looked at", async () => {
    const { branch, metrics } = await troubled()
    await look(branch, metrics, AT + HOUR)
    const lost = await look(MemoryControlStore.make(), metrics, AT + HOUR + 1)
    assert.deepEqual([standing(lost), changed(lost), codes(lost)], [TROUBLE, [], ["control-away"]])
    assert.deepEqual(lost.unread, ["breaker-open", "flapping", "minutes-budget", "hand-edit", "open-batch"])
    assert.equal(lost.alerts.find(({ condition }) => condition === "breaker-open")?.frozenSince, AT + HOUR + 1)
  })

  it("[AL14] a run of an ecosystem that the policy does not know is an alert, which freezes with the control branch", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await Effect.runPromise(metrics.ingest([report("sneaky", AT, { ecosystem: "pypi" })]))
    const first = await look(branch, metrics, AT + HOUR)
    assert.deepEqual(standing(first), ["anomaly pypi unexplained-run"])
    const lost = await look(MemoryControlStore.make(), metrics, AT + 2 * HOUR)
    assert.deepEqual([standing(lost), changed(lost)], [["anomaly pypi unexplained-run"], []])
  })

  it("[AL21] a store that hangs is waited for once, for half a minute in all, and then it is said what is not known", async () => {
    const { branch, metrics } = await troubled()
    let asked = 0
    const hangs = Effect.suspend(() => {
      asked++
      return Effect.never
    })
    const hanging = { ...metrics, alerts: hangs, runs: () => hangs, swapAlerts: () => hangs, totals: () => hangs }
    const looking = evaluateAlerts(POLICY, AT + HOUR).pipe(Effect.provideService(MetricsStore, hanging))
    const { millis, result } = await simulate(looking, branch.service)
    const lost = Result.getOrThrow(result)
    assert.deepEqual(
      [asked, standing(lost), codes(lost)],
      [1, ["breaker-open npm"], ["metrics-away", "alerts-not-kept"]]
    )
    assert.match(lost.notices.map(({ message }) => message).join("\n"), /no answer within 30 s/)
    assert.deepEqual(lost.unread, ["success-rate", "slow-validation", "burn-rate", "error-budget", "anomaly"])
    assert.ok(millis >= 30_000 && millis < 31_000, `${millis}`)
  })

  it("[NO6] what nobody took is reported, kept, and told by the next look, not at once by another", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    world.refuse(true)
    const first = await look(branch, metrics, AT + HOUR, world)
    assert.deepEqual([first.told, first.undelivered, codes(first)], [0, TROUBLE.length, ["not-delivered"]])
    assert.match(first.notices[0]?.message ?? "", /nobody listens/)
    world.refuse(false)
    const soon = await look(branch, metrics, AT + HOUR + 2 * MINUTE - 1, world)
    assert.deepEqual([soon.told, heard(world)], [0, []])
    const next = await look(branch, metrics, AT + HOUR + 2 * MINUTE, world)
    assert.deepEqual([next.told, next.undelivered, changed(next)], [TROUBLE.length, 0, []])
    await look(branch, metrics, AT + 2 * HOUR - 1, world)
    assert.equal(new Set(world.heard().map(({ id }) => id)).size, TROUBLE.length)
    assert.equal(world.heard().length, TROUBLE.length)
  })

  it("[NO6] a look without a notifier keeps the news for one that has one", async () => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    assert.equal((await look(branch, metrics, AT + HOUR)).undelivered, TROUBLE.length)
    assert.equal((await look(branch, metrics, AT + HOUR + 2 * MINUTE, world)).told, TROUBLE.length)
  })

  /** Trouble that nobody acknowledged, then none: what is told of the breaker, by a notifier that answers so. */
  const afterwards = async (mayBeHeard: boolean) => {
    const { branch, metrics } = await troubled()
    const world = MemoryNotifier.make()
    const late = { detail: "no answer", mayBeHeard, notifier: "slow" }
    const slow = {
      name: "slow",
      tell: (id: string, change: Change) =>
        Effect.andThen(mayBeHeard ? world.notifier.tell(id, change) : Effect.void, Effect.fail(new NotDelivered(late)))
    }
    await look(branch, metrics, AT + HOUR, { ...world, notifier: slow })
    await answerOf(operate(origin(), [reset(AT + HOUR)]), branch.service)
    await look(branch, metrics, AT + HOUR + 3 * MINUTE, world)
    return world
      .heard()
      .filter(({ change }) => JSON.stringify(change).includes("breaker-open"))
      .map(({ change }) => change.transition)
  }

  it("[NO8] an alert that was taken and not acknowledged in time is told to be over; a refused one never was", async () => {
    assert.deepEqual(await afterwards(true), ["opened", "opened", "resolved"])
    assert.deepEqual(await afterwards(false), [])
  })

  it("[NO9] changes of one alert are told one after the other, whatever else is told at the same time", async () => {
    const { branch, metrics } = await troubled()
    const undelivered = (["opened", "updated", "resolved"] as const).map((transition, place) => ({
      alert: { ...STANDING, severity: place === 0 ? ("warning" as const) : ("critical" as const) },
      at: AT + place * MINUTE,
      transition
    }))
    const book = AlertBook.encode({ ...AlertBook.empty, evaluatedAt: AT, undelivered })
    assert.ok(await Effect.runPromise(metrics.swapAlerts(0, book)))
    const steps: Array<string> = []
    const step = (of: string) => Effect.sync(() => void steps.push(of))
    const notifier = {
      name: "thorough",
      tell: (_: string, { alert, transition }: Change) =>
        alert.subject === "gone"
          ? step(`${transition} begins`).pipe(
              Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 20 })),
              Effect.andThen(step(`${transition} ends`))
            )
          : Effect.void
    }
    const looked = await look(branch, metrics, AT + HOUR, { ...MemoryNotifier.make(), notifier })
    const all = ["opened", "updated", "resolved"].flatMap((transition) => [
      `${transition} begins`,
      `${transition} ends`
    ])
    assert.deepEqual(steps, all)
    assert.deepEqual([looked.undelivered, codes(looked)], [0, []])
  })

  it("[NO9] one that is refused keeps back what follows it, and one that was perhaps heard does not", async () => {
    for (const mayBeHeard of [true, false]) {
      const { branch, metrics } = await troubled()
      const undelivered = (["opened", "resolved"] as const).map((transition) => ({
        alert: STANDING,
        at: AT,
        transition
      }))
      await Effect.runPromise(
        metrics.swapAlerts(0, AlertBook.encode({ ...AlertBook.empty, evaluatedAt: AT, undelivered }))
      )
      const tried: Array<string> = []
      const fails = Effect.fail(new NotDelivered({ detail: "no", mayBeHeard, notifier: "no" }))
      const notifier = {
        name: "no",
        tell: (_: string, { alert, transition }: Change) =>
          Effect.suspend(() => {
            if (alert.subject === "gone") tried.push(transition)
            return transition === "opened" ? fails : Effect.void
          })
      }
      const looked = await look(branch, metrics, AT + HOUR, { ...MemoryNotifier.make(), notifier })
      assert.deepEqual(tried, mayBeHeard ? ["opened", "resolved"] : ["opened"])
      // Being told that it is over makes up for the opening, which would come after it otherwise.
      assert.equal(looked.undelivered, TROUBLE.length + (mayBeHeard ? 0 : 2))
    }
  })

  it("[NO4] a notifier that never answers holds the look up for half a minute and no longer", async () => {
    const { branch, metrics } = await troubled()
    const silent = { name: "silence", tell: () => Effect.never }
    const looked = await look(branch, metrics, AT + HOUR, { ...MemoryNotifier.make(), notifier: silent })
    assert.deepEqual([looked.told, codes(looked), standing(looked)], [0, ["not-delivered"], TROUBLE])
  })
})
