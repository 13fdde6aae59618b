import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const AT = "2026-11-23T06:00:00Z"

const ecosystemIn = (answer: Json, name: string): Json => {
  const found = Array.isArray(answer.ecosystems) ? answer.ecosystems.find(({ ecosystem }) => ecosystem === name) : {}
  return Object(found)
}
const codesIn = (answer: Json): ReadonlyArray<string> =>
  Array.isArray(answer.notices) ? answer.notices.map(({ code }) => code) : []

describe("Figures", () => {
  let workshop: Workshop
  const local = (...args: ReadonlyArray<string>): ReadonlyArray<string> => [...args, "--local", "--at", AT]
  beforeAll(async () => {
    workshop = await openWorkshop(["homebrew", "npm", "cask"])
    await workshop.expecting(0, ["init", "--local"])
    const record = (name: string, run: string, passed: number, failed: number, ...more: ReadonlyArray<string>) =>
      workshop.expecting(0, [
        ...local("record", "--ecosystem", name, "--run", run),
        ...["--passed", String(passed), "--failed", String(failed), ...more]
      ])
    await record("homebrew", "one", 81, 182, "--minutes", "macos=100", "--minutes", "linux=10")
    await record("npm", "two", 0, 20, "--minutes", "solaris=3")
    await record("cask", "three", 0, 0, "--skipped", "4")
  })
  afterAll(() => workshop.dispose())

  it("[SL2] are the published ones: rate, interval, verdict, counts and objective of each ecosystem", async () => {
    const answer = await workshop.json(0, local("sli"))
    const { failed, interval, objective, passed, success_rate, verdict } = ecosystemIn(answer, "homebrew")
    assert.deepEqual([passed, failed, objective, verdict], [81, 182, 0.85, "violated"])
    assert.equal(Number(success_rate).toFixed(4), (81 / 263).toFixed(4))
    assert.deepEqual(
      (interval as ReadonlyArray<number>).map((end) => end.toFixed(4)),
      ["0.2553", "0.3662"]
    )
    assert.deepEqual(codesIn(answer), [])
  })

  it("[SL1] of a vacuous run are none", async () => {
    const { interval, runs, success_rate, vacuous_runs, verdict } = ecosystemIn(
      await workshop.json(0, local("sli")),
      "cask"
    )
    assert.deepEqual([success_rate, interval, verdict, runs, vacuous_runs], [null, null, "no-data", 1, 1])
  })

  it("[MO1] tell what the minutes cost, of each ecosystem and together, and what has no price", async () => {
    const answer = await workshop.json(0, local("sli"))
    assert.equal(Object(answer.cost).dollars, 6.26)
    assert.deepEqual(Object(answer.cost).unpriced, ["solaris"])
    assert.equal(Object(ecosystemIn(answer, "homebrew").cost).dollars, 6.26)
    const status = await workshop.json(0, local("status"))
    assert.equal(Object(status.cost).dollars, 6.26)
    const { stdout } = await workshop.expecting(0, local("status"))
    assert.match(
      stdout,
      /week of 2026-11-23T00:00:00Z: \$6\.26 at the prices of 2026-01-01 \(solaris: no price known\)/
    )
  })

  it("[SL11] are of the window that is asked for", async () => {
    const before = await workshop.json(0, ["sli", "--local", "--at", "2026-11-23T05:59:59Z", "--ecosystem", "npm"])
    assert.equal(ecosystemIn(before, "npm").runs, 0)
    const later = ["sli", "--local", "--at", "2026-11-23T07:00:00Z", "--ecosystem", "npm", "--window"]
    assert.equal(ecosystemIn(await workshop.json(0, [...later, "1h"]), "npm").runs, 0)
    assert.equal(ecosystemIn(await workshop.json(0, [...later, "61m"]), "npm").runs, 1)
  })

  it("are a table for people", async () => {
    const { stdout } = await workshop.expecting(0, local("sli"))
    assert.match(stdout, /^ECOSYSTEM +VERDICT +RATE +95 % INTERVAL/)
    assert.match(stdout, /^homebrew +violated +30\.8 % +25\.5 % - 36\.6 % +85\.0 % +81\/263/m)
    assert.match(stdout, /^npm: the error budget is used up$/m)
  })

  it("[SL8] of two days ago are called stale", async () => {
    const answer = await workshop.json(0, ["sli", "--local", "--at", "2026-11-25T06:00:01Z"])
    assert.equal(ecosystemIn(answer, "homebrew").verdict, "stale")
  })

  it("[SL12] [ME13] are said to be others, and nothing fails, where the metrics store or the control branch cannot be had", async () => {
    const environment = { BATCHBRAKE_D1_DATABASE: "somewhere" }
    const away = await workshop.json(0, local("sli"), { environment })
    assert.deepEqual([ecosystemIn(away, "homebrew").verdict, codesIn(away)], ["violated", ["metrics-away"]])
    const nowhere = await workshop.json(0, ["sli", "--remote", "nowhere", "--at", AT])
    assert.deepEqual(codesIn(nowhere), ["control-away"])
    assert.equal(ecosystemIn(nowhere, "homebrew").passed, 81)
  })

  it("of an ecosystem that the policy does not know are refused", async () => {
    const refused = await workshop.json(2, local("sli", "--ecosystem", "nmp"))
    assert.match(String(Object(refused.error).message), /does not know nmp; it knows: homebrew, npm, cask/)
  })
})

describe("Figures of results", () => {
  it("[SL5] count sampled ones for what they stand for, and tell how long they took", async () => {
    const workshop = await openWorkshop(["npm"])
    try {
      await workshop.expecting(0, ["init", "--local"])
      const results = [
        { duration_seconds: 41, platform: "linux", recipe: "a", status: "passed" },
        { duration_seconds: 300, platform: "macos", recipe: "b", status: "passed", weight: 10 },
        { duration_seconds: 5000, platform: "macos", recipe: "c", status: "failed", weight: 10 }
      ]
      const stdin = results.map((line) => `${JSON.stringify(line)}\n`).join("")
      await workshop.expecting(0, ["record", "--local", "--ecosystem", "npm", "--run", "r", "--results", "-"], {
        stdin
      })
      const npm = ecosystemIn(await workshop.json(0, ["sli", "--local"]), "npm")
      assert.deepEqual([npm.success_rate, npm.passed, npm.failed], [0.52381, 2, 1])
      assert.ok(Number(npm.effective_attempts) < 3)
      const { p50_seconds, p95_seconds, timed } = Object(npm.latency)
      assert.ok(p50_seconds > 240 && p50_seconds <= 360)
      assert.deepEqual([p95_seconds, timed], [3600, 3])
      const { stdout } = await workshop.expecting(0, ["sli", "--local"])
      assert.match(stdout, /2\/3 sampled .* over 3600 s$/m)
    } finally {
      workshop.dispose()
    }
  })
})

describe("Minutes of jobs in a results file", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["npm"])
    await workshop.expecting(0, ["init", "--local"])
    workshop.write(
      "results.jsonl",
      [
        { recipe: "a", status: "passed" },
        { duration_seconds: 61, job: "validate (1)", platform: "macos" },
        { duration_seconds: 60, job: "validate (2)", platform: "macos" },
        { duration_seconds: 1, job: "report", platform: "linux" }
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join("")
    )
  })
  afterAll(() => workshop.dispose())
  const record = (run: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> => [
    ...["record", "--local", "--ecosystem", "npm", "--run", run, "--results", "results.jsonl"],
    ...more
  ]

  it("[MO4] are refused beside stated ones, and nothing is recorded", async () => {
    const refused = await workshop.json(2, record("both", "--minutes", "macos=3"))
    assert.match(String(Object(refused.error).message), /--minutes and the job lines of --results exclude each other/)
    const { budget } = Object((await workshop.json(0, ["status", "--local"])).control)
    assert.equal(budget.macos_minutes_used, 0)
  })

  it("[MO3] are the run's minutes: each job's rounded up, summed by platform", async () => {
    await workshop.expecting(0, record("one"))
    const { budget } = Object((await workshop.json(0, ["status", "--local"])).control)
    assert.deepEqual([budget.macos_minutes_used, budget.linux_minutes_used], [3, 1])
  })
})
