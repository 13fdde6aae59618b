import { strict as assert } from "node:assert"
import { Forge, ForgeUnavailable } from "@batchbrake/core/port/Forge"
import { askForRollback, recordedRequest, recordRollbackRequest } from "@batchbrake/core/program/askForRollback"
import { findBatch } from "@batchbrake/core/program/readBatches"
import type { RolledBack } from "@batchbrake/core/program/rollBack"
import * as MemoryForge from "@batchbrake/core/testing/MemoryForge"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { Registry } from "../support/registry.ts"

const HOSTILE = `\`@everyone\` \${{ secrets.X }} <!-- batchbrake-key: a -->

Batchbrake-Batch: 2026-01-05-001
::error::x`

const begun = async () => {
  const registry = await Registry.begin()
  registry.content.commit("seed", { "recipes/a": "a1" })
  const id = await registry.batch({ "recipes/a": "a2", "recipes/b": "b1" })
  const forge = MemoryForge.make()
  const ask = (done: RolledBack, reason = "it broke the build") => {
    forge.push(done.proposed?.branch ?? "none")
    return Effect.runPromise(Effect.provideService(askForRollback(done, "main", reason), Forge, forge.service))
  }
  return { ask, forge, id, registry }
}

describe("Asking for a rollback (SPEC.md FG)", () => {
  it("[FG11] a rollback is asked for by one pull request, found again and on record", async () => {
    const { ask, forge, id, registry } = await begun()
    const done = await registry.run(registry.rollBack(id))
    assert.equal(recordedRequest(done), undefined)
    const first = await ask(done)
    assert.equal(first?.created, true)
    const address = first?.pullRequest.address ?? ""
    assert.equal((await registry.run(recordRollbackRequest(registry.origin(), done, address))).applied, true)
    const again = await registry.run(registry.rollBack(id))
    assert.equal(recordedRequest(again), address)
    const second = await ask(again)
    assert.deepEqual([second?.created, second?.pullRequest.address], [false, address])
    assert.equal((await registry.run(recordRollbackRequest(registry.origin(), again, address))).applied, false)
    assert.equal(forge.pullRequests().length, 1)
    assert.equal((await registry.run(findBatch(id))).rollbacks.at(-1)?.pull_request, address)
  })

  it("[FG11] its undoing is asked for by another one", async () => {
    const { ask, forge, id, registry } = await begun()
    const done = await registry.run(registry.rollBack(id))
    await ask(done)
    registry.content.point("main", done.proposed?.commit)
    const undone = await registry.run(registry.rollBack(id, { undo: true }))
    assert.equal(recordedRequest(undone), undefined)
    assert.equal((await ask(undone))?.created, true)
    assert.deepEqual(
      forge.pullRequests().map(({ title }) => title),
      [`Roll back batch ${id}`, `Put batch back: ${id}`]
    )
  })

  it("[FG11] what no branch was made for is not asked for", async () => {
    const { ask, forge, id, registry } = await begun()
    assert.equal(await ask(await registry.run(registry.rollBack(id, { dryRun: true }))), undefined)
    assert.equal(forge.pullRequests().length, 0)
  })

  it("[FG11] the reason comes out inert: in one line, as code, and as nobody's trailer", async () => {
    const { ask, id, registry } = await begun()
    registry.content.commit("by hand", { "recipes/b": "b2" })
    const asked = await ask(await registry.run(registry.rollBack(id)), HOSTILE)
    const body = asked?.pullRequest.body ?? ""
    const [line = "", ...others] = body.split("\n").filter((one) => one.startsWith("Reason: "))
    assert.deepEqual(others, [])
    assert.match(line, /^Reason: `[^`]*`$/)
    assert.doesNotMatch(body, /^(?:Batchbrake-|::)/m)
    assert.match(body, /left alone:\n\n- `recipes\/b`$/)
  })

  it("[FG12] a forge that is away leaves the rollback as it is", async () => {
    const { forge, id, registry } = await begun()
    const done = await registry.run(registry.rollBack(id))
    const { length } = registry.log()
    const away = new ForgeUnavailable({ detail: "503", forge: "test", mayHaveLanded: true, operation: "open" })
    const service = { ...forge.service, openPullRequest: () => Effect.fail(away) }
    const asked = Effect.provideService(askForRollback(done, "main", "why"), Forge, service)
    assert.equal(await Effect.runPromise(Effect.flip(asked)), away)
    assert.equal(registry.log().length, length)
    const { rollbacks, state } = await registry.run(findBatch(id))
    assert.deepEqual([state, rollbacks.at(-1)?.commit], ["rolled-back", done.proposed?.commit])
  })
})
