/**
 * What in the metrics cannot be right, or is not as it was: flagged for people and never acted on, since metrics are
 * advisory and whoever can write them could otherwise stop or start a fleet. Pure; rules: SPEC.md, section AN.
 */
import { type EpochMillis, MINUTE } from "../time/Instant.ts"
import * as Latency from "./Latency.ts"
import * as SuccessRate from "./SuccessRate.ts"
import type { Counted, Totals } from "./Totals.ts"
import * as Wilson from "./Wilson.ts"

/**
 * - `rate-jump`, `duration-jump`: the last day is not like the days before it.
 * - `impossible-value`: counts that no runs can add up to.
 * - `unexplained-run`: a run that no event of the control branch tells of.
 * - `too-perfect`: never a failure in many runs: the rate is likely measured behind the step that drops failures.
 */
export const KINDS = ["rate-jump", "duration-jump", "impossible-value", "unexplained-run", "too-perfect"] as const
export type Kind = (typeof KINDS)[number]

export interface Anomaly {
  readonly kind: Kind
  readonly message: string
  /** Only of a jump: beyond doubt (99.9 %), or only likely (95 %), which keeps an alert open and opens none. */
  readonly isLikelyOnly: boolean
}

const flag = (kind: Kind, message: string, isLikelyOnly = false): Anomaly => ({ isLikelyOnly, kind, message })

/** The standard normal deviate that leaves 0.05 % on each side. */
const BEYOND_DOUBT = 3.290526731491926

interface Proportion {
  readonly rate: number
  readonly attempts: number
}

/**
 * Whether two rates differ: the interval of their difference leaves out 0. The interval is the hybrid of two Wilson
 * intervals, method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions:
 * comparison of eleven methods", Statistics in Medicine 17 (1998), 873-890.
 */
export const differ = (left: Proportion, right: Proportion, deviate = BEYOND_DOUBT): boolean => {
  const one = Wilson.interval(left.rate, left.attempts, deviate)
  const other = Wilson.interval(right.rate, right.attempts, deviate)
  const difference = left.rate - right.rate
  const below = Math.hypot(left.rate - one.low, other.high - right.rate)
  const above = Math.hypot(one.high - left.rate, right.rate - other.low)
  return difference - below > 0 || difference + above < 0
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** What two windows are compared by, once each has the attempts that a verdict needs; with fewer nothing can be said. */
const jump = (kind: Kind, what: string, recent: Proportion, before: Proportion): ReadonlyArray<Anomaly> => {
  if (!differ(recent, before, Wilson.NINETY_FIVE)) return []
  const message = `${what} went from ${percent(before.rate)} to ${percent(recent.rate)} within a day`
  return [flag(kind, message, !differ(recent, before))]
}

const rateJump = (recent: Totals, before: Totals, minimum: number): ReadonlyArray<Anomaly> | undefined => {
  const [now, then] = [SuccessRate.of(recent), SuccessRate.of(before)]
  if (now === undefined || then === undefined || now.attempts < minimum || then.attempts < minimum) return undefined
  return jump(
    "rate-jump",
    "the success rate",
    { attempts: now.effectiveAttempts, rate: now.rate },
    { attempts: then.effectiveAttempts, rate: then.rate }
  )
}

/** The share of what took longer than the median of the days before, to the bucket that the median lies in. */
const durationJump = (recent: Totals, before: Totals, minimum: number): ReadonlyArray<Anomaly> | undefined => {
  const median = Latency.percentile(before.latency, 0.5)
  const [now, then] = [Latency.countOf(recent.latency), Latency.countOf(before.latency)]
  if (median === undefined || now < minimum || then < minimum) return undefined
  const bound = Latency.BOUNDS[Latency.bucketOf(median.seconds)] ?? 0
  const share = (counts: ReadonlyArray<number>): number => Latency.countOver(counts, bound) / Latency.countOf(counts)
  return jump(
    "duration-jump",
    `the share of validations that take over ${bound} s`,
    { attempts: now, rate: share(recent.latency) },
    { attempts: then, rate: share(before.latency) }
  )
}

const SLACK = 1 + 1e-9

const countFaults = (name: string, { count }: Counted): ReadonlyArray<string> =>
  Number.isInteger(count) && count >= 0 ? [] : [`${name} is ${count}`]

/**
 * Attempts, the recipes they stand for and the squares: each stands for at least itself, and Cauchy's inequality holds. Of
 * passed and failed together: what was found in a sample is taken from what was not looked at.
 */
const weightFaults = ({ failed, passed }: Totals): ReadonlyArray<string> => {
  const count = passed.count + failed.count
  const weight = passed.weight + failed.weight
  const squares = passed.weightSquared + failed.weightSquared
  return [
    ...(weight * SLACK >= count ? [] : [`${count} attempts stand for ${weight}`]),
    ...(Number.isFinite(squares) && weight * weight <= count * squares * SLACK
      ? []
      : ["the weights of what was tried do not add up"])
  ]
}

const totalsFaults = (totals: Totals): ReadonlyArray<string> => [
  ...countFaults("passed", totals.passed),
  ...countFaults("failed", totals.failed),
  ...weightFaults(totals),
  ...(totals.skipped >= 0 ? [] : [`skipped is ${totals.skipped}`]),
  ...(totals.runs >= totals.vacuousRuns && totals.vacuousRuns >= 0
    ? []
    : [`${totals.vacuousRuns} of ${totals.runs} runs had no attempt`]),
  ...(totals.runs - totals.vacuousRuns <= totals.passed.count + totals.failed.count
    ? []
    : [`${totals.runs - totals.vacuousRuns} runs had attempts, and there are fewer attempts`]),
  ...Object.entries(totals.minutes)
    .filter(([, count]) => !(Number.isInteger(count) && count >= 0))
    .map(([platform, count]) => `${platform} used ${count} minutes`),
  ...(totals.latency.every((count) => Number.isInteger(count) && count >= 0)
    ? []
    : ["the histogram of durations has a bucket that counts no attempts"])
]

/** One run as it is listed. */
export interface ListedRun {
  readonly runKey: string
  readonly startedAt: EpochMillis | undefined
  readonly completedAt: EpochMillis
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Clocks of different machines may differ by this much. */
const SKEW_MILLIS = 5 * MINUTE

const runFaults = (run: ListedRun, at: EpochMillis): ReadonlyArray<string> => [
  ...(run.completedAt <= at + SKEW_MILLIS ? [] : [`${run.runKey} completed in the future`]),
  ...(run.startedAt === undefined || run.startedAt <= run.completedAt + SKEW_MILLIS
    ? []
    : [`${run.runKey} completed before it started`]),
  ...([run.passed, run.failed, run.skipped].every((count) => Number.isInteger(count) && count >= 0)
    ? []
    : [`${run.runKey} has attempts that are no counts`])
]

const FEWEST_RUNS = 20
const LUCK = 0.05

/**
 * Never a failure, in at least 20 runs, and in so many attempts that an ecosystem which just meets its objective would
 * show that less than once in 20 times: objective^attempts <= 0.05.
 */
const isTooPerfect = ({ failed, passed, runs, vacuousRuns }: Totals, objective: number): boolean =>
  runs - vacuousRuns >= FEWEST_RUNS && failed.count === 0 && objective ** passed.count <= LUCK

const SHOWN = 3

const several = (all: ReadonlyArray<string>): string =>
  all.slice(0, SHOWN).join("; ") + (all.length > SHOWN ? `; and ${all.length - SHOWN} more` : "")

/** What is looked at. */
export interface Seen {
  readonly objective: number
  readonly window: Totals
  /** The last day of the window, and what of the window came before it. */
  readonly recent: Totals
  readonly before: Totals
  readonly runs: ReadonlyArray<ListedRun>
  /** Keys of runs that the control branch knows nothing of; `undefined` where it did not answer. */
  readonly unexplained: ReadonlyArray<string> | undefined
  readonly minimumAttempts: number
  readonly at: EpochMillis
}

/** What is odd, at most one anomaly a kind, and of what nothing can be said: that none was found there is no answer. */
export interface Found {
  readonly anomalies: ReadonlyArray<Anomaly>
  readonly unsaid: ReadonlyArray<Kind>
}

/** Runs that no event tells of. */
export const unexplainedRuns = (keys: ReadonlyArray<string>): ReadonlyArray<Anomaly> =>
  keys.length === 0 ? [] : [flag("unexplained-run", `no event of the control branch tells of ${several(keys)}`)]

const tooPerfect = ({ objective, window }: Seen): ReadonlyArray<Anomaly> =>
  isTooPerfect(window, objective)
    ? [
        flag(
          "too-perfect",
          `${window.passed.count} attempts in ${window.runs - window.vacuousRuns} runs and never a failure: ` +
            "is the rate measured behind the step that drops failures?"
        )
      ]
    : []

/** Everything odd about one ecosystem. */
export const find = (seen: Seen): Found => {
  const impossible = [...totalsFaults(seen.window), ...seen.runs.flatMap((run) => runFaults(run, seen.at))]
  const found: Readonly<Record<Kind, ReadonlyArray<Anomaly> | undefined>> = {
    "duration-jump": durationJump(seen.recent, seen.before, seen.minimumAttempts),
    "impossible-value": impossible.length === 0 ? [] : [flag("impossible-value", several(impossible))],
    "rate-jump": rateJump(seen.recent, seen.before, seen.minimumAttempts),
    "too-perfect": tooPerfect(seen),
    "unexplained-run": seen.unexplained === undefined ? undefined : unexplainedRuns(seen.unexplained)
  }
  return {
    anomalies: KINDS.flatMap((kind) => found[kind] ?? []),
    unsaid: KINDS.filter((kind) => found[kind] === undefined)
  }
}
