/**
 * The per-ecosystem circuit breaker: closed, open, half-open. Every function is pure and takes the instant as an
 * argument. Rules: ../../SPEC.md, section BR. States and names after M. Nygard, "Release It!" (2007), and
 * M. Fowler, "CircuitBreaker" (2014).
 */
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { BreakerState, Probe } from "./BreakerState.ts"
import * as OutcomeWindow from "./OutcomeWindow.ts"

/** What a breaker answers to "may this ecosystem run?", budget and pauses apart. */
export type Permission =
  | { readonly _tag: "Run" }
  | { readonly _tag: "ProbeDue" }
  | { readonly _tag: "CoolingDown"; readonly until: EpochMillis }
  | { readonly _tag: "ProbeLive"; readonly until: EpochMillis; readonly runKey: string }

/** How a run came to report: under a grant of some generation, or without one. */
export interface Standing {
  /** `undefined`: unclaimed. */
  readonly grantedGeneration: number | undefined
  readonly runKey: string
}

/** What became of a report: the new state, and whether the breaker took note of it. */
export interface Settled {
  readonly state: BreakerState
  readonly verdict: "counted" | "vacuous" | "fenced" | "not-admitted"
}

/** Whether the probe is still the claimant's: strictly before its expiry. */
const isLive = (probe: Probe, at: EpochMillis): boolean => at < probe.expiresAt

/** Reads, changes nothing. Open holds until `opensAt`, exclusive. */
export const permission = (breaker: BreakerState, at: EpochMillis): Permission => {
  if (breaker.state === "closed") return { _tag: "Run" }
  if (breaker.state === "open") {
    return breaker.opensAt !== undefined && at < breaker.opensAt
      ? { _tag: "CoolingDown", until: breaker.opensAt }
      : { _tag: "ProbeDue" }
  }
  return breaker.probe !== undefined && isLive(breaker.probe, at)
    ? { _tag: "ProbeLive", runKey: breaker.probe.runKey, until: breaker.probe.expiresAt }
    : { _tag: "ProbeDue" }
}

/** Consecutive trips multiply the cool-down, up to the cap. */
export const coolDown = (policy: BreakerPolicy, trips: number): number =>
  Math.min(policy.coolDownCapMillis, Math.round(policy.coolDownMillis * policy.coolDownMultiplier ** (trips - 1)))

/**
 * Opens or reopens. A deadline never moves backwards, whatever the clock of the machine that reports; one that a
 * published file left on a closed breaker is no deadline.
 */
const open = (policy: BreakerPolicy, breaker: BreakerState, trips: number, at: EpochMillis): BreakerState => ({
  ...breaker,
  generation: breaker.generation + 1,
  halfOpenSuccesses: 0,
  openedAt: Math.max(at, breaker.openedAt ?? at),
  opensAt: Math.max(at + coolDown(policy, trips), breaker.state === "closed" ? 0 : (breaker.opensAt ?? 0)),
  probe: undefined,
  state: "open",
  trips
})

const failedAt = (breaker: BreakerState, at: EpochMillis): BreakerState => ({
  ...breaker,
  lastFailure: Math.max(at, breaker.lastFailure ?? at)
})

/** Earlier trips are forgiven once it has been closed for at least as long as it was last open. */
const tripsAt = (breaker: BreakerState, at: EpochMillis): number => {
  const { closedAt, openedAt } = breaker
  const forgiven = closedAt !== undefined && openedAt !== undefined && at - closedAt >= closedAt - openedAt
  return forgiven ? 1 : breaker.trips + 1
}

/** One counted attempt while closed: into the window, and open if the success rate falls below the threshold. */
export const step = (
  policy: BreakerPolicy,
  breaker: BreakerState,
  outcome: "P" | "F",
  at: EpochMillis
): BreakerState => {
  const before = OutcomeWindow.of(breaker.window, breaker.failures, policy.window)
  const window = OutcomeWindow.push(before, outcome, policy.window)
  const failures = OutcomeWindow.countFailures(window)
  const next: BreakerState = { ...(outcome === "F" ? failedAt(breaker, at) : breaker), failures, window }
  return OutcomeWindow.trips(window.length, failures, policy.minimumAttempts, policy.thresholdMillionths)
    ? open(policy, next, tripsAt(breaker, at), at)
    : next
}

/** A run's counted attempts while closed, in order; what follows a trip goes to metrics only. */
const whileClosed = (policy: BreakerPolicy, breaker: BreakerState, outcomes: string, at: EpochMillis): BreakerState => {
  let state = breaker
  for (let index = 0; index < outcomes.length && state.state === "closed"; index++) {
    state = step(policy, state, outcomes[index] === "F" ? "F" : "P", at)
  }
  return state
}

const close = (breaker: BreakerState, at: EpochMillis): BreakerState => ({
  ...breaker,
  closedAt: Math.max(at, breaker.openedAt ?? at),
  failures: 0,
  generation: breaker.generation + 1,
  halfOpenSuccesses: 0,
  opensAt: undefined,
  probe: undefined,
  state: "closed",
  window: ""
})

/** The claimant's first `probeAttempts` counted attempts decide; any failure among them reopens. */
const whileProbing = (
  policy: BreakerPolicy,
  breaker: BreakerState,
  outcomes: string,
  at: EpochMillis
): BreakerState => {
  const deciding = outcomes.slice(0, policy.probeAttempts)
  if (deciding.includes("F")) return open(policy, failedAt(breaker, at), breaker.trips + 1, at)
  const halfOpenSuccesses = breaker.halfOpenSuccesses + deciding.length
  return halfOpenSuccesses >= policy.closeAfter
    ? close(breaker, at)
    : { ...breaker, halfOpenSuccesses, probe: undefined }
}

/**
 * Takes a run's report. `outcomes` are its counted attempts in the order of the state that it meets.
 * Only a closed breaker, or the holder of the live probe, is moved; a report of an older generation moves nothing.
 */
export const settle = (
  policy: BreakerPolicy,
  breaker: BreakerState,
  standing: Standing,
  outcomes: { readonly closed: string; readonly probe: string },
  at: EpochMillis
): Settled => {
  const { grantedGeneration, runKey } = standing
  const holdsProbe = breaker.probe?.runKey === runKey && isLive(breaker.probe, at)
  const freed = breaker.probe?.runKey === runKey ? { ...breaker, probe: undefined } : breaker
  if (grantedGeneration !== undefined && grantedGeneration !== breaker.generation) {
    return { state: freed, verdict: "fenced" }
  }
  if (breaker.state === "closed") {
    return outcomes.closed === ""
      ? { state: breaker, verdict: "vacuous" }
      : { state: whileClosed(policy, breaker, outcomes.closed, at), verdict: "counted" }
  }
  if (grantedGeneration === undefined) return { state: breaker, verdict: "not-admitted" }
  if (!holdsProbe) return { state: freed, verdict: "fenced" }
  return outcomes.probe === ""
    ? { state: freed, verdict: "vacuous" }
    : { state: whileProbing(policy, breaker, outcomes.probe, at), verdict: "counted" }
}

/** Takes the probe: half-open, held under a lease. Call only where {@link permission} says `ProbeDue`. */
export const claim = (
  policy: BreakerPolicy,
  breaker: BreakerState,
  request: { readonly runKey: string; readonly recentProbes: ReadonlyArray<string> },
  at: EpochMillis
): BreakerState => ({
  ...breaker,
  generation: breaker.state === "open" ? breaker.generation + 1 : breaker.generation,
  halfOpenSuccesses: breaker.state === "open" ? 0 : breaker.halfOpenSuccesses,
  probe: { expiresAt: at + policy.probeLeaseMillis, runKey: request.runKey, unknown: {} },
  recentProbes: request.recentProbes,
  state: "half-open"
})

/** Frees the probe that a run holds; half-open stays, claimable again. */
export const release = (breaker: BreakerState, runKey: string): BreakerState =>
  breaker.probe?.runKey === runKey ? { ...breaker, probe: undefined } : breaker

/** Frees a probe whose lease has ended. */
export const expire = (breaker: BreakerState, now: EpochMillis): BreakerState =>
  breaker.probe !== undefined && now >= breaker.probe.expiresAt ? { ...breaker, probe: undefined } : breaker

/** A person's word: closed, from any state, with nothing held against it. The generation fences what is under way. */
export const reset = (breaker: BreakerState, at: EpochMillis): BreakerState => ({
  ...close(breaker, at),
  lastFailure: breaker.lastFailure,
  trips: 0
})
