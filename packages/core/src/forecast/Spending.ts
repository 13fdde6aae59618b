/** What a replay spends of the weekly budget, as bounds, and what the budget says to that. */
import * as Budget from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import * as Week from "../budget/Week.ts"
import type { Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import type { Run } from "./History.ts"

/** A stretch, its end not in it, in which every run that asked was held: what a record then has no line of. */
export interface Held {
  readonly from: EpochMillis
  readonly to: EpochMillis
}

/** Whether the budget may admit a run, and whether it may refuse it. */
export interface Says {
  readonly admits: boolean
  readonly refuses: boolean
}

/** The week's minutes: the least and the most; one object while they are certain. */
export interface Spending {
  weekStart: EpochMillis
  low: Minutes.Minutes
  high: Minutes.Minutes
  /** `undefined` where the minutes have changed since the budget was asked. */
  says: Says | undefined
  readonly held: Array<Held>
}

export const begin = (): Spending => ({
  held: [],
  high: Minutes.none,
  low: Minutes.none,
  says: undefined,
  weekStart: Number.NEGATIVE_INFINITY
})

/** Rolls over into the week of an instant. */
export const passTime = (policy: Policy, spending: Spending, at: EpochMillis): void => {
  const weekStart = Week.startOf(at, policy.budget.weekStartsOn)
  if (weekStart > spending.weekStart) {
    Object.assign(spending, { high: Minutes.none, low: Minutes.none, says: undefined, weekStart })
  }
}

/** What a run uses: stated none at all, its reservation. */
export const minutesOf = (policy: Policy, run: Run): Minutes.Minutes =>
  run.minutes !== undefined && Object.keys(run.minutes).length > 0 ? run.minutes : Budget.reserveOf(policy.budget)

export const total = (minutes: Minutes.Minutes): number => Object.values(minutes).reduce((sum, count) => sum + count, 0)

/** Whether the budget may admit a run, and whether it may refuse it. From a certain refusal on it holds for the week. */
export const ask = (policy: Policy, spending: Spending, at: EpochMillis): Says => {
  if (spending.says !== undefined) return spending.says
  const { high, low } = spending
  const refused = (used: Minutes.Minutes): boolean =>
    Budget.refusedBy(policy.budget, { ...Budget.initial, used }).length > 0
  const refuses = refused(high)
  const admits = high === low ? !refuses : !refused(low)
  if (!admits) spending.held.push({ from: at, to: Week.nextAfter(at, policy.budget.weekStartsOn) })
  spending.says = { admits, refuses }
  return spending.says
}

/** Counts the minutes of a run that was admitted, or may have been. */
export const add = (spending: Spending, mask: number, made: boolean, minutes: Minutes.Minutes): void => {
  if ((mask & Branch.ADMITTED) === 0 || Minutes.isNone(minutes)) return
  const isCertain = made && (mask & (Branch.HELD | Branch.HELD_BY_BUDGET)) === 0
  const wasSame = spending.high === spending.low
  spending.says = undefined
  spending.high = Minutes.add(spending.high, minutes)
  if (isCertain) spending.low = wasSame ? spending.high : Minutes.add(spending.low, minutes)
}
