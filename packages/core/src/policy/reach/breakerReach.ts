/** Breakers that can never open, and ones that can never close again. */
import { LONGEST_MINUTES } from "../../json/Field.ts"
import { MINUTE } from "../../time/Instant.ts"
import { type Finding, finding } from "../Finding.ts"
import type { BreakerPolicy, Policy } from "../Policy.ts"
import { breakerPath, byPlace, type Written, type Wrong } from "./Origin.ts"
import { greatestReserve, withinLongestLease } from "./runReach.ts"

const MILLION = 1_000_000

/** With a threshold of 0 a success rate can be at it and never below. */
const canOpen = ({ thresholdMillionths }: BreakerPolicy): boolean => thresholdMillionths > 0

/** Just above 0: trips when not one attempt of a whole window passed. */
const leastThreshold = ({ window }: BreakerPolicy): number => Math.floor(MILLION / window) / MILLION

/**
 * Minutes that a probe can take: its share of what the run with the greatest reserve states, one attempt after the other.
 */
const probeMinutes = (policy: Policy, { probeAttempts }: BreakerPolicy): number =>
  (greatestReserve(policy) * probeAttempts) / policy.batchSize

const opening = (written: Written): ReadonlyArray<Finding> => {
  const wrong = Object.entries(written.policy.ecosystems).flatMap(
    ([ecosystem, { breaker }]): ReadonlyArray<Wrong> =>
      canOpen(breaker)
        ? []
        : [{ ecosystem, path: breakerPath(written, ecosystem, "threshold"), value: leastThreshold(breaker) }]
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

/** A probe's result counts strictly before its lease ends (BR14), so one that takes as long proves nothing, every time. */
const closing = (written: Written): ReadonlyArray<Finding> => {
  const { policy } = written
  const wrong = Object.entries(policy.ecosystems).flatMap(([ecosystem, { breaker }]): ReadonlyArray<Wrong> => {
    const minutes = probeMinutes(policy, breaker)
    return breaker.probeLeaseMillis > minutes * MINUTE
      ? []
      : [{ ecosystem, path: breakerPath(written, ecosystem, "probe_lease_minutes"), value: Math.floor(minutes) + 1 }]
  })
  return byPlace(wrong, Math.max).map(({ change, ecosystems }) =>
    finding(
      "breaker-never-closes",
      change.path,
      `by the reserve a probe of ${ecosystems.join(", ")} can take ${change.value - 1} minutes or more, and a result that comes at the end ` +
        "of its lease or later moves no breaker: once tripped, half-open cannot end",
      change.value <= LONGEST_MINUTES
        ? [change]
        : [
            { path: change.path, value: LONGEST_MINUTES },
            ...ecosystems.map((name) => ({ path: breakerPath(written, name, "probe_attempts"), value: 1 })),
            ...withinLongestLease(policy)
          ]
    )
  )
}

export const breakerReach = (written: Written): ReadonlyArray<Finding> => [...opening(written), ...closing(written)]
