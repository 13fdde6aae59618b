/** `record --reports`: how all runs of a matrix ended, in one control commit. */
import { writeBreaker } from "@batchbrake/core/control/BreakerCodec"
import * as RunReports from "@batchbrake/core/control/RunReports"
import type { Fault } from "@batchbrake/core/json/Fault"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { type EndedRun, type RunEnd, recordRuns } from "@batchbrake/core/program/recordRuns"
import type { Reported } from "@batchbrake/core/program/reportRun"
import { reportOf } from "@batchbrake/core/sli/RunEvent"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { reportAllToMetrics } from "./afterRecord.ts"
import { EXIT, InputUnusable } from "./Failure.ts"
import { type Given, required } from "./Given.ts"
import { faultsText, readText } from "./input.ts"
import { measuredRuns } from "./measured.ts"
import { noticesJson, noticesText } from "./order.ts"
import type { Line } from "./Page.ts"
import { settingOf } from "./Setting.ts"
import type { Report } from "./Verb.ts"
import type { World } from "./World.ts"

interface Ended extends EndedRun {
  readonly faults: ReadonlyArray<Fault>
  /** What became of it in the metrics; `undefined` for one that completed nothing. */
  readonly metrics: Reported["handed"] | "off" | undefined
}

/** Why a run is not on record as it reported itself. */
const errorOf = ({ faults, rejection }: Ended): { readonly code: string; readonly message: string } | undefined => {
  if (rejection !== undefined) return { code: rejection.code, message: rejection.message }
  if (faults.length === 0) return undefined
  return { code: "input-unreadable", message: `results: ${faultsText(faults)}; its grant was given back` }
}

const toJson = (ended: Ended): JsonObject => {
  const { applied, attempts, breaker, end, event, notices } = ended
  const error = errorOf(ended)
  return {
    applied,
    attempts: { ...attempts },
    breaker: writeBreaker(breaker),
    ecosystem: end.ecosystem,
    event,
    notices: noticesJson(notices),
    run_key: end.runKey,
    ...(ended.metrics === undefined ? {} : { metrics: ended.metrics }),
    ...(error === undefined ? {} : { error })
  }
}

const rowOf = (ended: Ended): ReadonlyArray<string> => {
  const { applied, attempts, breaker, end } = ended
  const error = errorOf(ended)
  const counts = `${attempts.passed} passed, ${attempts.failed} failed, ${attempts.skipped} skipped`
  const outcome = end._tag === "RunAbandoned" ? "given back" : applied ? "recorded" : "not applied"
  return [end.ecosystem, error === undefined ? outcome : "refused", breaker.state, error?.message ?? counts]
}

/** Hands those that completed to the metrics, all together, once the control branch has them. */
const toMetrics = Effect.fn("toMetrics")(function* (
  given: Given,
  world: World,
  reports: ReadonlyArray<RunReports.RunReport>,
  ended: ReadonlyArray<EndedRun>
) {
  const completed = ended.flatMap(({ claim, end, rejection }, place) =>
    end._tag === "RunCompleted" && rejection === undefined
      ? [{ claim, end, results: reports[place]?.results ?? [] }]
      : []
  )
  const told = new Map<RunEnd, Pick<Reported, "notices"> & { readonly handed: Ended["metrics"] }>()
  if (completed.length === 0) return told
  const answers = given.flag("no-metrics")
    ? []
    : yield* reportAllToMetrics(
        given,
        world,
        completed.map(({ claim, end, results }) => ({ ...reportOf(end, claim), results }))
      )
  for (const [place, { end }] of completed.entries()) told.set(end, answers[place] ?? { handed: "off", notices: [] })
  return told
})

/** Records what can be recorded; the exit code says whether anything could not. */
export const recordAll = Effect.fn("recordAll")(function* (given: Given, world: World) {
  const stated = yield* required(given, "reports", "a file of JSON lines, one a run")
  const { store, ...origin } = yield* settingOf(given, world)
  const measured = yield* measuredRuns(given, world, origin.at)
  const reports = RunReports.parse(yield* readText(world, "reports", stated), origin, measured.of)
  if (Result.isFailure(reports)) {
    return yield* new InputUnusable({
      code: "input-unreadable",
      message: `--reports ${stated}: ${faultsText(reports.failure)}; nothing was recorded`,
      path: reports.failure[0]?.path ?? stated
    })
  }
  const ends = reports.success.map(({ end }) => end)
  const recorded = yield* recordRuns(origin, ends).pipe(Effect.provide(store))
  const told = yield* toMetrics(given, world, reports.success, recorded)
  const ended = recorded.map((one, place): Ended => {
    const { handed, notices = [] } = told.get(one.end) ?? {}
    const { faults = [], notices: read = [] } = reports.success[place] ?? {}
    return { ...one, faults, metrics: handed, notices: [...one.notices, ...read, ...notices] }
  })
  const refused = ended.flatMap((one) => errorOf(one) ?? [])
  const error = refused[0]
  const table: ReadonlyArray<Line> =
    ended.length === 0
      ? ["no run to record"]
      : [{ head: ["ECOSYSTEM", "OUTCOME", "BREAKER", "WHAT"], rows: ended.map(rowOf) }]
  const report: Report = {
    exitCode: error === undefined ? EXIT.done : EXIT.unreadable,
    json: {
      runs: ended.map(toJson),
      ...(given.text("jobs") === undefined ? {} : { notices: noticesJson(measured.notices) }),
      ...(error === undefined ? {} : { error })
    },
    text: [...table, ...noticesText([...ended.flatMap(({ notices }) => notices), ...measured.notices])]
  }
  return report
})
