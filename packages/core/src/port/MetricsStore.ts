/**
 * Where the results of runs are kept for reports. Advisory: no gate asks it, nothing waits for it, and what it loses can
 * be restored from the control branch, by run.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { RunReport } from "../sli/RunReport.ts"
import type { Totals } from "../sli/Totals.ts"

/**
 * What became of a run that was handed in: new; known with the same content, its completion aside; known with other
 * content and left as it was; or older than what the last pruning has removed, when nobody can tell whether it is known.
 */
export type Ingested = "stored" | "known" | "conflict" | "too-old"

/** From `from`, inclusive, to `until`, exclusive: completions, epoch milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** One run as it is listed. */
export interface RunRow {
  readonly runKey: string
  readonly ecosystem: string
  readonly batch: string | undefined
  readonly startedAt: number | undefined
  readonly completedAt: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly minutes: Readonly<Record<string, number>>
}

/** The alerts that stand, as the last evaluation left them: opaque text, and the version that the next write names. */
export interface AlertRecord {
  readonly version: number
  readonly text: string
}

export class MetricsStore extends Context.Service<
  MetricsStore,
  {
    /** For people: `batchbrake/metrics.sqlite`. */
    readonly name: string
    /**
     * Stores each run whole or not at all; a run that is known by its key counts once. If one of them is unusable, none
     * is stored. After `MetricsUnavailable` some may be stored: hand all of them in again.
     */
    readonly ingest: (
      runs: ReadonlyArray<RunReport>
    ) => Effect.Effect<ReadonlyArray<Ingested>, RunUnusable | MetricsUnavailable | MetricsRefused>
    /**
     * Stores runs as the control branch has them, without single results, each of which a run's own report with the same
     * counts may replace: then `ingest` says `stored`, and the run keeps the time that it was restored with. A run that is
     * there stays: `known` where its counts are the same, `conflict` where they are not.
     */
    readonly restore: (
      runs: ReadonlyArray<RunReport>
    ) => Effect.Effect<ReadonlyArray<Ingested>, RunUnusable | MetricsUnavailable | MetricsRefused>
    /**
     * What the runs of a span came to, by ecosystem; all platforms together. What is read does not grow with what is
     * kept: whole days come from rollups, their ends from the runs of those days. Exact for whole UTC days at any time, and
     * for any span from {@link horizon} on; an end before it counts to the midnight that makes its day whole, since single
     * runs of those days are gone.
     */
    readonly totals: (span: Span) => Effect.Effect<ReadonlyMap<string, Totals>, MetricsUnavailable | MetricsRefused>
    /**
     * The same for each platform that a result or a minute names, by ecosystem and platform. Here each result counts, not
     * each recipe: one that failed on one of two platforms failed there and passed on the other.
     */
    readonly platformTotals: (
      span: Span
    ) => Effect.Effect<ReadonlyMap<string, ReadonlyMap<string, Totals>>, MetricsUnavailable | MetricsRefused>
    /** The newest runs first, at most `limit`. */
    readonly runs: (wanted: {
      readonly ecosystem: string | undefined
      readonly span: Span
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<RunRow>, MetricsUnavailable | MetricsRefused>
    /**
     * Removes runs and results that completed on UTC days before the one of an instant; rollups stay. Answers how many
     * runs went. Runs of those days are not taken in any more.
     */
    readonly prune: (before: number) => Effect.Effect<number, MetricsUnavailable | MetricsRefused>
    /** The midnight before which runs were pruned; `undefined` where none ever were. */
    readonly horizon: Effect.Effect<number | undefined, MetricsUnavailable | MetricsRefused>
    /** The alerts on record; version 0 and an empty text where none are. */
    readonly alerts: Effect.Effect<AlertRecord, MetricsUnavailable | MetricsRefused>
    /** Writes the alerts if they still are at `expected`; answers whether it did. */
    readonly swapAlerts: (expected: number, text: string) => Effect.Effect<boolean, MetricsUnavailable | MetricsRefused>
  }
>()("@batchbrake/core/port/MetricsStore") {}

/** One run of those handed in can never be stored: set it aside, hand the others in again. */
export class RunUnusable extends Schema.TaggedError<RunUnusable>("@batchbrake/core/RunUnusable")("RunUnusable", {
  ecosystem: Schema.String,
  runKey: Schema.String,
  /** What is wrong, with its path, in one line. */
  detail: Schema.String
}) {
  override get message() {
    return `the report of run ${JSON.stringify(this.runKey.slice(0, 200))} cannot be stored: ${this.detail}`
  }
}

/** The store cannot be reached, or is busy, or answered with an error of its own. Later it may work: keep what was to be written. */
export class MetricsUnavailable extends Schema.TaggedError<MetricsUnavailable>("@batchbrake/core/MetricsUnavailable")(
  "MetricsUnavailable",
  { store: Schema.String, detail: Schema.String, cause: Schema.optional(Schema.Defect()) }
) {
  override get message() {
    return `${this.store} cannot be reached: ${this.detail}`
  }
}

/** The store will not do it, now or later: the request, the token or the schema is wrong. Mend that first. */
export class MetricsRefused extends Schema.TaggedError<MetricsRefused>("@batchbrake/core/MetricsRefused")(
  "MetricsRefused",
  { store: Schema.String, detail: Schema.String, cause: Schema.optional(Schema.Defect()) }
) {
  override get message() {
    return `${this.store} refuses: ${this.detail}`
  }
}
