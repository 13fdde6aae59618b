/** Alerts on the error budget that no outcome can raise, or that no pass can end. */
import * as BurnRate from "../../sli/BurnRate.ts"
import { type Finding, finding } from "../Finding.ts"
import type { BreakerPolicy, Policy } from "../Policy.ts"
import { breakerPath, byPlace, objectivePath, type Written, type Wrong } from "./Origin.ts"
import { attemptsAWeek } from "./runReach.ts"

const MILLION = 1_000_000

/** The greater burn rate of the alert's rules has to be within reach for the pair to do its work. */
const GREATEST_BURN = Math.max(...BurnRate.DEFAULT.map(({ threshold }) => threshold))

/** The least objective, in millionths, at which nothing but failures burns at the greatest rate: `1 / (1 - SLO)` of it. */
export const LEAST_OBJECTIVE = Math.ceil(MILLION * (1 - 1 / GREATEST_BURN))

export const millionths = (slo: number): number => Math.round(slo * MILLION)

/** A longer look than this has no rule; the least burn rate ends the alert last. */
const LEAST_BURN = Math.min(...BurnRate.DEFAULT.map(({ threshold }) => threshold))

/**
 * The highest objective whose alert can end behind one failure when the week's other attempts pass: one failure of them
 * burns below the least rate. What may fail is rounded up to one digit, so that people can read it.
 */
const resolvableObjective = (policy: Policy): number => {
  const least = MILLION / (LEAST_BURN * attemptsAWeek(policy))
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(least)))
  return Math.max(LEAST_OBJECTIVE, MILLION - (Math.floor(least / unit) + 1) * unit)
}

/** What a breaker asks for an objective can be raised to; to all of it, it cannot. */
const thresholdWithin = ({ thresholdMillionths }: BreakerPolicy): number =>
  thresholdMillionths < MILLION ? thresholdMillionths : 0

const firing = (written: Written): ReadonlyArray<Finding> => {
  const wrong = Object.entries(written.policy.ecosystems).flatMap(
    ([ecosystem, { breaker, slo }]): ReadonlyArray<Wrong> => {
      if (millionths(slo) >= LEAST_OBJECTIVE) return []
      const value = Math.max(LEAST_OBJECTIVE, thresholdWithin(breaker)) / MILLION
      return [{ ecosystem, path: objectivePath(written, ecosystem), value }]
    }
  )
  return byPlace(wrong, Math.max).map(({ change, ecosystems }) =>
    finding(
      "alert-never-fires",
      change.path,
      `the burn rate of ${ecosystems.join(", ")} can be 1 / (1 - SLO) at most, and the alert fires at ${GREATEST_BURN}: ` +
        "not even failures alone raise it",
      [change]
    )
  )
}

/** A whole objective leaves no error budget: with one failure the burn rate has no bound, however many passes follow. */
const resolving = (written: Written): ReadonlyArray<Finding> => {
  const { policy } = written
  const whole = Object.entries(policy.ecosystems).filter(([, { slo }]) => millionths(slo) >= MILLION)
  const wrong = whole.map(([ecosystem, { breaker }]): Wrong => {
    // Nor may what its breaker takes for a failure be within the objective.
    const threshold = Math.min(breaker.thresholdMillionths, MILLION - 1)
    const value = Math.max(resolvableObjective(policy), threshold) / MILLION
    return { ecosystem, path: objectivePath(written, ecosystem), value }
  })
  return byPlace(wrong, Math.max).map(({ change, ecosystems }) => {
    const eager = whole
      .filter(([name, { breaker }]) => ecosystems.includes(name) && breaker.thresholdMillionths >= MILLION)
      .map(([name]) => ({ path: breakerPath(written, name, "threshold"), value: change.value }))
    const places = new Map(eager.map((each) => [JSON.stringify(each.path), each]))
    return finding(
      "alert-never-resolves",
      change.path,
      `an objective of 1 leaves ${ecosystems.join(", ")} no error budget: one failure raises the alert, and no number of ` +
        "passes behind it ends it before that failure has left the window",
      [change, ...places.values()]
    )
  })
}

/** With fewer attempts than the minimum nothing is said, whatever they come to. */
const counting = ({ policy }: Written): ReadonlyArray<Finding> => {
  const attempts = attemptsAWeek(policy)
  const path = ["alerts", "minimum_attempts"]
  return policy.alerts.minimumAttempts <= attempts
    ? []
    : [
        finding(
          "alert-never-fires",
          path,
          `the alert waits for ${policy.alerts.minimumAttempts} attempts, and the minutes of a week admit ${attempts}, when each ` +
            "run uses what it reserves",
          [{ path, value: attempts }]
        )
      ]
}

export const alertReach = (written: Written): ReadonlyArray<Finding> => [
  ...firing(written),
  ...resolving(written),
  ...counting(written)
]
