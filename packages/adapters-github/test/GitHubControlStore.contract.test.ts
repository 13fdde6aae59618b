import { type ContractCheck, controlStoreContract } from "@batchbrake/core/testing/ControlStoreContract"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import * as GitHubControlStore from "../src/GitHubControlStore.ts"
import { bareGitHub } from "./support/BareGitHub.ts"
import { serveGitHub } from "./support/GitHubServer.ts"

/**
 * What the API cannot do of what the contract asks. The contract does not ask for what it cannot do besides: modes other
 * than those of ordinary files, an author and a time of our own, and two branches in one push, which `land` needs.
 */
const BEYOND_THE_API = new Map([
  [
    "The message comes back byte for byte",
    "the API puts headline and body together, and blank lines at the end are lost"
  ]
])

const runOnGitHub = async ({ run }: ContractCheck): Promise<void> => {
  const { behaviour, dispose } = bareGitHub()
  const server = await serveGitHub(behaviour)
  try {
    const store = GitHubControlStore.layer({
      baseUrl: server.url,
      branch: "batch-control",
      owner: "octo",
      pace: { isSpaced: false, operationMillis: 20_000, retryMillis: 1 },
      repository: "registry",
      token: Redacted.make("ghs_token")
    })
    await Effect.runPromise(Effect.provide(run, store))
    assert.deepEqual(server.wrongRequests, [])
    assert.deepEqual(server.wrongAnswers, [])
  } finally {
    await server.close()
    dispose()
  }
}

const isBeyond = ({ name }: ContractCheck): boolean => BEYOND_THE_API.has(name)

describe("The control store on GitHub keeps the contract, as far as the API allows", () => {
  it.each(controlStoreContract.filter((check) => !isBeyond(check)))("$name", runOnGitHub)

  it.each(controlStoreContract.filter(isBeyond))("not so, as the API is: $name", async (check) => {
    const broken = await runOnGitHub(check).then(
      () => undefined,
      (cause: unknown) => cause
    )
    assert.match(String(broken), /ContractBroken|is .*, not /)
  })
})
