/** Success as the metrics store and the control branch know it. Neither being away fails it: it says so, and what is left. */
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Identity from "../control/Identity.ts"
import { type Notice, notice } from "../control/Notice.ts"
import { EVERYTHING } from "../control/Pause.ts"
import * as Policy from "../policy/Policy.ts"
import { MetricsStore, type RunRow, type Span } from "../port/MetricsStore.ts"
import { RestoredMetrics } from "../port/RestoredMetrics.ts"
import * as EcosystemSli from "../sli/EcosystemSli.ts"
import * as RunSums from "../sli/RunSums.ts"
import type { Totals } from "../sli/Totals.ts"
import { outward } from "../sli/WholeDays.ts"
import { DAY, type EpochMillis, format, WEEK } from "../time/Instant.ts"
import { type Loaded, loadControl } from "./loadControl.ts"

export interface Question {
  readonly policy: Policy.Policy
  readonly at: EpochMillis
  readonly windowMillis: number
  readonly ecosystems: ReadonlyArray<string>
}

/** The period of the objectives, and the window that is looked at unless another one is named. */
export const PERIOD_MILLIS = WEEK

/** Runs that are looked at one by one. */
const LISTED = 1000
/** A run of yesterday may have been written to another day's shard: identities this close to their end are not missed. */
const FORGOTTEN_MILLIS = Identity.HORIZON - DAY

type Sums = ReadonlyMap<string, Totals>

interface Metrics {
  readonly window: Sums
  readonly before: Sums
  readonly last: ReadonlyMap<number, Sums>
  readonly runs: ReadonlyArray<RunRow>
  /** By ecosystem. */
  readonly newest: ReadonlyMap<string, EpochMillis>
  readonly notices: ReadonlyArray<Notice>
}

/** From some time back until now; a run that completes at this very instant is in it. */
const spanBack = (at: EpochMillis, millis: number): Span => ({ from: at - millis + 1, until: at + 1 })

/** Said where a window is wider than asked for: figures must not change behind anybody's back. */
const widened = ({ at, windowMillis }: Question, horizon: EpochMillis | undefined): ReadonlyArray<Notice> => {
  const { from } = spanBack(at, windowMillis)
  const whole = outward({ from, until: at + 1 }, horizon).from
  if (whole === from) return []
  const message =
    `single runs from before ${format(horizon ?? whole)} were pruned: the window is rounded to whole days and ` +
    `begins at ${format(whole)}`
  return [notice("window-rounded", "info", message)]
}

const readMetrics = Effect.fn("readMetrics")(function* (question: Question) {
  const { at, ecosystems, windowMillis } = question
  const store = yield* MetricsStore
  const window = yield* store.totals(spanBack(at, windowMillis))
  const last = new Map<number, Sums>()
  for (const millis of EcosystemSli.STRETCHES) last.set(millis, yield* store.totals(spanBack(at, millis)))
  const { from } = spanBack(at, windowMillis)
  const before = yield* store.totals({ from, until: Math.max(from, spanBack(at, DAY).from) })
  // Runs of the future are wrong, and only looking finds them.
  const runs = yield* store.runs({ ecosystem: undefined, limit: LISTED, span: { from, until: at + 366 * DAY } })
  const newest = new Map<string, EpochMillis>()
  for (const ecosystem of ecosystems) {
    const [run] = yield* store.runs({ ecosystem, limit: 1, span: { from: 0, until: at + 1 } })
    if (run !== undefined) newest.set(ecosystem, run.completedAt)
  }
  const notices = widened(question, yield* store.horizon)
  return { before, last, newest, notices, runs, window } satisfies Metrics
})

/** The metrics, whose they are, and why they are not the store's own. */
interface Read {
  readonly metrics: Metrics | undefined
  readonly store: string
  readonly notices: ReadonlyArray<Notice>
}

/** The store's metrics or, while it is away, those restored from the control branch, where somebody can restore them. */
const readOrRestore = Effect.fn("readOrRestore")(function* (question: Question) {
  const store = yield* MetricsStore
  const asked = yield* Effect.result(readMetrics(question))
  if (Result.isSuccess(asked)) return { metrics: asked.success, notices: [], store: store.name } satisfies Read as Read
  const why = asked.failure.message
  const none: Read = { metrics: undefined, notices: [notice("metrics-away", "warning", why)], store: store.name }
  const restored = yield* Effect.serviceOption(RestoredMetrics)
  if (Option.isNone(restored)) return none
  const instead = Effect.gen(function* () {
    const opened = yield* restored.value.open
    const metrics = yield* readMetrics(question).pipe(Effect.provideService(MetricsStore, opened))
    const message = `${why}; the figures come from ${opened.name} instead: counts and minutes, without latencies`
    return { metrics, notices: [notice("metrics-away", "warning", message)], store: opened.name } satisfies Read as Read
  })
  return yield* Effect.scoped(instead).pipe(Effect.orElseSucceed(() => none))
})

/** When runs of each ecosystem last reported to the control branch, as far as it remembers. */
const newestOn = (ledger: Identity.Ledger, at: EpochMillis): ReadonlyMap<string, EpochMillis> => {
  const newest = new Map<string, EpochMillis>()
  for (const identity of HashMap.values(ledger.identities)) {
    if (!identity.identity.startsWith("RunCompleted ") || identity.at > at) continue
    newest.set(identity.scope, Math.max(identity.at, newest.get(identity.scope) ?? identity.at))
  }
  return newest
}

const unexplainedOf = (runs: ReadonlyArray<RunRow>, ledger: Identity.Ledger, at: EpochMillis): ReadonlyArray<RunRow> =>
  runs.filter(
    ({ completedAt, ecosystem, runKey }) =>
      at - completedAt < FORGOTTEN_MILLIS && Identity.find(ledger, `RunCompleted ${ecosystem} ${runKey}`) === undefined
  )

/** How many runs of the window the control branch knows of, and the metrics do not: they are on their way, or lost. */
const missingFrom = (
  { at, ecosystems, windowMillis }: Question,
  runs: ReadonlyArray<RunRow>,
  ledger: Identity.Ledger
): number => {
  if (runs.length >= LISTED) return 0
  const listed = new Set(runs.map(({ ecosystem, runKey }) => `RunCompleted ${ecosystem} ${runKey}`))
  const { from, until } = spanBack(at, windowMillis)
  return [...HashMap.values(ledger.identities)].filter(
    (found) =>
      found.identity.startsWith("RunCompleted ") &&
      found.at >= from &&
      found.at < until &&
      ecosystems.includes(found.scope) &&
      !listed.has(found.identity)
  ).length
}

const behind = (missing: number): ReadonlyArray<Notice> =>
  missing === 0
    ? []
    : [
        notice(
          "metrics-behind",
          "warning",
          `${missing} ${missing === 1 ? "run is" : "runs are"} on the control branch and not in the metrics: ` +
            "`batchbrake metrics push` hands in what waits, `batchbrake metrics rebuild` restores the rest"
        )
      ]

const later = (left: EpochMillis | undefined, right: EpochMillis | undefined): EpochMillis | undefined =>
  left === undefined ? right : right === undefined ? left : Math.max(left, right)

const judge = (
  { at, ecosystems, policy, windowMillis }: Question,
  metrics: Metrics | undefined,
  ledger: Identity.Ledger | undefined
): ReadonlyArray<EcosystemSli.EcosystemSli> => {
  const reported = ledger === undefined ? new Map<string, EpochMillis>() : newestOn(ledger, at)
  const runs = metrics?.runs ?? []
  const unexplained = ledger === undefined ? [] : unexplainedOf(runs, ledger, at)
  const { minimumAttempts, staleMillis } = policy.alerts
  return ecosystems.map((ecosystem) => {
    const of = (sums: Sums | undefined): Totals => sums?.get(ecosystem) ?? RunSums.none
    const isOwn = (run: RunRow): boolean => run.ecosystem === ecosystem
    return EcosystemSli.of(
      {
        before: of(metrics?.before),
        ecosystem,
        last: new Map([...(metrics?.last ?? [])].map(([millis, sums]) => [millis, of(sums)])),
        newestRunAt: later(metrics?.newest.get(ecosystem), reported.get(ecosystem)),
        objective: Policy.ecosystemOf(policy, ecosystem)?.slo ?? 1,
        runs: runs.filter(isOwn),
        unexplained: unexplained.filter(isOwn).map(({ runKey }) => runKey),
        window: of(metrics?.window)
      },
      { at, minimumAttempts, staleMillis, windowMillis }
    )
  })
}

/**
 * The figures of each ecosystem, and what could be read for them. Metrics are read first: a run reports to the control
 * branch before it does to the metrics, so that the other order would find runs that no event explains yet.
 */
export const readSli = Effect.fn("readSli")(function* (question: Question) {
  const { metrics: read, notices: told, store } = yield* readOrRestore(question)
  const control = yield* Effect.result(loadControl([...question.ecosystems, EVERYTHING], []))
  const loaded: Loaded | undefined = Result.getOrUndefined(control)
  const notices: ReadonlyArray<Notice> = [
    ...told,
    ...(read?.notices ?? []),
    ...(Result.isSuccess(control) ? [] : [notice("control-away", "warning", control.failure.message)]),
    ...(read === undefined || loaded === undefined
      ? []
      : behind(missingFrom(question, read.runs, loaded.control.ledger)))
  ]
  return {
    control,
    isMetricsRead: read !== undefined,
    notices,
    slis: judge(question, read, loaded?.control.ledger),
    store
  }
})
