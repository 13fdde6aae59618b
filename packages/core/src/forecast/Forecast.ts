/** What a breaker's policy comes to in numbers, for true success rates: how often it trips falsely, how soon it notices. */
import type { EcosystemPolicy } from "../policy/Policy.ts"
import * as FirstTrip from "./FirstTrip.ts"
import * as OpenTime from "./OpenTime.ts"
import { statesOf } from "./OutcomeChain.ts"
import { meanSteps, type RunLength, steadyWithin, trippedBy } from "./RunLength.ts"
import type { Bounded } from "./WindowBounds.ts"

/** A figure and its bounds; three times the same where it is exact. */
export interface Range {
  readonly low: number
  readonly estimate: number
  readonly high: number
}

/** What happens at one true success rate. */
export interface Level {
  readonly rate: number
  /** The probability of a trip within 100 counted attempts after a close. */
  readonly tripWithin100: Range
  /** The same within the counted attempts of a week; `undefined` where the pace is not known. */
  readonly tripWithinWeek: Range | undefined
  /** The probability of a trip within 100 counted attempts in the long run, of a breaker whose window is full. */
  readonly steadyTripWithin100: Range
  /** The same within the counted attempts of a week; `undefined` where the pace is not known. */
  readonly steadyTripWithinWeek: Range | undefined
  /** Counted attempts from a close to the trip. `Infinity`: it never trips. */
  readonly attemptsToTrip: Range
  /**
   * Counted attempts until it trips when the rate falls to this one, from a full window at the objective. `undefined`
   * for rates at or above the objective.
   */
  readonly attemptsToDetect: Range | undefined
  /** Hours a week in which it is not closed; `undefined` where the pace is not known. */
  readonly openHours: Range | undefined
}

export interface Forecast {
  readonly ecosystem: string
  readonly policy: EcosystemPolicy
  readonly method: FirstTrip.FirstTrip["method"]
  readonly states: number
  readonly pace: OpenTime.Pace | undefined
  /** The objective first, then the grid from 1 down. */
  readonly levels: ReadonlyArray<Level>
}

export const GRID: ReadonlyArray<number> = [1, 0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]

const HOURS_A_WEEK = 168

/** Bounds of a figure that a likelier trip makes larger or smaller. */
const rangeOf = ({ estimate, high, low }: Bounded, figure: (run: RunLength) => number): Range => {
  const [one, other] = [figure(low), figure(high)]
  const [least, most] = [Math.min(one, other), Math.max(one, other)]
  return { estimate: Math.min(most, Math.max(least, figure(estimate))), high: most, low: least }
}

const levelOf = (
  own: EcosystemPolicy,
  trip: FirstTrip.FirstTrip,
  pace: OpenTime.Pace | undefined,
  rate: number
): Level => {
  const run = trip.fromEmpty(rate)
  const within = (attempts: number): Range => rangeOf(run, (each) => trippedBy(each, attempts))
  const steady = (attempts: number): Range => rangeOf(run, (each) => steadyWithin(each, attempts))
  const attemptsAWeek = pace === undefined ? undefined : Math.round(pace.runsPerWeek * pace.attemptsPerRun)
  return {
    attemptsToDetect: rate < own.slo ? rangeOf(trip.afterDrop(own.slo, rate), (each) => meanSteps(each, 1)) : undefined,
    attemptsToTrip: rangeOf(run, (each) => meanSteps(each, 1)),
    openHours:
      pace === undefined
        ? undefined
        : rangeOf(run, (each) => HOURS_A_WEEK * OpenTime.share(own.breaker, rate, pace, each)),
    rate,
    steadyTripWithin100: steady(100),
    steadyTripWithinWeek: attemptsAWeek === undefined ? undefined : steady(attemptsAWeek),
    tripWithin100: within(100),
    tripWithinWeek: attemptsAWeek === undefined ? undefined : within(attemptsAWeek)
  }
}

/** The figures of one ecosystem. A pace has at least one attempt a run and more than no run a week. */
export const of = (
  ecosystem: string,
  own: EcosystemPolicy,
  pace: OpenTime.Pace | undefined,
  trip: FirstTrip.FirstTrip = FirstTrip.of(own.breaker)
): Forecast => {
  return {
    ecosystem,
    levels: [own.slo, ...GRID.filter((rate) => rate !== own.slo)].map((rate) => levelOf(own, trip, pace, rate)),
    method: trip.method,
    pace,
    policy: own,
    states: trip.method === "exact" ? statesOf(own.breaker) : 0
  }
}
