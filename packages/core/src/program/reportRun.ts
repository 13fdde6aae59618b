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

/** What a store says of some reports, within so long. */
const ingest = (store: MetricsStore["Service"], reports: ReadonlyArray<RunReport>, limitMillis: number) => {
  const away = (detail: string) => new MetricsUnavailable({ detail, store: store.name })
  return store.ingest(reports).pipe(
    Effect.catchDefect((defect) => Effect.fail(away(defect instanceof Error ? defect.message : String(defect)))),
    Effect.timeoutOrElse({
      duration: limitMillis,
      orElse: () => Effect.fail(away(`no answer within ${limitMillis} ms`))
    }),
    Effect.result
  )
}

/**
 * Hands a run's report to the metrics store or, while that is away, to the spool. Nothing waits for metrics: it never
 * fails, and gives the store up after `limitMillis`.
 */
export const reportRun = Effect.fn("reportRun")(function* (report: RunReport, limitMillis: number) {
  const store = yield* MetricsStore
  const ingested = yield* ingest(store, [report], limitMillis)
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

/** How many reports are handed in at once. */
const TOGETHER = 50

/** Some reports, and why the store took none of them, if it is away: then nobody need ask it again. */
interface Some {
  readonly told: ReadonlyArray<Reported>
  readonly away: string | undefined
}

const keepAll = Effect.fn("keepReports")(function* (reports: ReadonlyArray<RunReport>, why: string) {
  return { away: why, told: yield* Effect.forEach(reports, (report) => keep(report, why)) } satisfies Some as Some
})

/** At once; where one of them keeps the others out each by itself, until the store is away. */
const reportSome = Effect.fn("reportSome")(function* (reports: ReadonlyArray<RunReport>, limitMillis: number) {
  const store = yield* MetricsStore
  const ingested = yield* ingest(store, reports, limitMillis)
  if (Result.isSuccess(ingested)) {
    const told = reports.map((report, place): Reported => {
      const handed = ingested.success[place] ?? "stored"
      return { handed, notices: ofAnswer(store.name, report, handed) }
    })
    return { away: undefined, told } satisfies Some as Some
  }
  if (ingested.failure._tag !== "RunUnusable") return yield* keepAll(reports, ingested.failure.message)
  const told: Array<Reported> = []
  for (const [place, report] of reports.entries()) {
    const reported = yield* reportRun(report, limitMillis)
    told.push(reported)
    if (!reported.notices.some(({ code }) => code === "metrics-spooled" || code === "metrics-lost")) continue
    const rest = yield* keepAll(reports.slice(place + 1), `${store.name} did not answer for the run before`)
    return { ...rest, told: [...told, ...rest.told] }
  }
  return { away: undefined, told } satisfies Some as Some
})

/**
 * The same for the runs of a matrix: one after another would wait for each. A store that is away is asked once and not
 * again, so that hundreds of runs wait no longer than one.
 */
export const reportRuns = Effect.fn("reportRuns")(function* (reports: ReadonlyArray<RunReport>, limitMillis: number) {
  const told: Array<Reported> = []
  let away: string | undefined
  for (let start = 0; start < reports.length; start += TOGETHER) {
    const some = reports.slice(start, start + TOGETHER)
    const reported = yield* away === undefined ? reportSome(some, limitMillis) : keepAll(some, away)
    told.push(...reported.told)
    away = reported.away
  }
  return told
})
