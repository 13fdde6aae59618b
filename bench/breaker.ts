/** Steps of the breaker a second, beside other breakers doing the comparable thing. */
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Result from "effect/Result"
import { isFailure, perSecond } from "./attempts.ts"
import { type Figure, interleaved, median, type Outcome } from "./Figure.ts"
import { cockatielCount, cockatielExecute, effectExecute, opossumFire } from "./rivals.ts"

const ROUNDS = 7
const AIM = 5_000_000

const policy = ((): Policy.BreakerPolicy => {
  const read = Policy.fromJson(Policy.starter(["npm"]))
  const own = Result.isSuccess(read) ? Policy.ecosystemOf(read.success, "npm") : undefined
  if (own === undefined) throw new Error("the default policy cannot be read")
  return own.breaker
})()

const ourStep = (): number => {
  const count = 1_000_000
  const started = performance.now()
  let state: BreakerState = initial
  for (let index = 0; index < count; index++) {
    state = Breaker.step(policy, state, isFailure(index) ? "F" : "P", index)
    if (state.state !== "closed") state = Breaker.reset(state, index)
  }
  return perSecond(count, performance.now() - started)
}

/** As a run is settled: ask for permission, then settle one attempt under a grant. */
const ourSettle = (): number => {
  const count = 500_000
  const [passed, failed] = [
    { closed: "P", probe: "P" },
    { closed: "F", probe: "F" }
  ]
  const started = performance.now()
  let state: BreakerState = initial
  for (let index = 0; index < count; index++) {
    if (Breaker.permission(state, index)._tag !== "Run") state = Breaker.reset(state, index)
    const standing = { grantedGeneration: state.generation, runKey: "run" }
    state = Breaker.settle(policy, state, standing, isFailure(index) ? failed : passed, index).state
  }
  return perSecond(count, performance.now() - started)
}

const NOTES = {
  "Breaker.settle with permission": "ask, then settle a report of one attempt under its grant",
  "Breaker.step": "one attempt on the immutable, persisted shape; a new state each time",
  "cockatiel CountBreaker": "its window alone: one mutable ring, no clock, no state machine",
  "effect CircuitBreaker": "effect/persistence, in memory, rate policy: wraps an effect, keyed store, mutable ring",
  "cockatiel execute": "the public call: wraps a function and a promise, which ours does not",
  "opossum fire": "the public call: wraps a function, a promise and events, which ours does not"
} as const

export const benchBreaker = async (): Promise<Outcome> => {
  const rates = await interleaved(ROUNDS, {
    "Breaker.step": ourStep,
    "Breaker.settle with permission": ourSettle,
    "cockatiel CountBreaker": cockatielCount,
    "cockatiel execute": cockatielExecute,
    "effect CircuitBreaker": effectExecute,
    "opossum fire": opossumFire
  })
  const figures = (Object.keys(NOTES) as Array<keyof typeof NOTES>).map(
    (what): Figure => ({ bench: "breaker", note: NOTES[what], unit: "a second", value: median(rates[what]), what })
  )
  return {
    claims: [
      {
        bench: "breaker",
        met: median(rates["Breaker.step"]) >= AIM,
        text: `at least ${AIM / 1e6} million steps a second`
      }
    ],
    figures: figures.sort((left, right) => right.value - left.value)
  }
}
