/** The statements that keep the sums of runs and of days, in the one transaction that stores the runs. */
import * as Latency from "@batchbrake/core/sli/Latency"
import type { Totals } from "@batchbrake/core/sli/Totals"

const LATENCY = Array.from({ length: Latency.BUCKETS }, (_, bucket) => `latency_${bucket}`)
const SUMS = [
  "runs",
  "vacuous_runs",
  "passed",
  "passed_weight",
  "passed_weight_squared",
  "failed",
  "failed_weight",
  "failed_weight_squared",
  "skipped",
  "minutes",
  ...LATENCY
]
export const list = (each: (column: string, place: number) => string): string => SUMS.map(each).join(", ")

/** The columns of {@link SUMS}, in their order. */
export const sumsOf = (platform: string, { failed, latency, minutes, passed, runs, skipped, vacuousRuns }: Totals) => [
  runs,
  vacuousRuns,
  passed.count,
  passed.weight,
  passed.weightSquared,
  failed.count,
  failed.weight,
  failed.weightSquared,
  skipped,
  minutes[platform] ?? 0,
  ...latency
]

/** The runs that this very intake has stored: what all that belongs to a run is written for, and for no other. */
const STORED = `json_each(?1) AS run CROSS JOIN batch_runs ON batch_runs.ecosystem = run.value ->> 'ecosystem'
  AND batch_runs.run_key = run.value ->> 'key' AND batch_runs.intake = ?2`

export const INSERT_ROLLUPS = `INSERT INTO run_rollups (completed_at, batch_run_id, ecosystem, platform, ${list((name) => name)})
SELECT batch_runs.completed_at, batch_runs.id, batch_runs.ecosystem, platform.value ->> 0,
  ${list((_, place) => `platform.value ->> ${place + 1}`)}
FROM ${STORED} CROSS JOIN json_each(run.value, '$.sums') AS platform`

export const ADD_TO_DAYS = `INSERT INTO daily_rollups (day, ecosystem, platform, ${list((name) => name)})
SELECT substr(completed_at, 1, 10), ecosystem, platform, ${list((name) => `SUM(${name})`)}
FROM run_rollups
WHERE (completed_at, batch_run_id) IN (SELECT batch_runs.completed_at, batch_runs.id FROM ${STORED})
GROUP BY 1, 2, 3
ON CONFLICT (day, ecosystem, platform) DO UPDATE SET
  ${list((name) => `${name} = daily_rollups.${name} + excluded.${name}`)}`

/** Those of its runs that took the place of a run restored from the control branch: see migrations/0003_origin.sql. */
const REPLACED = `${STORED} WHERE batch_runs.origin = 2`

/** What a restored run came to goes before the report that takes its place brings its own. */
export const REMOVE_RESTORED = `DELETE FROM run_rollups WHERE batch_run_id IN (SELECT batch_runs.id FROM ${REPLACED})`

/**
 * The days of replaced runs are summed anew from their runs, which are all there, since no day before the horizon is
 * touched. Taking the old sums off the day would leave what floating point has rounded away.
 */
export const REMOVE_DAYS = `DELETE FROM daily_rollups
WHERE (day, ecosystem) IN (SELECT substr(batch_runs.completed_at, 1, 10), batch_runs.ecosystem FROM ${REPLACED})`
export const SUM_DAYS = `INSERT INTO daily_rollups (day, ecosystem, platform, ${list((name) => name)})
SELECT day, run_rollups.ecosystem, run_rollups.platform, ${list((name) => `SUM(run_rollups.${name})`)}
FROM (SELECT DISTINCT substr(batch_runs.completed_at, 1, 10) AS day, batch_runs.ecosystem FROM ${REPLACED}) AS mended
CROSS JOIN run_rollups ON run_rollups.completed_at >= mended.day AND run_rollups.completed_at < mended.day || 'U'
  AND run_rollups.ecosystem = mended.ecosystem
GROUP BY 1, 2, 3`
