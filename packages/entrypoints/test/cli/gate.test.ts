import { strict as assert } from "node:assert"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const LOCAL = ["--local"]

const first = (document: Record<string, unknown>) => Object(document.ecosystems)[0]

describe("The gate", () => {
  let workshop: Workshop
  let counter = 0
  /** A file for GITHUB_OUTPUT that does not exist yet. */
  const output = (): string => join(workshop.directory, `output-${counter++}`)
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "crates.io"])
    await workshop.expecting(0, ["init", ...LOCAL])
  })
  afterAll(() => workshop.dispose())

  it("tells the steps that follow in a job what may run", async () => {
    const path = output()
    await workshop.expecting(0, ["gate", ...LOCAL], { environment: { GITHUB_OUTPUT: path } })
    assert.equal(readFileSync(path, "utf8"), 'can_proceed=true\necosystems=["npm","crates.io"]\n')
    await workshop.expecting(0, ["gate", "--ecosystem", "cask", ...LOCAL], { environment: { GITHUB_OUTPUT: path } })
    assert.match(readFileSync(path, "utf8"), /\ncan_proceed=false\necosystems=\[\]\n$/)
  })

  it.each([
    ["its command line is wrong", ["--bogus"], "usage"],
    ["a run key is wrong", ["--run", "a\nb"], "usage"],
    ["the policy cannot be read", ["--policy", "nowhere.json"], "policy-unreadable"],
    ["the candidates cannot be read", ["--ecosystem", "npm", "--candidates", "nowhere.txt"], "input-unreadable"],
    ["there is no control branch", ["--remote", "origin", "--policy", "other.json"], "control-missing"],
    ["the time is refused", ["--remote", "origin", "--at", "2999-01-01T00:00:00Z"], "time-refused"]
  ])("holds everything and says so to the job when %s", async (_, args, code) => {
    workshop.write(
      "other.json",
      JSON.stringify({ control_branch: "elsewhere", ecosystems: { "crates.io": {}, npm: {} }, version: 1 })
    )
    const path = output()
    const place = args.includes("--remote") ? [] : LOCAL
    const failed = await workshop.json(2, ["gate", ...args, ...place], { environment: { GITHUB_OUTPUT: path } })
    assert.equal(Object(failed.error).code, code)
    assert.equal(failed.can_proceed, false)
    assert.ok(Array.isArray(failed.ecosystems))
    assert.ok(failed.ecosystems.every(({ decision, grant }) => decision === "hold" && grant === null))
    assert.equal(readFileSync(path, "utf8"), "can_proceed=false\necosystems=[]\n")
  })

  it("fails when it cannot tell the job", async () => {
    const directory = output()
    mkdirSync(directory)
    const failed = await workshop.json(2, ["gate", ...LOCAL], { environment: { GITHUB_OUTPUT: directory } })
    assert.equal(Object(failed.error).code, "output-failed")
    assert.equal(failed.can_proceed, false)
  })

  it("exits with 3 only with --exit-code and only when nothing may run", async () => {
    await workshop.expecting(0, ["gate", "--exit-code", ...LOCAL])
    await workshop.expecting(0, ["gate", "--ecosystem", "npm", "--ecosystem", "cask", "--exit-code", ...LOCAL])
    await workshop.expecting(3, ["gate", "--ecosystem", "cask", "--exit-code", ...LOCAL])
    await workshop.expecting(0, ["gate", "--ecosystem", "cask", ...LOCAL])
  })

  it("holds an ecosystem that the policy does not know, names those that it knows, and is asked once of each", async () => {
    const { ecosystems } = await workshop.json(0, ["gate", "--ecosystem", "cask", "--ecosystem", "cask", ...LOCAL])
    assert.equal(Object(ecosystems).length, 1)
    assert.equal(Object(ecosystems)[0].reasons[0].code, "unknown-ecosystem")
    assert.match(Object(ecosystems)[0].reasons[0].message, /it knows: npm, crates\.io/)
  })

  it("makes the run key of a claim from the CI run, and answers a repeated step with the same grant", async () => {
    const environment = { GITHUB_ACTOR: "release-bot", GITHUB_RUN_ATTEMPT: "2", GITHUB_RUN_ID: "4711" }
    const claim = ["gate", "--claim", "--ecosystem", "npm", ...LOCAL]
    const claimed = first(await workshop.json(0, claim, { environment }))
    assert.equal(claimed.run_key, "4711-2-npm")
    assert.equal(claimed.grant.by, "release-bot")
    const again = first(await workshop.json(0, claim, { environment }))
    assert.deepEqual(again.grant, claimed.grant)
    assert.equal(again.reasons[0].code, "granted")
    const other = first(await workshop.json(0, claim))
    assert.match(other.run_key, /^run-[0-9a-f]{24}$/)
  })

  it("holds a key that had its result, and one that was given back", async () => {
    await workshop.expecting(0, ["gate", "--claim", "--ecosystem", "npm", "--run", "back", ...LOCAL])
    await workshop.expecting(0, ["abandon", "--run", "back", ...LOCAL])
    await workshop.expecting(0, [
      ...["record", "--ecosystem", "npm", "--run", "done", "--passed", "1", "--failed", "0"],
      ...LOCAL
    ])
    for (const run of ["back", "done"]) {
      const held = first(await workshop.json(0, ["gate", "--claim", "--ecosystem", "npm", "--run", run, ...LOCAL]))
      assert.deepEqual([held.decision, held.reasons[0].code], ["hold", "key-used"])
    }
  })

  it("writes nothing unless it claims, and nothing for a claim that it holds", async () => {
    const tip = (): string => workshop.git(workshop.clone, "rev-parse", "refs/batchbrake/batch-control")
    const before = tip()
    await workshop.expecting(0, ["gate", "--run", "only-asked", ...LOCAL])
    await workshop.expecting(0, ["gate", "--claim", "--ecosystem", "cask", ...LOCAL])
    assert.equal(tip(), before)
  })

  it("[LI7] asks and claims within a limit, shows it, and tells of a report beyond it", async () => {
    const limited = ["gate", "--ecosystem", "npm", "--max-attempts", "3", ...LOCAL]
    const asked = first(await workshop.json(0, limited))
    assert.deepEqual([asked.batch_size, asked.max_attempts, asked.grant], [3, 3, null])
    assert.deepEqual(
      asked.reasons.map(({ code }: { code: string }) => code),
      ["closed", "limited"]
    )
    const { grant } = first(await workshop.json(0, [...limited, "--claim", "--run", "by-hand"]))
    assert.deepEqual([grant.batch_size, grant.max_attempts, grant.limit], [3, 3, 3])
    const again = ["gate", "--ecosystem", "npm", "--claim", "--run", "by-hand", ...LOCAL]
    assert.equal(first(await workshop.json(0, [...again, "--max-attempts", "9"])).max_attempts, 3)
    assert.equal(first(await workshop.json(0, [...again, "--max-attempts", "2"])).max_attempts, 2)
    const shown = /by-hand \(run, .*\) until .*, at most 3 attempts/
    assert.match((await workshop.expecting(0, ["status", ...LOCAL])).stdout, shown)
    assert.match((await workshop.expecting(0, ["explain", "npm", ...LOCAL])).stdout, shown)
    const { attempts, notices } = await workshop.json(0, [
      ...["record", "--ecosystem", "npm", "--run", "by-hand", "--passed", "4", "--failed", "0"],
      ...LOCAL
    ])
    assert.deepEqual(
      [Object(attempts).passed, Object(notices).map(({ code }: { code: string }) => code)],
      [4, ["over-limit"]]
    )
  })

  it.each(["0", "-1", "1.5", "3 ", "many", "100001"])(
    "[LI7] a limit of %j holds everything and grants nothing",
    async (limit) => {
      const claim = ["gate", "--ecosystem", "npm", "--claim", `--max-attempts=${limit}`, ...LOCAL]
      const refused = await workshop.json(2, claim)
      assert.match(Object(refused.error).message, /--max-attempts: found .*, expected a whole number/)
      assert.deepEqual([refused.can_proceed, first(refused).grant], [false, null])
    }
  )

  it("takes candidates from a file, from standard input and as a JSON array, and refuses another array", async () => {
    const ask = ["gate", "--ecosystem", "npm", ...LOCAL, "--candidates"]
    await workshop.expecting(0, [...ask, workshop.write("list.txt", "a.rb\r\n\r\nb.rb\r\n")])
    await workshop.expecting(0, [...ask, "-"], { stdin: '["a.rb", "b.rb"]' })
    await workshop.expecting(2, [...ask, "-"], { stdin: '["a.rb", 2]' })
    await workshop.expecting(2, [...ask, "-"], { stdin: Uint8Array.from([0xff, 0xfe]) })
    const { stderr } = await workshop.expecting(2, ["gate", "--candidates", "-", ...LOCAL], { stdin: "a.rb\n" })
    assert.match(stderr, /exactly one --ecosystem/)
  })

  it("does not wait for standard input unless it is told to read it", async () => {
    const { seconds } = await workshop.expecting(0, ["gate", ...LOCAL])
    assert.ok(seconds < 10)
    assert.ok(!existsSync(join(workshop.clone, "-")))
  })
})
