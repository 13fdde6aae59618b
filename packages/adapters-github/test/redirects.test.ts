import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Forge } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { afterEach, assert, describe, it } from "vitest"
import * as OctokitForge from "../src/OctokitForge.ts"
import { sample } from "./support/sample.ts"

const SECRET = "ghp_0123456789abcdefSECRET"
const PULL = "GET /repos/{owner}/{repo}/pulls/{pull_number}"

interface Answer {
  readonly status: number
  readonly location?: string
  readonly body?: unknown
}

const closers: Array<() => void> = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const serve = async (answer: (line: string) => Answer) => {
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    asked.push(`${line} ${request.headers.authorization ?? "without a token"}`)
    const { body, location, status } = answer(line)
    response.writeHead(status, { "content-type": "application/json", ...(location === undefined ? {} : { location }) })
    response.end(JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const on = (baseUrl: string) =>
  OctokitForge.layer({
    baseUrl,
    owner: "octo",
    pace: { isSpaced: false, operationMillis: 10_000, retryMillis: 1 },
    repository: "registry",
    token: Redacted.make(SECRET)
  })

const check = { commit: "a".repeat(40), name: "brake", says: "", verdict: "success" } as const

describe("Where a token goes (SPEC.md JU)", () => {
  it.each([301, 302, 303, 307, 308])(
    "[JU17] a redirect with %i to another host is refused: nothing is sent there, and nothing believed",
    async (status) => {
      const other = await serve(() => ({ body: sample(PULL, 200), status: 200 }))
      const forge = await serve((line) => ({ location: `${other.url}${line.split(" ")[1]}`, status }))
      for (const ask of [
        (service: Forge["Service"]) => service.pullRequest(1),
        (service: Forge["Service"]) => service.openPullRequests(),
        (service: Forge["Service"]) => service.setCheck(check)
      ]) {
        const failure = await Effect.runPromise(
          Effect.flip(Effect.flatMap(Forge, ask).pipe(Effect.provide(on(forge.url))))
        )
        assert.deepInclude(failure, { _tag: "ForgeRefused", reason: "unexpected" })
        assert.match(failure.message, /another address, where no token goes/)
        assert.notInclude(failure.message, SECRET)
      }
      assert.deepEqual(other.asked, [])
    }
  )

  it("[JU17] within the host a redirect is followed where it asks the same, and a bounded number of times", async () => {
    const moved = await serve((line) =>
      line.endsWith("/repositories/7/pulls/1")
        ? { body: sample(PULL, 200, { number: 7 }), status: 200 }
        : { location: "/repositories/7/pulls/1", status: 301 }
    )
    const found = await Effect.runPromise(
      Effect.flatMap(Forge, (service) => service.pullRequest(1)).pipe(Effect.provide(on(moved.url)))
    )
    assert.equal(found._tag === "Some" ? found.value.number : undefined, 7)
    assert.equal(moved.asked.length, 2)
    // A status that would become a question is none: it is refused, and not asked anew.
    const failure = await Effect.runPromise(
      Effect.flip(Effect.flatMap(Forge, (service) => service.setCheck(check)).pipe(Effect.provide(on(moved.url))))
    )
    assert.deepInclude(failure, { _tag: "ForgeRefused", reason: "unexpected" })
    assert.equal(moved.asked.length, 3)
    const round = await serve((line) => ({ location: line.split(" ")[1] ?? "", status: 302 }))
    await Effect.runPromise(
      Effect.flip(Effect.flatMap(Forge, (service) => service.pullRequest(1)).pipe(Effect.provide(on(round.url))))
    )
    assert.equal(round.asked.length, 4)
  })
})
