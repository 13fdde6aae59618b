/** Breakers that can never open, ones that can never close again, and ones that open while all is as it should be. */
import { LONGEST_MINUTES } from "../../json/Field.ts"
import { MINUTE } from "../../time/Instant.ts"
import { type Finding, finding, warning } from "../Finding.ts"
import type { BreakerPolicy, Policy } from "../Policy.ts"
import { LEAST_OBJECTIVE, millionths } from "./alertReach.ts"
import { breakerPath, byPlace, isStated, type Written, type Wrong } from "./Origin.ts"
import { greatestReserve, runsAWeek } from "./runReach.ts"

const MILLION = 1_000_000

/** The objective, or the least one that an alert can do anything with. */
const objectiveOf = (slo: number): number => Math.max(LEAST_OBJECTIVE, millionths(slo))

/** Just above 0: trips when not one attempt of a whole window passed. Never above the objective. */
const leastThreshold = ({ window }: BreakerPolicy, slo: number): number =>
  Math.min(Math.floor(MILLION / window), objectiveOf(slo)) / MILLION

/** Each ecosystem at fault in a key of its breaker, with the value that it would need there. */
const wrongIn = (
  written: Written,
  key: string,
  mend: (breaker: BreakerPolicy, slo: number) => number | undefined
): ReadonlyArray<Wrong> =>
  Object.entries(written.policy.ecosystems).flatMap(([ecosystem, { breaker, slo }]) => {
    const value = mend(breaker, slo)
    return value === undefined ? [] : [{ ecosystem, path: breakerPath(written, ecosystem, key), value }]
  })

/** With a threshold of 0 a success rate can be at it and never below. */
const opening = (written: Written): ReadonlyArray<Finding> => {
  const wrong = wrongIn(written, "threshold", (breaker, slo) =>
    breaker.thresholdMillionths > 0 ? undefined : leastThreshold(breaker, slo)
  )
  return byPlace(wrong, Math.min).map(({ change, ecosystems }) =>
    finding(
      "breaker-never-opens",
      change.path,
      `no success rate is below a threshold of 0, so ${ecosystems.join(", ")} can fail for ever and never trip`,
      [change]
    )
  )
}

/** An objective that is too low for its alert is raised to the threshold: one change for both. */
const isRaised = (thresholdMillionths: number, slo: number): boolean =>
  millionths(slo) < LEAST_OBJECTIVE && thresholdMillionths < MILLION

/** A success rate from the objective up to the threshold is as promised, and trips all the same. */
const overeager = (written: Written): ReadonlyArray<Finding> => {
  const wrong = wrongIn(written, "threshold", ({ thresholdMillionths }, slo) =>
    thresholdMillionths > objectiveOf(slo) && !isRaised(thresholdMillionths, slo)
      ? objectiveOf(slo) / MILLION
      : undefined
  )
  return byPlace(wrong, Math.min).map(({ change, ecosystems }) => {
    const place = JSON.stringify(change.path)
    const sharing = Object.keys(written.policy.ecosystems).filter(
      (name) => JSON.stringify(breakerPath(written, name, "threshold")) === place
    )
    // The threshold of the others, who may have a higher objective, is left as it is.
    const own = wrong
      .filter(({ ecosystem }) => ecosystems.includes(ecosystem))
      .map(({ ecosystem, value }) => ({ path: ["ecosystems", ecosystem, "breaker", "threshold"], value }))
    return finding(
      "breaker-trips-within-objective",
      change.path,
      `the threshold is above the objective of ${ecosystems.join(", ")}, ${change.value}: what meets its objective trips`,
      sharing.length === ecosystems.length ? [change] : own
    )
  })
}

/** Half-open ends after so many passes of probes, and a week has the minutes for so many probes. */
const closing = (written: Written): ReadonlyArray<Finding> => {
  const runs = runsAWeek(written.policy)
  const wrong = wrongIn(written, "close_after", ({ closeAfter, probeAttempts }) =>
    closeAfter > runs * probeAttempts ? runs * probeAttempts : undefined
  )
  return byPlace(wrong, Math.min).map(({ change, ecosystems }) =>
    finding(
      "breaker-never-closes",
      change.path,
      `the minutes of a week admit ${runs} probes, which pass ${change.value} attempts at most: ${ecosystems.join(", ")} needs ` +
        "more passes than that, and stays half-open week after week",
      [change]
    )
  )
}

/** Minutes that a probe can take: its share of what the run with the greatest reserve states, one attempt after the other. */
const probeMinutes = (policy: Policy, { probeAttempts }: BreakerPolicy): number =>
  (Math.min(greatestReserve(policy), LONGEST_MINUTES - 1) * probeAttempts) / policy.batchSize

/** A probe's result counts strictly before its lease ends (BR14). Asked only of a lease that the file states. */
const leasing = (written: Written): ReadonlyArray<Finding> => {
  const wrong = wrongIn(written, "probe_lease_minutes", (breaker) => {
    const minutes = probeMinutes(written.policy, breaker)
    const mend = Math.floor(minutes) + 1
    return breaker.probeLeaseMillis > minutes * MINUTE || mend > LONGEST_MINUTES ? undefined : mend
  }).filter(({ path }) => isStated(written, path))
  return byPlace(wrong, Math.max).map(({ change, ecosystems }) =>
    warning(
      "probe-lease-too-short",
      change.path,
      `by its share of the reserve a probe of ${ecosystems.join(", ")} can take ${change.value - 1} minutes or more, if its ` +
        "attempts run one after the other, and a result that comes at the end of its lease or later moves no breaker",
      [change]
    )
  )
}

export const breakerReach = (written: Written): ReadonlyArray<Finding> =>
  [opening, overeager, closing, leasing].flatMap((reach) => reach(written))
