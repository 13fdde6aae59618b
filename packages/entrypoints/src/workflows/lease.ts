/** Whether a run of the pipeline is on record before the leases of its grants end. SPEC.md, WF25. */
import type { Fault } from "@batchbrake/core/json/Fault"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { MINUTE } from "@batchbrake/core/time/Instant"
import { MOST_JOBS } from "../action/fitMatrix.ts"

/** How long the gate's job may take, with the claim at its very start. */
export const GATE_MINUTES = 5
/** How long the job may take that records what the whole matrix handed in. */
export const RECORD_MINUTES = 10

export const LEAST_COMMAND_MINUTES = 5
const MOST_BY_DEFAULT_MINUTES = 60

interface Pace {
  readonly at_once: number
  readonly command_minutes: number
}

/** How often the places of the matrix are filled until every ecosystem has had its turn. */
const wavesOf = (policy: Policy, at_once: number): number =>
  Math.max(1, Math.ceil(Math.min(Object.keys(policy.ecosystems).length, MOST_JOBS) / at_once))

/** The longest from claim to record, in minutes, but for waiting for machines. All are recorded when the last one ends. */
export const longestMinutes = (policy: Policy, { at_once, command_minutes }: Pace): number =>
  GATE_MINUTES + wavesOf(policy, at_once) * command_minutes + RECORD_MINUTES

interface Lease {
  readonly field: string
  readonly minutes: number
}

/** The lease of ordinary grants, and the shortest one of a probe. */
const leasesOf = ({ ecosystems, leaseMillis }: Policy): ReadonlyArray<Lease> => {
  const probes = Object.values(ecosystems).map(({ breaker }) => breaker.probeLeaseMillis / MINUTE)
  return [
    { field: "lease_minutes", minutes: leaseMillis / MINUTE },
    ...(probes.length === 0 ? [] : [{ field: "breaker.probe_lease_minutes", minutes: Math.min(...probes) }])
  ]
}

/** What one ecosystem's command may take under a lease: a report counts strictly before its end. */
const roomIn = (lease: number, waves: number): number => Math.floor((lease - 1 - GATE_MINUTES - RECORD_MINUTES) / waves)

/** The minutes that fit all leases, at most an hour; where none fit, {@link leaseFaults} says so. */
export const fittingMinutes = (policy: Policy, at_once: number): number => {
  const waves = wavesOf(policy, at_once)
  const room = Math.min(...leasesOf(policy).map(({ minutes }) => roomIn(minutes, waves)))
  return Math.max(LEAST_COMMAND_MINUTES, Math.min(MOST_BY_DEFAULT_MINUTES, room))
}

/** A probe that is recorded after its lease closes no breaker, this time and every other: such times are refused. */
export const leaseFaults = (policy: Policy, pace: Pace): ReadonlyArray<Fault> => {
  const [longest, waves] = [longestMinutes(policy, pace), wavesOf(policy, pace.at_once)]
  return leasesOf(policy)
    .filter(({ minutes }) => longest >= minutes)
    .map(({ field, minutes }) => {
      const room = roomIn(minutes, waves)
      const remedies = [
        `${field} in batch-policy.json of ${longest + 1} or more`,
        ...(room < LEAST_COMMAND_MINUTES ? [] : [`at most ${room} here`]),
        ...(waves > 1 ? ["a greater at_once"] : [])
      ]
      return {
        expected:
          `${remedies.join(", or ")}: from claim to record a run may take ${GATE_MINUTES} + ${waves} × ` +
          `${pace.command_minutes} + ${RECORD_MINUTES} minutes, and its grant ends after ${minutes}`,
        found: String(pace.command_minutes),
        path: "command_minutes"
      }
    })
}
