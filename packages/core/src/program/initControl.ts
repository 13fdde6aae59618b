import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Control from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import { type ControlEvent, identityOf } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as Identity from "../control/Identity.ts"
import { EVERYTHING } from "../control/Pause.ts"
import { reduce } from "../control/Reducer.ts"
import type { JsonObject } from "../json/Json.ts"
import type { Policy } from "../policy/Policy.ts"
import { CONTROL_PATH, ControlStore } from "../port/ControlStore.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { EventRejected } from "./Failure.ts"
import { loadControl, policyPath } from "./loadControl.ts"

/** How the control branch begins: empty, or with a published control file. */
export interface Beginning {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly author: string
  readonly nonce: string
  readonly published: JsonObject | undefined
}

const firstEvent = ({ at, author, nonce, published }: Beginning): ControlEvent =>
  published === undefined
    ? { _tag: "Initialised", at, author, id: nonce }
    : { _tag: "Imported", at, author, control: published, id: nonce }

const begin = Effect.fn("begin")(function* (beginning: Beginning) {
  const { at, author, nonce, policy } = beginning
  const store = yield* ControlStore
  const events: ReadonlyArray<ControlEvent> = [
    firstEvent(beginning),
    { _tag: "PolicyAdopted", at, author, hash: policy.hash }
  ]
  let control = Control.initial
  const added: Array<Identity.Identity> = []
  for (const event of events) {
    const reduced = reduce(policy, control, event, nonce)
    if (Result.isFailure(reduced)) {
      return yield* new EventRejected({ code: reduced.failure.code, detail: reduced.failure.message })
    }
    control = reduced.success.control
    if (reduced.success.identity !== undefined) added.push(reduced.success.identity)
  }
  yield* store.commit(undefined, {
    files: new Map<string, string | undefined>([
      [CONTROL_PATH, ControlCodec.encode(control.file)],
      [policyPath(policy.hash), `${JSON.stringify(policy.normal, null, 2)}\n`],
      ...Identity.changes(new Map(), control.ledger, added)
    ]),
    message: (digest) =>
      ControlLog.render(beginning.published === undefined ? "control branch begun" : "control file imported", {
        control: digest,
        events,
        nonce,
        policy: policy.hash
      })
  })
  return true
})

/**
 * Creates the control branch unless there is one; one that is there is joined, never written over. Of two that create
 * it at once one wins and the other joins. Answers whether it was created here.
 */
export const initControl = Effect.fn("initControl")(function* (beginning: Beginning) {
  const found = yield* loadControl([], []).pipe(
    Effect.as(true),
    Effect.catchTag("ControlMissing", () => Effect.succeed(false))
  )
  if (found) return { created: false }
  const ours = loadControl([EVERYTHING], []).pipe(
    Effect.map(({ control }) => Identity.find(control.ledger, identityOf(firstEvent(beginning))) !== undefined)
  )
  const created = begin(beginning).pipe(
    Effect.catchTag("VersionConflict", () => ours),
    Effect.catchTag("StoreUnavailable", (failure) =>
      // The answer was lost: there is a branch now, ours or another's, or it has to be tried again.
      failure.mayHaveLanded ? ours.pipe(Effect.catchTag("ControlMissing", () => Effect.fail(failure))) : failure
    ),
    Effect.retry({ times: 3, while: (error) => error._tag === "StoreUnavailable" && error.mayHaveLanded })
  )
  return { created: yield* created }
})
