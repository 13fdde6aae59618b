/**
 * The outcome window of a closed breaker as a Markov chain, under independent attempts of one true success rate. Exact.
 *
 * Run lengths of a rule on a sliding window from a finite Markov chain: D. Brook and D. A. Evans, "An approach to the
 * probability distribution of CUSUM run length", Biometrika 59 (1972); J. C. Fu and M. V. Koutras, "Distribution theory
 * of runs: a Markov chain approach", JASA 89 (1994). The rule itself is {@link OutcomeWindow.trips}, asked and not copied.
 *
 * States are merged where the rule allows. More than K failures among the last W attempts are K + 1 failures without
 * W - K passes between the first and the last of them, so it is enough to remember how many failures lie between the
 * last W - K passes: binomial(W, K) states instead of 2^W.
 */
import * as OutcomeWindow from "../breaker/OutcomeWindow.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { RunLength } from "./RunLength.ts"

/** The part of a breaker's policy that decides about trips. */
export type Rule = Pick<BreakerPolicy, "window" | "minimumAttempts" | "thresholdMillionths">

/** Windows up to this are always computed exactly, larger ones where {@link MOST_STATES} suffice. */
export const EXACT_WINDOW = 20
const LARGEST_WINDOW = 64
const MOST_STATES = 200_000

/** The most failures that so many attempts may have without a trip: by length, from 0 to the window. */
export const limits = ({ minimumAttempts, thresholdMillionths, window }: Rule): ReadonlyArray<number> => {
  const most: Array<number> = []
  for (let length = 0; length <= window; length++) {
    let failures = length
    while (failures > 0 && OutcomeWindow.trips(length, failures, minimumAttempts, thresholdMillionths)) failures--
    most.push(failures)
  }
  return most
}

/** The most failures that a full window may have. */
export const mostFailures = (rule: Rule): number => limits(rule)[rule.window] ?? rule.window

/** How many states the chain of a rule has: binomial(window, failures allowed). */
export const statesOf = (rule: Rule): number => {
  const most = mostFailures(rule)
  let states = 1
  for (let index = 1; index <= most; index++) states = (states * (rule.window - most + index)) / index
  return Math.round(states)
}

/** Whether the chain of a rule is small enough to be computed. */
export const isExact = (rule: Rule): boolean => rule.window <= LARGEST_WINDOW && statesOf(rule) <= MOST_STATES

const TRIP = -1

export interface Chain {
  readonly rule: Rule
  readonly limits: ReadonlyArray<number>
  /** Where each state goes after a pass, and after a failure; -1 is the trip. */
  readonly onPass: Int32Array
  readonly onFailure: Int32Array
}

/** State 0 is a window without failures. A state is, for each failure, how many passes came after it, newest first. */
export const make = (rule: Rule): Chain => {
  const ruleLimits = limits(rule)
  const most = ruleLimits[rule.window] ?? rule.window
  const passes = rule.window - most
  const numbers = new Map<string, number>([["", 0]])
  const states = [""]
  const numberOf = (state: string): number => {
    const known = numbers.get(state)
    if (known !== undefined) return known
    numbers.set(state, states.length)
    return states.push(state) - 1
  }
  const onPass: Array<number> = []
  const onFailure: Array<number> = []
  for (let index = 0; index < states.length; index++) {
    const state = states[index] ?? ""
    let aged = ""
    for (let place = 0; place < state.length; place++) {
      const age = state.charCodeAt(place) + 1
      if (age < passes) aged += String.fromCharCode(age)
    }
    onPass.push(numberOf(aged))
    onFailure.push(state.length < most ? numberOf(`\0${state}`) : TRIP)
  }
  return { limits: ruleLimits, onFailure: Int32Array.from(onFailure), onPass: Int32Array.from(onPass), rule }
}

/** One attempt of every state's mass. Answers what tripped. */
const advance = (chain: Chain, passRate: number, from: Float64Array, into: Float64Array): number => {
  const { onFailure, onPass } = chain
  const failRate = 1 - passRate
  let tripped = 0
  into.fill(0)
  for (let state = 0; state < from.length; state++) {
    const mass = from[state] ?? 0
    if (mass === 0) continue
    const passed = onPass[state] ?? 0
    const failed = onFailure[state] ?? TRIP
    into[passed] = (into[passed] ?? 0) + mass * passRate
    if (failed === TRIP) tripped += mass * failRate
    // Only one state has this one behind a failure, and none behind a pass.
    else into[failed] = mass * failRate
  }
  return tripped
}

interface Filled {
  /** Tripped by attempt 0 to the window. */
  readonly tripped: ReadonlyArray<number>
  readonly masses: Float64Array
}

/**
 * The first attempts, until the window is full. With a minimum below the window shorter windows have limits of their
 * own, which ask for all failures so far, so those are counted beside the state. What is past the limit of the minimum
 * before there are so many attempts is bound to trip there.
 */
const fill = (chain: Chain, minimum: number, passRate: number): Filled => {
  const { limits: most, onFailure, onPass } = chain
  const { window } = chain.rule
  const size = onPass.length
  const layers = minimum < window ? (most[window] ?? 0) + 1 : 1
  let from = new Float64Array(layers * size)
  let into = new Float64Array(layers * size)
  from[0] = 1
  const tripped = [0]
  let [bound, sum] = [0, 0]
  for (let attempt = 1; attempt <= window; attempt++) {
    const limit = most[Math.max(attempt, minimum)] ?? 0
    into.fill(0)
    for (let index = 0; index < from.length; index++) {
      const mass = from[index] ?? 0
      if (mass === 0) continue
      const layer = Math.floor(index / size)
      const state = index - layer * size
      const passed = layer * size + (onPass[state] ?? 0)
      into[passed] = (into[passed] ?? 0) + mass * passRate
      const failed = onFailure[state] ?? TRIP
      const isTrip = failed === TRIP || (layers > 1 && layer + 1 > limit)
      const next = (layers > 1 ? layer + 1 : 0) * size + failed
      if (isTrip) bound += mass * (1 - passRate)
      else into[next] = mass * (1 - passRate)
    }
    if (attempt >= minimum) [sum, bound] = [sum + bound, 0]
    tripped.push(sum)
    ;[from, into] = [into, from]
  }
  const masses = new Float64Array(size)
  for (let index = 0; index < from.length; index++)
    masses[index % size] = (masses[index % size] ?? 0) + (from[index] ?? 0)
  return { masses, tripped }
}

const CLOSE_ENOUGH = 1e-11
const MOST_WINDOWS = 400
const total = (masses: Float64Array): number => {
  let sum = 0
  for (let state = 0; state < masses.length; state++) sum += masses[state] ?? 0
  return sum
}

/** Less than this is left: as good as tripped. */
const GONE = 1e-15

/**
 * Goes on until the hazard no longer changes: what has not tripped has then the chain's quasi-stationary distribution,
 * and the rest is a geometric series.
 */
const goOn = (chain: Chain, passRate: number, filled: Filled): RunLength => {
  const { window } = chain.rule
  const head = [...filled.tripped]
  let from = Float64Array.from(filled.masses)
  let into = new Float64Array(from.length)
  let left = total(from)
  let [least, most, since] = [Number.POSITIVE_INFINITY, 0, 0]
  for (let attempt = 0; attempt < MOST_WINDOWS * window && left > GONE; attempt++) {
    const tripped = advance(chain, passRate, from, into)
    const hazard = Math.min(1, tripped / left)
    ;[from, into] = [into, from]
    left = total(from)
    head.push(Math.min(1, (head.at(-1) ?? 0) + tripped))
    ;[least, most, since] = [Math.min(least, hazard), Math.max(most, hazard), since + 1]
    if (since === window) {
      if (most - least <= CLOSE_ENOUGH * most) return { cycle: head.slice(-1), head: head.slice(0, -1), loss: hazard }
      ;[least, most, since] = [Number.POSITIVE_INFINITY, 0, 0]
    }
  }
  return { cycle: head.slice(-1), head: head.slice(0, -1), loss: left > GONE ? most : 1 }
}

/** From an empty window, as after each close: attempts until the first trip. */
export const fromEmpty = (chain: Chain, passRate: number): RunLength =>
  goOn(chain, passRate, fill(chain, chain.rule.minimumAttempts, passRate))

/** From a full window of attempts at one rate that has not tripped: attempts at another rate until the first trip. */
export const afterDrop = (chain: Chain, before: number, after: number): RunLength => {
  const { masses, tripped } = fill(chain, chain.rule.window, before)
  const left = 1 - (tripped.at(-1) ?? 0)
  return goOn(chain, after, { masses: masses.map((mass) => (left > 0 ? mass / left : 0)), tripped: [0] })
}
