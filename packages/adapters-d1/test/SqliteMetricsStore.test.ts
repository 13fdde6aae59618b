import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { promisify } from "node:util"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import { ALWAYS, expectedTotals, FULL, MANY, plain, SPANS } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "metrics-"))
})
afterAll(() => rmSync(directory, { force: true, recursive: true }))

const on = <A, E>(file: string, use: (store: MetricsStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(
    Effect.result(
      Effect.provide(MetricsStore.use(use), SqliteMetricsStore.layer({ file: join(directory, file), waitMillis: 50 }))
    )
  )

describe("The metrics store on SQLite keeps the contract", () => {
  const numbered = metricsStoreContract.map((check, number) => ({ ...check, number }))
  it.each(numbered)("$name", ({ number, run }) =>
    Effect.runPromise(Effect.provide(run, SqliteMetricsStore.layer({ file: join(directory, `${number}.sqlite`) })))
  )
})

describe("The embedded file", () => {
  it("[ME5] is written by several processes at once, from its making on: each run counts once", async () => {
    const file = join(directory, "several", "metrics.sqlite")
    const script = join(import.meta.dirname, "support/ingestOnce.ts")
    const writers = [0, 12, 24, 36].map((place) => promisify(execFile)(process.execPath, [script, file, String(place)]))
    const answers = (await Promise.all(writers)).flatMap(({ stdout }): Array<string> => JSON.parse(stdout))
    assert.equal(answers.filter((answer) => answer === "stored").length, MANY.length)
    assert.equal(answers.filter((answer) => answer === "known").length, 3 * MANY.length)
    for (const span of SPANS) {
      const totals = await on("several/metrics.sqlite", (store) => store.totals(span))
      assert.deepEqual(totals._tag === "Success" && plain(totals.success), plain(expectedTotals(MANY, span)))
    }
  })

  it("[ME5] that is held by another is out of reach for now, and nothing is stored by halves", async () => {
    await on("held.sqlite", (store) => store.ingest([FULL]))
    const other = new DatabaseSync(join(directory, "held.sqlite"))
    other.exec("BEGIN IMMEDIATE")
    const held = await on("held.sqlite", (store) => store.ingest(MANY))
    assert.equal(held._tag === "Failure" && held.failure._tag, "MetricsUnavailable")
    const read = await on("held.sqlite", (store) => store.runs({ ecosystem: undefined, limit: 100, span: ALWAYS }))
    assert.equal(read._tag === "Success" && read.success.length, 1)
    other.exec("ROLLBACK")
    other.close()
    const later = await on("held.sqlite", (store) => store.ingest(MANY))
    assert.equal(later._tag, "Success")
  })

  it("[ME7] that is no database is refused with what to do about it, and left as it is", async () => {
    writeFileSync(join(directory, "broken.sqlite"), "not a database, ".repeat(1000))
    const broken = await on("broken.sqlite", (store) => store.ingest([FULL]))
    assert.ok(broken._tag === "Failure" && broken.failure._tag === "MetricsRefused")
    assert.match(broken.failure.message, /move it aside.*`batchbrake metrics rebuild`/)
  })

  it("[ME7] that cannot be made is out of reach", async () => {
    writeFileSync(join(directory, "no-directory"), "")
    const below = await on("no-directory/metrics.sqlite", (store) => store.ingest([FULL]))
    assert.equal(below._tag === "Failure" && below.failure._tag, "MetricsUnavailable")
    mkdirSync(join(directory, "directory.sqlite"))
    const directoryItself = await on("directory.sqlite", (store) => store.ingest([FULL]))
    assert.equal(directoryItself._tag === "Failure" && directoryItself.failure._tag, "MetricsUnavailable")
  })
})
