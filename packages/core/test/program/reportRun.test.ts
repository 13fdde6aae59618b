import { strict as assert } from "node:assert"
import { MetricsRefused, MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { Spool, SpoolUnusable } from "@batchbrake/core/port/Spool"
import { reportRun } from "@batchbrake/core/program/reportRun"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { FULL } from "@batchbrake/core/testing/SampleRuns"
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
