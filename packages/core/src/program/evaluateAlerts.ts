/**
 * One look at everything that alerts are raised for, written to the book that the metrics store keeps, and told. Of several
 * that look at once each change is one's own: the book is swapped first, and only who wrote a change tells it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Notice, notice } from "../control/Notice.ts"
import type { Policy } from "../policy/Policy.ts"
import { MetricsStore } from "../port/MetricsStore.ts"
import { Notifier } from "../port/Notifier.ts"
import type * as Alert from "../sli/Alert.ts"
import * as AlertBook from "../sli/AlertBook.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import { type Evidence, gatherEvidence, lookAt, unreadOf } from "./gatherEvidence.ts"

/** How often a book is read again because somebody else wrote it. */
const MOST_SWAPS = 8
/** All telling together takes no longer than this. */
const TELLING_MILLIS = 30_000
const AT_ONCE = 4

interface Written {
  readonly book: AlertBook.Book
  readonly changes: ReadonlyArray<Alert.Change>
  readonly notices: ReadonlyArray<Notice>
  /** Whether the book on record is this one, so that its changes may be told. */
  readonly isKept: boolean
}

const notKept = (
  written: Omit<Written, "isKept" | "notices">,
  why: string,
  notices: ReadonlyArray<Notice>
): Written => ({
  ...written,
  isKept: false,
  notices: [
    ...notices,
    notice("alerts-not-kept", "warning", `${why}: nothing is remembered of this look, and nobody told`)
  ]
})

/** One try: the book is read, the look held against it, and the outcome swapped in. `undefined`: somebody was faster. */
const tryOnce = Effect.fn("tryOnce")(function* (policy: Policy, at: EpochMillis, evidence: Evidence) {
  const store = yield* MetricsStore
  const record = yield* store.alerts
  const read = AlertBook.parse(record.text)
  const book = Result.isSuccess(read) ? read.success : AlertBook.inPlaceOf(record.text)
  if (book.evaluatedAt !== undefined && book.evaluatedAt > at) {
    const message = `the newest look is of ${format(book.evaluatedAt)}: what stood then is shown, and this look changes nothing`
    const older: Written = { book, changes: [], isKept: false, notices: [notice("alerts-older", "info", message)] }
    return Option.some(older)
  }
  const looked = lookAt(policy, at, evidence, book)
  // Of a book that cannot be read nobody knows what was told: all that stands is taken over in silence.
  const changes = Result.isSuccess(read) ? looked.changes : []
  const next = AlertBook.withNews(looked.book, changes, at)
  if (!(yield* store.swapAlerts(record.version, AlertBook.encode(next)))) return Option.none<Written>()
  const notices = Result.isSuccess(read)
    ? []
    : [
        notice(
          "alerts-unreadable",
          "warning",
          "the alerts on record could not be read and were set aside; what stands now is taken over, and nobody is told of it twice"
        )
      ]
  const written: Written = { book: next, changes, isKept: true, notices }
  return Option.some(written)
})

const write = Effect.fn("writeAlerts")(function* (policy: Policy, at: EpochMillis, evidence: Evidence) {
  const unkept = lookAt(policy, at, evidence, AlertBook.empty)
  return yield* Effect.gen(function* () {
    for (let swaps = 0; swaps < MOST_SWAPS; swaps++) {
      const written = yield* tryOnce(policy, at, evidence)
      if (Option.isSome(written)) return written.value
    }
    return notKept({ ...unkept, changes: [] }, `others wrote the alerts ${MOST_SWAPS} times meanwhile`, [])
  }).pipe(Effect.catch((failure) => Effect.succeed(notKept({ ...unkept, changes: [] }, failure.message, []))))
})

const isDue = (change: Alert.Change, { changes }: Written, at: EpochMillis): boolean =>
  changes.includes(change) || at - change.at >= AlertBook.OTHERS_MILLIS

/** Tells what is due, within the time that telling may take, and takes off the book what was heard. */
const tell = Effect.fn("tellAlerts")(function* (written: Written, at: EpochMillis) {
  const notifier = Option.getOrUndefined(yield* Effect.serviceOption(Notifier))
  const due = written.book.undelivered.filter((change) => isDue(change, written, at))
  if (notifier === undefined || !written.isKept || due.length === 0) return { notices: [], told: 0 }
  const told = new Set<string>()
  const failures: Array<string> = []
  const each = (change: Alert.Change) =>
    notifier.tell(AlertBook.idOf(change), change).pipe(
      Effect.match({
        onFailure: ({ detail }) => void failures.push(detail),
        onSuccess: () => void told.add(AlertBook.idOf(change))
      })
    )
  yield* Effect.forEach(due, each, { concurrency: AT_ONCE, discard: true }).pipe(Effect.timeoutOption(TELLING_MILLIS))
  if (told.size > 0) yield* strike(told)
  const missed = due.length - told.size
  const why = failures[0] ?? `no more than ${TELLING_MILLIS / 1000} s are spent on it`
  const message = `${notifier.name}: ${missed} of ${due.length} not delivered: ${why}; the next look tells them`
  return { notices: missed === 0 ? [] : [notice("not-delivered", "warning", message)], told: told.size }
})

/** Told changes come off whatever book stands now. Where that fails they may be told again, under the same ID. */
const strike = Effect.fn("strikeTold")(
  function* (told: ReadonlySet<string>) {
    const store = yield* MetricsStore
    for (let swaps = 0; swaps < MOST_SWAPS; swaps++) {
      const record = yield* store.alerts
      const book = AlertBook.parse(record.text)
      if (Result.isFailure(book)) return
      if (yield* store.swapAlerts(record.version, AlertBook.encode(AlertBook.withoutTold(book.success, told)))) return
    }
  },
  (struck) => Effect.ignore(struck)
)

/** Looks at everything, keeps what stands, tells what changed. Only a fault of ours fails it. */
export const evaluateAlerts = Effect.fn("evaluateAlerts")(function* (policy: Policy, at: EpochMillis) {
  const { evidence, notices, store } = yield* gatherEvidence(policy, at)
  const written = yield* write(policy, at, evidence)
  const { notices: untold, told } = yield* tell(written, at)
  return {
    alerts: written.book.alerts,
    changes: written.changes,
    isKept: written.isKept,
    notices: [...notices, ...written.notices, ...untold],
    store,
    told,
    undelivered: written.book.undelivered.length - told,
    /** What nobody could look at, so that no alert does not mean no trouble. */
    unread: unreadOf(evidence)
  }
})
