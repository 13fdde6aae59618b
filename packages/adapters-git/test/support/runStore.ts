/** Runs a control store and looks at how it failed. */
import { strict as assert } from "node:assert"
import { type Change, CONTROL_PATH, ControlStore, type Wanted } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"

type Store = ControlStore["Service"]

export const NOTHING: Wanted = { directories: [], files: [] }

/** A change of the control file, with a message that no other has. */
export const change = (control: string): Change => ({
  files: new Map([[CONTROL_PATH, control]]),
  message: (digest) => `Write ${digest}\n\nBatchbrake-Nonce: ${crypto.randomUUID()}\n`
})

/** Runs `use` on a store of its own. */
export const withStore = <A, E>(
  layer: Layer.Layer<ControlStore>,
  use: (store: Store) => Effect.Effect<A, E>
): Promise<A> => Effect.runPromise(Effect.provide(Effect.flatMap(ControlStore, use), layer))

/** The failure of `use`, which has to fail; its message is checked to be one line without the secret of the tests. */
export const failureIn = async <A, E extends { readonly _tag: string; readonly message: string }>(
  layer: Layer.Layer<ControlStore>,
  use: (store: Store) => Effect.Effect<A, E>
): Promise<E> => {
  const result = await withStore(layer, (store) => Effect.result(use(store)))
  assert.ok(Result.isFailure(result), "it did not fail")
  const { failure } = result
  assert.ok(!failure.message.includes("\n"), failure.message)
  assert.ok(!JSON.stringify([failure, failure.message, String("cause" in failure && failure.cause)]).includes(SECRET))
  return failure
}

/** The password that the tests put into addresses. No message may hold it. */
export const SECRET = "s3cret"
