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
import { Name } from "../json/Field.ts"
import { BoundedAmount, Category, fitMessage, LARGEST, LongName, MOST_PLATFORMS, Weight } from "../sli/ReportField.ts"
import { attemptsOf, type RecipeResult } from "../sli/RunReport.ts"
import type { OrderedAttempts } from "./Attempts.ts"

const Line = Schema.Struct({
  recipe: LongName,
  status: Schema.Literals(["passed", "failed", "skipped"]),
  platform: Schema.optionalKey(Name),
  category: Schema.optionalKey(Category),
  message: Schema.optionalKey(Schema.String),
  duration_seconds: Schema.optionalKey(BoundedAmount),
  weight: Schema.optionalKey(Weight)
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
  message: message === undefined ? undefined : fitMessage(message),
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

/** What no single line shows: more platforms than a run may have, weights that come to more than can be summed. */
const excessOf = (lines: ReadonlyArray<Placed>, results: RunResults): ReadonlyArray<Fault> => {
  const platforms = new Set<string>()
  for (const { number, platform } of lines) {
    if (platform !== undefined) platforms.add(platform)
    if (platforms.size > MOST_PLATFORMS) {
      const path = `line ${number}, platform`
      return [{ expected: `at most ${MOST_PLATFORMS} platforms in one run`, found: String(platforms.size), path }]
    }
  }
  const weight = Math.max(results.weighted?.passed ?? 0, results.weighted?.failed ?? 0)
  return weight <= LARGEST
    ? []
    : [{ expected: `weights that come to at most ${LARGEST}`, found: String(weight), path: "weight" }]
}

interface Placed {
  readonly number: number
  readonly platform: string | undefined
}

/** Reads JSON lines; blank lines are passed over. Faults name the line. What is read, every metrics store can keep. */
export const parse = (text: string): Result.Result<RunResults, ReadonlyArray<Fault>> => {
  const lines: Array<Line> = []
  const jobs: Array<JobLine.JobLine> = []
  const placed: Array<Placed> = []
  const faults: Array<Fault> = []
  for (const [index, source] of text.split("\n").entries()) {
    if (source.trim() === "") continue
    const read = readLine(source)
    const number = index + 1
    if (Result.isSuccess(read)) {
      if ("job" in read.success) jobs.push(read.success.job)
      else lines.push(read.success.line)
      placed.push({ number, platform: "job" in read.success ? read.success.job.platform : read.success.line.platform })
    } else {
      const at = `line ${number}`
      faults.push(...read.failure.map((fault) => ({ ...fault, path: fault.path === "" ? at : `${at}, ${fault.path}` })))
    }
  }
  if (faults.length > 0) return Result.fail(faults)
  const results = summarise(lines, jobs)
  const excess = excessOf(placed, results)
  return excess.length > 0 ? Result.fail(excess) : Result.succeed(results)
}

/**
 * The text without a last line that broke off: one without an end of line that cannot be read. `undefined` where there is
 * none. What a cut line would have said nobody knows: whoever leaves it out must know that its writer was stopped.
 */
export const withoutCutEnd = (text: string): string | undefined => {
  const start = text.lastIndexOf("\n") + 1
  const last = text.slice(start)
  return last.trim() === "" || Result.isSuccess(readLine(last)) ? undefined : text.slice(0, start)
}
