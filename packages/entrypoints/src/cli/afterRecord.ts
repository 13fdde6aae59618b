/** What `record` does once the control branch has the run: its report goes to the metrics, or waits for them. */

import { metricsFailed, type Reported, reportRun } from "@batchbrake/core/program/reportRun"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import { fitMessage } from "@batchbrake/core/sli/RunReportJson"
import * as Effect from "effect/Effect"
import type { Given } from "./Given.ts"
import { metricsToWrite } from "./metrics.ts"
import type { World } from "./World.ts"

/** Nothing waits longer for metrics. */
const LIMIT_MILLIS = 5000
/** The file of another process is waited for in this thread, which nothing can interrupt. */
const PATIENCE = { d1Attempts: 2, d1Millis: 4500, fileMillis: 1000 }

/** Never fails. */
export const reportToMetrics = (given: Given, world: World, report: RunReport): Effect.Effect<Reported> => {
  const results = report.results.map((result) => ({
    ...result,
    message: result.message === undefined ? undefined : fitMessage(result.message)
  }))
  return reportRun({ ...report, results }, LIMIT_MILLIS).pipe(
    Effect.provide(metricsToWrite(given, world, PATIENCE)),
    Effect.catch((failure) => Effect.succeed(metricsFailed(failure.message))),
    Effect.catchDefect((defect) =>
      Effect.succeed(metricsFailed(defect instanceof Error ? defect.message : String(defect)))
    )
  )
}
