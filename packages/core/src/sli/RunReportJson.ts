/**
 * A run's report as JSON: what a Worker takes in, what waits in the spool. What cannot be true is refused with its
 * path: a run that ends before it starts, counts that its results do not add up to, a name that is none.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { MOST_ATTEMPTS } from "../breaker/Attempts.ts"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, describe, type Fault, parseText } from "../json/Fault.ts"
import { InstantText, Name, RunKey } from "../json/Field.ts"
import { type Json, type JsonObject, print } from "../json/Json.ts"
import * as Instant from "../time/Instant.ts"
import { BoundedAmount, Category, LARGEST, LongName, Message, MOST_PLATFORMS, Weight } from "./ReportField.ts"
import { type Attempt, attemptsOf, type RecipeResult, type RunReport } from "./RunReport.ts"

/** A clock that runs ahead by more than this is wrong. */
const AHEAD_MILLIS = 5 * Instant.MINUTE

/** An estimate: of few recipes it may come out below 0. */
const estimated = Schema.Finite.check(
  Schema.isBetween({ maximum: LARGEST, minimum: -LARGEST }, { expected: `a number from -${LARGEST} to ${LARGEST}` })
)
const counted = (most: number) =>
  Schema.Int.check(Schema.isBetween({ maximum: most, minimum: 0 }, { expected: `a whole number from 0 to ${most}` }))
const Count = counted(MOST_ATTEMPTS)

const ResultJson = Schema.Struct({
  recipe: LongName,
  status: Schema.Literals(["passed", "failed", "skipped"]),
  platform: Schema.optionalKey(Name),
  category: Schema.optionalKey(Category),
  message: Schema.optionalKey(Message),
  duration_seconds: Schema.optionalKey(BoundedAmount),
  weight: Schema.optionalKey(Weight)
})
const ReportJson = Schema.Struct({
  run_key: RunKey,
  ecosystem: Name,
  batch: Schema.optionalKey(LongName),
  started_at: Schema.optionalKey(InstantText),
  completed_at: InstantText,
  attempts: Schema.Struct({ failed: Count, passed: Count, skipped: Count }),
  weighted: Schema.optionalKey(Schema.Struct({ failed: estimated, passed: estimated })),
  minutes: Schema.optionalKey(Schema.Record(Name, counted(LARGEST))),
  results: Schema.optionalKey(Schema.Array(ResultJson))
})
type ReportJson = typeof ReportJson.Type

const decodeShape = decodeWith(ReportJson, "closed")

const resultOf = (json: typeof ResultJson.Type): RecipeResult => ({
  category: json.category,
  durationSeconds: json.duration_seconds,
  message: json.message,
  platform: json.platform,
  recipe: json.recipe,
  status: json.status,
  weight: json.weight ?? 1
})

const reportOf = (json: ReportJson): RunReport => ({
  attempts: json.attempts,
  batch: json.batch,
  completedAt: Instant.parse(json.completed_at) ?? 0,
  ecosystem: json.ecosystem,
  minutes: json.minutes ?? {},
  results: (json.results ?? []).map(resultOf),
  runKey: json.run_key,
  startedAt: json.started_at === undefined ? undefined : Instant.parse(json.started_at),
  weighted: json.weighted
})

const present = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(
      ([key, value]): ReadonlyArray<[string, Json]> => (value === undefined ? [] : [[key, value]])
    )
  )

const resultJson = (result: RecipeResult): JsonObject =>
  present({
    category: result.category,
    duration_seconds: result.durationSeconds,
    message: result.message,
    platform: result.platform,
    recipe: result.recipe,
    status: result.status,
    weight: result.weight === 1 ? undefined : result.weight
  })

/** The report as JSON; what is absent or says nothing is left out. */
export const toJson = (report: RunReport): JsonObject =>
  present({
    attempts: { ...report.attempts },
    batch: report.batch,
    completed_at: Instant.format(report.completedAt),
    ecosystem: report.ecosystem,
    minutes: Object.keys(report.minutes).length === 0 ? undefined : { ...report.minutes },
    results: report.results.length === 0 ? undefined : report.results.map(resultJson),
    run_key: report.runKey,
    started_at: report.startedAt === undefined ? undefined : Instant.format(report.startedAt),
    weighted: report.weighted === undefined ? undefined : { ...report.weighted }
  })

const fault = (path: string, found: unknown, expected: string): Fault => ({ expected, found: describe(found), path })

const timesOf = ({ completedAt, startedAt }: RunReport): ReadonlyArray<Fault> =>
  startedAt === undefined || startedAt <= completedAt
    ? []
    : [
        fault(
          "started_at",
          Instant.format(startedAt),
          `an instant at or before completed_at (${Instant.format(completedAt)})`
        )
      ]

/** The second result of the same recipe and platform, if there is one. */
const doublesOf = ({ results }: RunReport): ReadonlyArray<Fault> => {
  const seen = new Set<string>()
  for (const [place, { platform, recipe }] of results.entries()) {
    const key = JSON.stringify([recipe, platform ?? ""])
    if (seen.has(key)) return [fault(`results[${place}].recipe`, recipe, "one result a recipe and platform")]
    seen.add(key)
  }
  return []
}

const TOLERANCE = 1e-6
const differ = (left: number, right: number): boolean =>
  Math.abs(left - right) > TOLERANCE * Math.max(1, Math.abs(left), Math.abs(right))

const STATUSES = ["passed", "failed", "skipped"] as const
const COUNTED = ["passed", "failed"] as const

const sumsThatDiffer = ({ attempts, results, weighted }: RunReport): ReadonlyArray<Fault> => {
  const total = attempts.passed + attempts.failed + attempts.skipped
  if (total > MOST_ATTEMPTS) return [fault("attempts", total, `at most ${MOST_ATTEMPTS} attempts in one run`)]
  const tried = results.length === 0 ? undefined : attemptsOf(results)
  const counts = STATUSES.flatMap((status) => {
    const found = tried?.filter((attempt) => attempt.status === status).length ?? attempts[status]
    return found === attempts[status]
      ? []
      : [fault(`attempts.${status}`, attempts[status], `${found}, what results come to`)]
  })
  return [...counts, ...(weighted === undefined ? [] : weightsThatDiffer(attempts, weighted, tried))]
}

/** Estimates are of what was tried: of nothing there are none, without a failure none are below 0, and together never. */
const weightsThatDiffer = (
  { failed, passed }: RunReport["attempts"],
  weighted: NonNullable<RunReport["weighted"]>,
  tried: ReadonlyArray<Attempt> | undefined
): ReadonlyArray<Fault> => {
  const differing = COUNTED.flatMap((status) => {
    const sum = tried?.reduce((all, { estimate }) => all + estimate[status], 0) ?? weighted[status]
    return differ(sum, weighted[status])
      ? [fault(`weighted.${status}`, weighted[status], `${sum}, what results come to`)]
      : []
  })
  return [
    ...differing,
    ...(failed === 0 && weighted.failed !== 0
      ? [fault("weighted.failed", weighted.failed, "0, since none failed")]
      : []),
    ...(failed === 0 && passed === 0 && weighted.passed !== 0
      ? [fault("weighted.passed", weighted.passed, "0, since none passed or failed")]
      : []),
    ...(weighted.failed + weighted.passed < 0 && differ(weighted.failed, -weighted.passed)
      ? [fault("weighted.passed", weighted.passed, `at least ${-weighted.failed}: together no fewer than 0`)]
      : [])
  ]
}

const platformsOf = ({ minutes, results }: RunReport): ReadonlyArray<Fault> => {
  const named = results.flatMap(({ platform }) => (platform === undefined ? [] : [platform]))
  const count = new Set([...named, ...Object.keys(minutes)]).size
  return count <= MOST_PLATFORMS ? [] : [fault("results", count, `at most ${MOST_PLATFORMS} platforms in one run`)]
}

/** What cannot be true of a report, each with its path. Not what its shape alone shows. */
const contradictionsOf = (report: RunReport): ReadonlyArray<Fault> => [
  ...timesOf(report),
  ...doublesOf(report),
  ...platformsOf(report),
  ...sumsThatDiffer(report)
]

/** Reads a report from JSON. Unknown keys are faults: a misspelt weight must not quietly be 1. */
export const fromJson = (value: Json): Result.Result<RunReport, ReadonlyArray<Fault>> =>
  Result.flatMap(decodeShape(value), (json) => {
    const report = reportOf(json)
    const faults = contradictionsOf(report)
    return faults.length > 0 ? Result.fail(faults) : Result.succeed(report)
  })

/** Reads a report from its text. */
export const parse = (source: string): Result.Result<RunReport, ReadonlyArray<Fault>> =>
  Result.flatMap(parseText(source), fromJson)

/** What is wrong with a report that did not come as JSON. */
export const faultsOf = (report: RunReport): ReadonlyArray<Fault> => {
  const isInstant = (at: number | undefined): boolean =>
    at === undefined || (Number.isInteger(at) && at >= Instant.EARLIEST && at <= Instant.LATEST)
  if (!isInstant(report.completedAt)) return [fault("completed_at", report.completedAt, "epoch milliseconds")]
  if (!isInstant(report.startedAt)) return [fault("started_at", report.startedAt, "epoch milliseconds")]
  const read = fromJson(toJson(report))
  return Result.isFailure(read) ? read.failure : []
}

/** What a clock that runs ahead gives itself away by; the time of a completed run lies behind. */
export const aheadOf = ({ completedAt }: RunReport, now: number): ReadonlyArray<Fault> =>
  completedAt <= now + AHEAD_MILLIS
    ? []
    : [fault("completed_at", Instant.format(completedAt), `at most 5 minutes after now (${Instant.format(now)})`)]

/**
 * Identifies what a report says, the time of its completion aside: `record` repeated is the same run, later. 128 bits,
 * as hexadecimal digits.
 */
export const digestOf = (report: RunReport): string => {
  const { completed_at: _completed, ...said } = toJson(report)
  return Sha256.hex(print(said)).slice(0, 32)
}
