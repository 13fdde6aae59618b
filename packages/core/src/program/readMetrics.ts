/** What the metrics know of a question, or what stands in for them while their store is away. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Notice, notice } from "../control/Notice.ts"
import type { Policy } from "../policy/Policy.ts"
import { MetricsStore, type RunRow, type Span } from "../port/MetricsStore.ts"
import { RestoredMetrics } from "../port/RestoredMetrics.ts"
import * as EcosystemSli from "../sli/EcosystemSli.ts"
import * as Price from "../sli/Price.ts"
import type { Totals } from "../sli/Totals.ts"
import { outward } from "../sli/WholeDays.ts"
import { DAY, type EpochMillis, format, WEEK } from "../time/Instant.ts"

export interface Question {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly windowMillis: number
  readonly ecosystems: ReadonlyArray<string>
}

/** The period of the objectives, and the window that is looked at unless another one is named. */
export const PERIOD_MILLIS = WEEK

/** Runs that are looked at one by one: more than the batches of a week, and still one answer. */
export const LISTED = 5000
export type Sums = ReadonlyMap<string, Totals>

/** The sums and runs that figures are made of. */
export interface Metrics {
  readonly window: Sums
  /** The window again, cut where prices change. */
  readonly priced: ReadonlyArray<{ readonly at: EpochMillis; readonly sums: Sums }>
  readonly before: Sums
  readonly last: ReadonlyMap<number, Sums>
  readonly runs: ReadonlyArray<RunRow>
  /** By ecosystem. */
  readonly newest: ReadonlyMap<string, EpochMillis>
  readonly notices: ReadonlyArray<Notice>
}

/** From some time back until now; a run that completes at this very instant is in it. */
export const spanBack = (at: EpochMillis, millis: number): Span => ({ from: at - millis + 1, until: at + 1 })

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
  // Prices change at midnights UTC, where rollups begin: a part is as exact as the whole.
  const parts = Price.cut(spanBack(at, windowMillis))
  const priced: Array<{ readonly at: EpochMillis; readonly sums: Sums }> = []
  for (const part of parts) {
    priced.push({ at: part.from, sums: parts.length === 1 ? window : yield* store.totals(part) })
  }
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
  return { before, last, newest, notices, priced, runs, window } satisfies Metrics
})

/** The metrics, whose they are, and why they are not the store's own. */
interface Read {
  readonly metrics: Metrics | undefined
  readonly store: string
  readonly notices: ReadonlyArray<Notice>
}

/** The store's metrics or, while it is away, those restored from the control branch, where somebody can restore them. */
export const readOrRestore = Effect.fn("readOrRestore")(function* (question: Question) {
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
