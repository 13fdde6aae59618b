/** What stands in the way of a run, in words, and when it will be over by itself. */
import type * as Breaker from "../breaker/Breaker.ts"
import * as Budget from "../budget/Budget.ts"
import * as Week from "../budget/Week.ts"
import type * as Policy from "../policy/Policy.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import type { ControlFile } from "./ControlFile.ts"
import * as Pause from "./Pause.ts"

/** Why a decision is what it is. Codes are stable; messages are for reading. */
export interface Reason {
  readonly code: string
  readonly message: string
}

/** One thing that stands in the way, and when it will be over by itself (`undefined`: it will not). */
export interface Obstacle extends Reason {
  readonly until: EpochMillis | undefined
}

export const pauseObstacles = (file: ControlFile, ecosystem: string): ReadonlyArray<Obstacle> =>
  Pause.bearingOn(file.pauses, ecosystem).map(([scope, pause]) => ({
    code: "paused",
    message:
      `${scope === Pause.EVERYTHING ? "everything" : scope} is paused by ${pause.author}` +
      `${pause.at === undefined ? "" : ` since ${format(pause.at)}`}: ${pause.reason}; ` +
      (pause.autoResume && pause.expectedResume !== undefined
        ? `it resumes by itself at ${format(pause.expectedResume)}`
        : `\`batchbrake resume${scope === Pause.EVERYTHING ? "" : ` ${scope}`}\` lifts it`),
    until: Pause.endOf(pause)
  }))

export const budgetObstacles = (policy: Policy.Policy, file: ControlFile, now: EpochMillis): ReadonlyArray<Obstacle> =>
  Budget.refusedBy(policy.budget, file.budget).map((platform) => {
    const spent = Budget.committed(file.budget)[platform] ?? 0
    const until = Week.nextAfter(Math.max(now, file.budget.weekStart ?? now), policy.budget.weekStartsOn)
    return {
      code: "budget-exhausted",
      message:
        `${platform}: ${spent} of ${policy.budget.caps[platform] ?? 0} minutes are spent or reserved and a run reserves ` +
        `${policy.budget.reserve[platform] ?? 0}, which would pass the line at ${policy.budget.pauseAtMillionths / 10_000} %; ` +
        `a new week begins at ${format(until)}`,
      until
    }
  })

export const breakerObstacle = (permission: Breaker.Permission, ecosystem: string): Obstacle | undefined => {
  if (permission._tag === "CoolingDown") {
    return {
      code: "cooling-down",
      message: `the breaker is open until ${format(permission.until)}; then one run may probe`,
      until: permission.until
    }
  }
  if (permission._tag === "ProbeLive") {
    return {
      code: "probe-live",
      message: `${permission.runKey} is probing ${ecosystem}, at the latest until ${format(permission.until)}`,
      until: permission.until
    }
  }
  return undefined
}

/** Everything released: the latest of the ends, unless one has none. */
export const retryAt = (obstacles: ReadonlyArray<Obstacle>): EpochMillis | undefined =>
  obstacles.reduce<EpochMillis | undefined>(
    (latest, { until }) => (latest === undefined || until === undefined ? undefined : Math.max(latest, until)),
    obstacles.length === 0 ? undefined : 0
  )
