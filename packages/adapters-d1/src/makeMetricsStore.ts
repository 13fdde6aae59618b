/** The metrics store on any database that speaks SQLite's SQL. */
import { type AlertRecord, type Ingested, MetricsStore, type RunRow } from "@batchbrake/core/port/MetricsStore"
import * as Latency from "@batchbrake/core/sli/Latency"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import type { Totals } from "@batchbrake/core/sli/Totals"
import * as Instant from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import type { MetricsDatabase, Row } from "./MetricsDatabase.ts"
import * as MetricsSql from "./MetricsSql.ts"

/** Runs of one transaction: few enough that a large spool is drained in steps. */
const MOST_RUNS = 100
/** Runs that one statement removes: D1 bounds what a statement may take. */
const MOST_REMOVED = 500

const numberOf = (row: Row, column: string): number => Number(row[column] ?? 0)
const textOf = (row: Row, column: string): string | undefined => {
  const value = row[column]
  return typeof value === "string" ? value : undefined
}
const instantOf = (row: Row, column: string): number | undefined => {
  const text = textOf(row, column)
  return text === undefined ? undefined : Instant.parse(text)
}

const minutesOf = (row: Row): Readonly<Record<string, number>> => {
  const minutes: unknown = JSON.parse(textOf(row, "minutes") ?? "{}")
  return typeof minutes === "object" && minutes !== null
    ? Object.fromEntries(Object.entries(minutes).map(([platform, count]) => [platform, Number(count)]))
    : {}
}

const runRowOf = (row: Row): RunRow => ({
  batch: textOf(row, "batch_id"),
  completedAt: instantOf(row, "completed_at") ?? 0,
  ecosystem: textOf(row, "ecosystem") ?? "",
  failed: numberOf(row, "failed"),
  minutes: minutesOf(row),
  passed: numberOf(row, "passed"),
  runKey: textOf(row, "run_key") ?? "",
  skipped: numberOf(row, "skipped"),
  startedAt: instantOf(row, "started_at")
})

const countedOf = (row: Row, status: "passed" | "failed"): Totals["passed"] => ({
  count: numberOf(row, status),
  weight: numberOf(row, `${status}_weight`),
  weightSquared: numberOf(row, `${status}_weight_squared`)
})

const totalsOf = (row: Row, platform: string): Totals => {
  const minutes = numberOf(row, "minutes")
  return {
    failed: countedOf(row, "failed"),
    latency: Latency.EMPTY.map((_, bucket) => numberOf(row, `latency_${bucket}`)),
    minutes: minutes === 0 ? {} : { [platform]: minutes },
    passed: countedOf(row, "passed"),
    runs: numberOf(row, "runs"),
    skipped: numberOf(row, "skipped"),
    vacuousRuns: numberOf(row, "vacuous_runs")
  }
}

const sumsOf = (rows: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyMap<string, Totals>> => {
  const ecosystems = new Map<string, Map<string, Totals>>()
  for (const row of rows) {
    const [ecosystem, platform] = [textOf(row, "ecosystem") ?? "", textOf(row, "platform") ?? ""]
    const platforms = ecosystems.get(ecosystem) ?? new Map<string, Totals>()
    ecosystems.set(ecosystem, platforms.set(platform, totalsOf(row, platform)))
  }
  return ecosystems
}

const keyOf = ({ ecosystem, runKey }: RunReport): string => `${ecosystem} ${runKey}`

/** Runs in order, some at a time: not too many, and no key twice, since a transaction takes one run a key. */
const stepsOf = (reports: ReadonlyArray<RunReport>): ReadonlyArray<ReadonlyArray<RunReport>> => {
  const steps: Array<Map<string, RunReport>> = []
  for (const report of reports) {
    const last = steps.at(-1)
    if (last === undefined || last.size === MOST_RUNS || last.has(keyOf(report))) steps.push(new Map())
    steps.at(-1)?.set(keyOf(report), report)
  }
  return steps.map((step) => [...step.values()])
}

const ingestSome = Effect.fn("ingestSome")(function* (
  database: MetricsDatabase,
  reports: ReadonlyArray<RunReport>,
  origin: MetricsSql.Origin
) {
  const attempts = new Set<string>()
  const answers = yield* database.write((attempt) => {
    attempts.add(attempt)
    return MetricsSql.ingest(reports, origin, attempt)
  })
  return (answers.at(-1) ?? []).map((row): Ingested => {
    const intake = textOf(row, "intake")
    return intake === undefined
      ? "too-old"
      : attempts.has(intake)
        ? "stored"
        : numberOf(row, "is_same") === 1
          ? "known"
          : "conflict"
  })
})

const ingestAll = Effect.fn("ingestAll")(function* (
  database: MetricsDatabase,
  reports: ReadonlyArray<RunReport>,
  origin: MetricsSql.Origin
) {
  const unusable = MetricsSql.unusableOf(reports)
  if (unusable !== undefined) return yield* unusable
  const answers: Array<Ingested> = []
  for (const step of stepsOf(reports)) answers.push(...(yield* ingestSome(database, step, origin)))
  return answers
})

const prune = Effect.fn("prune")(function* (database: MetricsDatabase, before: number) {
  const day = Instant.startOfDay(before)
  let removed = 0
  let last = MOST_REMOVED
  while (last === MOST_REMOVED) {
    const answers = yield* database.write(() => [MetricsSql.setHorizon(day), MetricsSql.removeOld(MOST_REMOVED)])
    last = answers.at(-1)?.length ?? 0
    removed += last
  }
  return removed
})

const recordOf = (row: Row | undefined): AlertRecord =>
  row === undefined
    ? { text: "", version: 0 }
    : { text: textOf(row, "content") ?? "", version: numberOf(row, "version") }

const swap = Effect.fn("swapAlerts")(function* (database: MetricsDatabase, expected: number, text: string) {
  const attempts = new Set<string>()
  const answers = yield* database.write((attempt) => {
    attempts.add(attempt)
    return [MetricsSql.swapAlerts(expected, text, attempt), MetricsSql.ALERTS]
  })
  return attempts.has(textOf(answers.at(-1)?.[0] ?? {}, "writer") ?? "")
})

/** The store on a database whose schema is up to date. */
export const makeMetricsStore = (database: MetricsDatabase): MetricsStore["Service"] =>
  MetricsStore.of({
    alerts: Effect.map(database.read([MetricsSql.ALERTS]), ([rows]) => recordOf(rows?.[0])),
    horizon: Effect.map(database.read([MetricsSql.PRUNED]), ([rows]) => instantOf(rows?.[0] ?? {}, "pruned_before")),
    ingest: (reports) => ingestAll(database, reports, 0),
    name: database.name,
    platformTotals: (span) =>
      Effect.map(database.read([MetricsSql.totals(span)]), ([rows = []]) =>
        sumsOf(rows.filter((row) => row.platform !== RunSums.ALL))
      ),
    prune: (before) => prune(database, before),
    restore: (reports) => ingestAll(database, reports, 1),
    runs: ({ ecosystem, limit, span }) =>
      Effect.map(database.read([MetricsSql.runs(span, limit, ecosystem)]), ([rows = []]) => rows.map(runRowOf)),
    swapAlerts: (expected, text) => swap(database, expected, text),
    totals: (span) =>
      Effect.map(database.read([MetricsSql.totals(span)]), ([rows = []]) => RunSums.together(sumsOf(rows)))
  })
