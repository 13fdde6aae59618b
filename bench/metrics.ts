/** What a week's success costs to ask, as the results kept grow: from rollups, and counted from the results themselves. */
import { statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as D1BindingMetricsStore from "@batchbrake/adapters-d1/D1BindingMetricsStore"
import * as MetricsSql from "@batchbrake/adapters-d1/MetricsSql"
import { makeMetricsStore } from "@batchbrake/adapters-d1/makeMetricsStore"
import { migrate } from "@batchbrake/adapters-d1/migrate"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import type { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import type { Totals } from "@batchbrake/core/sli/Totals"
import * as Effect from "effect/Effect"
import { Log, LogLevel, Miniflare } from "miniflare"
import { type Figure, interleaved, median, type Outcome, timed } from "./Figure.ts"
import { inScratch } from "./Ground.ts"

type Store = MetricsStore["Service"]

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** What is kept: 90 days, hourly, of four ecosystems. More results are more results a run. */
const DAYS = 90
const ECOSYSTEMS = ["cask", "crates.io", "homebrew", "npm"]
/** Not at midnight: both ends of the week are read run by run. */
const END = Date.UTC(2026, 10, 23, 13, 30)
const WEEK = { from: END - 7 * DAY, until: END }
const ROUNDS = 15
const INGESTED = 40
const RESULTS = 1000

const runsOf = (results: number): ReadonlyArray<RunReport> => {
  const count = DAYS * 24 * ECOSYSTEMS.length
  return Array.from({ length: count }, (_, place) => {
    const size = Math.floor(((place + 1) * results) / count) - Math.floor((place * results) / count)
    const failed = Math.floor(size / 5)
    return {
      attempts: { failed, passed: size - failed, skipped: 0 },
      batch: undefined,
      completedAt: END - Math.floor(place / ECOSYSTEMS.length) * HOUR - 1,
      ecosystem: ECOSYSTEMS[place % ECOSYSTEMS.length] ?? "npm",
      minutes: { linux: 3 },
      results: [],
      runKey: `run-${place}`,
      startedAt: undefined,
      weighted: undefined
    }
  })
}

/** A row for every result that the runs count, straight from their counts. */
const FILL = `WITH RECURSIVE place(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < CAST(?1 AS INTEGER))
INSERT INTO recipe_results (batch_run_id, recipe_name, ecosystem, result, duration_seconds, platform)
SELECT id, 'recipes/' || n, ecosystem, CASE WHEN n <= failed THEN 'failed' ELSE 'passed' END, n % 300, 'linux'
FROM batch_runs CROSS JOIN place WHERE n <= total_recipes`
const largestRun = (results: number): string => String(Math.ceil(results / (DAYS * 24 * ECOSYSTEMS.length)))

/** What somebody would ask of the two published tables. */
const NAIVE = `SELECT recipe_results.ecosystem, result, COUNT(*) AS count FROM recipe_results
JOIN batch_runs ON batch_runs.id = batch_run_id WHERE completed_at >= ?1 AND completed_at < ?2 GROUP BY 1, 2`
const bounds = [WEEK.from, WEEK.until].map((at) => new Date(at).toISOString())

const counts = (totals: ReadonlyMap<string, Totals>): string =>
  [...totals].map(([ecosystem, { failed, passed }]) => `${ecosystem} ${failed.count} ${passed.count}`).join()
const naiveCounts = (rows: ReadonlyArray<Record<string, unknown>>): string =>
  ECOSYSTEMS.map((name) => {
    const of = (result: string) => rows.find((row) => row.ecosystem === name && row.result === result)?.count ?? 0
    return `${name} ${of("failed")} ${of("passed")}`
  }).join()

const fill = async (store: Store, results: number): Promise<void> => {
  const runs = runsOf(results)
  for (let start = 0; start < runs.length; start += 500)
    await Effect.runPromise(store.ingest(runs.slice(start, start + 500)))
}

const figure = (what: string, value: number, unit: string, note: string): Figure => ({
  bench: "metrics",
  note,
  unit,
  value,
  what
})

interface Cost {
  readonly rollups: number
  readonly naive: number
}

const onSqlite = async (root: string, results: number) => {
  const file = join(root, `metrics-${results}.sqlite`)
  const name = results.toLocaleString("en")
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const store = makeMetricsStore(yield* SqliteMetricsStore.openDatabase({ file }))
        const other = new DatabaseSync(file)
        const filling = yield* Effect.promise(() =>
          timed(async () => {
            await fill(store, results)
            other.prepare(FILL).run(largestRun(results))
          })
        )
        const naive = other.prepare(NAIVE)
        const totals = yield* store.totals(WEEK)
        if (counts(totals) !== naiveCounts(naive.all(...bounds))) throw new Error("the rollups do not add up")
        const taken = yield* Effect.promise(() =>
          interleaved(results > 100_000 ? 5 : ROUNDS, {
            naive: () => timed(() => naive.all(...bounds)),
            rollups: () => timed(() => Effect.runPromise(store.totals(WEEK)))
          })
        )
        other.close()
        const cost: Cost = { naive: median(taken.naive), rollups: median(taken.rollups) }
        const figures = [
          figure(
            `SQLite, ${name} results: a week from rollups`,
            cost.rollups,
            "ms",
            "whole days from rollups, both ends from runs"
          ),
          figure(`SQLite, ${name} results: a week counted`, cost.naive, "ms", "recipe_results joined with batch_runs"),
          figure(
            `SQLite, ${name} results: file`,
            statSync(file).size / 2 ** 20,
            "MiB",
            `generated in ${(filling / 1000).toFixed(1)} s`
          )
        ]
        return { cost, figures }
      })
    )
  )
}

/** The same on workerd, whose D1 says itself how many rows it has read. */
const onD1 = async (root: string, results: number) => {
  const name = results.toLocaleString("en")
  const miniflare = new Miniflare({
    cf: false,
    compatibilityDate: "2026-07-01",
    d1Databases: ["METRICS"],
    d1Persist: join(root, `d1-${results}`),
    host: "127.0.0.1",
    log: new Log(LogLevel.NONE),
    modules: true,
    script: "export default { fetch: () => new Response() }"
  })
  try {
    const database = await miniflare.getD1Database("METRICS")
    const store = D1BindingMetricsStore.databaseOf(database)
    await Effect.runPromise(migrate(store))
    await fill(makeMetricsStore(store), results)
    await database.prepare(FILL).bind(largestRun(results)).run()
    const { parameters, sql } = MetricsSql.totals(WEEK)
    const rollups = await database
      .prepare(sql)
      .bind(...parameters)
      .all()
    const naive = await database
      .prepare(NAIVE)
      .bind(...bounds)
      .all()
    const cost: Cost = { naive: naive.meta.rows_read, rollups: rollups.meta.rows_read }
    const figures = [
      figure(`D1, ${name} results: a week from rollups`, cost.rollups, "rows read", "D1's own count"),
      figure(`D1, ${name} results: a week counted`, cost.naive, "rows read", "D1's own count")
    ]
    return { cost, figures }
  } finally {
    await miniflare.dispose()
  }
}

const large = (place: number): RunReport => ({
  attempts: { failed: RESULTS / 5, passed: (RESULTS * 4) / 5, skipped: 0 },
  batch: "2026-11-23-001",
  completedAt: END + place,
  ecosystem: "npm",
  minutes: { linux: 40 },
  results: Array.from({ length: RESULTS }, (_, result) => ({
    category: result % 5 === 0 ? "checksum" : undefined,
    durationSeconds: result % 300,
    message: result % 5 === 0 ? "the checksum of the archive is another one" : undefined,
    platform: "linux",
    recipe: `recipes/${result}.toml`,
    status: result % 5 === 0 ? ("failed" as const) : ("passed" as const),
    weight: 1
  })),
  runKey: `large-${place}`,
  startedAt: END,
  weighted: undefined
})

const ingestion = (root: string): Promise<ReadonlyArray<Figure>> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const store = makeMetricsStore(yield* SqliteMetricsStore.openDatabase({ file: join(root, "ingest.sqlite") }))
        const millis: Array<number> = []
        for (const report of Array.from({ length: INGESTED }, (_, place) => large(place)))
          millis.push(yield* Effect.promise(() => timed(() => Effect.runPromise(store.ingest([report])))))
        const each = median(millis)
        return [
          figure(
            "SQLite: a run of 1,000 results stored",
            each,
            "ms",
            `one transaction; ${Math.round((1000 * RESULTS) / each).toLocaleString("en")} results a second`
          )
        ]
      })
    )
  )

const ratio = (costs: ReadonlyArray<Cost>, kind: keyof Cost): number =>
  (costs.at(-1)?.[kind] ?? Number.NaN) / (costs[0]?.[kind] ?? Number.NaN)

export const benchMetrics = (isFull: boolean): Promise<Outcome> =>
  inScratch(async (root) => {
    const sizes = isFull ? [10_000, 1_000_000, 10_000_000] : [10_000, 100_000]
    const sqlite: Array<Awaited<ReturnType<typeof onSqlite>>> = []
    for (const size of sizes) sqlite.push(await onSqlite(root, size))
    const d1: Array<Awaited<ReturnType<typeof onD1>>> = []
    for (const size of sizes.filter((each) => each <= 1_000_000)) d1.push(await onD1(root, size))
    const [millis, rows] = [sqlite.map(({ cost }) => cost), d1.map(({ cost }) => cost)]
    const claim = (text: string, met: boolean) => ({ bench: "metrics", met, text })
    return {
      claims: [
        claim(
          `the rows read for a week do not grow with the results kept (${ratio(rows, "rollups").toFixed(2)} x; counted ${ratio(rows, "naive").toFixed(0)} x)`,
          ratio(rows, "rollups") <= 1
        ),
        claim(
          `nor does the time, within a half (${ratio(millis, "rollups").toFixed(2)} x; counted ${ratio(millis, "naive").toFixed(0)} x)`,
          ratio(millis, "rollups") <= 1.5
        )
      ],
      figures: [...sqlite, ...d1].flatMap(({ figures }) => figures).concat(await ingestion(root))
    }
  })
