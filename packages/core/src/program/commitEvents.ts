import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { type ControlEvent, scopeOf } from "../control/ControlEvent.ts"
import { EVERYTHING } from "../control/Pause.ts"
import type { Rejection } from "../control/Rejection.ts"
import { ControlStore, type StoreUnavailable, type VersionConflict } from "../port/ControlStore.ts"
import { EventRejected, GaveUp, UnexplainedEdit } from "./Failure.ts"
import { type Loaded, loadControl, policyPath } from "./loadControl.ts"
import type { Committed, Draft, Order } from "./Order.ts"
import { prepareCommit } from "./prepareCommit.ts"

/** The attempt of ours that the newest state already holds, when the answer to a write was lost. */
const landed = <A>(loaded: Loaded, lost: ReadonlyMap<string, Committed<A>>): Committed<A> | undefined => {
  if (lost.size === 0) return undefined
  for (const identity of HashMap.values(loaded.control.ledger.identities)) {
    const found = lost.get(identity.nonce)
    if (found !== undefined) return found
  }
  return undefined
}

const FIRST_STEP_MILLIS = 100
/** Short enough that a writer who lost often is not left behind by those who come fresh. */
const LONGEST_STEP_MILLIS = 2000

/** Full jitter: anywhere from nothing to the step, which doubles. Source: M. Brooker, "Exponential Backoff And Jitter". */
const stepBack = (attempt: number): Effect.Effect<void> =>
  Effect.flatMap(Random.nextBetween(0, Math.min(LONGEST_STEP_MILLIS, FIRST_STEP_MILLIS * 2 ** attempt)), (millis) =>
    Effect.sleep(millis)
  )

const asFailure = <A>(result: Result.Result<A, Rejection>): Effect.Effect<A, EventRejected> =>
  Result.isSuccess(result)
    ? Effect.succeed(result.success)
    : Effect.fail(new EventRejected({ code: result.failure.code, detail: result.failure.message }))

const REPEATABLE = ["BatchSealed", "BatchMerged", "BatchRolledBack", "BatchAdopted"]

/**
 * Whether the same command makes the same events: those of a run and of a batch that is there do, while a person's
 * order has an identity of its own, and a second opening opens a second batch.
 */
const isRepeatable = (events: ReadonlyArray<ControlEvent>): boolean =>
  events.every((event) => ("runKey" in event && event._tag !== "LeaseExtended") || REPEATABLE.includes(event._tag))

/** One order on its way, from attempt to attempt. */
interface Writing<A> {
  /** The ledgers to read: a shard that was not read must not be written. */
  readonly scopes: Set<string>
  /** Attempts whose answer was lost. */
  readonly lost: Map<string, Committed<A>>
  last: VersionConflict | StoreUnavailable | undefined
  /** Failures to reach the store since it last answered a write. */
  unreachable: number
  repeatable: boolean
}

/**
 * Decides about a store out of reach: once more, or that is the answer, at once where only a person can mend it. A lost
 * answer is sought until the time is up.
 */
const tryOver = <A>(
  order: Order<A>,
  writing: Writing<A>,
  failure: StoreUnavailable
): Effect.Effect<undefined, StoreUnavailable> => {
  writing.unreachable++
  writing.last = failure
  const enough = failure.permanent === true || writing.unreachable > order.patience.unreachableTimes
  return writing.lost.size === 0 && enough ? Effect.fail(failure) : Effect.undefined
}

/** The draft on the newest state; `undefined` where ledgers of its events have yet to be read. */
const draftOn = Effect.fn("draftOn")(function* <A>(order: Order<A>, writing: Writing<A>, loaded: Loaded) {
  const store = yield* ControlStore
  const loosenings = loaded.edit?.loosenings ?? []
  if (loosenings.length > 0 && order.standsFor?.(loosenings) !== true) {
    return yield* new UnexplainedEdit({ paths: loosenings.map(({ path }) => path), store: store.name })
  }
  const draft: Draft<A> = yield* asFailure(order.draft(loaded))
  writing.repeatable = isRepeatable(draft.events)
  const unread = draft.events.map(scopeOf).filter((scope) => !writing.scopes.has(scope))
  for (const scope of unread) writing.scopes.add(scope)
  return unread.length > 0 ? undefined : draft
})

/** Reads, reduces, writes, once; `undefined` for not yet. */
const attemptOnce = Effect.fn("attemptOnce")(function* <A>(order: Order<A>, writing: Writing<A>, nonce: string) {
  const store = yield* ControlStore
  const files = [policyPath(order.policy.hash), ...(order.files ?? [])]
  const read = yield* Effect.result(loadControl([...writing.scopes], files, order.trees))
  if (Result.isFailure(read)) {
    return read.failure._tag === "StoreUnavailable" ? yield* tryOver(order, writing, read.failure) : yield* read.failure
  }
  const found = landed(read.success, writing.lost)
  if (found !== undefined) return found
  const draft = yield* draftOn(order, writing, read.success)
  if (draft === undefined) return undefined
  const { change, ...committed } = yield* asFailure(prepareCommit(order, read.success, draft, nonce))
  if (change === undefined) return committed
  const written = yield* Effect.result(store.commit(read.success.snapshot.version, change))
  if (Result.isSuccess(written)) return committed
  if (written.failure._tag === "StoreUnavailable") {
    if (written.failure.mayHaveLanded) writing.lost.set(nonce, committed)
    return yield* tryOver(order, writing, written.failure)
  }
  if (written.failure._tag !== "VersionConflict") return yield* written.failure
  writing.last = written.failure
  writing.unreachable = 0
  return undefined
})

/**
 * Read, reduce, write; when another writer was first, read and reduce again, until it is written or the time is up.
 * A write whose answer was lost is looked for before anything is repeated: no event is lost, none is applied twice.
 */
export const commitEvents = Effect.fn("commitEvents")(function* <A>(order: Order<A>) {
  const store = yield* ControlStore
  const started = yield* Clock.currentTimeMillis
  const writing: Writing<A> = {
    last: undefined,
    lost: new Map(),
    repeatable: true,
    scopes: new Set([EVERYTHING, ...order.ecosystems]),
    unreachable: 0
  }
  for (let attempt = 0; ; attempt++) {
    const { last, lost, repeatable } = writing
    const elapsed = (yield* Clock.currentTimeMillis) - started
    if (last !== undefined && elapsed >= order.patience.giveUpAfterMillis) {
      return yield* new GaveUp({
        attempts: attempt,
        detail: last.message,
        repeatable,
        seconds: Math.round(elapsed / 1000),
        store: store.name,
        uncertain: lost.size > 0
      })
    }
    if (last !== undefined && (order.patience.backOff || last._tag === "StoreUnavailable")) {
      yield* stepBack(Math.min(attempt, 10))
    }
    const committed = yield* attemptOnce(order, writing, `${order.nonce}-${attempt}`)
    if (committed !== undefined) return committed
  }
})
