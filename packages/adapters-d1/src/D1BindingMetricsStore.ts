/** The metrics store on Cloudflare D1 inside a Worker, through its binding. */
import { MetricsRefused, MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Answers, MetricsDatabase, Row, Statement } from "./MetricsDatabase.ts"
import { makeMetricsStore } from "./makeMetricsStore.ts"

/** As much of a Worker's `D1Database` as is used: https://developers.cloudflare.com/d1/worker-api/d1-database/ */
export interface D1Binding {
  readonly prepare: (sql: string) => D1Prepared
  readonly batch: (statements: Array<D1Prepared>) => Promise<ReadonlyArray<{ readonly results?: ReadonlyArray<Row> }>>
}
export interface D1Prepared {
  readonly bind: (...values: Array<string>) => D1Prepared
}

const NAME = "the Worker's D1 database"

/** SQLite's own errors are named in the text, and only there; all else is the way to the database. */
const failureOf = (cause: unknown): MetricsUnavailable | MetricsRefused => {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return /\bSQLITE_(?!BUSY|LOCKED|FULL|IOERR|INTERRUPT|NOMEM)/.test(detail)
    ? new MetricsRefused({ cause, detail, store: NAME })
    : new MetricsUnavailable({ cause, detail, store: NAME })
}

/** A batch is one transaction: https://developers.cloudflare.com/d1/worker-api/d1-database/#batch */
const batch = (
  binding: D1Binding,
  statements: ReadonlyArray<Statement>
): Effect.Effect<Answers, MetricsUnavailable | MetricsRefused> =>
  Effect.tryPromise({
    catch: failureOf,
    try: () => binding.batch(statements.map(({ parameters, sql }) => binding.prepare(sql).bind(...parameters)))
  }).pipe(Effect.map((results) => results.map((result) => result.results ?? [])))

/** The database behind the store, as it is: its schema is brought forward by `batchbrake metrics migrate`. */
export const databaseOf = (binding: D1Binding): MetricsDatabase => ({
  name: NAME,
  read: (statements) => batch(binding, statements),
  write: (statements) => Effect.suspend(() => batch(binding, statements(crypto.randomUUID())))
})

export const layer = (binding: D1Binding): Layer.Layer<MetricsStore> =>
  Layer.sync(MetricsStore, () => makeMetricsStore(databaseOf(binding)))
