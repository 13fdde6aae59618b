/**
 * How several runs ended, as a matrix hands it in: JSON lines `{ecosystem, run_key, batch?, started?, minutes?: ["linux=2.5"]}`
 * with one of `results` (the text of a results file), `passed` and `failed` (and `skipped`), or `"abandoned": true`.
 * A line that cannot be read fails the whole. Results that cannot be read fail their run alone. What the forge measured of
 * a run's jobs raises the minutes that it states, and tells whether a last line that broke off may be left out.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Attempts } from "../breaker/Attempts.ts"
import * as ResultLines from "../breaker/ResultLines.ts"
import type { Measured } from "../budget/JobMinutes.ts"
import * as Minutes from "../budget/Minutes.ts"
import * as StatedMinutes from "../budget/StatedMinutes.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { Count, InstantText, Name, RunKey } from "../json/Field.ts"
import * as RunEvent from "../sli/RunEvent.ts"
import { faultsOf } from "../sli/RunReportJson.ts"
import * as Instant from "../time/Instant.ts"
import type { ControlEvent, Of } from "./ControlEvent.ts"
import { type Notice, notice } from "./Notice.ts"

const Line = Schema.Struct({
  ecosystem: Name,
  run_key: RunKey,
  batch: Schema.optionalKey(Schema.NonEmptyString),
  started: Schema.optionalKey(InstantText),
  minutes: Schema.optionalKey(Schema.Array(Schema.String)),
  results: Schema.optionalKey(Schema.String),
  passed: Schema.optionalKey(Count),
  failed: Schema.optionalKey(Count),
  skipped: Schema.optionalKey(Count),
  abandoned: Schema.optionalKey(Schema.Literal(true))
}).annotate({ identifier: "RunReport" })
type Line = typeof Line.Type

const decodeLine = decodeWith(Line, "closed")

/** One run's end, and what could not be read of its results: such a run proves nothing, and gives its grant back. */
export interface RunReport {
  readonly end: Of<"RunCompleted"> | Of<"RunAbandoned">
  readonly faults: ReadonlyArray<Fault>
  /** What was said of each recipe and platform, for the metrics; empty where only counts were given. */
  readonly results: ResultLines.RunResults["results"]
  /** What the forge said of it that somebody should know. */
  readonly notices: ReadonlyArray<Notice>
}

/** What the forge measured of a run; `undefined` where it was not asked, or did not answer. */
type MeasuredOf = (ecosystem: string) => Measured | undefined

type Origin = Pick<ControlEvent, "at" | "author">

const fault = (path: string, found: string, expected: string): ReadonlyArray<Fault> => [{ expected, found, path }]

interface Said {
  readonly notices: ReadonlyArray<Notice>
  readonly event: Pick<Of<"RunCompleted">, "attempts" | "weighted" | "durationSeconds" | "minutes">
  readonly results: RunReport["results"]
}

/** The results; without a last line that broke off where the job is known to have been stopped, and nowhere else. */
const readResults = (
  { ecosystem, run_key }: Line,
  text: string,
  measured: Measured | undefined
): Result.Result<ResultLines.RunResults & Pick<Said, "notices">, ReadonlyArray<Fault>> => {
  const cut = measured?.isBroken === true ? ResultLines.withoutCutEnd(text) : undefined
  const what = `${ecosystem} ${run_key}: its job was stopped within the last line of its results, which is left out`
  const notices = cut === undefined ? [] : [notice("results-cut", "warning", what)]
  return Result.map(ResultLines.parse(cut ?? text), (results) => ({ ...results, notices }))
}

const saidIn = (line: Line, measured: Measured | undefined): Result.Result<Said, ReadonlyArray<Fault>> => {
  if (line.results === undefined) {
    const attempts: Attempts = { failed: line.failed ?? 0, passed: line.passed ?? 0, skipped: line.skipped ?? 0 }
    return Result.succeed({ event: { attempts }, notices: [], results: [] })
  }
  return Result.flatMap(
    readResults(line, line.results, measured),
    ({ attempts, durationSeconds, minutes, notices, results, weighted }): Result.Result<Said, ReadonlyArray<Fault>> => {
      if (minutes !== undefined && (line.minutes ?? []).length > 0) {
        return Result.fail(fault("minutes", "job lines in the results too", "the minutes of a run stated once"))
      }
      const event = {
        attempts,
        ...(durationSeconds === undefined ? {} : { durationSeconds }),
        ...(minutes === undefined ? {} : { minutes }),
        ...(weighted === undefined ? {} : { weighted })
      }
      return Result.succeed({ event, notices, results })
    }
  )
}

/** Exactly one way to say how it ended. */
const waysOf = ({ abandoned, failed, passed, results, skipped }: Line): number => {
  const counts = passed !== undefined || failed !== undefined || skipped !== undefined
  const whole = passed !== undefined && failed !== undefined
  return [abandoned, results].filter((way) => way !== undefined).length + (whole ? 1 : counts ? 2 : 0)
}

/** The larger of what is stated and what was measured, of each platform: a job that was stopped stated too little. */
const settled = <A extends RunReport["end"]>(end: A, measured: Measured | undefined): A =>
  measured === undefined || Minutes.isNone(measured.minutes)
    ? end
    : { ...end, minutes: Minutes.larger(end.minutes ?? Minutes.none, measured.minutes) }

const unmeasured = (end: RunReport["end"], measured: Measured | undefined): ReadonlyArray<Notice> => {
  if (measured?.isPartial !== true || end.minutes !== undefined) return []
  const what = `${end.ecosystem} ${end.runKey}: its job ran where nobody says on what platform, and states no minutes`
  return [notice("minutes-unmeasured", "warning", what)]
}

const measuredReport = (report: RunReport, measured: Measured | undefined): RunReport => ({
  ...report,
  end: settled(report.end, measured),
  notices: [...report.notices, ...unmeasured(report.end, measured)]
})

const reportOf = (
  line: Line,
  origin: Origin,
  measured: Measured | undefined
): Result.Result<RunReport, ReadonlyArray<Fault>> => {
  if (waysOf(line) !== 1) {
    return Result.fail(
      fault("", "another number of ways", "one of: results; passed and failed; abandoned, to say how the run ended")
    )
  }
  const minutes = StatedMinutes.parse(line.minutes ?? [])
  if (Result.isFailure(minutes)) return Result.fail(fault("minutes", minutes.failure.replace(/^found /, ""), "minutes"))
  const run = { ...origin, ecosystem: line.ecosystem, runKey: line.run_key }
  const used = minutes.success === undefined ? {} : { minutes: minutes.success }
  const givenBack: Of<"RunAbandoned"> = { ...run, ...used, _tag: "RunAbandoned" }
  if (line.abandoned === true) return Result.succeed({ end: givenBack, faults: [], notices: [], results: [] })
  const said = saidIn(line, measured)
  if (Result.isFailure(said)) return Result.succeed({ end: givenBack, faults: said.failure, notices: [], results: [] })
  const startedAt = line.started === undefined ? undefined : Instant.parse(line.started)
  const end: Of<"RunCompleted"> = {
    ...run,
    ...used,
    ...said.success.event,
    ...(line.batch === undefined ? {} : { batch: line.batch }),
    ...(startedAt === undefined ? {} : { startedAt }),
    _tag: "RunCompleted"
  }
  const { notices, results } = said.success
  // What no metrics store could keep is none of a run's results.
  const faults = faultsOf({ ...RunEvent.reportOf(end, undefined), results, startedAt })
  return Result.succeed(
    faults.length > 0 ? { end: givenBack, faults, notices: [], results: [] } : { end, faults, notices, results }
  )
}

/** Reads the lines; blank ones are passed over. Faults name the line. Time and author are those of all the events. */
export const parse = (
  text: string,
  origin: Origin,
  measuredOf: MeasuredOf = () => undefined
): Result.Result<ReadonlyArray<RunReport>, ReadonlyArray<Fault>> => {
  const reports: Array<RunReport> = []
  const faults: Array<Fault> = []
  for (const [index, source] of text.split("\n").entries()) {
    if (source.trim() === "") continue
    const report = Result.flatMap(Result.flatMap(parseText(source), decodeLine), (line) => {
      const measured = measuredOf(line.ecosystem)
      return Result.map(reportOf(line, origin, measured), (one) => measuredReport(one, measured))
    })
    if (Result.isSuccess(report)) reports.push(report.success)
    else {
      for (const one of report.failure) {
        faults.push({ ...one, path: `line ${index + 1}${one.path === "" ? "" : `, ${one.path}`}` })
      }
    }
  }
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(reports)
}
