import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { Control } from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as Identity from "../control/Identity.ts"
import { EVERYTHING } from "../control/Pause.ts"
import { type Reduced, reduce } from "../control/Reducer.ts"
import type { Rejection } from "../control/Rejection.ts"
import type { Policy } from "../policy/Policy.ts"
import { CONTROL_PATH, ControlStore, type StoreUnavailable, type VersionConflict } from "../port/ControlStore.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { EventRejected, GaveUp, UnexplainedEdit } from "./Failure.ts"
import { type Loaded, loadControl, policyPath } from "./loadControl.ts"

/** How long a writer keeps trying, and whether it steps back between attempts. */
export interface Patience {
  readonly giveUpAfterMillis: number
  readonly backOff: boolean
}

/** A run's report can wait a little for its turn. */
export const ORDINARY: Patience = { backOff: true, giveUpAfterMillis: 240_000 }
/** A person's stop goes first: no stepping back, five minutes. */
export const URGENT: Patience = { backOff: false, giveUpAfterMillis: 300_000 }

/** What is to be written, given the newest state. Asked again on every attempt, so it must be pure. */
export interface Draft<A> {
  readonly events: ReadonlyArray<ControlEvent>
  readonly answer: A
}

/** One write: who, when, under which policy, and what. Time, author and nonce are fixed here, not per attempt. */
export interface Order<A> {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly author: string
  /** Random, at least 64 bits: names this writer in the log and in the ledger. */
  readonly nonce: string
  /** The ecosystems whose ledgers the events need. */
  readonly ecosystems: ReadonlyArray<string>
  readonly patience: Patience
  readonly draft: (loaded: Loaded) => Result.Result<Draft<A>, Rejection>
  readonly subject: (outcomes: ReadonlyArray<Reduced>, answer: A) => string
  /** Whether these loosened fields may be written over. Default: none. */
  readonly standsFor?: (loosenings: NonNullable<Loaded["edit"]>["loosenings"]) => boolean
}

/** What came of a write. */
export interface Committed<A> {
  readonly answer: A
  /** One an event of the draft, in order. */
  readonly outcomes: ReadonlyArray<Reduced>
  readonly control: Control
}

interface Attempt<A> extends Committed<A> {
  readonly change: Parameters<ControlStore["Service"]["commit"]>[1] | undefined
}

/** Events that come before the draft's: the policy's first use, and an edit by hand that is honoured. */
const preface = <A>(
  order: Order<A>,
  loaded: Loaded,
  drafted: ReadonlyArray<ControlEvent>
): ReadonlyArray<ControlEvent> => {
  const common = { at: order.at, author: order.author }
  const adopts = drafted.some((event) => event._tag === "HandEditAdopted")
  return [
    ...(loaded.edit === undefined || adopts
      ? []
      : [
          {
            ...common,
            _tag: "HandEditAdopted" as const,
            control: ControlCodec.toJson(loaded.control.file),
            id: `${order.nonce}-edit`,
            reason:
              loaded.edit.loosenings.length === 0
                ? "only stricter than the last event left it, or neutral"
                : "stood for below"
          }
        ]),
    ...(loaded.snapshot.files.has(policyPath(order.policy.hash))
      ? []
      : [{ ...common, _tag: "PolicyAdopted" as const, hash: order.policy.hash }])
  ]
}

const fold = (
  policy: Policy,
  control: Control,
  events: ReadonlyArray<ControlEvent>,
  nonce: string
): Result.Result<ReadonlyArray<Reduced>, Rejection> => {
  const outcomes: Array<Reduced> = []
  let state = control
  for (const event of events) {
    const reduced = reduce(policy, state, event, nonce)
    if (Result.isFailure(reduced)) return Result.fail(reduced.failure)
    state = reduced.success.control
    outcomes.push(reduced.success)
  }
  return Result.succeed(outcomes)
}

/** Reduces a draft on the newest state, and says what would have to be written. Pure. */
const prepare = <A>(order: Order<A>, loaded: Loaded, nonce: string): Result.Result<Attempt<A>, Rejection> =>
  Result.flatMap(order.draft(loaded), ({ answer, events }) => {
    const before = preface(order, loaded, events)
    return Result.map(fold(order.policy, loaded.control, [...before, ...events], nonce), (all) => {
      const outcomes = all.slice(before.length)
      const control = all.at(-1)?.control ?? loaded.control
      const written = [...before, ...events].filter((_, index) => all[index]?.identity !== undefined)
      const added = all.flatMap(({ identity }) => (identity === undefined ? [] : [identity]))
      if (!outcomes.some(({ identity }) => identity !== undefined)) {
        return { answer, change: undefined, control, outcomes }
      }
      const files = new Map<string, string | undefined>([
        [CONTROL_PATH, ControlCodec.encode(control.file)],
        ...Identity.changes(loaded.snapshot.files, control.ledger, added)
      ])
      if (written.some((event) => event._tag === "PolicyAdopted")) {
        files.set(policyPath(order.policy.hash), `${JSON.stringify(order.policy.normal, null, 2)}\n`)
      }
      const message = (digest: string): string =>
        ControlLog.render(order.subject(outcomes, answer), {
          control: digest,
          events: written,
          nonce,
          policy: order.policy.hash
        })
      return { answer, change: { files, message }, control, outcomes }
    })
  })

/** The attempt of ours that the newest state already holds, when the answer to a write was lost. */
const landed = <A>(loaded: Loaded, lost: ReadonlyMap<string, Committed<A>>): Committed<A> | undefined => {
  for (const identity of HashMap.values(loaded.control.ledger.identities)) {
    const found = lost.get(identity.nonce)
    if (found !== undefined) return found
  }
  return undefined
}

const FIRST_STEP_MILLIS = 100
const LONGEST_STEP_MILLIS = 5000
const READS_AFTER_FAILURE = 2

/** Full jitter: anywhere from nothing to the step, which doubles. Source: M. Brooker, "Exponential Backoff And Jitter". */
const stepBack = (attempt: number): Effect.Effect<void> =>
  Effect.flatMap(Random.nextBetween(0, Math.min(LONGEST_STEP_MILLIS, FIRST_STEP_MILLIS * 2 ** attempt)), (millis) =>
    Effect.sleep(millis)
  )

/** One attempt on the newest state: reduced, and written if there is anything to write. */
const attemptOn = Effect.fn("attemptOn")(function* <A>(order: Order<A>, loaded: Loaded, nonce: string) {
  const store = yield* ControlStore
  const loosenings = loaded.edit?.loosenings ?? []
  if (loosenings.length > 0 && order.standsFor?.(loosenings) !== true) {
    return yield* new UnexplainedEdit({ paths: loosenings.map(({ path }) => path), store: store.name })
  }
  const prepared = prepare(order, loaded, nonce)
  if (Result.isFailure(prepared)) {
    return yield* new EventRejected({ code: prepared.failure.code, detail: prepared.failure.message })
  }
  return prepared.success
})

/**
 * Read, reduce, write; when another writer was first, read and reduce again, until it is written or the time is up.
 * A write whose answer was lost is looked for before anything is repeated: no event is lost, none is applied twice.
 */
export const commitEvents = Effect.fn("commitEvents")(function* <A>(order: Order<A>) {
  const store = yield* ControlStore
  const started = yield* Clock.currentTimeMillis
  const lost = new Map<string, Committed<A>>()
  const scopes = [EVERYTHING, ...new Set(order.ecosystems)]
  let failedReads = 0
  let last: VersionConflict | StoreUnavailable | undefined
  for (let attempt = 0; ; attempt++) {
    const elapsed = (yield* Clock.currentTimeMillis) - started
    if (last !== undefined && elapsed >= order.patience.giveUpAfterMillis) {
      return yield* new GaveUp({
        attempts: attempt,
        detail: last.message,
        seconds: Math.round(elapsed / 1000),
        store: store.name,
        uncertain: lost.size > 0
      })
    }
    if (attempt > 0 && (order.patience.backOff || last?._tag === "StoreUnavailable"))
      yield* stepBack(Math.min(attempt, 10))
    const read = yield* Effect.result(loadControl(scopes, [policyPath(order.policy.hash)]))
    if (Result.isFailure(read)) {
      failedReads++
      if (read.failure._tag !== "StoreUnavailable") return yield* read.failure
      if (lost.size === 0 && failedReads > READS_AFTER_FAILURE) return yield* read.failure
      last = read.failure
      continue
    }
    const found = landed(read.success, lost)
    if (found !== undefined) return found
    const nonce = `${order.nonce}-${attempt}`
    const { change, ...committed } = yield* attemptOn(order, read.success, nonce)
    if (change === undefined) return committed
    const written = yield* Effect.result(store.commit(read.success.snapshot.version, change))
    if (Result.isSuccess(written)) return committed
    const failure = written.failure
    if (failure._tag === "StoreUnavailable" && failure.mayHaveLanded) lost.set(nonce, committed)
    else if (failure._tag !== "VersionConflict") return yield* failure
    last = failure
  }
})
