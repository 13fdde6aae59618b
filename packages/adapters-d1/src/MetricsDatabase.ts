/** What the metrics' SQL needs of a database, whichever it is: SQLite in this process, or D1 at either of its doors. */
import type { MetricsRefused, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import type * as Effect from "effect/Effect"

/**
 * One statement with its parameters ?1, ?2, …: texts only, since that is what D1's HTTP API takes. Whatever is more than
 * a text comes as JSON, so no statement comes near D1's 100 parameters.
 */
export interface Statement {
  readonly sql: string
  readonly parameters: ReadonlyArray<string>
}

export type Row = Readonly<Record<string, unknown>>

/** The rows of each statement. */
export type Answers = ReadonlyArray<ReadonlyArray<Row>>

export interface MetricsDatabase {
  /** For people: `batchbrake/metrics.sqlite`. */
  readonly name: string
  /** Reads. Asked again by the database itself where that may help. */
  readonly read: (statements: ReadonlyArray<Statement>) => Effect.Effect<Answers, MetricsUnavailable | MetricsRefused>
  /**
   * Runs statements as one transaction: all or none. They are made for every attempt anew, with a name that no other
   * attempt has: a database may repeat one whose answer was lost, and the first may have landed, or land later.
   */
  readonly write: (
    statements: (attempt: string) => ReadonlyArray<Statement>
  ) => Effect.Effect<Answers, MetricsUnavailable | MetricsRefused>
}
