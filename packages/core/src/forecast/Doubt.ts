/**
 * A closed breaker whose window is only known between two: every place that may be a failure is one in the worst window,
 * every place that must be one is one in the state's own. Fewer failures never trip sooner, so the two bound the trip.
 */
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import * as OutcomeWindow from "../breaker/OutcomeWindow.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"

export interface Doubtful {
  /** Its window has the failures that are certain. */
  readonly state: BreakerState
  /** As long as that window; `undefined`: the same. */
  readonly worst: string | undefined
}

/** Where attempts lead: `undefined` for what is impossible. */
export interface Taken {
  readonly stays: Doubtful | undefined
  readonly trips: BreakerState | undefined
}

/** One counted attempt, `?` for one that nobody knows. */
export const step = (
  policy: BreakerPolicy,
  { state, worst }: Doubtful,
  outcome: "P" | "F" | "?",
  at: EpochMillis
): Taken => {
  const { minimumAttempts, thresholdMillionths, window: size } = policy
  const before = OutcomeWindow.of(state.window, state.failures, size)
  const least = OutcomeWindow.push(before, outcome === "F" ? "F" : "P", size)
  const mostBefore = worst ?? before
  const most = OutcomeWindow.push(mostBefore, outcome === "P" ? "P" : "F", size)
  const isTrip = (window: string): boolean =>
    OutcomeWindow.trips(window.length, OutcomeWindow.countFailures(window), minimumAttempts, thresholdMillionths)
  // A pass in a full window that has not tripped leaves no more failures than there were.
  const mayTrip = isTrip(most) && (outcome !== "P" || before.length < size)
  const tripping = { ...state, failures: OutcomeWindow.countFailures(mostBefore), window: mostBefore }
  return {
    stays: isTrip(least)
      ? undefined
      : { state: { ...state, failures: OutcomeWindow.countFailures(least), window: least }, worst: most },
    trips: mayTrip ? Breaker.step(policy, tripping, outcome === "P" ? "P" : "F", at) : undefined
  }
}

/** A run's counted attempts, in order; what follows a trip counts no more. */
export const take = (policy: BreakerPolicy, from: Doubtful, outcomes: string, at: EpochMillis): Taken => {
  let stays: Doubtful | undefined = from
  let trips: BreakerState | undefined
  for (let index = 0; index < outcomes.length && stays !== undefined; index++) {
    const taken: Taken = step(policy, stays, outcomes[index] === "F" ? "F" : "P", at)
    stays = taken.stays
    trips ??= taken.trips
  }
  return { stays, trips }
}

/** Nothing is in doubt where the two windows are one. */
export const settled = ({ state, worst }: Doubtful): Doubtful => ({
  state,
  worst: worst === state.window ? undefined : worst
})

/** One or the other, whose windows are equally long. */
export const join = (one: Doubtful, other: Doubtful): Doubtful => {
  const windows = [one, other].map(({ state, worst }) => [state.window ?? "", worst ?? state.window ?? ""] as const)
  const [[left = "", leftWorst = ""] = [], [right = "", rightWorst = ""] = []] = windows
  if (left === right && leftWorst === rightWorst) return settled(one)
  let [least, most] = ["", ""]
  for (let place = 0; place < left.length; place++) {
    least += left[place] === "F" && right[place] === "F" ? "F" : "P"
    most += leftWorst[place] === "F" || rightWorst[place] === "F" ? "F" : "P"
  }
  return settled({
    state: { ...one.state, failures: OutcomeWindow.countFailures(least), window: least },
    worst: most
  })
}
