/**
 * The results of a run as its tools write them: JSON lines `{recipe, status, platform?, category?, message?,
 * duration_seconds?, weight?}`, and lines of its jobs `{job, platform, duration_seconds}`. A line that cannot be read fails
 * the whole: half a report would be a wrong one.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as JobLine from "../budget/JobLine.ts"
import type { Minutes } from "../budget/Minutes.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { Amount, Name } from "../json/Field.ts"
import { attemptsOf, type RecipeResult } from "../sli/RunReport.ts"
import type { OrderedAttempts } from "./Attempts.ts"

const Line = Schema.Struct({
  recipe: Schema.NonEmptyString,
  status: Schema.Literals(["passed", "failed", "skipped"]),
  platform: Schema.optionalKey(Name),
  category: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  duration_seconds: Schema.optionalKey(Amount),
  weight: Schema.optionalKey(Amount)
}).annotate({ identifier: "ResultLine" })
type Line = typeof Line.Type

/** A run's results, one attempt a recipe. */
export interface RunResults {
  readonly attempts: OrderedAttempts
  /** How many recipes passed and failed, as estimated; `undefined` where nothing was sampled. */
  readonly weighted: { readonly passed: number; readonly failed: number } | undefined
  readonly durationSeconds: number | undefined
  /** The last line of each recipe and platform: what the metrics keep. */
  readonly results: ReadonlyArray<RecipeResult>
  /** Of the jobs that the lines tell of, each rounded up; `undefined` where they tell of none. */
  readonly minutes: Minutes | undefined
}

const decodeLine = decodeWith(Line, "open")
const decodeJob = decodeWith(JobLine.JobLine, "open")

type Read = { readonly line: Line } | { readonly job: JobLine.JobLine }

const readLine = (source: string): Result.Result<Read, ReadonlyArray<Fault>> =>
  Result.flatMap(
    parseText(source),
    (value): Result.Result<Read, ReadonlyArray<Fault>> =>
      JobLine.isJob(value)
        ? Result.map(decodeJob(value), (job) => ({ job }))
        : Result.map(decodeLine(value), (line) => ({ line }))
  )

/** The last line a recipe and platform, recipes in the order in which they first came. */
const latest = (lines: ReadonlyArray<Line>): ReadonlyArray<ReadonlyArray<Line>> => {
  const recipes = new Map<string, Map<string, Line>>()
  for (const line of lines) {
    const platforms = recipes.get(line.recipe) ?? new Map<string, Line>()
    platforms.set(line.platform ?? "", line)
    recipes.set(line.recipe, platforms)
  }
  return [...recipes.values()].map((platforms) => [...platforms.values()])
}

/** A recipe with any failed platform failed; one with no platform that passed or failed was skipped. */
const verdict = (platforms: ReadonlyArray<Line>): "P" | "F" | "S" =>
  platforms.some(({ status }) => status === "failed")
    ? "F"
    : platforms.some(({ status }) => status === "passed")
      ? "P"
      : "S"

/** The categories of a failed recipe; none if any of its failures has none, since that one counts in any case. */
const categoriesOf = (platforms: ReadonlyArray<Line>): ReadonlyArray<string> => {
  const categories = platforms.filter(({ status }) => status === "failed").map(({ category }) => category ?? "")
  return categories.includes("") ? [] : [...new Set(categories)]
}

/** What the recipes say of all of them, as the metrics count them. */
const weightedOf = (results: ReadonlyArray<RecipeResult>): RunResults["weighted"] => {
  const estimates = attemptsOf(results).map(({ estimate }) => estimate)
  const sum = (side: "passed" | "failed"): number => estimates.reduce((all, estimate) => all + estimate[side], 0)
  return { failed: sum("failed"), passed: sum("passed") }
}

const resultOf = ({ category, duration_seconds, message, platform, recipe, status, weight }: Line): RecipeResult => ({
  category,
  durationSeconds: duration_seconds,
  message,
  platform,
  recipe,
  status,
  weight: weight ?? 1
})

const summarise = (lines: ReadonlyArray<Line>, jobs: ReadonlyArray<JobLine.JobLine>): RunResults => {
  const recipes = latest(lines)
  const results = recipes.map(verdict).join("")
  const categories = new Map<string, Array<number>>()
  for (const [place, platforms] of recipes.entries()) {
    for (const category of categoriesOf(platforms))
      categories.set(category, [...(categories.get(category) ?? []), place])
  }
  const reported = recipes.flat().map(resultOf)
  const durations = lines.flatMap(({ duration_seconds }) => (duration_seconds === undefined ? [] : [duration_seconds]))
  return {
    attempts: { categories: Object.fromEntries([...categories].sort(([a], [b]) => (a < b ? -1 : 1))), results },
    durationSeconds: durations.length === 0 ? undefined : durations.reduce((sum, seconds) => sum + seconds, 0),
    results: reported,
    minutes: JobLine.minutesOf(jobs),
    weighted: lines.some(({ weight }) => weight !== undefined) ? weightedOf(reported) : undefined
  }
}

/** Reads JSON lines; blank lines are passed over. Faults name the line. */
export const parse = (text: string): Result.Result<RunResults, ReadonlyArray<Fault>> => {
  const lines: Array<Line> = []
  const jobs: Array<JobLine.JobLine> = []
  const faults: Array<Fault> = []
  for (const [index, source] of text.split("\n").entries()) {
    if (source.trim() === "") continue
    const read = readLine(source)
    if (Result.isSuccess(read)) {
      if ("job" in read.success) jobs.push(read.success.job)
      else lines.push(read.success.line)
    } else {
      faults.push(
        ...read.failure.map((fault) => ({
          ...fault,
          path: `line ${index + 1}${fault.path === "" ? "" : `, ${fault.path}`}`
        }))
      )
    }
  }
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(summarise(lines, jobs))
}
