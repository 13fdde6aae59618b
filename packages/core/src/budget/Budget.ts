/**
 * The weekly minute budget: spent, reserved by live grants, and two lines below each cap. Pure; rules: SPEC.md, BU.
 * All minutes are whole numbers, so that sums do not depend on the order of events.
 */
import type { JsonObject } from "../json/Json.ts"
import type { BudgetPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Minutes from "./Minutes.ts"
import { byHolder, type Expired, isOf, type Reservation } from "./Reservation.ts"
import * as Week from "./Week.ts"

export interface BudgetState {
  /** Minutes spent this week. */
  readonly used: Minutes.Minutes
  /** `undefined` only in a published file; set by the first event. */
  readonly weekStart: EpochMillis | undefined
  readonly samplingActive: boolean
  readonly reservations: ReadonlyArray<Reservation>
  readonly expired: ReadonlyArray<Expired>
  readonly unknown: JsonObject
}

export const initial: BudgetState = {
  expired: [],
  reservations: [],
  samplingActive: false,
  unknown: {},
  used: Minutes.none,
  weekStart: undefined
}

const MILLION = 1_000_000

/** Minutes that live grants hold. */
export const reserved = (budget: BudgetState): Minutes.Minutes =>
  budget.reservations.reduce((sum, reservation) => Minutes.add(sum, reservation.minutes), Minutes.none)

/** Spent and reserved: what the lines are compared with. */
export const committed = (budget: BudgetState): Minutes.Minutes => Minutes.add(budget.used, reserved(budget))

/** Whether minutes stand at or above a line, given as millionths of the cap. Integers, so exact at the line. */
const atOrAbove = (minutes: number, cap: number, lineMillionths: number): boolean =>
  minutes * MILLION >= cap * lineMillionths

const platformsAt = (policy: BudgetPolicy, minutes: Minutes.Minutes, lineMillionths: number): ReadonlyArray<string> =>
  Object.entries(policy.caps)
    .filter(([platform, cap]) => atOrAbove(Minutes.of(minutes, platform), cap, lineMillionths))
    .map(([platform]) => platform)
    .sort()

/** The platforms whose spent and reserved minutes are at or above the sampling line. */
export const samplingPlatforms = (policy: BudgetPolicy, budget: BudgetState): ReadonlyArray<string> =>
  platformsAt(policy, committed(budget), policy.sampleAtMillionths)

/** The platforms at or above the pause line. */
export const pausedPlatforms = (policy: BudgetPolicy, budget: BudgetState): ReadonlyArray<string> =>
  platformsAt(policy, committed(budget), policy.pauseAtMillionths)

/** What a grant reserves: the reserve of every capped platform. */
export const reserveOf = (policy: BudgetPolicy): Minutes.Minutes =>
  Object.fromEntries(
    Object.keys(policy.caps)
      .sort()
      .map((platform) => [platform, Minutes.of(policy.reserve, platform)])
  )

/**
 * The platforms that forbid one more grant: those at or above the pause line already, and those that the grant's own
 * reserve would take past it. None: the grant is admitted.
 */
export const refusedBy = (policy: BudgetPolicy, budget: BudgetState): ReadonlyArray<string> => {
  const before = committed(budget)
  const after = Minutes.add(before, reserveOf(policy))
  return Object.entries(policy.caps)
    .filter(
      ([platform, cap]) =>
        atOrAbove(Minutes.of(before, platform), cap, policy.pauseAtMillionths) ||
        Minutes.of(after, platform) * MILLION > cap * policy.pauseAtMillionths
    )
    .map(([platform]) => platform)
    .sort()
}

/** Recomputes the flag that older readers look at. */
export const withSampling = (policy: BudgetPolicy, budget: BudgetState): BudgetState => {
  const samplingActive = samplingPlatforms(policy, budget).length > 0
  return samplingActive === budget.samplingActive ? budget : { ...budget, samplingActive }
}

/** A new week: nothing spent, nothing left to correct. Live reservations cross over and count there. */
const rollOver = (budget: BudgetState, weekStart: EpochMillis): BudgetState => ({
  ...budget,
  expired: [],
  used: Minutes.none,
  weekStart
})

/** Settles every lease that ended at or before an instant, at its reservation. */
const expireUntil = (budget: BudgetState, ends: (reservation: Reservation) => boolean): BudgetState => {
  const over = budget.reservations.filter(ends)
  if (over.length === 0) return budget
  return {
    ...budget,
    expired: [
      ...budget.expired,
      ...over.map(({ ecosystem, expiresAt, minutes, runKey }) => ({
        ecosystem,
        expiredAt: expiresAt,
        minutes,
        runKey,
        unknown: {}
      }))
    ].sort(byHolder),
    reservations: budget.reservations.filter((reservation) => !ends(reservation)),
    used: over.reduce((sum, reservation) => Minutes.add(sum, reservation.minutes), budget.used)
  }
}

/**
 * What time alone does. Leases that ended before the current week began are settled in a week that is over, so they
 * leave with it; the rest are settled in this one. A `weekStart` in the future keeps the usage.
 */
export const advance = (policy: BudgetPolicy, budget: BudgetState, now: EpochMillis): BudgetState => {
  const thisWeek = Week.startOf(now, policy.weekStartsOn)
  const weekStart = budget.weekStart ?? thisWeek
  const current =
    weekStart < thisWeek
      ? rollOver(
          expireUntil(budget, (reservation) => reservation.expiresAt < thisWeek),
          thisWeek
        )
      : budget.weekStart === undefined
        ? { ...budget, weekStart }
        : budget
  return withSampling(
    policy,
    expireUntil(current, (reservation) => reservation.expiresAt <= now)
  )
}

/** Whether the file's week has not begun yet: a clock was wrong somewhere. */
export const weekIsAhead = (budget: BudgetState, now: EpochMillis): boolean =>
  budget.weekStart !== undefined && budget.weekStart > now

export const reserve = (budget: BudgetState, reservation: Reservation): BudgetState => ({
  ...budget,
  reservations: [...budget.reservations, reservation].sort(byHolder)
})

/** The live grant of a run; call after {@link advance}. */
export const grantOf = (budget: BudgetState, ecosystem: string, runKey: string): Reservation | undefined =>
  budget.reservations.find(isOf(ecosystem, runKey))

/**
 * A run's minutes. Under a live grant they replace its reservation; stating none at all, which an empty record does
 * as well as an absent one, costs the reservation, and
 * stating some says that the others were not used. After an expiry they correct what was assumed, once and only
 * while that week lasts. Without a grant, what is stated counts.
 */
export const settle = (
  budget: BudgetState,
  ecosystem: string,
  runKey: string,
  stated: Minutes.Minutes | undefined,
  silent: "costs the reservation" | "costs nothing",
  everGranted: boolean
): BudgetState => {
  const isRun = isOf(ecosystem, runKey)
  const live = budget.reservations.find(isRun)
  const late = budget.expired.find(isRun)
  const unstated = silent === "costs the reservation" ? (live ?? late)?.minutes : undefined
  const actual = stated !== undefined && Object.keys(stated).length > 0 ? stated : (unstated ?? Minutes.none)
  if (live !== undefined) {
    return {
      ...budget,
      reservations: budget.reservations.filter((reservation) => !isRun(reservation)),
      used: Minutes.add(budget.used, actual)
    }
  }
  if (late !== undefined) {
    return {
      ...budget,
      expired: budget.expired.filter((expired) => !isRun(expired)),
      used: Minutes.correct(budget.used, late.minutes, actual)
    }
  }
  return everGranted || Minutes.isNone(actual) ? budget : { ...budget, used: Minutes.add(budget.used, actual) }
}

/**
 * What the ended grants were counted for, cut down to what is still counted as spent. A late completion takes back
 * what its grant was counted for; without the cut two of them could take back more than is there, and what is left
 * would depend on which came first.
 */
const withinUsed = (expired: ReadonlyArray<Expired>, used: Minutes.Minutes): ReadonlyArray<Expired> => {
  let left = used
  return expired.map((over) => {
    const minutes = Object.fromEntries(
      Object.entries(over.minutes).map(([platform, count]) => [platform, Math.min(count, Minutes.of(left, platform))])
    )
    left = Minutes.subtract(left, minutes)
    return { ...over, minutes }
  })
}

/** A correction by hand, never below zero. */
export const adjust = (budget: BudgetState, change: Minutes.Minutes): BudgetState => {
  const used = Minutes.atLeastNone(Minutes.add(budget.used, change))
  return { ...budget, expired: withinUsed(budget.expired, used), used }
}
