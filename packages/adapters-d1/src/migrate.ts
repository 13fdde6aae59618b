/** Brings a database's schema forward. Never back: what a newer version has made, an older one leaves alone. */
import { MetricsRefused, type MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import * as Effect from "effect/Effect"
import type { MetricsDatabase, Statement } from "./MetricsDatabase.ts"
import { MIGRATIONS, type Migration } from "./Migrations.ts"

const sql = (text: string, ...parameters: ReadonlyArray<string>): Statement => ({ parameters, sql: text })

/** The table that wrangler keeps for `wrangler d1 migrations apply`, so that either tool knows what the other has done. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`
const HAS_TABLE = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'"

/** The names of the migrations that a database has, oldest first. */
export const appliedTo = Effect.fn("appliedTo")(function* (database: MetricsDatabase) {
  const [tables = []] = yield* database.read([sql(HAS_TABLE)])
  if (tables.length === 0) return []
  const [rows = []] = yield* database.read([sql("SELECT name FROM d1_migrations ORDER BY id")])
  return rows.map(({ name }) => String(name))
})

const refused = (database: MetricsDatabase, detail: string): MetricsRefused =>
  new MetricsRefused({ detail, store: database.name })

/** What a database lacks; refused where its migrations are not ours, in our order. */
const pendingOf = (
  database: MetricsDatabase,
  applied: ReadonlyArray<string>,
  known: ReadonlyArray<Migration>
): Effect.Effect<ReadonlyArray<Migration>, MetricsRefused> => {
  const stranger = applied.find((name, place) => known[place]?.name !== name)
  return stranger === undefined
    ? Effect.succeed(known.slice(applied.length))
    : Effect.fail(
        refused(database, `it has the migration ${stranger}, which this version does not know: update batchbrake`)
      )
}

const apply = (database: MetricsDatabase, { name, statements }: Migration) =>
  database
    .write(() => [
      sql(TABLE),
      sql("INSERT INTO d1_migrations (name) VALUES (?1)", name),
      ...statements.map((statement) => sql(statement))
    ])
    .pipe(
      // Another process may have been first; its work is as good.
      Effect.catchTag("MetricsRefused", (failure) =>
        Effect.flatMap(appliedTo(database), (applied) => (applied.includes(name) ? Effect.void : Effect.fail(failure)))
      )
    )

/**
 * Applies what is missing, each migration in one transaction, and answers its names. Several may do so at once. Another
 * list of migrations than ours is for tests.
 */
export const migrate = Effect.fn("migrate")(function* (
  database: MetricsDatabase,
  known: ReadonlyArray<Migration> = MIGRATIONS
): Effect.fn.Return<ReadonlyArray<string>, MetricsUnavailable | MetricsRefused> {
  const pending = yield* pendingOf(database, yield* appliedTo(database), known)
  for (const migration of pending) yield* apply(database, migration)
  return pending.map(({ name }) => name)
})
