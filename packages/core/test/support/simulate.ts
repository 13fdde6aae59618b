/** Runs programs on a store in simulated time: what sleeps for minutes is over at once, and the same every time. */
import { ControlStore } from "@batchbrake/core/port/ControlStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"

const LONGEST_MILLIS = 20 * 60_000

export interface Simulated<A, E> {
  readonly result: Result.Result<A, E>
  /** What the program took, in simulated milliseconds, to the step of the simulation. */
  readonly millis: number
}

/** The result of a program in simulated time; dies when it does not end within twenty minutes of it. */
export const simulate = <A, E>(
  program: Effect.Effect<A, E, ControlStore>,
  store: ControlStore["Service"],
  stepMillis = 250
): Promise<Simulated<A, E>> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(Effect.result(program))
    while (fiber.pollUnsafe() === undefined) {
      yield* TestClock.adjust(stepMillis)
      const millis = (yield* Clock.currentTimeMillis) - started
      if (millis > LONGEST_MILLIS) return yield* Effect.die(new Error("the program does not end"))
    }
    const millis = (yield* Clock.currentTimeMillis) - started
    // Writes that land after their answer was lost still land.
    yield* TestClock.adjust(60_000)
    return { millis, result: yield* Fiber.join(fiber) }
  }).pipe(
    Effect.provideService(ControlStore, store),
    Random.withSeed("simulated"),
    Effect.provide(TestClock.layer()),
    Effect.runPromiseExit,
    (promise) =>
      promise.then(
        Exit.match({ onFailure: (cause) => Promise.reject(new Error(String(cause))), onSuccess: (done) => done })
      )
  )

/** The answer of a program that must succeed. */
export const answerOf = async <A, E>(
  program: Effect.Effect<A, E, ControlStore>,
  store: ControlStore["Service"]
): Promise<A> =>
  Result.getOrThrowWith((await simulate(program, store)).result, (failure) => new Error(JSON.stringify(failure)))

/** The failure of a program that must fail. */
export const failureOf = async <A, E>(
  program: Effect.Effect<A, E, ControlStore>,
  store: ControlStore["Service"]
): Promise<E> => {
  const { result } = await simulate(program, store)
  if (Result.isSuccess(result)) throw new Error(`it succeeded: ${JSON.stringify(result.success)}`)
  return result.failure
}
