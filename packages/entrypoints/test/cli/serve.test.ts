import { strict as assert } from "node:assert"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { beginServing } from "../support/serving.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const MODULES = join(import.meta.dirname, "../../../../node_modules")
const TOKENS = {
  BATCHBRAKE_READ_TOKEN: "read-token-of-22-characters",
  BATCHBRAKE_WRITE_TOKEN: "write-token-of-22-characters"
}
const REPORT = {
  attempts: { failed: 0, passed: 1, skipped: 0 },
  completed_at: "2026-10-01T00:00:00Z",
  ecosystem: "npm",
  run_key: "one"
}

let workshop: Workshop
beforeEach(async () => {
  workshop = await openWorkshop()
})
afterEach(() => workshop.dispose())

describe("Serving the Worker on this machine", () => {
  it("needs miniflare, and says how to get it", async () => {
    const refused = await workshop.json(2, ["metrics", "serve"], { environment: TOKENS })
    assert.match(Object(refused.error).message, /npm install --save-dev miniflare/)
  })

  it("needs a token", async () => {
    const refused = await workshop.json(2, ["metrics", "serve"])
    assert.match(Object(refused.error).message, /BATCHBRAKE_WRITE_TOKEN/)
  })

  it("takes runs in, and has them still when it is started again", async () => {
    mkdirSync(join(workshop.clone, "node_modules"))
    symlinkSync(join(MODULES, "miniflare"), join(workshop.clone, "node_modules/miniflare"))
    for (const expected of [201, 200]) {
      const { end, url } = await beginServing(workshop, TOKENS)
      const posted = await fetch(`${url}/v1/runs`, {
        body: JSON.stringify(REPORT),
        headers: {
          authorization: `Bearer ${TOKENS.BATCHBRAKE_WRITE_TOKEN}`,
          "content-type": "application/json"
        },
        method: "POST"
      })
      assert.equal(posted.status, expected)
      const { signal, exitCode, stderr } = await end()
      assert.deepEqual([signal, exitCode], [null, 130])
      for (const token of Object.values(TOKENS)) assert.ok(!stderr.includes(token))
    }
  })
})
