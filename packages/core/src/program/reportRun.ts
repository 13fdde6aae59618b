import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Notice, notice } from "../control/Notice.ts"
import { type Ingested, MetricsStore, MetricsUnavailable } from "../port/MetricsStore.ts"
import { Spool } from "../port/Spool.ts"
import type { RunReport } from "../sli/RunReport.ts"

/** What became of a report: what the store said, or that it waits, or that neither took it. */
export type Handed = Ingested | "spooled" | "lost"

export interface Reported {
  readonly handed: Handed
  readonly notices: ReadonlyArray<Notice>
}

const ofAnswer = (store: string, report: RunReport, answer: Ingested): ReadonlyArray<Notice> => {
  switch (answer) {
    case "conflict":
      return [
        notice("metrics-conflict", "warning", `${store} knows run ${report.runKey} with other content, which stays`)
      ]
    case "too-old":
      return [
        notice("metrics-too-old", "info", `${store} has pruned the time of run ${report.runKey} and does not count it`)
      ]
    default:
      return []
  }
}

const keep = Effect.fn("keepReport")(function* (report: RunReport, why: string) {
  const spool = yield* Spool
  const kept = yield* Effect.result(spool.add(report))
  const reported: Reported = Result.isSuccess(kept)
    ? {
        handed: "spooled",
        notices: [
          notice(
            "metrics-spooled",
            "info",
            `${why}; the report waits in ${spool.name}, and \`batchbrake metrics push\` sends it`
          )
        ]
      }
    : metricsFailed(`${why}; ${kept.failure.message}`)
  return reported
})

/** What is said where not even the spool could be found. */
export const metricsFailed = (why: string): Reported => ({
  handed: "lost",
  notices: [
    notice(
      "metrics-lost",
      "warning",
      `${why}; \`batchbrake metrics rebuild\` restores the run's counts from the control branch`
    )
  ]
})

/**
 * Hands a run's report to the metrics store or, while that is away, to the spool. Nothing waits for metrics: it never
 * fails, and gives the store up after `limitMillis`.
 */
export const reportRun = Effect.fn("reportRun")(function* (report: RunReport, limitMillis: number) {
  const store = yield* MetricsStore
  const away = (detail: string) => new MetricsUnavailable({ detail, store: store.name })
  const ingested = yield* store.ingest([report]).pipe(
    Effect.catchDefect((defect) => Effect.fail(away(defect instanceof Error ? defect.message : String(defect)))),
    Effect.timeoutOrElse({
      duration: limitMillis,
      orElse: () => Effect.fail(away(`no answer within ${limitMillis} ms`))
    }),
    Effect.result
  )
  if (Result.isSuccess(ingested)) {
    const handed = ingested.success[0] ?? "stored"
    return { handed, notices: ofAnswer(store.name, report, handed) } satisfies Reported as Reported
  }
  if (ingested.failure._tag === "RunUnusable") {
    const lost: Reported = {
      handed: "lost",
      notices: [notice("metrics-unusable", "warning", ingested.failure.message)]
    }
    return lost
  }
  return yield* keep(report, ingested.failure.message)
})
