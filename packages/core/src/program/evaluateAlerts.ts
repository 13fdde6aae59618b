/**
 * One look at everything that alerts are raised for, written to the book that the metrics store keeps, and told. Of several
 * that look at once each change is one's own: the book is swapped first, and only who wrote a change tells it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Notice, notice } from "../control/Notice.ts"
import type { Policy } from "../policy/Policy.ts"
import { MetricsStore, MetricsUnavailable } from "../port/MetricsStore.ts"
import { Notifier } from "../port/Notifier.ts"
import type * as Alert from "../sli/Alert.ts"
import * as AlertBook from "../sli/AlertBook.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import { type Evidence, gatherEvidence, lookAt, unreadOf } from "./gatherEvidence.ts"

/**
 * All that is asked of the metrics store for one look takes no longer than this, however often it is asked: a store that
 * hangs is found to hang once.
 */
export const ASKING_MILLIS = 30_000
/** How often a book is read again because somebody else wrote it. */
const MOST_SWAPS = 8
/** All telling together takes no longer than this. */
const TELLING_MILLIS = 30_000
const AT_ONCE = 4

interface Written {
  readonly book: AlertBook.Book
  readonly changes: ReadonlyArray<Alert.Change>
  readonly notices: ReadonlyArray<Notice>
  /** The newest look of the book that this look goes on from; later than this one where it changes nothing. */
  readonly lastLookAt: EpochMillis | undefined
  /** Whether the book on record is this one, so that its changes may be told. */
  readonly isKept: boolean
  /** What this look tells, a queue an alert, and which of it may have been heard before. */
  readonly queues: ReadonlyArray<ReadonlyArray<Alert.Change>>
  readonly before: ReadonlyArray<string>
}

interface Asked {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly evidence: Evidence
  /** What stands as far as anything but the book remembers: counts where the book knows of no look. */
  readonly remembered: ReadonlyArray<Alert.Alert>
}

const SILENT = { before: [], queues: [] }

const notKept = (written: Pick<Written, "book" | "changes">, why: string, notices: ReadonlyArray<Notice>): Written => ({
  ...SILENT,
  ...written,
  isKept: false,
  lastLookAt: undefined,
  notices: [
    ...notices,
    notice("alerts-not-kept", "warning", `${why}: nothing is remembered of this look, and nobody told`)
  ]
})

/** One try: the book is read, the look held against it, and the outcome swapped in. `undefined`: somebody was faster. */
const tryOnce = Effect.fn("tryOnce")(function* ({ at, evidence, policy, remembered }: Asked) {
  const store = yield* MetricsStore
  const record = yield* store.alerts
  const read = AlertBook.parse(record.text)
  const found = Result.isSuccess(read) ? read.success : AlertBook.inPlaceOf(record.text)
  const book = AlertBook.remembering(found, remembered)
  if (book.evaluatedAt !== undefined && book.evaluatedAt > at) {
    const message = `the newest look is of ${format(book.evaluatedAt)}: what stood then is shown, and this look changes nothing`
    const older: Written = {
      ...SILENT,
      book,
      changes: [],
      isKept: false,
      lastLookAt: book.evaluatedAt,
      notices: [notice("alerts-older", "info", message)]
    }
    return Option.some(older)
  }
  const looked = lookAt(policy, at, evidence, book)
  // Of a book that cannot be read nobody knows what was told: all that stands is taken over in silence.
  const changes = Result.isSuccess(read) ? looked.changes : []
  const news = AlertBook.withNews(looked.book, changes, at)
  const fresh = new Set(changes.map(AlertBook.idOf))
  const queues = Option.isNone(yield* Effect.serviceOption(Notifier)) ? [] : AlertBook.queuesOf(news, fresh, at)
  // Written before anybody is told: whoever ends in between has perhaps been heard.
  const next = AlertBook.withBegun(news, queues.flat())
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
  const written: Written = {
    before: news.perhapsHeard,
    book: next,
    changes,
    isKept: true,
    lastLookAt: book.evaluatedAt,
    notices,
    queues
  }
  return Option.some(written)
})

const write = Effect.fn("writeAlerts")(function* (asked: Asked) {
  const { at, evidence, policy, remembered } = asked
  const unkept = lookAt(policy, at, evidence, AlertBook.remembering(AlertBook.empty, remembered))
  return yield* Effect.gen(function* () {
    for (let swaps = 0; swaps < MOST_SWAPS; swaps++) {
      const written = yield* tryOnce(asked)
      if (Option.isSome(written)) return written.value
    }
    return notKept({ ...unkept, changes: [] }, `others wrote the alerts ${MOST_SWAPS} times meanwhile`, [])
  }).pipe(Effect.catch((failure) => Effect.succeed(notKept({ ...unkept, changes: [] }, failure.message, []))))
})

interface Told {
  readonly told: Set<string>
  /** Refused for certain, or never begun. */
  readonly unheard: Set<string>
  readonly failures: Array<string>
}

/**
 * Tells the changes of one alert in their order: none before the one ahead of it is done with. One that was refused keeps
 * back what follows it; after one that was perhaps heard the next one goes, and being taken makes up for it.
 */
const tellInOrder = (notifier: Notifier["Service"], queue: ReadonlyArray<Alert.Change>, outcome: Told) =>
  Effect.gen(function* () {
    for (const [place, change] of queue.entries()) {
      const id = AlertBook.idOf(change)
      const isFirstTime = outcome.unheard.delete(id)
      const tried = yield* Effect.result(notifier.tell(id, change))
      if (Result.isSuccess(tried)) {
        for (const done of queue.slice(0, place + 1)) outcome.told.add(AlertBook.idOf(done))
        continue
      }
      outcome.failures.push(tried.failure.detail)
      if (tried.failure.mayBeHeard) continue
      if (isFirstTime) outcome.unheard.add(id)
      return
    }
  })

/** Tells what is due, within the time that telling may take, and takes off the book what was heard. */
const tell = Effect.fn("tellAlerts")(function* ({ before, isKept, queues }: Written) {
  const notifier = Option.getOrUndefined(yield* Effect.serviceOption(Notifier))
  const due = queues.flat().map(AlertBook.idOf)
  if (notifier === undefined || !isKept || due.length === 0) return { notices: [], told: 0 }
  const known = new Set(before)
  const outcome: Told = { failures: [], told: new Set(), unheard: new Set(due.filter((id) => !known.has(id))) }
  yield* Effect.forEach(queues, (queue) => tellInOrder(notifier, queue, outcome), {
    concurrency: AT_ONCE,
    discard: true
  }).pipe(Effect.timeoutOption(TELLING_MILLIS))
  if (outcome.told.size + outcome.unheard.size > 0) yield* strike(outcome)
  const missed = due.length - outcome.told.size
  const why = outcome.failures[0] ?? `no more than ${TELLING_MILLIS / 1000} s are spent on it`
  const message = `${notifier.name}: ${missed} of ${due.length} not delivered: ${why}; the next look tells them`
  return { notices: missed === 0 ? [] : [notice("not-delivered", "warning", message)], told: outcome.told.size }
})

/** Told changes come off whatever book stands now. Where that fails they may be told again, under the same ID. */
const strike = Effect.fn("strikeTold")(
  function* (outcome: AlertBook.Outcome) {
    const store = yield* MetricsStore
    for (let swaps = 0; swaps < MOST_SWAPS; swaps++) {
      const record = yield* store.alerts
      const book = AlertBook.parse(record.text)
      if (Result.isFailure(book)) return
      const next = AlertBook.encode(AlertBook.withOutcome(book.success, outcome))
      if (yield* store.swapAlerts(record.version, next)) return
    }
  },
  (struck) => Effect.ignore(struck)
)

/** A store that answers until an instant of the clock, and is out of reach from then on. */
const until = (store: MetricsStore["Service"], deadline: number): MetricsStore["Service"] => {
  const late = Effect.fail(
    new MetricsUnavailable({ detail: `no answer within ${ASKING_MILLIS / 1000} s`, store: store.name })
  )
  const bounded = <A, E>(asked: Effect.Effect<A, E>): Effect.Effect<A, E | MetricsUnavailable> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now >= deadline ? late : Effect.timeoutOrElse(asked, { duration: deadline - now, orElse: () => late })
    )
  return {
    alerts: bounded(store.alerts),
    horizon: bounded(store.horizon),
    ingest: (runs) => bounded(store.ingest(runs)),
    name: store.name,
    platformTotals: (span) => bounded(store.platformTotals(span)),
    prune: (before) => bounded(store.prune(before)),
    restore: (runs) => bounded(store.restore(runs)),
    runs: (wanted) => bounded(store.runs(wanted)),
    swapAlerts: (expected, text) => bounded(store.swapAlerts(expected, text)),
    totals: (span) => bounded(store.totals(span))
  }
}

/**
 * Looks at everything, keeps what stands, tells what changed. Only a fault of ours fails it. `remembered`: the alerts that
 * stood when something outside was written, such as the open issues; where no book remembers, the look goes on from them.
 */
export const evaluateAlerts = Effect.fn("evaluateAlerts")(function* (
  policy: Policy,
  at: EpochMillis,
  remembered: ReadonlyArray<Alert.Alert> = []
) {
  const asked = until(yield* MetricsStore, (yield* Clock.currentTimeMillis) + ASKING_MILLIS)
  const { evidence, notices, store } = yield* gatherEvidence(policy, at).pipe(
    Effect.provideService(MetricsStore, asked)
  )
  const written = yield* write({ at, evidence, policy, remembered }).pipe(Effect.provideService(MetricsStore, asked))
  const { notices: untold, told } = yield* tell(written)
  return {
    alerts: written.book.alerts,
    changes: written.changes,
    isKept: written.isKept,
    lastLookAt: written.lastLookAt,
    notices: [...notices, ...written.notices, ...untold],
    store,
    told,
    undelivered: written.book.undelivered.length - told,
    /** What nobody could look at, so that no alert does not mean no trouble. */
    unread: unreadOf(evidence)
  }
})
