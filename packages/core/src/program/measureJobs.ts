import * as Effect from "effect/Effect"
import type { Job } from "../budget/JobMinutes.ts"
import { type Notice, notice } from "../control/Notice.ts"
import { plainLine } from "../control/plainLine.ts"
import { Forge, type RunAttempt } from "../port/Forge.ts"

/** A record waits so long for the forge, and no longer. */
const LONGEST_MILLIS = 20_000

/** The jobs of a run, or why nobody knows them. */
export interface JobsAsked {
  readonly jobs: ReadonlyArray<Job> | undefined
  readonly notices: ReadonlyArray<Notice>
}

/** That the minutes are as the reports state them, and why. */
export const unmeasured = (why: string): JobsAsked => ({
  jobs: undefined,
  notices: [
    notice("minutes-unmeasured", "warning", `${plainLine(why)}; the minutes recorded are those that the reports state`)
  ]
})

/** Asks the forge for the jobs of an attempt of a run. Never fails: what they cost is no reason not to record. */
export const measureJobs = Effect.fn("measureJobs")(function* (attempt: RunAttempt) {
  const forge = yield* Forge
  return yield* forge.jobsOf(attempt).pipe(
    Effect.map((jobs): JobsAsked => ({ jobs, notices: [] })),
    Effect.catch(({ message }) => Effect.succeed(unmeasured(message))),
    Effect.timeoutOrElse({
      duration: LONGEST_MILLIS,
      orElse: () => Effect.succeed(unmeasured(`${forge.name} did not answer within ${LONGEST_MILLIS / 1000} s`))
    })
  )
})
