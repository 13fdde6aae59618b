/** Every statement of the metrics store but its schema: one text for SQLite and for D1. */
import { printAll } from "@batchbrake/core/json/Fault"
import { RunUnusable } from "@batchbrake/core/port/MetricsStore"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import { digestOf, faultsOf } from "@batchbrake/core/sli/RunReportJson"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import { cut, type Stretch } from "@batchbrake/core/sli/WholeDays"
import { DAY, LATEST, startOfDay } from "@batchbrake/core/time/Instant"
import type { Statement } from "./MetricsDatabase.ts"
import { ADD_TO_DAYS, INSERT_ROLLUPS, list, REMOVE_DAYS, REMOVE_RESTORED, SUM_DAYS, sumsOf } from "./RollupSql.ts"

/** An instant as the tables have it: a text of one length, so that later is greater. */
export const textOf = (at: number): string => new Date(at).toISOString()
const dayOf = (at: number): string => textOf(at).slice(0, 10)

/** Where a report comes from: the run itself, 0, or the control branch, 1. */
export type Origin = 0 | 1

/** A run as the statements below read it from their JSON, its results aside. */
const headOf = (report: RunReport, origin: Origin): object => {
  const { attempts, batch, completedAt, ecosystem, minutes, runKey, startedAt } = report
  const counted = attempts.passed + attempts.failed
  return {
    ...attempts,
    batch,
    completed: textOf(completedAt),
    digest: digestOf(report),
    ecosystem,
    key: runKey,
    linux: minutes.linux ?? 0,
    macos: minutes.macos ?? 0,
    minutes: JSON.stringify(minutes),
    origin,
    rate: counted === 0 ? null : attempts.passed / counted,
    started: startedAt === undefined ? null : textOf(startedAt),
    sums: [...RunSums.sumsOf(report)].map(([platform, totals]) => [platform, ...sumsOf(platform, totals)]),
    total: counted + attempts.skipped
  }
}

const HORIZON = "COALESCE((SELECT pruned_before FROM retention WHERE id = 1), '')"
const SAME_COUNTS = (passed: string, failed: string, skipped: string): string =>
  `batch_runs.passed = ${passed} AND batch_runs.failed = ${failed} AND batch_runs.skipped = ${skipped}`

/**
 * A known run stays as it is, but for one that was restored from the control branch: its own report, of the same counts,
 * takes its place at the time that the control branch has, whatever time it states itself.
 */
const INSERT_RUNS = `INSERT INTO batch_runs (batch_id, ecosystem, started_at, completed_at, total_recipes, passed, failed,
  skipped, success_rate, macos_minutes, linux_minutes, minutes, run_key, digest, intake, origin)
SELECT value ->> 'batch', value ->> 'ecosystem', value ->> 'started', value ->> 'completed', value ->> 'total',
  value ->> 'passed', value ->> 'failed', value ->> 'skipped', value ->> 'rate', value ->> 'macos', value ->> 'linux',
  value ->> 'minutes', value ->> 'key', value ->> 'digest', ?2, value ->> 'origin'
FROM json_each(?1)
WHERE value ->> 'completed' >= ${HORIZON} OR EXISTS (SELECT 1 FROM batch_runs AS known
  WHERE known.ecosystem = value ->> 'ecosystem' AND known.run_key = value ->> 'key')
ON CONFLICT (ecosystem, run_key) DO UPDATE SET batch_id = excluded.batch_id,
  started_at = CASE WHEN excluded.started_at <= batch_runs.completed_at THEN excluded.started_at END,
  macos_minutes = excluded.macos_minutes, linux_minutes = excluded.linux_minutes, minutes = excluded.minutes,
  digest = excluded.digest,
  intake = CASE WHEN batch_runs.digest = excluded.digest THEN batch_runs.intake ELSE excluded.intake END,
  origin = CASE WHEN batch_runs.digest = excluded.digest THEN 0 ELSE 2 END
WHERE batch_runs.origin = 1 AND excluded.origin = 0 AND batch_runs.completed_at >= ${HORIZON}
  AND ${SAME_COUNTS("excluded.passed", "excluded.failed", "excluded.skipped")}`

const INSERT_RESULTS = `INSERT INTO recipe_results (batch_run_id, ecosystem, recipe_name, platform, result, error_category,
  error_message, duration_seconds, weight)
SELECT batch_runs.id, batch_runs.ecosystem, each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3,
  each.value ->> 4, each.value ->> 5, each.value ->> 6
FROM batch_runs CROSS JOIN json_each(?4) AS each
WHERE batch_runs.ecosystem = ?1 AND batch_runs.run_key = ?2 AND batch_runs.intake = ?3`

/** The control branch tells of counts alone: what it restores is the same run if those are. */
const IS_SAME = `CASE run.value ->> 'origin'
  WHEN 1 THEN ${SAME_COUNTS("run.value ->> 'passed'", "run.value ->> 'failed'", "run.value ->> 'skipped'")}
  ELSE batch_runs.digest = run.value ->> 'digest' END`

const SELECT_TAKEN = `SELECT batch_runs.intake, ${IS_SAME} AS is_same
FROM json_each(?1) AS run LEFT JOIN batch_runs ON batch_runs.ecosystem = run.value ->> 'ecosystem'
  AND batch_runs.run_key = run.value ->> 'key'
ORDER BY run.key`

/** D1 takes texts of up to 2 MB; JavaScript counts UTF-16 units, of which each is at most three bytes. */
const MOST_CHARACTERS = 500_000

/** JSON arrays that hold the values in order, none of them longer than a database takes. */
const chunksOf = (values: ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const chunks: Array<Array<string>> = []
  let length = Number.POSITIVE_INFINITY
  for (const text of values.map((value) => JSON.stringify(value))) {
    if (length + text.length > MOST_CHARACTERS) {
      chunks.push([])
      length = 0
    }
    chunks.at(-1)?.push(text)
    length += text.length + 1
  }
  return chunks.map((texts) => `[${texts.join(",")}]`)
}

const resultsOf = ({ ecosystem, results, runKey }: RunReport, intake: string): ReadonlyArray<Statement> =>
  chunksOf(
    results.map(({ category, durationSeconds, message, platform, recipe, status, weight }) => [
      ...[recipe, platform ?? null, status, category ?? null, message ?? null],
      ...[durationSeconds ?? null, weight]
    ])
  ).map((chunk) => ({ parameters: [ecosystem, runKey, intake, chunk], sql: INSERT_RESULTS }))

/**
 * One transaction that stores runs of different keys, each with its results and sums; the rows of the last statement say
 * what became of each. Whatever a run brings along is written only by the intake that has stored it, so a second delivery
 * adds nothing, in whatever order the two land.
 */
export const ingest = (reports: ReadonlyArray<RunReport>, origin: Origin, intake: string): ReadonlyArray<Statement> => {
  const heads = JSON.stringify(reports.map((report) => headOf(report, origin)))
  const each = (sql: string): Statement => ({ parameters: [heads, intake], sql })
  return [
    each(INSERT_RUNS),
    ...reports.flatMap((report) => resultsOf(report, intake)),
    each(REMOVE_RESTORED),
    each(INSERT_ROLLUPS),
    each(ADD_TO_DAYS),
    each(REMOVE_DAYS),
    each(SUM_DAYS),
    { parameters: [heads], sql: SELECT_TAKEN }
  ]
}

/** The first run that no store could take. */
export const unusableOf = (reports: ReadonlyArray<RunReport>): RunUnusable | undefined => {
  for (const report of reports) {
    const faults = faultsOf(report)
    const { ecosystem, runKey } = report
    if (faults.length > 0) return new RunUnusable({ detail: printAll(faults), ecosystem, runKey })
  }
  return undefined
}

/** As `outward` in core's sli/WholeDays.ts has it; what is before the horizon is read of whole days. */
const WHOLE_DAYS = `day >= CASE WHEN ?7 < ${HORIZON} THEN substr(?7, 1, 10) ELSE ?1 END
  AND day < CASE WHEN ?8 < ${HORIZON} THEN ?9 ELSE ?2 END`
const within = (from: string, until: string): string =>
  `completed_at >= MAX(${from}, ${HORIZON}) AND completed_at < ${until}`
const SELECT_TOTALS = `SELECT ecosystem, platform, ${list((name) => `SUM(${name}) AS ${name}`)} FROM (
  SELECT ecosystem, platform, ${list((name) => name)} FROM daily_rollups WHERE ${WHOLE_DAYS}
  UNION ALL SELECT ecosystem, platform, ${list((name) => name)} FROM run_rollups WHERE ${within("?3", "?4")}
  UNION ALL SELECT ecosystem, platform, ${list((name) => name)} FROM run_rollups WHERE ${within("?5", "?6")}
) GROUP BY ecosystem, platform`

/** An end of a span that is empty, or runs backwards, finds nothing either way. */
const ends = ({ from, until }: Stretch): readonly [string, string] => [textOf(from), textOf(until)]

/** Rows of ecosystem, platform and sums: whole days from rollups, the ends of the span from the runs of those days. */
export const totals = (span: Stretch): Statement => {
  const { days, ends: parts } = cut(span)
  // A span that is empty, or runs backwards, is not widened to a day.
  const { from, until } = span.from < span.until ? span : { from: LATEST, until: LATEST }
  return {
    parameters: [
      ...[dayOf(days.from), dayOf(days.until), ...parts.flatMap(ends)],
      ...[textOf(from), textOf(until), dayOf(startOfDay(Math.min(until, LATEST - DAY) + DAY - 1))]
    ],
    sql: SELECT_TOTALS
  }
}

export const PRUNED: Statement = { parameters: [], sql: "SELECT pruned_before FROM retention WHERE id = 1" }

const RUNS = `SELECT run_key, ecosystem, batch_id, started_at, completed_at, passed, failed, skipped, minutes
FROM batch_runs WHERE completed_at >= ?1 AND completed_at < ?2`
const NEWEST_FIRST = "ORDER BY completed_at DESC, ecosystem, run_key LIMIT CAST(?3 AS INTEGER)"

/** The newest runs of a span first. */
export const runs = (span: Stretch, limit: number, ecosystem: string | undefined): Statement => {
  const parameters = [...ends(span), String(limit)]
  return ecosystem === undefined
    ? { parameters, sql: `${RUNS} ${NEWEST_FIRST}` }
    : { parameters: [...parameters, ecosystem], sql: `${RUNS} AND ecosystem = ?4 ${NEWEST_FIRST}` }
}

/** From now on no run is taken in that completed before the horizon. It never moves back. */
export const setHorizon = (day: number): Statement => ({
  parameters: [textOf(day)],
  sql: `INSERT INTO retention (id, pruned_before) VALUES (1, ?1)
ON CONFLICT (id) DO UPDATE SET pruned_before = MAX(retention.pruned_before, excluded.pruned_before)`
})

/** Removes some of the runs before the horizon, with all that belongs to them; answers a row for each. */
export const removeOld = (most: number): Statement => ({
  parameters: [String(most)],
  sql: `DELETE FROM batch_runs WHERE id IN (
  SELECT id FROM batch_runs WHERE completed_at < (SELECT pruned_before FROM retention WHERE id = 1)
  ORDER BY completed_at LIMIT CAST(?1 AS INTEGER)
) RETURNING id`
})

export const ALERTS: Statement = { parameters: [], sql: "SELECT version, content, writer FROM alerts WHERE id = 1" }

/** Writes the alerts while they are at a version; then {@link ALERTS} says whose they are. */
export const swapAlerts = (expected: number, content: string, writer: string): Statement => ({
  parameters: [String(expected), content, writer],
  sql: `INSERT INTO alerts (id, version, content, writer)
SELECT 1, CAST(?1 AS INTEGER) + 1, ?2, ?3 WHERE CAST(?1 AS INTEGER) = 0 OR EXISTS (SELECT 1 FROM alerts)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content, writer = excluded.writer
WHERE alerts.version = CAST(?1 AS INTEGER)`
})
