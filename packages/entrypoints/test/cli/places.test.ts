import { strict as assert } from "node:assert"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const CLAIM = ["gate", "--claim", "--run"]

describe("Where the command works", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["npm"])
  })
  afterAll(() => workshop.dispose())

  it("works in a subdirectory, and from elsewhere with --repo", async () => {
    const deep = join(workshop.clone, "a/b")
    mkdirSync(deep, { recursive: true })
    await workshop.expecting(0, [...CLAIM, "deep", "--exit-code"], { cwd: deep })
    await workshop.expecting(0, [...CLAIM, "afar", "--exit-code", "--repo", "clone/a"], { cwd: workshop.directory })
  })

  it("works in a linked work tree", async () => {
    const linked = join(workshop.directory, "linked")
    workshop.git(workshop.clone, "worktree", "add", "-q", "--detach", linked)
    await workshop.expecting(0, [...CLAIM, "linked", "--exit-code"], { cwd: linked })
  })

  it("works in a clone of one commit and one branch, on a detached head", async () => {
    const shallow = workshop.cloneTo("shallow", "--depth=1", "--single-branch")
    workshop.git(shallow, "checkout", "-q", "--detach")
    await workshop.expecting(0, [...CLAIM, "shallow", "--exit-code"], { cwd: shallow })
    await workshop.expecting(
      0,
      ["record", "--ecosystem", "npm", "--run", "shallow", "--passed", "1", "--failed", "0"],
      {
        cwd: shallow
      }
    )
    assert.equal(workshop.git(shallow, "for-each-ref", "--format=%(refname)", "refs/batchbrake"), "")
  })

  it("works in a bare clone with a policy at a revision, and says so without one", async () => {
    const bare = workshop.cloneTo("bare.git", "--bare")
    await workshop.expecting(0, [...CLAIM, "bare", "--exit-code", "--policy", "main:batch-policy.json"], { cwd: bare })
    const { stderr } = await workshop.expecting(2, ["status"], { cwd: bare })
    assert.match(stderr, /--policy REV:PATH/)
  })

  it("reads a policy from a file, and from a revision rather than from the work tree", async () => {
    writeFileSync(
      join(workshop.directory, "other.json"),
      JSON.stringify({ version: 1, ecosystems: { cargo: {}, npm: {} } })
    )
    const known = await workshop.json(0, ["gate", "--ecosystem", "cargo", "--policy", "../other.json"])
    assert.equal(known.can_proceed, true)
    workshop.write("batch-policy.json", "{ spoilt")
    await workshop.expecting(2, ["gate"])
    await workshop.expecting(0, ["gate", "--exit-code", "--policy", "HEAD:batch-policy.json"])
    await workshop.expecting(0, ["gate", "--exit-code", "--policy", "origin/main:batch-policy.json"])
    workshop.git(workshop.clone, "checkout", "-q", "batch-policy.json")
    const { stderr } = await workshop.expecting(2, ["gate", "--policy=--output=x:y"])
    assert.match(stderr, /--policy --output=x:y: it is not of the form REV:PATH/)
  })

  it("finds the remote by --remote name and by address", async () => {
    workshop.git(workshop.clone, "remote", "add", "upstream", workshop.remote)
    await workshop.expecting(0, ["gate", "--exit-code", "--remote", "upstream"])
    await workshop.expecting(0, ["gate", "--exit-code", "--remote", workshop.remote])
  })

  it("keeps a local control branch apart from the remote's", async () => {
    await workshop.expecting(2, ["gate", "--local"])
    await workshop.expecting(0, ["init", "--local"])
    await workshop.expecting(0, ["pause", "--local", "--reason", "only here"])
    await workshop.expecting(3, ["gate", "--local", "--exit-code"])
    await workshop.expecting(0, ["gate", "--exit-code"])
  })

  it("is not led astray by what a hook sets in the environment", async () => {
    const environment = { GIT_DIR: join(workshop.directory, "nowhere"), GIT_INDEX_FILE: "nowhere" }
    await workshop.expecting(0, ["gate", "--exit-code"], { environment })
  })

  it("leaves nothing in the temporary directory, and nothing in the clone", async () => {
    assert.deepEqual(readdirSync(join(workshop.directory, "tmp")), [])
    assert.equal(workshop.git(workshop.clone, "status", "--porcelain"), "")
  })
})

const inMinutes = (minutes: number, seconds = 0): string =>
  new Date(Date.now() + minutes * 60_000 + seconds * 1000).toISOString()

describe("The time of a command", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["npm"])
    await workshop.expecting(0, ["init", "--local"])
  })
  afterAll(() => workshop.dispose())

  it("is refused on a remote more than five minutes ahead, for every verb that takes it", async () => {
    const report = ["--passed", "1", "--failed", "0"]
    for (const args of [
      ["gate"],
      ["status"],
      ["explain", "npm"],
      ["audit"],
      ["record", "--ecosystem", "npm", "--run", "k", ...report],
      ["abandon", "--run", "k"],
      ["pause", "--reason", "r"],
      ["resume"],
      ["reset", "npm", "--reason", "r"],
      ["budget", "adjust", "--minutes", "macos=1", "--reason", "r"]
    ]) {
      const refused = await workshop.json(2, [...args, "--at", inMinutes(5, 20)])
      assert.equal(Object(refused.error).code, "time-refused", args.join(" "))
      assert.equal(Object(refused.error).path, "--at")
    }
  })

  it("is taken on a remote up to five minutes ahead, and any time back", async () => {
    await workshop.expecting(0, ["gate", "--exit-code", "--at", inMinutes(5, -20)])
    await workshop.expecting(0, ["gate", "--exit-code", "--at", "2020-01-01T00:00:00Z"])
  })

  it("may be any with --local", async () => {
    await workshop.expecting(0, ["gate", "--local", "--exit-code", "--at", "2099-12-31T23:59:59+14:00"])
  })
})
