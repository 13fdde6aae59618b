/** The metrics store that the command line means: D1 where its settings are in the environment, else the embedded file. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as D1HttpMetricsStore from "@batchbrake/adapters-d1/D1HttpMetricsStore"
import * as FileSpool from "@batchbrake/adapters-d1/FileSpool"
import type { MetricsDatabase } from "@batchbrake/adapters-d1/MetricsDatabase"
import { makeMetricsStore } from "@batchbrake/adapters-d1/makeMetricsStore"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import * as Repository from "@batchbrake/adapters-git/Repository"
import type { Policy } from "@batchbrake/core/policy/Policy"
import {
  type Ingested,
  MetricsRefused,
  MetricsStore,
  type MetricsUnavailable
} from "@batchbrake/core/port/MetricsStore"
import { ingestWaiting } from "@batchbrake/core/program/ingestWaiting"
import { readRuns } from "@batchbrake/core/program/readRuns"
import { EARLIEST, LATEST } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type Failure, InputUnusable } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { repositoryOf } from "./place.ts"
import { topOf } from "./Setting.ts"
import { storeOf } from "./store.ts"
import type { World } from "./World.ts"

/** What the embedded file is called when people read of it. */
const FILE_NAME = "batchbrake/metrics.sqlite"
/** What stands in for it where no file can be made, and is gone with the command. */
export const RESTORED_NAME = "the runs on the control branch"
const SPOOL_NAME = "batchbrake/spool"
/** How long D1 may take, repetitions included, and how long another process may keep the file. */
export interface Patience {
  readonly d1Attempts: number
  readonly d1Millis: number
  readonly fileMillis: number
}
/** That of the verbs that are about metrics. */
const PATIENT: Patience = { d1Attempts: 5, d1Millis: 60_000, fileMillis: 20_000 }

const EVER = { from: EARLIEST, until: LATEST }

const refused = (message: string, path?: string): InputUnusable =>
  new InputUnusable({ code: "refused", message, ...(path === undefined ? {} : { path }) })

/**
 * Where a repository keeps what is about it and not in it: `batchbrake` in the directory that its work trees share. The
 * plain case is told without git: every `record` asks, and starting a process costs it milliseconds.
 */
export const homeOf = Effect.fn("homeOf")(function* (given: Given, world: World) {
  const directory = repositoryOf(given, world)
  const plain = join(topOf(directory), ".git")
  const { GIT_COMMON_DIR, GIT_DIR } = world.environment
  if (GIT_DIR === undefined && GIT_COMMON_DIR === undefined && existsSync(join(plain, "HEAD")))
    return join(plain, "batchbrake")
  const found = yield* Repository.locate(directory).pipe(
    Effect.mapError((failure) => refused(`the repository cannot be looked at: ${failure.message}`, directory))
  )
  if (Option.isNone(found))
    return yield* refused(`${directory} is not a git repository; --repo DIR names one`, directory)
  return join(found.value.commonDirectory, "batchbrake")
})

/** Whether D1 is what the environment means. */
const isD1 = ({ environment }: World): boolean => (environment.BATCHBRAKE_D1_DATABASE ?? "") !== ""

/** D1's settings; none where no database is named, a fault where the others are missing. */
const d1Of = (
  world: World,
  { d1Attempts, d1Millis }: Patience
): Effect.Effect<D1HttpMetricsStore.Options | undefined, InputUnusable> => {
  if (!isD1(world)) return Effect.succeed(undefined)
  const { BATCHBRAKE_D1_API: api, BATCHBRAKE_D1_DATABASE: database = "" } = world.environment
  const { CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = world.environment
  if (account === undefined || account === "" || token === undefined || token === "") {
    const missing = account === undefined || account === "" ? "CLOUDFLARE_ACCOUNT_ID" : "CLOUDFLARE_API_TOKEN"
    return Effect.fail(
      refused(
        `BATCHBRAKE_D1_DATABASE is set and ${missing} is not: set it, or unset both for the embedded file`,
        missing
      )
    )
  }
  return Effect.succeed({
    account,
    database,
    mostAttempts: d1Attempts,
    timeoutMillis: d1Millis,
    token: Redacted.make(token),
    ...(api === undefined || api === "" ? {} : { api })
  })
}

const spoolIn = (home: string) => FileSpool.layer({ directory: join(home, "spool"), name: SPOOL_NAME })

/** How many runs the control branch has on record, and what the store said of them. Known ones stay as they are. */
export const restoreRuns = Effect.fn("restoreRuns")(function* (
  store: MetricsStore["Service"],
  given: Given,
  world: World,
  policy: Policy
) {
  const { runs, unreadable } = yield* readRuns(undefined).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const answers = yield* store.restore(runs)
  const count = (wanted: Ingested): number => answers.filter((answer) => answer === wanted).length
  return {
    conflicts: count("conflict"),
    found: runs.length,
    known: count("known"),
    restored: count("stored"),
    tooOld: count("too-old"),
    unreadable
  }
})

/**
 * The runs that the control branch knew before a store was made. What waits in the spool knows more and goes first. It is
 * copied: who looks at figures takes nothing away, and `metrics push` finds it known.
 */
const fill = Effect.fn("fill")(function* (given: Given, world: World, policy: Policy, store: MetricsStore["Service"]) {
  const home = yield* homeOf(given, world)
  yield* ingestWaiting().pipe(
    Effect.provideService(MetricsStore, store),
    Effect.provide(spoolIn(home)),
    // A spool that cannot be read is no reason to have no figures, and its reports replace what is restored.
    Effect.ignore
  )
  return yield* restoreRuns(store, given, world, policy)
})

/** The embedded file, with the runs that the control branch knew before it was made. */
const wholeFile = Effect.fn("wholeFile")(function* (given: Given, world: World, policy: Policy, file: string) {
  const database = yield* SqliteMetricsStore.openDatabase({ file, name: FILE_NAME })
  const store = makeMetricsStore(database)
  if (yield* SqliteMetricsStore.isWhole(database)) return store
  const restored = yield* Effect.result(fill(given, world, policy, store))
  if (restored._tag === "Success") yield* SqliteMetricsStore.markWhole(database)
  // Runs that are there are better than none, whatever the control branch is like.
  else if ((yield* store.runs({ ecosystem: undefined, limit: 1, span: EVER })).length === 0)
    return yield* restored.failure
  return store
})

/** The runs of the control branch and of the spool, for as long as the command takes. */
export const restoredForNow = Effect.fn("restoredForNow")(function* (given: Given, world: World, policy: Policy) {
  const store = makeMetricsStore(yield* SqliteMetricsStore.openDatabase({ file: ":memory:", name: RESTORED_NAME }))
  yield* fill(given, world, policy, store)
  return store
})

/** A database that is opened for each use: what cannot be opened fails only whom it concerns. */
const openedWhenUsed = (
  name: string,
  open: Effect.Effect<MetricsDatabase, MetricsUnavailable | MetricsRefused, Scope.Scope>
): MetricsDatabase => ({
  name,
  read: (statements) => Effect.scoped(Effect.flatMap(open, (database) => database.read(statements))),
  write: (statements) => Effect.scoped(Effect.flatMap(open, (database) => database.write(statements)))
})

const databaseIn = (home: string, world: World, patience: Patience): MetricsDatabase => {
  const file = join(home, "metrics.sqlite")
  const name = isD1(world) ? "D1" : FILE_NAME
  const settings = Effect.mapError(
    d1Of(world, patience),
    ({ message }) => new MetricsRefused({ detail: message, store: name })
  )
  const opened = Effect.flatMap(settings, (d1) =>
    d1 === undefined
      ? SqliteMetricsStore.openDatabase({ file, name, waitMillis: patience.fileMillis })
      : D1HttpMetricsStore.openDatabase(d1)
  )
  return openedWhenUsed(name, opened)
}

/** The database that is written to, and where the spool is. */
export const metricsPlace = Effect.fn("metricsPlace")(function* (
  given: Given,
  world: World,
  patience: Patience = PATIENT
) {
  const home = yield* homeOf(given, world)
  return {
    database: databaseIn(home, world, patience),
    spool: spoolIn(home)
  }
})

/** The store to write to, and the spool. */
export const metricsToWrite = (given: Given, world: World, patience?: Patience) =>
  Layer.unwrap(
    Effect.map(metricsPlace(given, world, patience), ({ database, spool }) =>
      Layer.merge(Layer.succeed(MetricsStore, makeMetricsStore(database)), spool)
    )
  )

/**
 * The store to read from. An embedded file that was made by a run's report, or is not there, gets the earlier runs from
 * the control branch first: without single results, and so without latencies.
 */
export const metricsOf = (given: Given, world: World, policy: Policy): Layer.Layer<MetricsStore, Failure> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const d1 = yield* d1Of(world, PATIENT)
      if (d1 !== undefined) return D1HttpMetricsStore.layer(d1)
      const file = join(yield* homeOf(given, world), "metrics.sqlite")
      return Layer.effect(MetricsStore, wholeFile(given, world, policy, file))
    })
  )
