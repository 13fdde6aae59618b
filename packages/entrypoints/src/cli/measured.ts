/** How long the jobs of a matrix took, by the forge. Loaded only where it is asked. */
import * as JobMinutes from "@batchbrake/core/budget/JobMinutes"
import type { Notice } from "@batchbrake/core/control/Notice"
import type { RunAttempt } from "@batchbrake/core/port/Forge"
import { measureJobs, unmeasured } from "@batchbrake/core/program/measureJobs"
import * as Effect from "effect/Effect"
import { matrixJob } from "../workflows/matrixJob.ts"
import { safe } from "./Failure.ts"
import { forgeOf } from "./forge.ts"
import { type Given, refuse } from "./Given.ts"
import type { World } from "./World.ts"

export interface MeasuredRuns {
  readonly of: (ecosystem: string) => JobMinutes.Measured | undefined
  readonly notices: ReadonlyArray<Notice>
}

const attemptOf = Effect.fn("attemptOf")(function* (stated: string) {
  const [run, attempt] = /^(\d{1,15})\/(\d{1,6})$/.exec(stated)?.slice(1).map(Number) ?? []
  if (run !== undefined && attempt !== undefined && run > 0 && attempt > 0) {
    const named: RunAttempt = { attempt, run }
    return named
  }
  return yield* refuse(`--jobs: found ${JSON.stringify(stated)}, expected RUN/ATTEMPT, such as 4711/1`)
})

/** Where the forge cannot be asked, or does not answer, nothing is measured, and a notice says so. */
export const measuredRuns = Effect.fn("measuredRuns")(function* (given: Given, world: World, now: number) {
  const stated = given.text("jobs")
  if (stated === undefined) return { notices: [], of: () => undefined } satisfies MeasuredRuns as MeasuredRuns
  const attempt = yield* attemptOf(stated)
  const { jobs, notices } = yield* forgeOf(given, world, "the minutes of jobs need a token with actions: read").pipe(
    Effect.flatMap((forge) => Effect.provide(measureJobs(attempt), forge)),
    Effect.catch(({ message }) => Effect.succeed(unmeasured(message)))
  )
  const measured: MeasuredRuns = {
    notices: safe(notices),
    of: (ecosystem) => (jobs === undefined ? undefined : JobMinutes.measure(jobs, matrixJob(ecosystem), now))
  }
  return measured
})
