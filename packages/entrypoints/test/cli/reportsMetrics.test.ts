import { strict as assert } from "node:assert"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const EIGHT = ["cask", "crates.io", "gem", "go", "homebrew", "npm", "nuget", "pypi"]

let workshop: Workshop
beforeEach(async () => {
  workshop = await openWorkshop(EIGHT)
  await workshop.expecting(0, ["init", "--local"])
})
afterEach(() => workshop.dispose())

const lines = (values: ReadonlyArray<object>): string => values.map((one) => `${JSON.stringify(one)}\n`).join("")
/** A recipe that passed, one that failed, and a job of 61 seconds. */
const resultsOf = (recipe: string): string =>
  lines([
    { duration_seconds: 3, recipe, status: "passed" },
    { category: "checksum", recipe: "b", status: "failed" },
    { duration_seconds: 61, job: "validate", platform: "macos" }
  ])
const matrix = (recipeOf: (ecosystem: string) => string = () => "a"): string =>
  lines(EIGHT.map((ecosystem) => ({ ecosystem, results: resultsOf(recipeOf(ecosystem)), run_key: "1-1" })))
const record = async (exitCode: number, stdin: string, environment: Record<string, string> = {}) => {
  const { runs } = await workshop.json(exitCode, ["record", "--local", "--reports", "-"], { environment, stdin })
  return runs as ReadonlyArray<Json>
}
const metricsOf = (runs: ReadonlyArray<Json>): ReadonlyArray<unknown> => runs.map(({ metrics }) => metrics)
const home = (): string => join(workshop.clone, ".git/batchbrake")
const rows = (sql: string): ReadonlyArray<Json> => {
  const database = new DatabaseSync(join(home(), "metrics.sqlite"))
  const found = database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }))
  database.close()
  return found
}
const KEPT = `SELECT batch_runs.ecosystem, passed, failed, macos_minutes, COUNT(recipe_results.id) AS results
  FROM batch_runs LEFT JOIN recipe_results ON batch_run_id = batch_runs.id GROUP BY batch_runs.id ORDER BY 1`
const whole = (ecosystem: string) => ({ ecosystem, failed: 1, macos_minutes: 2, passed: 1, results: 2 })

describe("The metrics of a matrix", () => {
  it("[ME10] have each of its runs with its results and the minutes of its jobs, once", async () => {
    assert.deepEqual(metricsOf(await record(0, matrix())), Array(8).fill("stored"))
    assert.deepEqual(metricsOf(await record(0, matrix())), Array(8).fill("known"))
    assert.deepEqual(rows(KEPT), EIGHT.map(whole))
    assert.deepEqual(rows("SELECT SUM(runs) AS runs FROM daily_rollups WHERE platform = ''"), [{ runs: 8 }])
  })

  it("[ME11] wait for their store all together, and are handed in later", async () => {
    const environment = {
      BATCHBRAKE_D1_API: "http://127.0.0.1:1",
      BATCHBRAKE_D1_DATABASE: "d1",
      CLOUDFLARE_ACCOUNT_ID: "account",
      CLOUDFLARE_API_TOKEN: "secret-token-4711"
    }
    const runs = await record(0, matrix(), environment)
    assert.deepEqual(metricsOf(runs), Array(8).fill("spooled"))
    assert.ok(runs.every(({ applied }) => applied === true))
    assert.equal(readdirSync(join(home(), "spool")).length, 8)
    assert.equal((await workshop.json(0, ["metrics", "push"])).stored, 8)
    assert.deepEqual(rows(KEPT), EIGHT.map(whole))
  })

  it("[ME14] are those of the others where one run's results could not be kept", async () => {
    const runs = await record(
      2,
      matrix((ecosystem) => (ecosystem === "gem" ? "x".repeat(5000) : "a"))
    )
    const [gem] = runs.filter(({ ecosystem }) => ecosystem === "gem")
    assert.match(Object(gem?.error).message, /line 1, recipe.*its grant was given back$/)
    assert.deepEqual(
      metricsOf(runs),
      EIGHT.map((ecosystem) => (ecosystem === "gem" ? undefined : "stored"))
    )
    assert.deepEqual(rows(KEPT), EIGHT.filter((ecosystem) => ecosystem !== "gem").map(whole))
  })
})
