import { strict as assert } from "node:assert"
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

let workshop: Workshop
let results: string
beforeEach(async () => {
  workshop = await openWorkshop(["npm"])
  await workshop.expecting(0, ["init", "--local"])
  results = workshop.write(
    "results.jsonl",
    '{"recipe":"a","status":"passed","duration_seconds":4}\n{"recipe":"b","status":"failed"}\n'
  )
})
afterEach(() => workshop.dispose())

const D1 = {
  BATCHBRAKE_D1_API: "http://127.0.0.1:1",
  BATCHBRAKE_D1_DATABASE: "d1",
  CLOUDFLARE_ACCOUNT_ID: "account",
  CLOUDFLARE_API_TOKEN: "secret-token-4711"
}
const home = (): string => join(workshop.clone, ".git/batchbrake")
const file = (): string => join(home(), "metrics.sqlite")
const spooled = (): number =>
  existsSync(join(home(), "spool")) ? readdirSync(join(home(), "spool")).filter((name) => /json$/.test(name)).length : 0
const record = (run: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...["record", "--local", "--ecosystem", "npm", "--run", run, "--results", results, ...more]
]
const count = (sql: string): unknown => {
  const database = new DatabaseSync(file())
  const [row] = database.prepare(sql).all()
  database.close()
  return Object.values(row ?? {})[0]
}
const figuresOf = ({ ecosystems, notices, store }: Json) => {
  const [npm = {}] = ecosystems as ReadonlyArray<Json>
  const codes = (notices as ReadonlyArray<Json>).map(({ code }) => code)
  return {
    codes,
    counts: [npm.passed, npm.failed],
    message: Object((notices as ReadonlyArray<Json>)[0]).message,
    store
  }
}

describe("Looking at figures", () => {
  it.each(["sli", "alerts"])("[ME12] by %s hands in what waits before runs are restored over it", async (verb) => {
    mkdirSync(file(), { recursive: true })
    assert.equal((await workshop.json(0, record("one"))).metrics, "spooled")
    rmdirSync(file())
    await workshop.json(0, [verb, "--local"])
    assert.equal(count("SELECT COUNT(*) FROM recipe_results"), 2)
    const pushed = await workshop.json(0, ["metrics", "push"])
    assert.deepEqual([pushed.known, pushed.stored, pushed.set_aside, spooled()], [1, 0, [], 0])
    assert.equal(count("SELECT COUNT(*) FROM recipe_results"), 2)
  })

  it("[ME12] restores a run that its own report then replaces", async () => {
    await workshop.json(0, record("one", "--no-metrics"))
    await workshop.json(0, ["sli", "--local"])
    assert.equal(count("SELECT COUNT(*) FROM recipe_results"), 0)
    assert.equal((await workshop.json(0, record("one"))).metrics, "stored")
    assert.equal((await workshop.json(0, record("one"))).metrics, "known")
    assert.equal(count("SELECT COUNT(*) FROM recipe_results"), 2)
    assert.equal(count("SELECT SUM(runs) FROM daily_rollups WHERE platform = ''"), 1)
    assert.deepEqual(figuresOf(await workshop.json(0, ["sli", "--local"])).counts, [1, 1])
  })

  it("[ME13] shows the runs of the control branch and of the spool while no file can be made, and moves nothing", async () => {
    mkdirSync(file(), { recursive: true })
    await workshop.json(0, record("one"))
    await workshop.json(0, record("two", "--no-metrics"))
    const { codes, counts, message, store } = figuresOf(await workshop.json(0, ["sli", "--local"]))
    assert.deepEqual([codes, counts, store], [["metrics-away"], [2, 2], "the runs on the control branch"])
    assert.match(String(message), /figures come from the runs on the control branch/)
    assert.equal(spooled(), 1)
  })

  it("[ME13] shows them while the file is damaged, and while D1 is out of reach or its settings are wrong", async () => {
    await workshop.json(0, record("one"))
    writeFileSync(file(), "no database ".repeat(2000))
    const unset = { ...D1, CLOUDFLARE_API_TOKEN: "" }
    for (const environment of [{}, D1, unset]) {
      const { codes, counts } = figuresOf(await workshop.json(0, ["sli", "--local"], { environment }))
      assert.deepEqual([codes, counts], [["metrics-away"], [1, 1]])
    }
    const looked = await workshop.json(0, ["alerts", "--local"], { environment: D1 })
    assert.deepEqual(
      (looked.notices as ReadonlyArray<Json>).map(({ code }) => code),
      ["metrics-away", "alerts-not-kept"]
    )
  })
})
