/**
 * How fast failures use up what an objective allows: 1 uses exactly the budget of the period in the period. Pure; rules:
 * SPEC.md, section OB.
 *
 * Source of the rules: "The Site Reliability Workbook" (2018), chapter 5, "Alerting on SLOs" (30 days: 2 % of the budget
 * in an hour, 5 % in six, 10 % in a day, 10 % in three days, each confirmed by a short window of a twelfth). The shares of
 * a 7-day period are those of the windows `7d` of the generator Sloth (https://sloth.dev): 8, 12.5, 20 and 42 %.
 */
import { DAY, HOUR, MINUTE } from "../time/Instant.ts"
import type { Totals } from "./Totals.ts"

/** Both windows burn at or above the threshold: the long one says that it matters, the short one that it goes on. */
export interface Rule {
  /** `1d`: its long window, for people and keys. */
  readonly name: string
  readonly longMillis: number
  readonly shortMillis: number
  /** How many times the allowed pace. */
  readonly threshold: number
}

type Counts = Pick<Totals, "passed" | "failed">

const MILLION = 1_000_000

/** The share of failures that an objective allows, exact to the millionth that objectives are given in. */
export const allowance = (objective: number): number => Math.round((1 - objective) * MILLION) / MILLION

/** The burn rate of some counts; `undefined` where nothing counted, infinite where nothing may fail and something did. */
export const of = ({ failed, passed }: Counts, objective: number): number | undefined => {
  const attempts = passed.weight + failed.weight
  if (!(attempts > 0)) return undefined
  // Estimates of few attempts may lie outside of what can be.
  const share = Math.max(0, Math.min(1, failed.weight / attempts))
  return share === 0 ? 0 : share / allowance(objective)
}

/** The burn rate when everything fails: no rule above it can ever fire. */
export const maximum = (objective: number): number => 1 / allowance(objective)

/** The pace that uses a share of the period's budget, in percent, within a window. */
export const thresholdOf = (percent: number, windowMillis: number, periodMillis: number): number =>
  Math.round((percent * periodMillis * 1000) / (100 * windowMillis)) / 1000

/** Whether anything could make a rule fire: at the maximum exactly, only if everything fails. */
export const isReachable = (rule: Rule, objective: number): boolean => rule.threshold <= maximum(objective)

const rule = (
  name: string,
  percent: number,
  [longMillis, shortMillis]: readonly [number, number],
  period: number
): Rule => ({
  longMillis,
  name,
  shortMillis,
  threshold: thresholdOf(percent, longMillis, period)
})

const HOURLY = [HOUR, 5 * MINUTE] as const
const QUARTERLY = [6 * HOUR, 30 * MINUTE] as const
const DAILY = [DAY, 2 * HOUR] as const
const THREE_DAILY = [3 * DAY, 6 * HOUR] as const

/** The rules of a 30-day period: 14.4, 6, 3 and 1. */
export const OF_THIRTY_DAYS: ReadonlyArray<Rule> = [
  rule("1h", 2, HOURLY, 30 * DAY),
  rule("6h", 5, QUARTERLY, 30 * DAY),
  rule("1d", 10, DAILY, 30 * DAY),
  rule("3d", 10, THREE_DAILY, 30 * DAY)
]

/** The rules of a 7-day period: 13.44, 3.5, 1.4 and 0.98. */
export const OF_SEVEN_DAYS: ReadonlyArray<Rule> = [
  rule("1h", 8, HOURLY, 7 * DAY),
  rule("6h", 12.5, QUARTERLY, 7 * DAY),
  rule("1d", 20, DAILY, 7 * DAY),
  rule("3d", 42, THREE_DAILY, 7 * DAY)
]

/** The pair that suits batches once an hour: the faster rules would look at a handful of attempts. */
export const DEFAULT: ReadonlyArray<Rule> = OF_SEVEN_DAYS.slice(2)

/** What a rule sees. */
export interface Burning {
  readonly rule: Rule
  /** `undefined` where the window has too few attempts, or none. */
  readonly long: number | undefined
  readonly short: number | undefined
  /** Of the long window. */
  readonly attempts: number
  readonly isReachable: boolean
  /** At or above the threshold, in both windows. */
  readonly isFiring: boolean
}

/** Judges one rule. With fewer attempts than the minimum in the long window nothing is said. */
export const judge = (
  rule: Rule,
  objective: number,
  minimumAttempts: number,
  windows: { readonly long: Counts; readonly short: Counts }
): Burning => {
  const attempts = windows.long.passed.count + windows.long.failed.count
  const long = attempts < minimumAttempts ? undefined : of(windows.long, objective)
  const short = of(windows.short, objective)
  const fires = (burn: number | undefined): boolean => burn !== undefined && burn >= rule.threshold
  return {
    attempts,
    isFiring: fires(long) && fires(short),
    isReachable: isReachable(rule, objective),
    long,
    rule,
    short
  }
}
