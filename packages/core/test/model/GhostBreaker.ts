/**
 * What the onlooker's notebook says of a breaker: by the words of SPEC.md, section BR, and not by the reducer. Only results
 * that count open it, only a claim after its cool-down makes it half-open, only passes of probes close it.
 */
import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import { format, HOUR } from "@batchbrake/core/time/Instant"

export interface GhostBreaker {
  readonly state: "closed" | "open" | "half-open"
  /** How often it changed its state. */
  readonly edges: number
  /** No probe before; of the last cool-down. */
  readonly coolUntil: number
  /** From when to when it was last away from closed. */
  readonly away: { readonly from: number; readonly to: number | undefined } | undefined
  readonly passes: number
  readonly trips: number
  readonly window: string
}

export const untouched: GhostBreaker = {
  away: undefined,
  coolUntil: 0,
  edges: 0,
  passes: 0,
  state: "closed",
  trips: 0,
  window: ""
}

/** Once closed for as long as it was open, nothing is held against it. */
const isForgiven = ({ away, state }: GhostBreaker, at: number): boolean =>
  state === "closed" && away?.to !== undefined && at - away.to >= away.to - away.from

/** Trips, or fails its probe: a cool-down from now, and none that ends before the one that was. */
const opened = (policy: BreakerPolicy, was: GhostBreaker, at: number): GhostBreaker => {
  const trips = isForgiven(was, at) ? 1 : was.trips + 1
  const millis = Math.min(policy.coolDownCapMillis, policy.coolDownMillis * policy.coolDownMultiplier ** (trips - 1))
  return {
    ...was,
    away: { from: Math.max(at, was.away?.from ?? at), to: undefined },
    coolUntil: Math.max(at + millis, was.state === "closed" ? 0 : was.coolUntil),
    edges: was.edges + 1,
    passes: 0,
    state: "open",
    trips
  }
}

const attempted = (policy: BreakerPolicy, was: GhostBreaker, attempt: string, at: number): GhostBreaker => {
  const window = (was.window + attempt).slice(-policy.window)
  const passed = [...window].filter((each) => each === "P").length
  const isTripping =
    window.length >= policy.minimumAttempts && passed * 1_000_000 < policy.thresholdMillionths * window.length
  return isTripping ? opened(policy, { ...was, window }, at) : { ...was, window }
}

/** A result that counts: while closed each of its attempts until one trips, of a probe its first ones. */
export const reported = (policy: BreakerPolicy, was: GhostBreaker, word: string, at: number): GhostBreaker => {
  if (was.state === "closed") {
    return [...word].reduce((now, attempt) => (now.state === "closed" ? attempted(policy, now, attempt, at) : now), was)
  }
  const deciding = word.slice(0, policy.probeAttempts)
  if (deciding.includes("F")) return opened(policy, was, at)
  const passes = was.passes + deciding.length
  if (passes < policy.closeAfter) return { ...was, passes }
  const from = was.away?.from ?? at
  return {
    ...was,
    away: { from, to: Math.max(at, from) },
    edges: was.edges + 1,
    passes: 0,
    state: "closed",
    window: ""
  }
}

/** A probe was granted: half-open from then on. */
export const probed = (was: GhostBreaker): GhostBreaker =>
  was.state === "open" ? { ...was, edges: was.edges + 1, passes: 0, state: "half-open" } : was

/** What is wrong with a grant of that kind at that time. */
export const judgeGrant = (was: GhostBreaker, kind: "run" | "probe", at: number): string | undefined => {
  if (was.state === "open" && at < was.coolUntil)
    return `a ${kind} was granted ${(was.coolUntil - at) / HOUR} h before the cool-down's end`
  return (was.state === "closed") === (kind === "run") ? undefined : `a ${kind} was granted while ${was.state}`
}

const clock = (instant: number | undefined): string => (instant === undefined ? "nothing" : format(instant))

/** What is wrong with a breaker after a step, in the words of the notebook. */
export const judge = (name: string, label: string, is: BreakerState, noted: GhostBreaker): string | undefined => {
  const differs = (what: string, found: unknown, expected: unknown): string | undefined =>
    found === expected ? undefined : `${label}: ${what} of ${name} is ${found}, and the notebook says ${expected}`
  return (
    differs("the breaker", is.state, noted.state) ??
    (noted.state === "open" ? differs("the cool-down's end", clock(is.opensAt), clock(noted.coolUntil)) : undefined) ??
    (noted.state === "closed" ? differs("the window", is.window, noted.window) : undefined) ??
    (noted.state === "half-open" ? differs("the count of passes", is.halfOpenSuccesses, noted.passes) : undefined)
  )
}
