import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"

describe("The metrics store on SQLite keeps the contract", () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "metrics-"))
  })
  afterAll(() => rmSync(directory, { force: true, recursive: true }))
  const numbered = metricsStoreContract.map((check, number) => ({ ...check, number }))
  it.each(numbered)("$name", ({ number, run }) =>
    Effect.runPromise(Effect.provide(run, SqliteMetricsStore.layer({ file: join(directory, `${number}.sqlite`) })))
  )
})
