/** A forge on a server of our own, for one test. */
import { Forge } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { assert } from "vitest"
import type { Pace } from "../../src/GitHubRepository.ts"
import * as OctokitForge from "../../src/OctokitForge.ts"
import { type Behaviour, type GitHubServer, serveGitHub } from "./GitHubServer.ts"

/** What no failure and no log may ever show. */
export const SECRET = "ghp_0123456789abcdefSECRET"

/** Runs against a server that behaves so, and sees to it that both sides kept to what is published. */
export const withForge = async <A, E>(
  behaviour: Behaviour,
  use: (forge: Forge["Service"], server: GitHubServer) => Effect.Effect<A, E>,
  pace: Partial<Pace> = {}
): Promise<A> => {
  const server = await serveGitHub(behaviour)
  try {
    const forge = OctokitForge.layer({
      baseUrl: server.url,
      owner: "octo",
      pace: { isSpaced: false, limitSeconds: 0, operationMillis: 20_000, retryMillis: 1, ...pace },
      repository: "registry",
      token: Redacted.make(SECRET)
    })
    const program = Effect.flatMap(Forge, (service) => use(service, server))
    const answer = await Effect.runPromise(Effect.provide(program, forge))
    assert.deepEqual(server.wrongRequests, [])
    assert.deepEqual(server.wrongAnswers, [])
    return answer
  } finally {
    await server.close()
  }
}
