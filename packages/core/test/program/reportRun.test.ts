import { strict as assert } from "node:assert"
import { MetricsRefused, MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import { Spool, SpoolUnusable } from "@batchbrake/core/port/Spool"
import { reportRun, reportRuns } from "@batchbrake/core/program/reportRun"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { FULL, MIDNIGHT, report } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { describe, it } from "vitest"

const LIMIT_MILLIS = 5000

/** What `reportRun` answers, and what the spool then holds, after so much time. */
const told = (ingest: MetricsStore["Service"]["ingest"], { elapsed = 0, isFull = false } = {}) => {
  const spooled: Array<RunReport> = []
  const spool: Spool["Service"] = {
    add: (report) =>
      isFull
        ? Effect.fail(new SpoolUnusable({ detail: "it is full", spool: "the spool" }))
        : Effect.sync(() => {
            spooled.push(report)
          }),
    count: Effect.succeed(0),
    name: "the spool",
    remove: () => Effect.void,
    setAside: () => Effect.succeed(0),
    waiting: () => Effect.succeed([])
  }
  const program = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(reportRun(FULL, LIMIT_MILLIS))
    yield* TestClock.adjust(elapsed)
    return {
      isDone: fiber.pollUnsafe() !== undefined,
      ...(elapsed < LIMIT_MILLIS && elapsed > 0 ? {} : yield* Fiber.join(fiber))
    }
  })
  return Effect.runPromise(
    program.pipe(
      Effect.provideService(MetricsStore, { ...MemoryMetricsStore.make(), ingest }),
      Effect.provideService(Spool, spool),
      Effect.provide(TestClock.layer()),
      Effect.map((answer) => ({ ...answer, spooled }))
    )
  )
}
const refusing = () => Effect.fail(new MetricsRefused({ detail: "no such token", store: "the store" }))

describe("The report of a recorded run", () => {
  it("[ME11] is given to the spool when the store has not answered by the limit, and not before", async () => {
    const before = await told(() => Effect.never, { elapsed: LIMIT_MILLIS - 1 })
    assert.deepEqual([before.isDone, before.spooled], [false, []])
    const after = await told(() => Effect.never, { elapsed: LIMIT_MILLIS })
    assert.deepEqual([after.handed, after.spooled], ["spooled", [FULL]])
  })

  it("[ME11] is given to the spool whatever the store's fault is", async () => {
    for (const ingest of [refusing, () => Effect.die(new Error("a fault of ours"))]) {
      const { handed, notices, spooled } = await told(ingest)
      assert.deepEqual([handed, spooled], ["spooled", [FULL]])
      assert.match(notices?.[0]?.message ?? "", /metrics push/)
    }
  })

  it("[ME11] is lost with a notice where the spool has no room either", async () => {
    const { handed, notices } = await told(refusing, { isFull: true })
    assert.equal(handed, "lost")
    assert.match(notices?.[0]?.message ?? "", /no such token.*it is full.*metrics rebuild/)
  })

  it("[ME11] is told of when the store keeps something else under its key, and not kept twice", async () => {
    for (const [answer, code] of [
      ["conflict", "metrics-conflict"],
      ["too-old", "metrics-too-old"]
    ] as const) {
      const { handed, notices, spooled } = await told(() => Effect.succeed([answer]))
      assert.deepEqual([handed, notices?.map((each) => each.code), spooled], [answer, [code], []])
    }
    const { notices } = await told(() => Effect.succeed(["known"]))
    assert.deepEqual(notices, [])
  })
})

describe("The reports of a matrix", () => {
  const RUNS = Array.from({ length: 120 }, (_, place) => report(`run-${place}`, MIDNIGHT + place))
  const unusable = report("unusable", MIDNIGHT, { attempts: { failed: -1, passed: 1, skipped: 0 } })

  /** What became of all of them, how often the store was asked, and how long it took at most. */
  const handedIn = (reports: ReadonlyArray<RunReport>, ingest?: MetricsStore["Service"]["ingest"]) => {
    const inner = MemoryMetricsStore.make()
    const spooled: Array<RunReport> = []
    let asked = 0
    const store: MetricsStore["Service"] = {
      ...inner,
      ingest: (runs) => {
        asked++
        return (ingest ?? inner.ingest)(runs)
      }
    }
    const spool = {
      add: (run: RunReport) => Effect.sync(() => void spooled.push(run)),
      count: Effect.succeed(0),
      name: "the spool",
      remove: () => Effect.void,
      setAside: () => Effect.succeed(0),
      waiting: () => Effect.succeed([])
    }
    const program = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(reportRuns(reports, LIMIT_MILLIS))
      yield* TestClock.adjust(LIMIT_MILLIS)
      const told = yield* Fiber.join(fiber)
      return { asked, handed: told.map(({ handed }) => handed), spooled }
    })
    return Effect.runPromise(
      program.pipe(
        Effect.provideService(MetricsStore, store),
        Effect.provideService(Spool, spool),
        Effect.provide(TestClock.layer())
      )
    )
  }

  it("[ME11] are handed in many at once, each with its own answer", async () => {
    const { asked, handed, spooled } = await handedIn([...RUNS, RUNS[0] ?? FULL])
    assert.deepEqual(handed, [...RUNS.map(() => "stored"), "known"])
    assert.deepEqual([asked, spooled], [3, []])
  })

  it("[ME11] all wait in the spool while the store is away, and together no longer than one", async () => {
    const away = () => Effect.fail(new MetricsUnavailable({ detail: "gone", store: "the store" }))
    for (const ingest of [away, refusing, () => Effect.never]) {
      const { asked, handed, spooled } = await handedIn(RUNS, ingest)
      assert.deepEqual([asked, new Set(handed), spooled], [1, new Set(["spooled"]), RUNS])
    }
  })

  it("[ME11] are not kept out by one among them that no store takes, nor do they wait for each other then", async () => {
    const { handed } = await handedIn([...RUNS.slice(0, 3), unusable, ...RUNS.slice(3)])
    assert.deepEqual(handed, [...RUNS.slice(0, 3).map(() => "stored"), "lost", ...RUNS.slice(3).map(() => "stored")])
    const inner = MemoryMetricsStore.make()
    const slow: MetricsStore["Service"]["ingest"] = (runs) =>
      runs.includes(unusable) ? inner.ingest(runs) : Effect.never
    const waiting = await handedIn([unusable, ...RUNS], slow)
    assert.deepEqual([waiting.handed[0], new Set(waiting.handed.slice(1))], ["lost", new Set(["spooled"])])
    assert.deepEqual([waiting.asked, waiting.spooled], [3, RUNS])
  })
})
