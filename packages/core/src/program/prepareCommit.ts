import * as Result from "effect/Result"
import type { Control } from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as Identity from "../control/Identity.ts"
import { type Reduced, reduce } from "../control/Reducer.ts"
import type { Rejection } from "../control/Rejection.ts"
import type { Policy } from "../policy/Policy.ts"
import { type Change, CONTROL_PATH } from "../port/ControlStore.ts"
import { type Loaded, policyPath } from "./loadControl.ts"
import type { Committed, Draft, Order } from "./Order.ts"

/** A draft, reduced on the newest state. */
export interface Prepared<A> extends Committed<A> {
  /** `undefined`: there is nothing to write. */
  readonly change: Change | undefined
}

/** Events that come before the draft's: the policy's first use, and an edit by hand that is honoured. */
const preface = <A>(
  order: Order<A>,
  loaded: Loaded,
  drafted: ReadonlyArray<ControlEvent>
): ReadonlyArray<ControlEvent> => {
  const origin = { at: order.at, author: order.author }
  const adopts = drafted.some((event) => event._tag === "HandEditAdopted")
  return [
    ...(loaded.edit === undefined || adopts
      ? []
      : [
          {
            ...origin,
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
      : [{ ...origin, _tag: "PolicyAdopted" as const, hash: order.policy.hash }])
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

/** The control file, the ledgers that grew, and the policy unless it is there: also after somebody removed it by hand. */
const filesOf = <A>(
  order: Order<A>,
  loaded: Loaded,
  control: Control,
  added: ReadonlyArray<Identity.Identity>
): ReadonlyMap<string, string | undefined> => {
  const path = policyPath(order.policy.hash)
  return new Map<string, string | undefined>([
    [CONTROL_PATH, ControlCodec.encode(control.file)],
    ...Identity.changes(loaded.snapshot.files, control.ledger, added),
    ...(loaded.snapshot.files.has(path) ? [] : [[path, `${JSON.stringify(order.policy.normal, null, 2)}\n`] as const])
  ])
}

/** Reduces a draft on the newest state, and says what would have to be written. Pure. */
export const prepareCommit = <A>(
  order: Order<A>,
  loaded: Loaded,
  { answer, events, files = new Map() }: Draft<A>,
  nonce: string
): Result.Result<Prepared<A>, Rejection> => {
  const all = [...preface(order, loaded, events), ...events]
  return Result.map(fold(order.policy, loaded.control, all, nonce), (reduced) => {
    const outcomes = reduced.slice(all.length - events.length)
    const control = reduced.at(-1)?.control ?? loaded.control
    if (!outcomes.some(({ identity }) => identity !== undefined)) {
      return { answer, change: undefined, control, outcomes }
    }
    const added = reduced.flatMap(({ identity }) => (identity === undefined ? [] : [identity]))
    const message = (digest: string): string =>
      ControlLog.render(order.subject(outcomes, answer), {
        control: digest,
        events: all.filter((_, index) => reduced[index]?.identity !== undefined),
        nonce,
        policy: order.policy.hash
      })
    const changed = new Map([...filesOf(order, loaded, control, added), ...files])
    return { answer, change: { files: changed, message }, control, outcomes }
  })
}
