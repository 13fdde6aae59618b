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
