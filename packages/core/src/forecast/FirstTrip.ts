/** When a closed breaker trips, as exactly as its window allows. */
import * as OutcomeChain from "./OutcomeChain.ts"
import * as RunLength from "./RunLength.ts"
import * as WindowBounds from "./WindowBounds.ts"

/** What the run lengths of one rule are asked for. Rates are true success rates, 0 to 1. */
export interface FirstTrip {
  /** `exact`: the three answers are one. Else `low` and `high` bound the probability of a trip, `estimate` is between them. */
  readonly method: "exact" | "bounded"
  readonly fromEmpty: (passRate: number) => WindowBounds.Bounded
  readonly afterDrop: (before: number, after: number) => WindowBounds.Bounded
}

const same = (run: RunLength.RunLength): WindowBounds.Bounded => ({ estimate: run, high: run, low: run })

const bounded = (rule: OutcomeChain.Rule): FirstTrip => ({
  afterDrop: (before, after) => WindowBounds.afterDrop(rule, before, after),
  fromEmpty: (passRate) => WindowBounds.fromEmpty(rule, passRate),
  method: "bounded"
})

const prepare = (rule: OutcomeChain.Rule): FirstTrip => {
  if (OutcomeChain.mostFailures(rule) >= rule.window) {
    return { afterDrop: () => same(RunLength.never), fromEmpty: () => same(RunLength.never), method: "exact" }
  }
  if (!OutcomeChain.isExact(rule)) return bounded(rule)
  const chain = OutcomeChain.make(rule)
  return {
    afterDrop: (before, after) => same(OutcomeChain.afterDrop(chain, before, after)),
    fromEmpty: (passRate) => same(OutcomeChain.fromEmpty(chain, passRate)),
    method: "exact"
  }
}

/** Each answer is worked out once. */
const remembering = (trip: FirstTrip): FirstTrip => {
  const known = new Map<string, WindowBounds.Bounded>()
  const once = (key: string, work: () => WindowBounds.Bounded): WindowBounds.Bounded => {
    const found = known.get(key) ?? work()
    known.set(key, found)
    return found
  }
  return {
    afterDrop: (before, after) => once(`${before} ${after}`, () => trip.afterDrop(before, after)),
    fromEmpty: (passRate) => once(String(passRate), () => trip.fromEmpty(passRate)),
    method: trip.method
  }
}

/** Prepares a rule: the chain is built once, and each question answered once. */
export const of = (rule: OutcomeChain.Rule): FirstTrip => remembering(prepare(rule))

/** Prepares rules, equal ones together. */
export const sharing = (): ((rule: OutcomeChain.Rule) => FirstTrip) => {
  const trips = new Map<string, FirstTrip>()
  return (rule) => {
    const key = `${rule.window} ${rule.minimumAttempts} ${rule.thresholdMillionths}`
    const trip = trips.get(key) ?? of(rule)
    trips.set(key, trip)
    return trip
  }
}
