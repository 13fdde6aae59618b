import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { eventsOn } from "../support/ControlBranch.ts"
import { killEach, treeOf } from "../support/processTree.ts"
import { openRegistry, type Registry, treeAt } from "../support/Registry.ts"

const ROUNDS = 8
const LONGEST_MILLIS = 1600

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, millis)
  })

describe("Batches under pressure", () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await openRegistry()
  })
  afterAll(() => registry.dispose())

  it("eight opened at once have eight IDs in a row", async () => {
    const at = ["--at", "2026-01-05T00:00:00Z"]
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => registry.json(0, "batch", "open", "--ecosystem", "npm", ...at))
    )
    const expected = Array.from({ length: 8 }, (_, index) => `2026-01-05-${String(index + 1).padStart(3, "0")}`)
    assert.deepEqual(opened.map(({ id }) => id).sort(), expected)
  })

  it("a rollback that was killed between any two steps is finished by the next, and made once", async () => {
    const { clone, git, json, onBranch, push, remote, sealed } = registry
    const before = treeAt(registry, "main")
    onBranch("killed", { "recipes/deleted.toml": null, "recipes/fresh.toml": "1\n", "recipes/modified.toml": "2\n" })
    const id = await sealed("killed")
    git(clone, "merge", "-q", "--ff-only", "killed")
    push("main")
    const branches = (): string => git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads/rollback")
    const ends: Array<string> = []
    for (let round = 0; round < ROUNDS && !ends.includes("done"); round++) {
      const running = registry.begin(["rollback", id, "--yes", "--reason", `round ${round}`])
      await Promise.race([pause(300 + (LONGEST_MILLIS * round) / ROUNDS), running.ended])
      killEach(round % 2 === 0 ? treeOf(running.pid) : [running.pid])
      ends.push((await running.ended).exitCode === 0 ? "done" : branches() === "" ? "nothing" : "a branch")
    }
    const done = await json(0, "rollback", id, "--yes")
    assert.equal(done.branch, `rollback/${id}`, ends.join(", "))
    assert.equal(done.verified, true)
    assert.equal(branches(), `rollback/${id}`)
    assert.deepEqual(treeAt(registry, `rollback/${id}`), before)
    const rolledBack = eventsOn(registry).filter(({ batch, type }) => type === "BatchRolledBack" && batch === id)
    assert.deepEqual(
      rolledBack.map(({ commit }) => commit),
      [done.commit]
    )
  })

  it("a branch that was pushed by a rollback which then died is taken over, not doubled", async () => {
    const { clone, git, json, onBranch, push, remote, sealed } = registry
    onBranch("died", { "recipes/died.toml": "1\n" })
    const id = await sealed("died")
    git(clone, "merge", "-q", "--ff-only", "died")
    push("main")
    const control = git(remote, "rev-parse", "batch-control")
    const first = await json(0, "rollback", id, "--yes", "--reason", "first")
    git(remote, "update-ref", "refs/heads/batch-control", control)
    const second = await json(0, "rollback", id, "--yes", "--reason", "second", "--at", "2026-01-05T00:00:00Z")
    assert.deepEqual([second.branch, second.commit, second.resumed], [first.branch, first.commit, true])
    assert.match(JSON.stringify((await json(0, "batch", "show", id)).manifest), /"reason":"first"/)
  })
})
