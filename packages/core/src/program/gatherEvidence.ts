/** What alerts are judged from: figures, control file, edits by hand and batches, as far as each can be read. */
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Result from "effect/Result"
import * as Budget from "../budget/Budget.ts"
import { advance } from "../control/Control.ts"
import { breakerOf, type ControlFile } from "../control/ControlFile.ts"
import { notice } from "../control/Notice.ts"
import type { Policy } from "../policy/Policy.ts"
import * as Alert from "../sli/Alert.ts"
import * as AlertBook from "../sli/AlertBook.ts"
import {
  batchSignals,
  type ControlSeen,
  controlSignals,
  handEditOf,
  handEditSignal,
  staleSignal,
  type WaitingBatch
} from "../sli/controlSignals.ts"
import type { EcosystemSli } from "../sli/EcosystemSli.ts"
import { metricsSignals, strangerSignal } from "../sli/metricsSignals.ts"
import type { Condition, Signal } from "../sli/Signal.ts"
import { type EpochMillis, parse } from "../time/Instant.ts"
import type { Loaded } from "./loadControl.ts"
import { listBatches } from "./readBatches.ts"
import { type Closings, readClosings } from "./readClosings.ts"
import { PERIOD_MILLIS } from "./readMetrics.ts"
import { readSli, type Stranger } from "./readSli.ts"

/** What can be read of everything but the book. */
export interface Evidence {
  readonly slis: ReadonlyArray<EcosystemSli>
  readonly strangers: ReadonlyArray<Stranger>
  readonly control: Loaded | undefined
  readonly edit: Signal | undefined
  readonly batches: ReadonlyArray<WaitingBatch> | undefined
  readonly isMetricsRead: boolean
  /** When breakers closed, by the log, where that was worth reading. */
  readonly closings: Closings
}

const waitingOf = ({ manifests }: Effect.Success<ReturnType<typeof listBatches>>): ReadonlyArray<WaitingBatch> =>
  manifests.flatMap(({ id, opened_at, state }) =>
    state === "open" || state === "sealed" ? [{ id, openedAt: parse(opened_at) ?? 0, state }] : []
  )

/** Reads everything. What does not answer is said, and looked past. */
export const gatherEvidence = Effect.fn("gatherEvidence")(function* (policy: Policy, at: EpochMillis) {
  const ecosystems = Object.keys(policy.ecosystems)
  const sli = yield* readSli({ at, ecosystems, policy, windowMillis: PERIOD_MILLIS })
  const batches = yield* Effect.result(listBatches())
  const control = Result.getOrUndefined(sli.control)
  const isUnreadable = Result.isFailure(sli.control) && sli.control.failure._tag === "ControlUnreadable"
  const seen = control === undefined ? undefined : handEditOf(control.edit)
  const closed = control === undefined ? undefined : yield* readClosings(policy, control, at)
  const evidence: Evidence = {
    batches: Result.isSuccess(batches) ? waitingOf(batches.success) : undefined,
    closings: closed?.closings ?? {},
    control,
    edit: isUnreadable
      ? handEditSignal("unreadable", [])
      : seen === undefined
        ? undefined
        : handEditSignal(seen.edit, seen.paths),
    isMetricsRead: sli.isMetricsRead,
    slis: sli.slis,
    strangers: sli.strangers
  }
  const notices = [
    ...sli.notices,
    ...(closed?.notices ?? []),
    ...(Result.isFailure(batches) && Result.isSuccess(sli.control)
      ? [notice("batches-unread", "warning", batches.failure.message)]
      : [])
  ]
  return { evidence, notices, store: sli.store }
})

/** When the control branch began, while its ledger remembers. */
const begunAt = ({ control }: Loaded): EpochMillis | undefined =>
  [...HashMap.values(control.ledger.identities)].find(({ identity }) => /^(?:Initialised|Imported) /.test(identity))?.at

const controlSeen = (policy: Policy, file: ControlFile): ControlSeen => ({
  breakers: Object.fromEntries(Object.keys(policy.ecosystems).map((name) => [name, breakerOf(file, name)])),
  minutes: Budget.committed(file.budget)
})

const staleSignals = ({ control, slis }: Evidence, policy: Policy, at: EpochMillis): ReadonlyArray<Signal> => {
  const begun = control === undefined ? undefined : begunAt(control)
  return slis.map(({ ecosystem, newestRunAt }) =>
    staleSignal({
      at,
      begunAt: begun,
      ecosystem,
      isControlRead: control !== undefined,
      newestRunAt,
      staleMillis: policy.alerts.staleMillis
    })
  )
}

/** What did not answer, by what it would have said something of. */
export const unreadOf = ({ batches, control, edit, isMetricsRead }: Evidence): ReadonlyArray<Condition> => [
  ...(isMetricsRead
    ? []
    : (["success-rate", "slow-validation", "burn-rate", "error-budget", "anomaly"] satisfies ReadonlyArray<Condition>)),
  ...(control === undefined ? (["breaker-open", "flapping", "minutes-budget"] satisfies ReadonlyArray<Condition>) : []),
  ...(isMetricsRead || control !== undefined ? [] : (["stale"] satisfies ReadonlyArray<Condition>)),
  ...(edit === undefined ? (["hand-edit"] satisfies ReadonlyArray<Condition>) : []),
  ...(batches === undefined ? (["open-batch"] satisfies ReadonlyArray<Condition>) : [])
]

/** The book after a look, and what changed. */
export const lookAt = (policy: Policy, at: EpochMillis, evidence: Evidence, book: AlertBook.Book) => {
  const { batches, control, edit, isMetricsRead, slis, strangers } = evidence
  const file = control === undefined ? undefined : advance(policy, control.control.file, at).file
  const seen = file === undefined ? undefined : controlSeen(policy, file)
  const closings = AlertBook.withClosings(book.closings, seen?.breakers ?? {}, at, evidence.closings)
  const signals = [
    ...(isMetricsRead ? slis.flatMap((sli) => metricsSignals(sli, policy.alerts.minimumAttempts)) : []),
    ...strangers.map(({ ecosystem, unexplained }) => strangerSignal(ecosystem, unexplained)),
    ...(seen === undefined ? [] : controlSignals(policy, seen, closings, at)),
    ...(isMetricsRead || control !== undefined ? staleSignals(evidence, policy, at) : []),
    ...(edit === undefined ? [] : [edit]),
    ...batchSignals(batches ?? [], at, policy.alerts.openBatchMillis)
  ]
  const step = Alert.step(book.alerts, { at, signals, unread: unreadOf(evidence) })
  return { book: { ...book, alerts: step.alerts, closings, evaluatedAt: at }, changes: step.changes }
}
