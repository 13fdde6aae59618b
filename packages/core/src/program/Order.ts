/** What a program wants written, and what came of it. */
import type * as Result from "effect/Result"
import type { Control } from "../control/Control.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import type { Reduced } from "../control/Reducer.ts"
import type { Rejection } from "../control/Rejection.ts"
import type { Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { Edit, Loaded } from "./loadControl.ts"

/** How long a writer keeps trying, whether it steps back between attempts, and what it makes of a store out of reach. */
export interface Patience {
  readonly giveUpAfterMillis: number
  readonly backOff: boolean
  /** So many failures to reach the store in a row are tried over; the next one is the answer. */
  readonly unreachableTimes: number
}

/** A run's report can wait a little for its turn; a store that is out of reach is said soon. */
export const ORDINARY: Patience = { backOff: true, giveUpAfterMillis: 240_000, unreachableTimes: 2 }
/** A person's stop goes first: no stepping back for other writers, and five minutes until it is confirmed. */
export const URGENT: Patience = {
  backOff: false,
  giveUpAfterMillis: 300_000,
  unreachableTimes: Number.POSITIVE_INFINITY
}

/** What is to be written, given the newest state. Asked again on every attempt, so it must be pure. */
export interface Draft<A> {
  readonly events: ReadonlyArray<ControlEvent>
  readonly answer: A
  /** Files that change with the events, beside those of the control file. Only what the order asked to be read. */
  readonly files?: ReadonlyMap<string, string>
}

/** One write: who, when, under which policy, and what. Time, author and nonce are fixed here, not per attempt. */
export interface Order<A> {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly author: string
  /** Random, at least 64 bits: names this writer in the log and in the ledger. */
  readonly nonce: string
  /** The ecosystems whose ledgers the draft looks at; those of its events are read in any case. */
  readonly ecosystems: ReadonlyArray<string>
  /** Files of the control branch that the draft looks at or changes, beside the control file's. */
  readonly files?: ReadonlyArray<string>
  /** Directories of which it looks at every file. */
  readonly trees?: ReadonlyArray<string>
  readonly patience: Patience
  readonly draft: (loaded: Loaded) => Result.Result<Draft<A>, Rejection>
  readonly subject: (outcomes: ReadonlyArray<Reduced>, answer: A) => string
  /** Whether these loosened fields may be written over. Default: none. */
  readonly standsFor?: (loosenings: Edit["loosenings"]) => boolean
}

/** What came of a write. */
export interface Committed<A> {
  readonly answer: A
  /** One an event of the draft, in order. */
  readonly outcomes: ReadonlyArray<Reduced>
  readonly control: Control
}
