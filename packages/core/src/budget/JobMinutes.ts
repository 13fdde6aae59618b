/** Minutes from the jobs of a run, as the forges bill them. */
import { MINUTE } from "../time/Instant.ts"
import * as Minutes from "./Minutes.ts"

/** One job of a run. */
export interface Job {
  readonly name: string
  /** Where it ran: `linux`, `macos`, `windows`; `undefined` where its machine does not tell. */
  readonly platform: string | undefined
  /** When a machine began with it, epoch milliseconds; `undefined`: none ever did. */
  readonly startedAt: number | undefined
  /** `undefined` while it runs. */
  readonly completedAt: number | undefined
  /** Whether it ended as it should: not failed, cancelled or killed. `undefined` while that is not known. */
  readonly isSuccessful: boolean | undefined
}

/**
 * What one job cost: each started minute is one, so that a job that ran at all costs one at least. A job that still
 * runs is counted up to `now`; one that never began costs nothing.
 */
const minutesOf = ({ completedAt, startedAt }: Job, now: number): number =>
  startedAt === undefined
    ? 0
    : Math.max(1, Minutes.roundUp((Math.max(startedAt, completedAt ?? now) - startedAt) / MINUTE))

/** Whole minutes by platform, rounded up for each job and then summed. A job without a platform counts nowhere. */
export const of = (jobs: ReadonlyArray<Job>, now: number): Minutes.Minutes => {
  let sum = Minutes.none
  for (const job of jobs) {
    const minutes = minutesOf(job, now)
    if (job.platform !== undefined && minutes > 0) sum = Minutes.add(sum, { [job.platform]: minutes })
  }
  return sum
}

/** What is known of a run by the jobs that did its work. */
export interface Measured {
  readonly minutes: Minutes.Minutes
  /** A job of it failed, was cancelled, or was killed. */
  readonly isBroken: boolean
  /** A job of it ran where nobody says on what platform: its minutes are in no sum. */
  readonly isPartial: boolean
}

/** Of the jobs with exactly this name. */
export const measure = (jobs: ReadonlyArray<Job>, name: string, now: number): Measured => {
  const own = jobs.filter((job) => job.name === name)
  return {
    isBroken: own.some(({ isSuccessful }) => isSuccessful === false),
    isPartial: own.some(({ platform, startedAt }) => platform === undefined && startedAt !== undefined),
    minutes: of(own, now)
  }
}
