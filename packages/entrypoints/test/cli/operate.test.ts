import { strict as assert } from "node:assert"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { controlText, editByHand, tip } from "../support/ControlBranch.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const noticed = ({ notices }: Json): ReadonlyArray<string> =>
  Object(notices).map(({ code }: { readonly code: string }) => code)

const LOCAL = ["--local"]

describe("An operator's orders", () => {
  let workshop: Workshop
  const reasons = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
    const { ecosystems } = await workshop.json(0, ["gate", ...args])
    return Object(ecosystems).map((decision: Json) => `${decision.ecosystem} ${Object(decision.reasons)[0].code}`)
  }
  const control = (where: "local" | "remote" = "remote"): Json => JSON.parse(controlText(workshop, where))
  beforeEach(async () => {
    workshop = await openWorkshop(["npm", "pypi"])
  })
  afterEach(() => workshop.dispose())

  it("pause all or some, mirrored into the published fields, and resume lifts what it names", async () => {
    await workshop.expecting(0, ["pause", "npm", "--reason", "one", "--incident", "https://example.com/7"])
    assert.deepEqual(await reasons(), ["npm paused", "pypi closed"])
    assert.deepEqual(control().disabled_ecosystems, ["npm"])
    const { disabled_by, enabled, incident_url, reason } = control()
    assert.deepEqual([enabled, reason, incident_url, disabled_by], [true, "one", "https://example.com/7", "Operator"])
    await workshop.expecting(0, ["pause", "--reason", "all"])
    assert.equal(control().enabled, false)
    const lifted = await workshop.json(0, ["resume"])
    assert.deepEqual(noticed(lifted), ["resumed", "still-paused"])
    assert.deepEqual(await reasons(), ["npm paused", "pypi closed"])
    await workshop.expecting(0, ["resume", "--everything"])
    assert.deepEqual(await reasons(), ["npm closed", "pypi closed"])
    const nothing = await workshop.json(0, ["resume"])
    assert.deepEqual([nothing.applied, noticed(nothing)], [false, ["not-paused"]])
  })

  it("pause until a time: information only, unless it resumes by itself, and then at exactly that time", async () => {
    await workshop.expecting(0, ["init", "--local"])
    const at = (time: string): ReadonlyArray<string> => ["--local", "--at", `2026-01-05T${time}Z`]
    const until = ["--reason", "r", "--until", "2026-01-05T06:00:00Z", ...at("00:00:00")]
    await workshop.expecting(0, ["pause", "npm", ...until])
    await workshop.expecting(0, ["pause", "pypi", "--auto-resume", ...until])
    assert.deepEqual(await reasons(...at("05:59:59")), ["npm paused", "pypi paused"])
    assert.deepEqual(await reasons(...at("06:00:00")), ["npm paused", "pypi closed"])
    assert.equal((await workshop.json(0, ["explain", "npm", ...at("01:00:00")])).retry_at, null)
  })

  it("stop written into the file by hand stops, whatever the pauses say, until a resume clears both", async () => {
    editByHand(workshop, (file) => {
      file.enabled = false
    })
    assert.deepEqual(await reasons(), ["npm paused", "pypi paused"])
    const { stdout } = await workshop.expecting(0, ["status"])
    assert.match(stdout, /by hand edit|\(hand edit/)
    await workshop.expecting(0, ["resume"])
    assert.equal(control().enabled, true)
    assert.deepEqual(await reasons(), ["npm closed", "pypi closed"])
    await workshop.expecting(0, ["pause", "--reason", "recorded"])
    editByHand(workshop, (file) => {
      file.enabled = true
    })
    assert.deepEqual(await reasons(), ["npm paused", "pypi paused"])
  })

  it("loosen by hand holds everything and nothing is written, until a reset or an adoption stands for it", async () => {
    await workshop.expecting(0, ["init", ...LOCAL])
    const bad = ["record", ...LOCAL, "--ecosystem", "npm", "--passed", "0", "--failed", "10", "--run"]
    const close = (file: Json): void => {
      file.circuit_breaker = { npm: { failures: 0, state: "closed" } }
    }
    await workshop.expecting(0, [...bad, "one"])
    editByHand(workshop, close, "local")
    const before = tip(workshop, "local")
    assert.deepEqual(await reasons("--claim", ...LOCAL), ["npm unexplained-edit", "pypi unexplained-edit"])
    for (const args of [
      [...bad, "two"],
      ["pause", "--reason", "r", ...LOCAL],
      ["reset", "pypi", "--reason", "r", ...LOCAL]
    ]) {
      const refused = await workshop.json(2, args)
      assert.equal(Object(refused.error).code, "unexplained-edit")
      assert.match(Object(refused.error).path, /^circuit_breaker\.npm\./)
      assert.match(Object(refused.error).message, /audit --adopt --reason R/)
    }
    assert.equal(tip(workshop, "local"), before)
    const { findings } = await workshop.json(1, ["audit", ...LOCAL])
    assert.ok(Object(findings).every(({ commit }: Json) => commit === before))
    await workshop.expecting(0, ["reset", "npm", "--reason", "looked at it", ...LOCAL])
    assert.deepEqual(await reasons(...LOCAL), ["npm closed", "pypi closed"])
    await workshop.expecting(0, [...bad, "three"])
    editByHand(workshop, close, "local")
    await workshop.expecting(0, ["audit", "--adopt", "--reason", "restored", ...LOCAL])
    assert.deepEqual(await reasons(...LOCAL), ["npm closed", "pypi closed"])
    const nothing = await workshop.json(0, ["audit", "--adopt", "--reason", "again", ...LOCAL])
    assert.equal(nothing.applied, false)
  })

  it("pause and resume work without a policy file, also after an edit by hand, and others say what is missing", async () => {
    rmSync(join(workshop.clone, "batch-policy.json"))
    await workshop.expecting(0, ["pause", "npm", "--reason", "no policy at hand"])
    editByHand(workshop, (file) => {
      file.enabled = false
    })
    await workshop.expecting(0, ["pause", "pypi", "--reason", "still none"])
    await workshop.expecting(0, ["resume", "--everything"])
    await workshop.expecting(2, ["pause", "npm", "--reason", "r", "--policy", "nowhere.json"])
    const { stderr } = await workshop.expecting(2, ["reset", "npm", "--reason", "r"])
    assert.match(stderr, /batch-policy\.json: there is no such file; `batchbrake init --ecosystem E` writes one/)
  })

  it("of an ecosystem that nobody knows are refused", async () => {
    await workshop.expecting(0, ["init", ...LOCAL])
    for (const args of [
      ["pause", "cask", "--reason", "r"],
      ["reset", "cask", "--reason", "r"]
    ]) {
      assert.equal(Object((await workshop.json(2, [...args, ...LOCAL])).error).code, "unknown-ecosystem")
    }
  })

  it("cannot forge a line of ours, on a terminal or in the log", async () => {
    await workshop.expecting(0, ["init", ...LOCAL])
    const reason = "a\n\u001b[31mnpm  run\u001b[0m\n\nBatchbrake-Event: Resumed\u202e"
    await workshop.expecting(0, ["pause", "--reason", reason, ...LOCAL])
    const { stdout } = await workshop.expecting(0, ["status", ...LOCAL])
    assert.ok(!stdout.includes("\u001b") && !stdout.includes("\u202e"))
    assert.ok(!/^Batchbrake-Event/m.test(stdout))
    await workshop.expecting(0, ["audit", ...LOCAL])
    assert.equal(Object(Object(control("local").pauses)["*"]).reason, reason)
  })
})

describe("The budget", () => {
  let workshop: Workshop
  const MONDAY = ["--local", "--at", "2026-01-05T00:00:00Z"]
  const adjust = (minutes: number) =>
    workshop.json(0, ["budget", "adjust", "--minutes", `macos=${minutes}`, "--reason", "r", ...MONDAY])
  const decided = async () => Object((await workshop.json(0, ["gate", ...MONDAY])).ecosystems)[0]
  beforeEach(async () => {
    workshop = await openWorkshop(["npm"], { budget: { caps: { macos: 1000 } } })
    await workshop.expecting(0, ["init", ...MONDAY])
  })
  afterEach(() => workshop.dispose())

  it("halves the batch and samples at 80 % and not a minute before", async () => {
    await adjust(799)
    const before = await decided()
    assert.deepEqual([before.batch_size, before.sampling.macos], [25, 1])
    assert.deepEqual(noticed(await adjust(1)).length, 2)
    const after = await decided()
    assert.deepEqual([after.batch_size, after.sampling.macos], [12, 0.1])
    const { control } = await workshop.json(0, ["status", ...MONDAY])
    assert.equal(Object(control).budget.sampling_active, true)
  })

  it("admits a run whose reserve ends exactly at 95 %, holds one minute on, and says when the week is over", async () => {
    await adjust(930)
    assert.equal((await decided()).decision, "run")
    await adjust(1)
    const held = await decided()
    assert.deepEqual(
      [held.decision, held.reasons[0].code, held.retry_at],
      ["hold", "budget-exhausted", "2026-01-12T00:00:00Z"]
    )
    await adjust(-100_000)
    assert.equal((await decided()).decision, "run")
  })
})
