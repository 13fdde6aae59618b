/** What an ecosystem's figures say about the conditions that alerts are raised for. Rules: SPEC.md, section AL. */
import { KINDS, type Kind, unexplainedRuns } from "./Anomaly.ts"
import type { Burning } from "./BurnRate.ts"
import type { EcosystemSli } from "./EcosystemSli.ts"
import * as Latency from "./Latency.ts"
import { type Level, readingIf, readingOf, type Signal } from "./Signal.ts"
import type { SuccessRate } from "./SuccessRate.ts"

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Below this rate anywhere it is critical; it stays so until the rate is above the second. */
const CRITICAL_BELOW = 0.5
const CRITICAL_UNTIL = 0.55
/** Beyond doubt, however few attempts there are: the minimum of attempts is for burn rates, which would be too lively. */
const isCritical = ({ interval }: SuccessRate, objective: number): boolean =>
  interval.high < Math.min(CRITICAL_BELOW, objective)

/** Validations that take longer on the whole are worth a word, until they take less than the second. Both are `BOUNDS`. */
const SLOW_SECONDS = 120
const QUICK_SECONDS = 90
/** Shares of the error budget that are used. */
const BUDGET_LINES = { clearsBelow: 0.75, gravelyClearsBelow: 0.9, gravelyRaisesAt: 0.95, raisesAt: 0.8 }
/** Of its threshold: a burn rate has to fall so far below it before its alert ends. */
const BURN_EXIT = 0.9

/**
 * A warning begins when the whole interval is below the objective, and ends when the rate itself is back at it. With fewer
 * attempts than the minimum only what is beyond doubt is said, and nothing resolves: none of 4 is below one half with its
 * whole interval, none of 3 is not.
 */
const successRate = ({ ecosystem, objective, rate }: EcosystemSli, isFresh: boolean, isKnown: boolean): Signal => ({
  condition: "success-rate",
  levels:
    rate === undefined || !isFresh || !(isKnown || isCritical(rate, objective))
      ? undefined
      : [
          {
            incident: "high",
            reading: readingIf(
              isCritical(rate, objective) || (rate.rate < CRITICAL_BELOW && rate.interval.high < objective),
              rate.rate < CRITICAL_UNTIL && rate.rate < objective
            ),
            severity: "critical"
          },
          {
            incident: "medium",
            reading: readingIf(rate.interval.high < objective, rate.rate < objective),
            severity: "warning"
          }
        ],
  message:
    rate === undefined
      ? `${ecosystem}: nothing counted`
      : `${ecosystem}: ${percent(rate.rate)} of ${rate.attempts} attempts passed (${percent(rate.interval.low)} to ` +
        `${percent(rate.interval.high)}), the objective is ${percent(objective)}`,
  subject: ecosystem
})

const slowValidation = ({ ecosystem, window }: EcosystemSli, minimum: number, isFresh: boolean): Signal => {
  const timed = Latency.countOf(window.latency)
  return {
    condition: "slow-validation",
    levels:
      timed < minimum || !isFresh
        ? undefined
        : [
            {
              incident: "low",
              reading: readingIf(
                Latency.mostTookOver(window.latency, SLOW_SECONDS),
                Latency.mostTookOver(window.latency, QUICK_SECONDS)
              ),
              severity: "info"
            }
          ],
    message: `${ecosystem}: ${Latency.countOver(window.latency, SLOW_SECONDS)} of ${timed} validations took over ${SLOW_SECONDS} s`,
    subject: ecosystem
  }
}

/** The short window ends it soon; where it is empty nothing is known of now. */
const burnRate = (ecosystem: string, { isReachable, long, rule, short }: Burning, isFresh: boolean): Signal => {
  const exit = rule.threshold * BURN_EXIT
  const least = Math.min(long ?? 0, short ?? 0)
  return {
    condition: "burn-rate",
    levels:
      long === undefined || short === undefined || !isReachable || !isFresh
        ? undefined
        : [{ incident: "medium", reading: readingOf(least, rule.threshold, exit), severity: "warning" }],
    message:
      `${ecosystem}: the error budget burns ${least.toFixed(2)} times as fast as a week allows ` +
      `(over ${rule.name} and now; the line is ${rule.threshold})`,
    subject: `${ecosystem} ${rule.name}`
  }
}

/** A budget of less than one failure is overspent by the first: its lines say nothing. */
const errorBudget = ({ ecosystem, errorBudget: budget }: EcosystemSli, isKnown: boolean): Signal => {
  const used = 1 - (budget?.remaining ?? 1)
  const { clearsBelow, gravelyClearsBelow, gravelyRaisesAt, raisesAt } = BUDGET_LINES
  return {
    condition: "error-budget",
    levels:
      isKnown && budget !== undefined && budget.allowed >= 1
        ? [
            { incident: "medium", reading: readingOf(used, gravelyRaisesAt, gravelyClearsBelow), severity: "warning" },
            { incident: "low", reading: readingOf(used, raisesAt, clearsBelow), severity: "info" }
          ]
        : undefined,
    message: `${ecosystem}: ${percent(used)} of the error budget is used`,
    subject: ecosystem
  }
}

const GRAVITY: Readonly<Record<Kind, Pick<Level, "severity" | "incident">>> = {
  "duration-jump": { incident: "low", severity: "info" },
  "impossible-value": { incident: "medium", severity: "warning" },
  "rate-jump": { incident: "low", severity: "info" },
  "too-perfect": { incident: "low", severity: "info" },
  // Somebody wrote to the metrics store who never reported to the control branch.
  "unexplained-run": { incident: "high", severity: "warning" }
}

const anomaly = ({ anomalies, ecosystem, unsaid }: EcosystemSli, kind: Kind, isFresh: boolean): Signal => {
  const found = anomalies.find((one) => one.kind === kind)
  const isRaised = found !== undefined && !found.isLikelyOnly
  return {
    condition: "anomaly",
    levels:
      isFresh && !unsaid.includes(kind)
        ? [{ ...GRAVITY[kind], reading: readingIf(isRaised, found !== undefined) }]
        : undefined,
    message: `${ecosystem}: ${found?.message ?? `no ${kind} any more`}`,
    subject: `${ecosystem} ${kind}`
  }
}

/**
 * The signals of one ecosystem. Where no run has completed for too long, or fewer attempts than the minimum were made in
 * the window, the figures are no answer about now: nothing opens on them and nothing resolves.
 */
export const metricsSignals = (sli: EcosystemSli, minimumAttempts: number): ReadonlyArray<Signal> => {
  const isFresh = sli.verdict !== "stale" && sli.verdict !== "no-data"
  const isKnown = isFresh && sli.rate !== undefined && sli.rate.attempts >= minimumAttempts
  return [
    successRate(sli, isFresh, isKnown),
    slowValidation(sli, minimumAttempts, isFresh),
    ...sli.burning.map((burning) => burnRate(sli.ecosystem, burning, isFresh)),
    errorBudget(sli, isKnown),
    ...KINDS.map((kind) => anomaly(sli, kind, isFresh))
  ]
}

/** The signal of an ecosystem that the policy does not know: of it only runs that nobody stands for are news. */
export const strangerSignal = (ecosystem: string, unexplained: ReadonlyArray<string> | undefined): Signal => {
  const [found] = unexplainedRuns(unexplained ?? [])
  return {
    condition: "anomaly",
    levels:
      unexplained === undefined
        ? undefined
        : [{ ...GRAVITY["unexplained-run"], reading: readingIf(found !== undefined) }],
    message: `${ecosystem}, which the policy does not know: ${found?.message ?? "no unexplained-run any more"}`,
    subject: `${ecosystem} unexplained-run`
  }
}
