/** How many runs a policy admits, and leases that end before the run can. */
import * as Minutes from "../../budget/Minutes.ts"
import { LONGEST_MINUTES } from "../../json/Field.ts"
import { MINUTE } from "../../time/Instant.ts"
import { type Change, type Finding, warning } from "../Finding.ts"
import type { Policy } from "../Policy.ts"
import type { Written } from "./Origin.ts"

const MILLION = 1_000_000

/**
 * What a policy itself says of how long a batch can take: the greatest number of minutes that one run reserves on one
 * platform, used one after the other. At least one, since a run that takes no time is none.
 */
export const greatestReserve = ({ budget }: Policy): number =>
  Math.max(1, ...Object.keys(budget.caps).map((platform) => Minutes.of(budget.reserve, platform)))

/**
 * Runs that the minutes of a week admit when each uses what it reserves; a probe reserves as much as a run. At least one: a
 * budget that admits none is a finding by itself. A reserve of one minute, the least, limits nothing.
 */
export const runsAWeek = ({ budget }: Policy): number =>
  Math.max(
    1,
    Math.min(
      ...Object.entries(budget.caps).flatMap(([platform, cap]) => {
        const reserve = Minutes.of(budget.reserve, platform)
        return reserve > 1 ? [Math.floor((cap * budget.pauseAtMillionths) / (reserve * MILLION))] : []
      })
    )
  )

/** Attempts of full batches in those runs. */
export const attemptsAWeek = (policy: Policy): number => runsAWeek(policy) * policy.batchSize

/** Reserves cut down to what the longest lease that a policy can name still has room for. */
const withinLongestLease = ({ budget }: Policy): ReadonlyArray<Change> =>
  Object.keys(budget.caps)
    .filter((platform) => Minutes.of(budget.reserve, platform) >= LONGEST_MINUTES)
    .map((platform) => ({ path: ["budget", "reserve", platform], value: LONGEST_MINUTES - 1 }))

/** A grant lives strictly before its expiry, so a run that takes as long is settled before it reports. */
export const runReach = ({ policy }: Written): ReadonlyArray<Finding> => {
  const minutes = greatestReserve(policy)
  if (policy.leaseMillis > minutes * MINUTE) return []
  const path = ["lease_minutes"]
  return [
    warning(
      "lease-too-short",
      path,
      `a run reserves ${minutes} minutes on one platform and holds its grant for ${policy.leaseMillis / MINUTE}: if its ` +
        "jobs there run one after the other, it is given up for dead before it has finished",
      minutes < LONGEST_MINUTES
        ? [{ path, value: minutes + 1 }]
        : [{ path, value: LONGEST_MINUTES }, ...withinLongestLease(policy)]
    )
  ]
}
