import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { promisify } from "node:util"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import { runReport } from "@batchbrake/core/testing/ReportArbitrary"
import { ALWAYS, expectedTotals, FULL, MANY, MIDNIGHT, plain, SPANS } from "@batchbrake/core/testing/SampleRuns"
import { DAY } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, it } from "vitest"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "metrics-"))
})
afterAll(() => rmSync(directory, { force: true, recursive: true }))

const on = <A, E>(file: string, use: (store: MetricsStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(
    Effect.result(
      Effect.provide(MetricsStore.use(use), SqliteMetricsStore.layer({ file: join(directory, file), waitMillis: 50 }))
    )
  )

describe("The metrics store on SQLite keeps the contract", () => {
  const numbered = metricsStoreContract.map((check, number) => ({ ...check, number }))
  it.each(numbered)("$name", ({ number, run }) =>
    Effect.runPromise(Effect.provide(run, SqliteMetricsStore.layer({ file: join(directory, `${number}.sqlite`) })))
  )
})

type Step =
  | { readonly kind: "ingest" | "restore then ingest"; readonly reports: ReadonlyArray<RunReport> }
  | { readonly kind: "prune"; readonly before: number }

const instant = fc.oneof(
  fc.integer({ max: MIDNIGHT + 4 * DAY, min: MIDNIGHT - DAY }),
  fc.integer({ max: 4, min: -1 }).map((days) => MIDNIGHT + days * DAY)
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("ingest" as const, "restore then ingest" as const),
      reports: fc.array(runReport(MIDNIGHT), { maxLength: 5 })
    }),
    weight: 4
  },
  { arbitrary: fc.record({ before: instant, kind: fc.constant("prune" as const) }), weight: 1 }
)

describe("The metrics store on SQLite", () => {
  it("[ME1] [ME3] [ME12] answers as the one in memory does, whatever is restored, handed in, again, and pruned", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 6 }),
        fc.array(fc.tuple(instant, instant), { maxLength: 4 }),
        async (steps, spans) => {
          const perform = (store: MetricsStore["Service"]) =>
            Effect.gen(function* () {
              const answers: Array<unknown> = []
              for (const each of steps) {
                if (each.kind === "restore then ingest")
                  answers.push(yield* store.restore(each.reports.map((report) => ({ ...report, results: [] }))))
                answers.push(yield* each.kind === "prune" ? store.prune(each.before) : store.ingest(each.reports))
              }
              for (const [from, until] of [...spans, [ALWAYS.from, ALWAYS.until] as const]) {
                answers.push(plain(yield* store.totals({ from, until })))
                const platforms = yield* store.platformTotals({ from, until })
                answers.push([...platforms].sort(byName).map(([name, totals]) => [name, plain(totals)]))
                const rows = yield* store.runs({ ecosystem: "npm", limit: 20, span: { from, until } })
                answers.push(rows.map((row) => ({ ...row, minutes: Object.entries(row.minutes).sort() })))
              }
              return answers
            })
          const onFile = MetricsStore.use(perform).pipe(Effect.provide(SqliteMetricsStore.layer({ file: ":memory:" })))
          const [actual, expected] = await Promise.all([
            Effect.runPromise(onFile),
            Effect.runPromise(perform(MemoryMetricsStore.make()))
          ])
          assert.deepEqual(actual, expected)
        }
      ),
      { numRuns: 60 }
    )
  })
})

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1

describe("The embedded file", () => {
  it("[ME5] is written by several processes at once, from its making on: each run counts once", async () => {
    const file = join(directory, "several", "metrics.sqlite")
    const script = join(import.meta.dirname, "support/ingestOnce.ts")
    const writers = [0, 12, 24, 36].map((place) => promisify(execFile)(process.execPath, [script, file, String(place)]))
    const answers = (await Promise.all(writers)).flatMap(({ stdout }): Array<string> => JSON.parse(stdout))
    assert.equal(answers.filter((answer) => answer === "stored").length, MANY.length)
    assert.equal(answers.filter((answer) => answer === "known").length, 3 * MANY.length)
    for (const span of SPANS) {
      const totals = await on("several/metrics.sqlite", (store) => store.totals(span))
      assert.deepEqual(totals._tag === "Success" && plain(totals.success), plain(expectedTotals(MANY, span)))
    }
  })

  it("[ME5] that is held by another is out of reach for now, and nothing is stored by halves", async () => {
    await on("held.sqlite", (store) => store.ingest([FULL]))
    const other = new DatabaseSync(join(directory, "held.sqlite"))
    other.exec("BEGIN IMMEDIATE")
    const held = await on("held.sqlite", (store) => store.ingest(MANY))
    assert.equal(held._tag === "Failure" && held.failure._tag, "MetricsUnavailable")
    const read = await on("held.sqlite", (store) => store.runs({ ecosystem: undefined, limit: 100, span: ALWAYS }))
    assert.equal(read._tag === "Success" && read.success.length, 1)
    other.exec("ROLLBACK")
    other.close()
    const later = await on("held.sqlite", (store) => store.ingest(MANY))
    assert.equal(later._tag, "Success")
  })

  it("[ME5] is as it was after a transaction that failed, and takes the next one", async () => {
    const sql = (text: string) => ({ parameters: [], sql: text })
    const opened = SqliteMetricsStore.openDatabase({ file: join(directory, "failed.sqlite") })
    const rows = await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const database = yield* opened
          const half = [sql("INSERT INTO retention VALUES (1, 'x')"), sql("INSERT INTO nowhere VALUES (1)")]
          const failed = yield* Effect.result(database.write(() => half))
          assert.equal(failed._tag === "Failure" && failed.failure._tag, "MetricsRefused")
          yield* database.write(() => [sql("INSERT INTO retention VALUES (1, 'y')")])
          return yield* database.read([sql("SELECT pruned_before FROM retention")])
        })
      )
    )
    assert.deepEqual(
      rows.flat().map((row) => row.pruned_before),
      ["y"]
    )
  })

  it("[ME7] that is no database is refused with what to do about it, and left as it is", async () => {
    writeFileSync(join(directory, "broken.sqlite"), "not a database, ".repeat(1000))
    const broken = await on("broken.sqlite", (store) => store.ingest([FULL]))
    assert.ok(broken._tag === "Failure" && broken.failure._tag === "MetricsRefused")
    assert.match(broken.failure.message, /move it aside.*`batchbrake metrics rebuild`/)
  })

  it("[ME7] that cannot be made is out of reach", async () => {
    writeFileSync(join(directory, "no-directory"), "")
    const below = await on("no-directory/metrics.sqlite", (store) => store.ingest([FULL]))
    assert.equal(below._tag === "Failure" && below.failure._tag, "MetricsUnavailable")
    mkdirSync(join(directory, "directory.sqlite"))
    const directoryItself = await on("directory.sqlite", (store) => store.ingest([FULL]))
    assert.equal(directoryItself._tag === "Failure" && directoryItself.failure._tag, "MetricsUnavailable")
  })
})
