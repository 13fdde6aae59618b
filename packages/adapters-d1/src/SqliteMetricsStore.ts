/** The embedded metrics store: one SQLite file, in WAL mode, for as many processes as there are. */
import { randomUUID } from "node:crypto"
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync, type StatementSync } from "node:sqlite"
import { MetricsRefused, MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Answers, MetricsDatabase, Statement } from "./MetricsDatabase.ts"
import { makeMetricsStore } from "./makeMetricsStore.ts"
import { migrate } from "./migrate.ts"

export interface Options {
  /** The file; `:memory:` for one that ends with the layer. Its directory is made. */
  readonly file: string
  /** For people; the file where nothing else is said. */
  readonly name?: string
  /** How long a write waits for another process. */
  readonly waitMillis?: number
}

const WAIT_MILLIS = 5000
/** The same for one try at opening, of which there are some. */
const OPENING_MILLIS = 20

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5
const LOCKED = 6
const NO_MEMORY = 7
const INPUT_OUTPUT = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NO_DATABASE = 26
const LATER: ReadonlySet<number> = new Set([BUSY, LOCKED, NO_MEMORY, INPUT_OUTPUT, FULL, CANNOT_OPEN])

const codeOf = (cause: unknown): number =>
  cause instanceof Error && "errcode" in cause ? Number(cause.errcode) % 256 : 0

const failureOf =
  (store: string) =>
  (cause: unknown): MetricsUnavailable | MetricsRefused => {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const code = codeOf(cause)
    if (code === CORRUPT || code === NO_DATABASE) {
      const remedy = "move it aside, with its -wal and -shm files; `batchbrake metrics rebuild` makes a new one"
      return new MetricsRefused({ cause, detail: `${detail}; ${remedy}`, store })
    }
    // A directory that cannot be made, or a disk that is full, has a code of the operating system's and none of SQLite's.
    const isSqlite = cause instanceof Error && "errcode" in cause
    return isSqlite && !LATER.has(code)
      ? new MetricsRefused({ cause, detail, store })
      : new MetricsUnavailable({ cause, detail, store })
  }

const transaction = (file: DatabaseSync, begin: string, work: () => Answers): Answers => {
  file.exec(begin)
  try {
    const answers = work()
    file.exec("COMMIT")
    return answers
  } catch (cause) {
    if (file.isTransaction) file.exec("ROLLBACK")
    throw cause
  }
}

const databaseOn = (file: DatabaseSync, name: string): MetricsDatabase => {
  const prepared = new Map<string, StatementSync>()
  const all = (statements: ReadonlyArray<Statement>): Answers =>
    statements.map(({ parameters, sql }) => {
      const statement = prepared.get(sql) ?? file.prepare(sql)
      prepared.set(sql, statement)
      return statement.all(...parameters)
    })
  const attempt = (work: () => Answers) => Effect.try({ catch: failureOf(name), try: work })
  return {
    name,
    read: (statements) => attempt(() => transaction(file, "BEGIN", () => all(statements))),
    // Immediate: a transaction that reads first and writes later can lose its turn in between, and waits for nobody.
    write: (statements) => attempt(() => transaction(file, "BEGIN IMMEDIATE", () => all(statements(randomUUID()))))
  }
}

const open = ({ file, name = file, waitMillis = WAIT_MILLIS }: Options) =>
  Effect.try({
    catch: failureOf(name),
    try: () => {
      if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true })
      const database = new DatabaseSync(file, { timeout: OPENING_MILLIS })
      try {
        const mode = database.prepare("PRAGMA journal_mode").get()?.journal_mode
        if (mode !== "wal" && file !== ":memory:") database.exec("PRAGMA journal_mode = WAL")
        database.exec(`PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${waitMillis}`)
      } catch (cause) {
        database.close()
        throw cause
      }
      return database
    }
  })

/** The database behind the store, with its schema brought forward; for the verbs that look at the schema itself. */
export const openDatabase = (
  options: Options
): Effect.Effect<MetricsDatabase, MetricsUnavailable | MetricsRefused, Scope.Scope> =>
  Effect.gen(function* () {
    const opened = open(options).pipe(
      // Who comes while another turns the file to WAL is refused at once, without the wait that writes have.
      Effect.retry({
        schedule: Schedule.spaced("25 millis"),
        times: 40,
        while: ({ _tag }) => _tag === "MetricsUnavailable"
      })
    )
    const file = yield* Effect.acquireRelease(opened, (database) => Effect.sync(() => database.close()))
    const database = databaseOn(file, options.name ?? options.file)
    yield* migrate(database)
    return database
  })

const IS_WHOLE = "PRAGMA user_version"

/** Whether a file has what the control branch knew of the runs before it was made: see {@link markWhole}. */
export const isWhole = (database: MetricsDatabase): Effect.Effect<boolean, MetricsUnavailable | MetricsRefused> =>
  Effect.map(database.read([{ parameters: [], sql: IS_WHOLE }]), ([rows]) => Number(rows?.[0]?.user_version) > 0)

/** Notes that the runs of the control branch were restored into this file. */
export const markWhole = (database: MetricsDatabase): Effect.Effect<void, MetricsUnavailable | MetricsRefused> =>
  Effect.asVoid(database.write(() => [{ parameters: [], sql: `${IS_WHOLE} = 1` }]))

/** Makes the file where there is none, and brings its schema forward. */
export const layer = (options: Options): Layer.Layer<MetricsStore, MetricsUnavailable | MetricsRefused> =>
  Layer.effect(MetricsStore, Effect.map(openDatabase(options), makeMetricsStore))
