import { strict as assert } from "node:assert"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { MIGRATIONS } from "@batchbrake/adapters-d1/Migrations"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import * as Latency from "@batchbrake/core/sli/Latency"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import { ALWAYS, expectedTotals, FULL, MANY, plain } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { files, renderMigrations } from "../migrations/generate.ts"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "migrations-"))
})
afterAll(() => rmSync(directory, { force: true, recursive: true }))

/** A file as a version of ours left it that knew so many migrations; with a run in it, if there were tables for one. */
const fileOfVersion = (name: string, count: number, isUsed = count > 0): string => {
  const file = join(directory, name)
  const database = new DatabaseSync(file)
  database.exec(
    "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"
  )
  for (const migration of MIGRATIONS.slice(0, count)) {
    database.prepare("INSERT INTO d1_migrations (name) VALUES (?1)").run(migration.name)
    for (const statement of migration.statements) database.exec(statement)
  }
  if (isUsed) {
    database.exec(`INSERT INTO batch_runs (ecosystem, completed_at, total_recipes, passed, failed, skipped, success_rate,
      run_key, digest, intake) VALUES ('homebrew', '2026-11-20T10:00:00.000Z', 3, 2, 1, 0, 0.667, 'old-run', 'd', 'i')`)
    const sums = ["runs", "vacuous_runs", "passed", "passed_weight", "passed_weight_squared", "failed", "failed_weight"]
    const columns = [
      ...sums,
      "failed_weight_squared",
      "skipped",
      "minutes",
      ...Latency.EMPTY.map((_, i) => `latency_${i}`)
    ]
    const values = [1, 0, 2, 2, 2, 1, 1, 1, 0, 0, ...Latency.EMPTY]
    database.exec(`INSERT INTO run_rollups (completed_at, batch_run_id, platform, ecosystem, ${columns.join()})
      VALUES ('2026-11-20T10:00:00.000Z', 1, '', 'homebrew', ${values.join()})`)
    database.exec(`INSERT INTO daily_rollups (day, ecosystem, platform, ${columns.join()})
      VALUES ('2026-11-20', 'homebrew', '', ${values.join()})`)
  }
  database.close()
  return file
}

const on = <A, E>(file: string, use: (store: MetricsStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(Effect.result(Effect.provide(MetricsStore.use(use), SqliteMetricsStore.layer({ file }))))

const VERSIONS = MIGRATIONS.map((_, count) => count)

describe("Migrations", () => {
  it("[ME2] are in the module as they are in the files; `npm run migrations` writes it", () => {
    const written = readFileSync(join(import.meta.dirname, "../src/Migrations.ts"), "utf8")
    assert.equal(written, renderMigrations(files()))
    assert.deepEqual(
      MIGRATIONS.map(({ name }) => name.slice(0, 4)),
      MIGRATIONS.map((_, place) => String(place + 1).padStart(4, "0"))
    )
  })

  it.each(VERSIONS)(
    "[ME2] bring a file with the first %i of them forward; what it held still counts",
    async (count) => {
      const file = fileOfVersion(`held-${count}.sqlite`, count)
      const totals = await on(file, (store) => Effect.andThen(store.ingest(MANY), store.totals(ALWAYS)))
      assert.ok(totals._tag === "Success")
      const homebrew = totals.success.get("homebrew")
      const added = expectedTotals(MANY, ALWAYS).get("homebrew")
      assert.equal(homebrew?.passed.count, (added?.passed.count ?? 0) + (count > 0 ? 2 : 0))
      const swapped = await on(file, (store) => store.swapAlerts(0, "[]"))
      assert.deepEqual(swapped._tag === "Success" && swapped.success, true)
      const again = await on(file, (store) => store.totals(ALWAYS))
      assert.deepEqual(again._tag === "Success" && plain(again.success), plain(totals.success))
    }
  )

  const numbered = metricsStoreContract.map((check, number) => ({ ...check, number }))
  it.each(numbered)("[ME2] of a first version lead to a store that keeps the contract: $name", ({ number, run }) => {
    const file = fileOfVersion(`contract-${number}.sqlite`, 1, false)
    return Effect.runPromise(Effect.provide(run, SqliteMetricsStore.layer({ file })))
  })

  it("[ME2] of a newer version are left alone: the file is refused, not written to", async () => {
    const file = fileOfVersion("newer.sqlite", MIGRATIONS.length)
    const database = new DatabaseSync(file)
    database.exec("INSERT INTO d1_migrations (name) VALUES ('0999_later.sql')")
    const opened = await on(file, (store) => store.ingest([FULL]))
    assert.ok(opened._tag === "Failure" && opened.failure._tag === "MetricsRefused")
    assert.match(opened.failure.message, /0999_later\.sql.*update batchbrake/)
    assert.equal(database.prepare("SELECT COUNT(*) AS runs FROM batch_runs").get()?.runs, 1)
    database.close()
  })

  it("[ME2] that fail half-way leave nothing of themselves", async () => {
    const file = fileOfVersion("half.sqlite", 1)
    const database = new DatabaseSync(file)
    database.exec("CREATE TABLE alerts (in_the_way)")
    const opened = await on(file, (store) => store.ingest([FULL]))
    assert.equal(opened._tag === "Failure" && opened.failure._tag, "MetricsRefused")
    assert.equal(database.prepare("SELECT COUNT(*) AS applied FROM d1_migrations").get()?.applied, 1)
    database.close()
  })
})
