/** What stands in the way of a run, in words, and when it will be over by itself. */
import type * as Breaker from "../breaker/Breaker.ts"
import * as Budget from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import * as Week from "../budget/Week.ts"
import type * as Policy from "../policy/Policy.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import type { ControlFile } from "./ControlFile.ts"
import * as Pause from "./Pause.ts"
import { plainLine } from "./plainLine.ts"

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
    message: plainLine(
      `${scope === Pause.EVERYTHING ? "everything" : scope} is paused by ${pause.author}` +
        `${pause.at === undefined ? "" : ` since ${format(pause.at)}`}: ${pause.reason}; ` +
        (pause.autoResume && pause.expectedResume !== undefined
          ? `it resumes by itself at ${format(pause.expectedResume)}`
          : `\`batchbrake resume${scope === Pause.EVERYTHING ? "" : ` ${scope}`}\` lifts it`)
    ),
    until: Pause.endOf(pause)
  }))

/**
 * When a platform's minutes will allow a grant: at the start of a week that has room for it beside the reservations that
 * reach into it. `undefined`: in no week, as policy and reserve are.
 */
const roomAt = (
  policy: Policy.BudgetPolicy,
  budget: Budget.BudgetState,
  platform: string,
  now: EpochMillis
): EpochMillis | undefined => {
  const next = Week.nextAfter(Math.max(now, budget.weekStart ?? now), policy.weekStartsOn)
  const later = budget.reservations.map(({ expiresAt }) => Week.nextAfter(expiresAt, policy.weekStartsOn))
  return [next, ...new Set(later.filter((start) => start > next))]
    .sort((left, right) => left - right)
    .find((start) => {
      const reservations = budget.reservations.filter(({ expiresAt }) => expiresAt >= start)
      return !Budget.refusedBy(policy, { ...budget, reservations, used: Minutes.none }).includes(platform)
    })
}

export const budgetObstacles = (policy: Policy.Policy, file: ControlFile, now: EpochMillis): ReadonlyArray<Obstacle> =>
  Budget.refusedBy(policy.budget, file.budget).map((platform) => {
    const spent = Minutes.of(Budget.committed(file.budget), platform)
    const until = roomAt(policy.budget, file.budget, platform, now)
    return {
      code: "budget-exhausted",
      message:
        `${platform}: ${spent} of ${Minutes.of(policy.budget.caps, platform)} minutes are spent or reserved and a run reserves ` +
        `${Minutes.of(policy.budget.reserve, platform)}, which would pass the line at ${policy.budget.pauseAtMillionths / 10_000} %; ` +
        (until === undefined
          ? "no week has room for that: raise the cap or lower the reserve"
          : `the week of ${format(until)} has room`),
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
