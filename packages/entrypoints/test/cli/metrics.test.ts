import { strict as assert } from "node:assert"
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, it } from "vitest"
import { openHangingServer } from "../support/hangingServer.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const D1 = {
  BATCHBRAKE_D1_DATABASE: "d1",
  CLOUDFLARE_ACCOUNT_ID: "account",
  CLOUDFLARE_API_TOKEN: "secret-token-4711"
}

let workshop: Workshop
beforeEach(async () => {
  workshop = await openWorkshop(["npm"])
  await workshop.expecting(0, ["init", "--local"])
})
afterEach(() => workshop.dispose())

const home = (): string => join(workshop.clone, ".git/batchbrake")
const spooled = (): ReadonlyArray<string> =>
  existsSync(join(home(), "spool")) ? readdirSync(join(home(), "spool")).filter((name) => name.endsWith(".json")) : []
const rows = (sql: string): ReadonlyArray<Json> => {
  const database = new DatabaseSync(join(home(), "metrics.sqlite"))
  const found = database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }))
  database.close()
  return found
}
const record = (run: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...["record", "--local", "--ecosystem", "npm", "--run", run],
  ...(more.length > 0 ? more : ["--passed", "3", "--failed", "1", "--minutes", "macos=12.5"])
]
const codesOf = (recorded: Json): ReadonlyArray<string> =>
  (recorded.notices as ReadonlyArray<Json>).map(({ code }) => String(code))

describe("A recorded run", () => {
  it("[ME10] reaches the embedded file with each result, and counts once when it is recorded again", async () => {
    const results = [
      {
        category: "checksum",
        duration_seconds: 12.5,
        message: `no\u0000${"x".repeat(5000)}`,
        platform: "macos",
        recipe: "a",
        status: "failed"
      },
      { platform: "linux", recipe: "a", status: "passed", weight: 10 },
      { platform: "linux", recipe: "a", status: "skipped" },
      { recipe: "b", status: "passed" }
    ]
    const stdin = results.map((each) => JSON.stringify(each)).join("\n")
    const args = record("one", "--results", "-", "--minutes", "linux=3", "--batch", "2026-11-23-001")
    const first = await workshop.json(0, args, { stdin })
    assert.equal(first.metrics, "stored")
    assert.equal((await workshop.json(0, args, { stdin })).metrics, "known")
    assert.deepEqual(
      rows(
        "SELECT recipe_name, result, platform, error_category, duration_seconds, weight, length(error_message) AS length FROM recipe_results ORDER BY id"
      ),
      [
        {
          duration_seconds: 12.5,
          error_category: "checksum",
          length: 2000,
          platform: "macos",
          recipe_name: "a",
          result: "failed",
          weight: 1
        },
        {
          duration_seconds: null,
          error_category: null,
          length: null,
          platform: "linux",
          recipe_name: "a",
          result: "skipped",
          weight: 1
        },
        {
          duration_seconds: null,
          error_category: null,
          length: null,
          platform: null,
          recipe_name: "b",
          result: "passed",
          weight: 1
        }
      ]
    )
    assert.deepEqual(
      rows("SELECT batch_id, passed, failed, skipped, success_rate, linux_minutes, macos_minutes FROM batch_runs"),
      [
        {
          batch_id: "2026-11-23-001",
          failed: 1,
          linux_minutes: 3,
          macos_minutes: 0,
          passed: 1,
          skipped: 0,
          success_rate: 0.5
        }
      ]
    )
  })

  it("[ME10] without a counted attempt has no success rate", async () => {
    await workshop.json(0, record("vacuous", "--passed", "0", "--failed", "0", "--skipped", "4"))
    assert.deepEqual(rows("SELECT success_rate, total_recipes FROM batch_runs"), [
      { success_rate: null, total_recipes: 4 }
    ])
  })

  it("[ME10] with --no-metrics touches no metrics", async () => {
    const recorded = await workshop.json(0, [...record("one"), "--no-metrics"])
    assert.equal(recorded.metrics, "off")
    assert.equal(existsSync(home()), false)
  })

  it("[ME11] is recorded while the store is away, waits, and is handed in later", async () => {
    const environment = { ...D1, BATCHBRAKE_D1_API: "http://127.0.0.1:1" }
    const away = await workshop.json(0, record("one"), { environment })
    assert.deepEqual([away.applied, away.metrics, codesOf(away)], [true, "spooled", ["metrics-spooled"]])
    assert.equal(spooled().length, 1)
    const failed = await workshop.json(4, ["metrics", "push"], {
      environment: { ...environment, BATCHBRAKE_D1_API: "http://127.0.0.1:2" }
    })
    assert.equal(Object(failed.error).code, "metrics-unavailable")
    assert.equal(spooled().length, 1)
    const pushed = await workshop.json(0, ["metrics", "push"])
    assertShape(SHAPES["metrics push"], pushed)
    assert.deepEqual(pushed, { dropped: 0, known: 0, set_aside: [], stored: 1 })
    assert.equal(spooled().length, 0)
    assert.equal((await workshop.json(0, record("one"))).metrics, "known")
  })

  it("[ME11] waits a bounded time for a store that does not answer", async () => {
    const server = await openHangingServer()
    try {
      const environment = { ...D1, BATCHBRAKE_D1_API: `http://127.0.0.1:${server.port}` }
      const recorded = await workshop.json(0, record("one"), { environment })
      assert.deepEqual([recorded.applied, recorded.metrics], [true, "spooled"])
    } finally {
      await server.close()
    }
  })

  it("[ME11] is recorded whatever the file, the spool and the settings are like", async () => {
    mkdirSync(home(), { recursive: true })
    writeFileSync(join(home(), "metrics.sqlite"), "no database ".repeat(2000))
    const broken = await workshop.json(0, record("broken"))
    assert.deepEqual([broken.applied, broken.metrics], [true, "spooled"])
    const unset = await workshop.json(0, record("unset"), { environment: { BATCHBRAKE_D1_DATABASE: "d1" } })
    assert.deepEqual([unset.applied, unset.metrics], [true, "spooled"])
    rmSync(home(), { recursive: true })
    writeFileSync(home(), "in the way")
    const lost = await workshop.json(0, record("lost"))
    assert.deepEqual([lost.applied, lost.metrics, codesOf(lost)], [true, "lost", ["metrics-lost"]])
  })

  it("[ME14] that no store could keep is refused before it is recorded, in the field that is wrong", async () => {
    const tip = () => workshop.git(workshop.clone, "rev-parse", "refs/batchbrake/batch-control")
    const before = tip()
    const long = workshop.write("long.jsonl", `${JSON.stringify({ recipe: "x".repeat(5000), status: "passed" })}\n`)
    const counts = ["--passed", "1", "--failed", "0"]
    const platforms = Array.from({ length: 33 }, (_, place) => ["--minutes", `p${place}=1`]).flat()
    for (const [path, ...more] of [
      ["line 1, recipe", "--results", long],
      ["started_at", ...counts, "--started", "2100-01-01"],
      ["batch", ...counts, "--batch", "x".repeat(1025)],
      ["results", ...counts, ...platforms]
    ]) {
      const { error } = await workshop.json(2, record("unusable", ...more))
      assert.deepEqual([Object(error).path, Object(error).code], [path, "input-unreadable"])
      assert.match(Object(error).message, /nothing was recorded$/)
    }
    const unknown = await workshop.json(2, [
      "record",
      "--local",
      "--ecosystem",
      "x".repeat(10_000),
      "--run",
      "1",
      ...counts
    ])
    assert.ok(Object(unknown.error).message.length < 200)
    assert.equal(tip(), before)
  })

  it.each([
    ["a token with a line end", "secret-token\nx-admin: yes"],
    ["a token that is refused", "secret-token-4711"]
  ])("[ME8] with %s shows nothing of it", async (_, token) => {
    const server = createServer((request, response) => {
      const message = `no access for ${request.headers.authorization} at https://user:pass-word@example.com/`
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 10_000, message }], success: false }))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const environment = {
      ...D1,
      BATCHBRAKE_D1_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CLOUDFLARE_API_TOKEN: token
    }
    const recorded = await workshop.expecting(0, [...record("one"), "--json"], { environment })
    const migrated = await workshop.expecting(4, ["metrics", "migrate"], { environment })
    for (const text of [recorded.stdout, recorded.stderr, migrated.stdout, migrated.stderr])
      assert.ok(!text.includes("secret-token") && !text.includes("pass-word"), text)
    assert.match(recorded.stdout, /"metrics": "spooled"/)
    await new Promise((resolve) => server.close(resolve))
  })
})

describe("An address of the API with a password", () => {
  it("[ME8] is refused, and neither is shown", async () => {
    const environment = { ...D1, BATCHBRAKE_D1_API: "https://user:pass-word-4711@api.example.com/?key=pass-word-4711" }
    const recorded = await workshop.expecting(0, [...record("one"), "--json"], { environment })
    const pushed = await workshop.expecting(4, ["metrics", "push"], { environment })
    const shown = await workshop.expecting(0, ["sli", "--local"], { environment })
    for (const text of [recorded, pushed, shown].map(({ stderr, stdout }) => stderr + stdout)) {
      assert.doesNotMatch(text, /pass-word/)
      assert.match(text, /without\s+a\s+user,\s+a\s+password/)
    }
    assert.match(recorded.stdout, /"metrics": "spooled"/)
  })
})

describe("The runs on the control branch", () => {
  it("[ME9] restore what no store has kept, by run, once", async () => {
    for (const run of ["one", "two", "three"]) await workshop.json(0, record(run))
    const before = rows("SELECT ecosystem, platform, day, runs, passed, failed, minutes FROM daily_rollups")
    rmSync(home(), { recursive: true })
    const rebuilt = await workshop.json(0, ["metrics", "rebuild", "--local"])
    assertShape(SHAPES["metrics rebuild"], rebuilt)
    assert.deepEqual([rebuilt.found, rebuilt.restored, rebuilt.unreadable], [3, 3, 0])
    assert.deepEqual(rows("SELECT ecosystem, platform, day, runs, passed, failed, minutes FROM daily_rollups"), before)
    const again = await workshop.json(0, ["metrics", "rebuild", "--local"])
    assert.deepEqual([again.found, again.known, again.restored], [3, 3, 0])
  })

  it("[ME9] are told apart by what the store says of them: known, of other counts, pruned", async () => {
    await workshop.json(0, [...record("old"), "--at", "2026-01-01T12:00:00Z"])
    for (const run of ["one", "two"]) await workshop.json(0, record(run))
    rows("UPDATE batch_runs SET passed = 4 WHERE run_key = 'two'")
    await workshop.json(0, ["metrics", "prune"])
    const rebuilt = await workshop.json(0, ["metrics", "rebuild", "--local"])
    assert.deepEqual([rebuilt.found, rebuilt.known, rebuilt.conflicts, rebuilt.too_old], [3, 1, 1, 1])
    const { stdout } = await workshop.expecting(0, ["metrics", "rebuild", "--local"])
    assert.match(stdout, /1 were known\n.*1 are known with other counts.*\n.*1 completed before what was pruned/)
  })

  it("[ME9] are there for figures in a clone that never recorded one, and in one that recorded its first", async () => {
    const registry = await openWorkshop(["npm"])
    try {
      const remote = (run: string) => record(run, "--passed", "3", "--failed", "1").filter((word) => word !== "--local")
      await registry.json(0, remote("one"))
      const [other, third] = [registry.cloneTo("other"), registry.cloneTo("third")]
      const passedIn = async (cwd: string): Promise<unknown> => {
        const { ecosystems } = await registry.json(0, ["sli"], { cwd })
        return (ecosystems as ReadonlyArray<Json>)[0]?.passed
      }
      assert.equal(await passedIn(other), 3)
      await registry.json(0, remote("two"), { cwd: third })
      assert.equal(await passedIn(third), 6)
      assert.equal(await passedIn(registry.clone), 6)
    } finally {
      registry.dispose()
    }
  })

  it("[ME9] give way to what waits in the spool, which knows more", async () => {
    const file = workshop.write("results.jsonl", '{"recipe":"a","status":"passed"}\n')
    const environment = { ...D1, BATCHBRAKE_D1_API: "http://127.0.0.1:1" }
    await workshop.json(0, record("one", "--results", file), { environment })
    const rebuilt = await workshop.json(0, ["metrics", "rebuild", "--local"])
    assert.deepEqual([rebuilt.pushed, rebuilt.restored], [1, 0])
    assert.equal(rows("SELECT * FROM recipe_results").length, 1)
  })
})

describe("The claim of a run", () => {
  const claim = (run: string) =>
    workshop.json(0, ["gate", "--local", "--claim", "--ecosystem", "npm", "--run", run, "--batch", "2026-11-23-001"])
  const kept = () =>
    rows("SELECT run_key, batch_id, started_at <= completed_at AS is_started FROM batch_runs ORDER BY 1")
  const whole = (run: string) => ({ batch_id: "2026-11-23-001", is_started: 1, run_key: run })

  it("[ME15] gives its report batch and beginning, once more after the grant has ended, and where it is restored", async () => {
    await claim("one")
    await claim("two")
    assert.equal((await workshop.json(0, record("one"))).metrics, "stored")
    assert.equal((await workshop.json(0, record("one"))).metrics, "known")
    const lines = `${JSON.stringify({ ecosystem: "npm", failed: 0, passed: 1, run_key: "two" })}\n`
    const reports = ["record", "--local", "--reports", "-"]
    for (const wanted of ["stored", "known"]) {
      const { runs } = await workshop.json(0, reports, { stdin: lines })
      assert.deepEqual(
        (runs as ReadonlyArray<Json>).map(({ metrics }) => metrics),
        [wanted]
      )
    }
    assert.deepEqual(kept(), [whole("one"), whole("two")])
    rmSync(home(), { recursive: true })
    await workshop.json(0, ["metrics", "rebuild", "--local"])
    assert.deepEqual(kept(), [whole("one"), whole("two")])
    assert.equal((await workshop.json(0, record("one"))).metrics, "known")
  })

  it("[ME15] is told from by what the report states itself", async () => {
    await claim("one")
    const stated = ["--passed", "1", "--failed", "0", "--batch", "2026-11-23-002", "--started", "2026-11-22T04:00:00Z"]
    await workshop.json(0, record("one", ...stated))
    assert.deepEqual(rows("SELECT batch_id, started_at FROM batch_runs"), [
      { batch_id: "2026-11-23-002", started_at: "2026-11-22T04:00:00.000Z" }
    ])
  })
})

describe("Upkeep of the metrics", () => {
  it("answers in its published shapes", async () => {
    const migrated = await workshop.json(0, ["metrics", "migrate"])
    assertShape(SHAPES["metrics migrate"], migrated)
    await workshop.json(0, [...record("old"), "--at", "2026-01-01T12:00:00Z"])
    const pruned = await workshop.json(0, ["metrics", "prune", "--at", "2026-11-23T05:00:00Z"])
    assertShape(SHAPES["metrics prune"], pruned)
    assert.deepEqual(pruned, { before: "2026-08-25T00:00:00Z", removed: 1 })
    assert.equal(rows("SELECT * FROM daily_rollups WHERE platform = ''").length, 1)
  })

  it.each(["89", "x"])("refuses to keep %s days only", async (days) => {
    await workshop.json(2, ["metrics", "prune", `--days=${days}`])
  })

  it("[SP5] may be done by several at once", async () => {
    const environment = { ...D1, BATCHBRAKE_D1_API: "http://127.0.0.1:1" }
    for (const run of ["one", "two", "three"]) await workshop.json(0, record(run), { environment })
    const pushes = await Promise.all([1, 2, 3].map(() => workshop.json(0, ["metrics", "push"])))
    assert.equal(
      pushes.reduce((sum, { stored }) => sum + Number(stored), 0),
      3
    )
    assert.deepEqual(rows("SELECT SUM(runs) AS runs FROM daily_rollups WHERE platform = ''"), [{ runs: 3 }])
  })
})
