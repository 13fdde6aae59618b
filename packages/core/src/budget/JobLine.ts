/**
 * The jobs of a run as lines among its results: `{"job": "validate", "platform": "macos", "duration_seconds": 754}`. Each
 * line is a job of its own, and forges bill each started minute of a job, so it is rounded up before anything is summed.
 */
import * as Schema from "effect/Schema"
import { Name } from "../json/Field.ts"
import { isObject, type Json } from "../json/Json.ts"
import * as Minutes from "./Minutes.ts"

const LONGEST_SECONDS = 366 * 24 * 60 * 60

export const JobLine = Schema.Struct({
  job: Schema.NonEmptyString,
  platform: Name,
  duration_seconds: Schema.Finite.check(
    Schema.isBetween(
      { maximum: LONGEST_SECONDS, minimum: 0 },
      { expected: `seconds, from 0 to ${LONGEST_SECONDS} (366 days)` }
    )
  )
})
export type JobLine = typeof JobLine.Type

/** Whether a line is about a job: it names one, and no recipe. */
export const isJob = (line: Json): boolean =>
  isObject(line) && Object.hasOwn(line, "job") && !Object.hasOwn(line, "recipe")

const SECONDS = 60

/** Whole minutes by platform; `undefined` where no job is told of, which is not the same as none used. */
export const minutesOf = (jobs: ReadonlyArray<JobLine>): Minutes.Minutes | undefined =>
  jobs.length === 0
    ? undefined
    : jobs.reduce<Minutes.Minutes>(
        (sum, { duration_seconds, platform }) =>
          Minutes.add(sum, { [platform]: Minutes.roundUp(duration_seconds / SECONDS) }),
        Minutes.none
      )
