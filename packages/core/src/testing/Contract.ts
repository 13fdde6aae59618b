/** What the checks of a contract are made of. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** An adapter did something else than its port promises. */
export class ContractBroken extends Data.TaggedError("ContractBroken")<{ readonly message: string }> {}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "undefined"
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}

/** Fails unless two values are the same, as JSON has them. */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, ContractBroken> =>
  show(actual) === show(expected) && JSON.stringify(actual) === JSON.stringify(expected)
    ? Effect.void
    : Effect.fail(new ContractBroken({ message: `${what} is ${show(actual)}, not ${show(expected)}` }))

/** Fails unless something holds. */
export const isTrue = (what: string, holds: boolean): Effect.Effect<void, ContractBroken> =>
  holds ? Effect.void : Effect.fail(new ContractBroken({ message: `not so: ${what}` }))

/** Fails unless the effect fails with an error of this tag. */
export const failsWith = <A, E extends { readonly _tag: string }, R>(
  what: string,
  effect: Effect.Effect<A, E, R>,
  tag: E["_tag"]
): Effect.Effect<void, ContractBroken, R> =>
  Effect.flatMap(Effect.result(effect), (result) =>
    same(`the end of ${what}`, Result.isFailure(result) ? result.failure._tag : "success", tag)
  )
