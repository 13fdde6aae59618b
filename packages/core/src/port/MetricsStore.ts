/**
 * Where the results of runs are kept for reports. Advisory: no gate asks it, nothing waits for it, and what it loses can
 * be restored from the control branch, by run.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Totals } from "../sli/Totals.ts"

/** The validation of one recipe on one platform. */
export interface RecipeResult {
  readonly recipe: string
  readonly platform: string | undefined
  readonly status: "passed" | "failed" | "skipped"
  readonly category: string | undefined
  readonly message: string | undefined
  readonly durationSeconds: number | undefined
  /** How many items this one stands for; 1 where nothing was sampled. */
  readonly weight: number
}

/** A completed run, as `record` hands it on. */
export interface RunReport {
  /** Unique in its ecosystem: what makes a second delivery the same run. */
  readonly runKey: string
  readonly ecosystem: string
  readonly batch: string | undefined
  /** Epoch milliseconds. */
  readonly startedAt: number | undefined
  readonly completedAt: number
  /** Recipes by verdict, also where no single results were reported. */
  readonly attempts: { readonly passed: number; readonly failed: number; readonly skipped: number }
  /** Sums of weights of passed and failed recipes; `undefined` where nothing was sampled. */
  readonly weighted: { readonly passed: number; readonly failed: number } | undefined
  /** Empty where only counts were reported. */
  readonly results: ReadonlyArray<RecipeResult>
  /** Whole minutes by platform. */
  readonly minutes: Readonly<Record<string, number>>
}

/** What became of a run that was handed in: new, known with the same content, or known with other content and left. */
export type Ingested = "stored" | "known" | "conflict"

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
    /** Stores each run whole or not at all; a run that is known by its key counts once. */
    readonly ingest: (
      runs: ReadonlyArray<RunReport>
    ) => Effect.Effect<ReadonlyArray<Ingested>, MetricsUnavailable | MetricsRefused>
    /**
     * What the runs of a span came to, by ecosystem; all platforms together. What is read does not grow with what is
     * kept: whole days come from rollups, their ends from the runs of those days.
     */
    readonly totals: (span: Span) => Effect.Effect<ReadonlyMap<string, Totals>, MetricsUnavailable | MetricsRefused>
    /** The newest runs first, at most `limit`. */
    readonly runs: (wanted: {
      readonly ecosystem: string | undefined
      readonly span: Span
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<RunRow>, MetricsUnavailable | MetricsRefused>
    /** Removes runs and results that completed before an instant; rollups stay. Answers how many runs went. */
    readonly prune: (before: number) => Effect.Effect<number, MetricsUnavailable | MetricsRefused>
    /** The alerts on record; version 0 and an empty text where none are. */
    readonly alerts: Effect.Effect<AlertRecord, MetricsUnavailable | MetricsRefused>
    /** Writes the alerts if they still are at `expected`; answers whether it did. */
    readonly swapAlerts: (expected: number, text: string) => Effect.Effect<boolean, MetricsUnavailable | MetricsRefused>
  }
>()("@batchbrake/core/port/MetricsStore") {}

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
