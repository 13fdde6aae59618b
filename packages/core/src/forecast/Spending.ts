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

type Sums = Record<string, number>

/** The week's minutes so far: the least and the most; one object while they are certain. */
export interface Spending {
  weekStart: EpochMillis
  low: Sums
  high: Sums
  /** So many minutes more, on whatever platforms, and the budget still refuses nothing; below zero: ask it. */
  headroom: number
  /** What it said last; `undefined` where the minutes have changed since. */
  says: Says | undefined
  readonly held: Array<Held>
}

export const begin = (): Spending => {
  const none: Sums = {}
  return { headroom: -1, held: [], high: none, low: none, says: undefined, weekStart: Number.NEGATIVE_INFINITY }
}

/** Rolls over into the week of an instant. */
export const passTime = (policy: Policy, spending: Spending, at: EpochMillis): void => {
  const weekStart = Week.startOf(at, policy.budget.weekStartsOn)
  if (weekStart > spending.weekStart) Object.assign(spending, { ...begin(), held: spending.held, weekStart })
}

/** What a run uses: stated none at all, its reservation. */
export const minutesOf = (policy: Policy, run: Run): Minutes.Minutes =>
  run.minutes !== undefined && Object.keys(run.minutes).length > 0 ? run.minutes : Budget.reserveOf(policy.budget)

export const total = (minutes: Minutes.Minutes): number => {
  let sum = 0
  for (const platform of Object.keys(minutes)) sum += Minutes.of(minutes, platform)
  return sum
}

const MILLION = 1_000_000

/** Less than the least distance of a platform to its pause line: short of that the budget need not be asked again. */
const headroomOf = ({ budget }: Policy, used: Minutes.Minutes): number => {
  let least = Number.POSITIVE_INFINITY
  for (const [platform, cap] of Object.entries(budget.caps)) {
    const line = Math.floor((cap * budget.pauseAtMillionths) / MILLION)
    least = Math.min(least, line - Minutes.of(used, platform) - Minutes.of(budget.reserve, platform) - 1)
  }
  return least
}

const YES: Says = { admits: true, refuses: false }

/** Whether the budget may admit a run, and whether it may refuse it. From a certain refusal on it holds for the week. */
export const ask = (policy: Policy, spending: Spending, at: EpochMillis): Says => {
  if (spending.headroom >= 0) return YES
  if (spending.says !== undefined) return spending.says
  const { high, low } = spending
  const refused = (used: Minutes.Minutes): boolean =>
    Budget.refusedBy(policy.budget, { ...Budget.initial, used }).length > 0
  const refuses = refused(high)
  const admits = high === low ? !refuses : !refused(low)
  if (!admits) spending.held.push({ from: at, to: Week.nextAfter(at, policy.budget.weekStartsOn) })
  if (!refuses) spending.headroom = headroomOf(policy, high)
  spending.says = { admits, refuses }
  return spending.says
}

const addTo = (sums: Sums, minutes: Minutes.Minutes): void => {
  for (const platform of Object.keys(minutes)) {
    sums[platform] = Minutes.of(sums, platform) + Minutes.of(minutes, platform)
  }
}

/** Counts the minutes of a run that was admitted, or may have been; those of one that is not whole are not certain. */
export const add = (spending: Spending, mask: number, isWhole: boolean, minutes: Minutes.Minutes): void => {
  if ((mask & Branch.ADMITTED) === 0 || Minutes.isNone(minutes)) return
  const isCertain = isWhole && (mask & (Branch.HELD | Branch.HELD_BY_BUDGET)) === 0
  spending.says = undefined
  spending.headroom -= total(minutes)
  if (!isCertain && spending.high === spending.low) spending.low = { ...spending.high }
  addTo(spending.high, minutes)
  if (isCertain && spending.high !== spending.low) addTo(spending.low, minutes)
}
