import { strict as assert } from "node:assert"
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { controlText, tip } from "../support/ControlBranch.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const PUBLISHED = {
  enabled: true,
  disabled_ecosystems: ["cask"],
  reason: "seven months of it",
  circuit_breaker: { npm: { failures: 9, last_failure: "2026-01-01T00:00:00Z", opens_at: "", state: "open" } },
  budget: { linux_minutes_used: 10, macos_minutes_used: 5, sampling_active: false, week_start: "2026-01-05T00:00:00Z" },
  somebody_elses_field: { kept: true }
}

describe("init", () => {
  let workshop: Workshop
  beforeEach(async () => {
    workshop = await openWorkshop()
  })
  afterEach(() => workshop.dispose())

  it("twice is as once: neither policy nor control branch is written over", async () => {
    const first = await workshop.json(0, ["init", "--ecosystem", "npm"])
    assert.deepEqual([first.created, first.policy_written], [true, true])
    const [policy, commit] = [workshop.read("batch-policy.json"), tip(workshop)]
    const again = await workshop.json(0, ["init", "--ecosystem", "npm"])
    assert.deepEqual([again.created, again.policy_written], [false, false])
    assert.deepEqual([workshop.read("batch-policy.json"), tip(workshop)], [policy, commit])
  })

  it("refuses to add an ecosystem to a policy, to write over one that is broken, and says where", async () => {
    await workshop.expecting(0, ["init", "--ecosystem", "npm"])
    const before = workshop.read("batch-policy.json")
    const refused = await workshop.json(2, ["init", "--ecosystem", "npm", "--ecosystem", "cask"])
    assert.deepEqual([Object(refused.error).code, Object(refused.error).path], ["refused", "ecosystems.cask"])
    assert.equal(workshop.read("batch-policy.json"), before)
    workshop.write("batch-policy.json", '{"version": 1, "ecosystem": {}}')
    const broken = await workshop.json(2, ["init", "--ecosystem", "npm"])
    assert.equal(Object(broken.error).code, "policy-unreadable")
    assert.match(Object(broken.error).message, /unknown key "ecosystem"/)
    assert.equal(workshop.read("batch-policy.json"), '{"version": 1, "ecosystem": {}}')
  })

  it("takes a published file over with its stops, its breakers and what it does not know, and only at the beginning", async () => {
    workshop.write("published.json", JSON.stringify(PUBLISHED))
    const args = ["init", "--ecosystem", "npm", "--ecosystem", "cask", "--import", "published.json"]
    await workshop.expecting(0, args)
    const control = JSON.parse(controlText(workshop))
    assert.deepEqual(control.somebody_elses_field, { kept: true })
    assert.deepEqual(control.disabled_ecosystems, ["cask"])
    const { ecosystems } = await workshop.json(0, ["gate"])
    assert.deepEqual(
      Object(ecosystems).map((decision: { readonly decision: string }) => decision.decision),
      ["probe", "hold"]
    )
    await workshop.expecting(0, ["pause", "--reason", "work goes on"])
    const before = tip(workshop)
    const refused = await workshop.json(2, args)
    assert.equal(Object(refused.error).code, "refused")
    assert.match(Object(refused.error).message, /not written over by --import/)
    assert.equal(tip(workshop), before)
  })

  it("refuses a file to take over that cannot be read before it writes anything", async () => {
    workshop.write("published.json", JSON.stringify({ ...PUBLISHED, enabled: "yes" }))
    const refused = await workshop.json(2, ["init", "--ecosystem", "npm", "--import", "published.json"])
    assert.deepEqual([Object(refused.error).code, Object(refused.error).path], ["input-unreadable", "enabled"])
    assert.ok(!existsSync(join(workshop.clone, "batch-policy.json")))
    assert.throws(() => tip(workshop))
  })

  it("writes nothing where there is no repository, and no work tree", async () => {
    const outside = join(workshop.directory, "outside")
    mkdirSync(outside)
    const nowhere = await workshop.expecting(2, ["init", "--ecosystem", "npm"], { cwd: outside })
    assert.match(nowhere.stderr, /is in no git repository: run `git init`/)
    assert.deepEqual(readdirSync(outside), [])
    const bare = await workshop.expecting(2, ["init", "--ecosystem", "npm"], { cwd: workshop.remote })
    assert.match(bare.stderr, /has no work tree/)
    assert.ok(!existsSync(join(workshop.remote, "batch-policy.json")))
  })

  it("names what a repository without a remote can do", async () => {
    workshop.git(workshop.clone, "remote", "remove", "origin")
    const { stderr } = await workshop.expecting(4, ["init", "--ecosystem", "npm"])
    assert.match(stderr, /origin/)
    await workshop.expecting(0, ["init", "--ecosystem", "npm", "--local"])
    rmSync(join(workshop.clone, "batch-policy.json"))
    await workshop.expecting(0, ["pause", "--reason", "r", "--local"])
  })
})
