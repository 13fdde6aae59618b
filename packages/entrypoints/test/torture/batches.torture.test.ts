import { strict as assert } from "node:assert"
import { randomInt } from "node:crypto"
import { afterEach, describe, it } from "vitest"
import { eventsOn } from "../support/ControlBranch.ts"
import { killEach, treeOf } from "../support/processTree.ts"
import { openRegistry, type Registry, treeAt } from "../support/Registry.ts"

const TEST_MILLIS = 590_000
const AT_ONCE = 50
const ROUNDS = 40
const LONGEST_MILLIS = 2500

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, millis)
  })

describe("Batches, many and killed", () => {
  let registry: Registry
  afterEach(() => registry.dispose())

  it("fifty opened at once have fifty IDs in a row", { timeout: TEST_MILLIS }, async () => {
    registry = await openRegistry()
    const began = performance.now()
    const at = ["--at", "2026-01-05T00:00:00Z"]
    const opened = await Promise.all(
      Array.from({ length: AT_ONCE }, () => registry.json(0, "batch", "open", "--ecosystem", "npm", ...at))
    )
    console.log(`${AT_ONCE} openings: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const expected = Array.from({ length: AT_ONCE }, (_, index) => `2026-01-05-${String(index + 1).padStart(3, "0")}`)
    assert.deepEqual(opened.map(({ id }) => id).sort(), expected)
  })

  it.each([
    ["on a remote", [] as ReadonlyArray<string>, "remote" as const],
    ["with --local", ["--local"] as ReadonlyArray<string>, "local" as const]
  ])(
    "rollbacks that are killed at random %s are finished once each",
    { timeout: TEST_MILLIS },
    async (_, place, where) => {
      registry = await openRegistry(place)
      const { clone, git, json, onBranch, push, remote, sealed } = registry
      const home = where === "remote" ? remote : clone
      const began: Record<string, number> = { finished: 0, resumed: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        const before = treeAt(registry, "main", home)
        onBranch(`work-${round}`, { [`recipes/${round}.toml`]: "1\n", "recipes/modified.toml": `${round}\n` })
        const id = await sealed(`work-${round}`)
        git(clone, "merge", "-q", "--ff-only", `work-${round}`)
        push("main")
        const running = registry.begin(["rollback", id, "--yes", ...place])
        await Promise.race([pause(randomInt(LONGEST_MILLIS)), running.ended])
        killEach(round % 2 === 0 ? treeOf(running.pid) : [running.pid])
        if ((await running.ended).exitCode === 0) began.finished = (began.finished ?? 0) + 1
        const done = await json(0, "rollback", id, "--yes")
        if (done.resumed === true) began.resumed = (began.resumed ?? 0) + 1
        // A git that was killed may have left a lock on the name: then it is the next one.
        const branches = git(home, "for-each-ref", "--format=%(refname:lstrip=2)", `refs/heads/rollback/${id}*`)
        assert.deepEqual([branches, done.verified], [done.branch, true])
        assert.ok([`rollback/${id}`, `rollback/${id}-2`].includes(String(done.branch)), String(done.branch))
        assert.deepEqual(treeAt(registry, String(done.branch), home), before)
        const events = eventsOn(registry, where).filter(({ batch, type }) => type === "BatchRolledBack" && batch === id)
        assert.deepEqual(
          events.map(({ commit }) => commit),
          [done.commit]
        )
      }
      console.log(`${ROUNDS} rollbacks ${where}: ${JSON.stringify(began)}`)
    }
  )
})
