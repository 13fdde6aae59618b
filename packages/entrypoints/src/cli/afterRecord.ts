/** What `record` does once the control branch has the run: its report goes to the metrics, or waits for them. */

import { metricsFailed, type Reported, reportRuns } from "@batchbrake/core/program/reportRun"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as Effect from "effect/Effect"
import { safe } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { metricsToWrite } from "./metrics.ts"
import type { World } from "./World.ts"

/** Nothing waits longer for metrics. */
const LIMIT_MILLIS = 5000
/** The file of another process is waited for in this thread, which nothing can interrupt. */
const PATIENCE = { d1Attempts: 2, d1Millis: 4500, fileMillis: 1000 }

/** What became of each report, in their order. Never fails. */
export const reportAllToMetrics = (
  given: Given,
  world: World,
  reports: ReadonlyArray<RunReport>
): Effect.Effect<ReadonlyArray<Reported>> => {
  const lost = (why: string) => Effect.succeed(reports.map(() => metricsFailed(why)))
  return reportRuns(reports, LIMIT_MILLIS).pipe(
    Effect.provide(metricsToWrite(given, world, PATIENCE)),
    Effect.catch((failure) => lost(failure.message)),
    Effect.catchDefect((defect) => lost(defect instanceof Error ? defect.message : String(defect))),
    Effect.map((told) => told.map((one) => ({ ...one, notices: safe(one.notices) })))
  )
}

/** Never fails. */
export const reportToMetrics = (given: Given, world: World, report: RunReport): Effect.Effect<Reported> =>
  Effect.map(reportAllToMetrics(given, world, [report]), ([told = metricsFailed("nothing was answered")]) => told)
