/** Other breakers, each accounting one success or failure a call with the cheapest call that it offers. */
import * as Cockatiel from "cockatiel"
import * as Effect from "effect/Effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import Opossum from "opossum"
import { isFailure, perSecond } from "./attempts.ts"

const fail = new Error("failed")

/** The accounting alone: the exported class that cockatiel's own breaker asks. */
export const cockatielCount = (): number => {
  const count = 500_000
  const make = (): Cockatiel.CountBreaker =>
    new Cockatiel.CountBreaker({ minimumNumberOfCalls: 10, size: 10, threshold: 0.5 })
  const started = performance.now()
  let breaker = make()
  for (let index = 0; index < count; index++) {
    if (!isFailure(index)) breaker.success(Cockatiel.CircuitState.Closed)
    else if (breaker.failure(Cockatiel.CircuitState.Closed)) breaker = make()
  }
  return perSecond(count, performance.now() - started)
}

export const cockatielExecute = async (): Promise<number> => {
  const count = 20_000
  // So high that it never trips: a refused call would be cheaper than an accounted one.
  const window = new Cockatiel.CountBreaker({ minimumNumberOfCalls: 10, size: 10, threshold: 0.999 })
  const breaker = Cockatiel.circuitBreaker(Cockatiel.handleAll, { breaker: window, halfOpenAfter: 0 })
  const started = performance.now()
  for (let index = 0; index < count; index++) {
    await breaker
      .execute(() => {
        if (isFailure(index)) throw fail
      })
      .catch(() => undefined)
  }
  return perSecond(count, performance.now() - started)
}

export const opossumFire = async (): Promise<number> => {
  const count = 10_000
  const breaker = new Opossum((failing: boolean) => (failing ? Promise.reject(fail) : Promise.resolve()), {
    errorThresholdPercentage: 100,
    rollingPercentilesEnabled: false,
    timeout: false
  })
  const started = performance.now()
  for (let index = 0; index < count; index++) await breaker.fire(isFailure(index)).catch(() => undefined)
  const rate = perSecond(count, performance.now() - started)
  breaker.shutdown()
  return rate
}

const effectLoop = Effect.gen(function* () {
  const count = 20_000
  const breaker = yield* CircuitBreaker.make({
    openDuration: "1 minute",
    tripPolicy: CircuitBreaker.rate({ size: 10, threshold: 1 })
  })
  const [pass, failed] = [Effect.void, Effect.fail(fail)].map((call) =>
    Effect.ignore(breaker.execute(call, { key: "npm" }))
  )
  if (pass === undefined || failed === undefined) return Number.NaN
  const started = performance.now()
  for (let index = 0; index < count; index++) yield* isFailure(index) ? failed : pass
  return perSecond(count, performance.now() - started)
}).pipe(Effect.scoped, Effect.provide(CircuitBreaker.layerStoreMemory()))

export const effectExecute = (): Promise<number> => Effect.runPromise(effectLoop)
