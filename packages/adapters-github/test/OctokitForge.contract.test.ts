import { forgeContract } from "@batchbrake/core/testing/ForgeContract"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import * as OctokitForge from "../src/OctokitForge.ts"
import { emulated, OWNER, REPOSITORY, TOKEN } from "./support/emulated.ts"

/** What the emulator answers otherwise than GitHub publishes it. */
const OTHER_ANSWERS = [
  /labels\/\d+\/description must be string/ // null where a label has no description
]

/** What the emulator does otherwise than GitHub; each is tested against a server of our own in the other files. */
const DIFFERENCES = new Map([
  [
    "A branch that is not there cannot be asked for",
    "it opens a pull request for a branch that does not exist (GitHub: 422)"
  ],
  ["An open one follows its branch", "the head of a pull request stays at the commit that it was opened with"]
])

describe("The forge on GitHub keeps the contract, as far as it is emulated", () => {
  it.each(forgeContract.filter(({ name }) => !DIFFERENCES.has(name)))("$name", async ({ run }) => {
    const { bench, close, server } = await emulated()
    try {
      const forge = OctokitForge.layer({
        baseUrl: server.url,
        owner: OWNER,
        pace: { isSpaced: false, operationMillis: 10_000, retryMillis: 1 },
        repository: REPOSITORY,
        token: Redacted.make(TOKEN)
      })
      await Effect.runPromise(run(bench).pipe(Effect.provide(forge)))
      assert.deepEqual(server.wrongRequests, [])
      const unknown = server.wrongAnswers.filter((fault) => !OTHER_ANSWERS.some((known) => known.test(fault)))
      assert.deepEqual(unknown, [])
    } finally {
      await close()
    }
  })
})

describe("The emulator is not GitHub", () => {
  it("in these ways, and no longer in others: renew the list when this fails", async () => {
    const { bench, call, close } = await emulated()
    try {
      const opening = { base: "main", body: "", head: "side/a", title: "Take it" }
      const statusOf = async (method: string, path: string, body: unknown) => (await call(method, path, body)).status
      const first = await Effect.runPromise(bench.push("side/a"))
      assert.equal(await statusOf("POST", "pulls", opening), 201)
      // GitHub: 422, one pull request a branch and base.
      assert.equal(await statusOf("POST", "pulls", opening), 201)
      // GitHub: 422, no such branch.
      assert.equal(await statusOf("POST", "pulls", { ...opening, head: "side/none" }), 201)
      // GitHub: 409, the head is another commit.
      assert.equal(await statusOf("PUT", "pulls/1/merge", { merge_method: "squash", sha: "0".repeat(40) }), 422)
      // GitHub: the head follows the branch.
      await Effect.runPromise(bench.push("side/a"))
      assert.equal(JSON.stringify((await call("GET", "pulls/1")).body).includes(`"sha":"${first}"`), true)
      // GitHub: 200, the jobs of an attempt; and a query language.
      assert.equal(await statusOf("GET", "actions/runs/1/attempts/1/jobs", undefined), 404)
      // GitHub: 201, a status of a commit.
      assert.equal(await statusOf("POST", `statuses/${first}`, { context: "brake", state: "success" }), 404)
    } finally {
      await close()
    }
  })
})
