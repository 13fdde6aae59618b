import { strict as assert } from "node:assert"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { fingerprint, lay, openRegistry, type Registry, treeAt } from "../support/Registry.ts"

describe("A rollback", () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await openRegistry()
  })
  afterAll(() => registry.dispose())

  /** A batch on the content branch, sealed; answers its ID and the tree without it. */
  const landed = async (name: string) => {
    const { clone, git, onBranch, onMain, push, sealed } = registry
    const before = treeAt(registry, "main")
    onBranch(name, { [`recipes/${name}.toml`]: "version = 1\n", "recipes/modified.toml": `version = "${name}"\n` })
    const id = await sealed(name)
    git(clone, "merge", "-q", "--ff-only", name)
    push("main")
    onMain({ [`recipes/after-${name}.toml`]: "version = 1\n" }, "Land something afterwards")
    const path = `recipes/after-${name}.toml`
    return { expected: { ...before, [path]: treeAt(registry, "main")[path] }, id }
  }

  it.each([
    ["bare", ["--bare"]],
    ["depth-1", ["--depth=1"]],
    ["blobless", ["--filter=blob:none"]],
    ["treeless", ["--filter=tree:0"]]
  ])("works in a %s clone, and leaves all of it alone", async (name, options) => {
    const { cloneTo, expecting, git, remote } = registry
    const { expected, id } = await landed(name)
    const isBare = name === "bare"
    const cwd = cloneTo(name, ...options)
    if (!isBare) {
      lay(cwd, { "recipes/kept.toml": "half done\n", "recipes/untracked.toml": "mine\n" })
      writeFileSync(join(cwd, "recipes/modified.toml"), "staged\n")
      git(cwd, "add", "recipes/modified.toml")
    }
    const before = fingerprint(registry, cwd)
    const { stdout } = await expecting(0, ["rollback", id, "--yes", "--json"], { cwd })
    const done = JSON.parse(stdout)
    assert.deepEqual([done.verified, done.branch], [true, `rollback/${id}`])
    assert.deepEqual(treeAt(registry, `rollback/${id}`), expected)
    assert.equal(git(remote, "rev-parse", `rollback/${id}^`), git(remote, "rev-parse", "main"))
    assert.equal(fingerprint(registry, cwd), before)
  })

  it("takes another name where its branch's is taken, here or there, and leaves those alone", async () => {
    const { clone, git, json, remote } = registry
    const { id } = await landed("taken")
    git(clone, "branch", `rollback/${id}-2`, "main")
    git(remote, "branch", `rollback/${id}`, "main")
    const done = await json(0, "rollback", id, "--yes")
    assert.deepEqual([done.branch, done.verified], [`rollback/${id}-3`, true])
    assert.equal(git(remote, "rev-parse", `rollback/${id}`), git(remote, "rev-parse", "main"))
  })

  it("works while everything is paused, and lifts nothing", async () => {
    const { expecting, json } = registry
    const { id } = await landed("paused")
    await expecting(0, ["pause", "--reason", "bad checksums upstream"])
    assert.equal((await json(0, "rollback", id, "--yes")).outcome, "rolled-back")
    assert.equal((await json(0, "gate")).can_proceed, false)
    await expecting(0, ["resume"])
  })

  it("needs no policy file: the control branch has the last one", async () => {
    const { cloneTo, expecting, git } = registry
    const { id } = await landed("without-policy")
    const cwd = cloneTo("without", "--no-checkout")
    const { stdout } = await expecting(0, ["rollback", id, "--dry-run", "--json"], { cwd })
    assert.equal(JSON.parse(stdout).outcome, "planned")
    assert.equal(git(cwd, "for-each-ref", "refs/heads/rollback"), "")
  })
})
