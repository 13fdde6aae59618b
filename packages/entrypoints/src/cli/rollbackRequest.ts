/** A rollback's pull request: asked for, put on record, and what is said of it either way. */
import { askForRollback, recordRollbackRequest } from "@batchbrake/core/program/askForRollback"
import type { Origin } from "@batchbrake/core/program/operate"
import type { RolledBack } from "@batchbrake/core/program/rollBack"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { errorOf, type Failure } from "./Failure.ts"
import { baseOf, forgeOf } from "./forge.ts"
import type { Given } from "./Given.ts"
import type { Line } from "./Page.ts"
import type { World } from "./World.ts"

/** What came of asking. The rollback stands in any case. */
export interface Asked {
  /** The address; `undefined`: there is none. */
  readonly address: string | undefined
  readonly failure: Failure | undefined
  readonly text: ReadonlyArray<Line>
}

/**
 * Where and as whom it would be asked: read before anything is written, since a token that is missing is no reason to be
 * left with a branch and no pull request.
 */
export const prepareRequest = Effect.fn("prepareRequest")(function* (
  given: Given,
  world: World,
  contentBranch: string | undefined
) {
  const forge = yield* forgeOf(given, world, "a pull request needs a token with pull_requests: write")
  const base = yield* baseOf(given, world, contentBranch)
  return Effect.fn("requestRollback")(function* (origin: Origin, done: RolledBack, reason: string) {
    const opened = yield* Effect.result(Effect.provide(askForRollback(done, base, reason), forge))
    if (Result.isFailure(opened)) return failed(undefined, opened.failure)
    if (opened.success === undefined) return nothing
    const { created, pullRequest } = opened.success
    const { address } = pullRequest
    const recorded = yield* Effect.result(recordRollbackRequest({ ...origin, nonce: world.random() }, done, address))
    const found: Line = `pull request ${address}${created ? "" : ", open already"}`
    if (Result.isSuccess(recorded)) return { address, failure: undefined, text: [found] } satisfies Asked
    const { failure, text } = failed(address, recorded.failure)
    const order = `batchbrake batch proposed ${done.id} --rollback --pull-request ${address}`
    return { address, failure, text: [found, ...text, `it is not on record: \`${order}\``] } satisfies Asked
  })
})

const nothing: Asked = { address: undefined, failure: undefined, text: [] }

const failed = (address: string | undefined, failure: Failure): Asked => ({
  address,
  failure,
  text: [{ colour: "red", text: `the rollback stands; ${errorOf(failure).message}` }]
})
