import type { Forge, ForgeLimited, ForgeRefused, ForgeUnavailable } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import type { Asked, Reply } from "./support/GitHubServer.ts"
import { sample } from "./support/sample.ts"
import { SECRET, withForge } from "./support/withForge.ts"

type Failure = ForgeUnavailable | ForgeLimited | ForgeRefused
type Service = Forge["Service"]

const message = `Because of ${SECRET}, says GitHub`

interface Case {
  readonly name: string
  readonly reply: Reply
  readonly expected: Readonly<Record<string, unknown>>
  readonly says: RegExp
}

const RESET = 4_102_444_800

const CASES: ReadonlyArray<Case> = [
  {
    expected: { _tag: "ForgeRefused", reason: "token" },
    name: "a revoked token",
    reply: { body: { message }, status: 401 },
    says: /make a new one/
  },
  {
    expected: { _tag: "ForgeRefused", permission: "issues: write", reason: "permission" },
    name: "a missing permission",
    reply: { body: { message }, status: 403 },
    says: /issues: write/
  },
  {
    expected: { _tag: "ForgeRefused", reason: "missing" },
    name: "what is not there",
    reply: { body: { message }, status: 404 },
    says: /repository's name.*issues: write/
  },
  {
    expected: { _tag: "ForgeRefused", reason: "invalid" },
    name: "a field that is not taken",
    reply: {
      body: {
        documentation_url: "https://docs.github.com",
        errors: [{ code: "invalid", field: "title", message: `title is ${SECRET}`, resource: "Issue" }],
        message
      },
      status: 422
    },
    says: /title is \*\*\*/
  },
  {
    expected: {
      _tag: "ForgeLimited",
      limit: "primary",
      retryAt: RESET * 1000
    },
    name: "the hour's share used up",
    reply: {
      body: { message: `API rate limit exceeded for ${SECRET}` },
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(RESET) },
      status: 403
    },
    says: /try again at 2100-01-01T00:00:00Z/
  },
  {
    expected: { _tag: "ForgeLimited", limit: "primary", retryAt: RESET * 1000 },
    name: "the same with 429",
    reply: {
      body: { message },
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(RESET) },
      status: 429
    },
    says: /requests are used up/
  },
  {
    expected: { _tag: "ForgeLimited", limit: "secondary" },
    name: "too many at once",
    reply: {
      body: { message: "You have exceeded a secondary rate limit" },
      headers: { "retry-after": "60" },
      status: 403
    },
    says: /too many requests at once; try again at/
  },
  {
    expected: { _tag: "ForgeUnavailable", mayHaveLanded: true },
    name: "a fault of its own",
    reply: { body: { message }, status: 503 },
    says: /503.*look, then try again/
  },
  {
    expected: { _tag: "ForgeUnavailable", mayHaveLanded: true },
    name: "a page of what stands before it",
    reply: { body: `<html>${SECRET}</html>`, headers: { "content-type": "text/html" }, status: 502 },
    says: /502/
  },
  {
    expected: { _tag: "ForgeUnavailable", mayHaveLanded: true },
    name: "a line that broke",
    reply: "hang up",
    says: /cannot reach octo\/registry on 127\.0\.0\.1:\d+ to open an issue/
  }
]

const told: Array<string> = []
const write = (text: string | Uint8Array): boolean => {
  told.push(String(text))
  return true
}

beforeEach(() => {
  told.length = 0
  vi.spyOn(process.stdout, "write").mockImplementation(write)
  vi.spyOn(process.stderr, "write").mockImplementation(write)
  for (const way of ["debug", "error", "info", "log", "warn"] as const) {
    vi.spyOn(console, way).mockImplementation((...parts: ReadonlyArray<unknown>) => void told.push(parts.join(" ")))
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

const opening = (forge: Service): Effect.Effect<Failure, unknown> =>
  Effect.flip(forge.ensureIssue({ body: "", key: "npm", labels: ["ours"], title: "Down" }))

/** Everything that an error gives away, and whatever hangs below it. */
const everything = (failure: Failure): string => {
  const seen = new Set<unknown>()
  const parts: Array<string> = []
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) parts.push(String(value))
    else if (!seen.has(value)) {
      seen.add(value)
      for (const key of Reflect.ownKeys(value)) walk(Reflect.get(value, key))
    }
  }
  walk(failure)
  return `${parts.join("\n")}\n${failure.message}\n${failure.stack}\n${JSON.stringify(failure)}`
}

const LABEL = sample("GET /repos/{owner}/{repo}/labels/{name}", 200)

/** Finds nothing but the label, and then does not let anything be made. */
const onlyReads = (reply: Reply) => ({
  rest: ({ method, path }: Asked): Reply =>
    method === "GET" ? { body: path.includes("/labels/") ? LABEL : [], status: 200 } : reply
})

describe("What GitHub refuses, limits, or does not answer (SPEC.md FG)", () => {
  it.each(CASES)("[FG4] $name is told by what can be done about it", ({ expected, reply, says }) =>
    withForge(onlyReads(reply), (forge) =>
      Effect.map(opening(forge), (failure) => {
        const { _tag } = failure
        assert.deepEqual({ ...expected, ...failure, _tag }, { ...failure, ...expected })
        assert.match(failure.message, says)
        assert.notInclude(failure.message, "\n")
      })
    )
  )

  it.each(CASES)("[FG5] $name shows the token nowhere", ({ reply }) =>
    withForge(onlyReads(reply), (forge, { asked }) =>
      Effect.map(opening(forge), (failure) => {
        assert.include(asked.map(({ authorization }) => authorization).join(), SECRET)
        assert.notInclude(everything(failure), SECRET)
        assert.notInclude(told.join("\n"), SECRET)
        assert.deepEqual(told, [])
      })
    )
  )

  it("[FG4] what was away before anything was asked for did nothing", async () => {
    const pull = { base: "main", body: "", head: "a", labels: [], title: "Take a" }
    const asks: ReadonlyArray<(forge: Service) => Effect.Effect<unknown, unknown>> = [
      opening,
      (forge) => Effect.flip(forge.openPullRequest(pull)),
      (forge) => Effect.flip(forge.disableAutoMerge(1))
    ]
    for (const ask of asks) {
      const failure = await withForge({ rest: () => "hang up" }, ask)
      assert.deepInclude(failure, { _tag: "ForgeUnavailable", mayHaveLanded: false })
    }
  })

  it("[FG6] what opens something is asked once, what reads thrice, and what limits once", async () => {
    const away: Reply = { body: { message }, status: 502 }
    const counts = async (reply: Reply, ask: (forge: Service) => Effect.Effect<unknown, unknown>) =>
      withForge({ rest: () => reply }, (forge, { asked }) => Effect.as(Effect.flip(ask(forge)), asked)).then(
        (asked) => asked.length
      )
    assert.equal(await counts(away, (forge) => forge.mergePullRequest(1, { head: "a".repeat(40), method: "merge" })), 1)
    assert.equal(await counts(away, (forge) => forge.pullRequest(1)), 3)
    assert.equal(await counts(away, (forge) => forge.updatePullRequest(1, { title: "t" })), 3)
    assert.equal(await counts("hang up", (forge) => forge.pullRequest(1)), 3)
    const limited: Reply = { body: { message: "secondary rate limit" }, headers: { "retry-after": "60" }, status: 429 }
    assert.equal(await counts(limited, (forge) => forge.pullRequest(1)), 1)
    for (const status of [401, 403, 409, 422]) {
      assert.equal(await counts({ body: { message }, status }, (forge) => forge.pullRequest(1)), 1, String(status))
    }
  })

  it("[FG6] a limit that ends soon is waited for, once", () => {
    let count = 0
    const rest = (): Reply => {
      count++
      return { body: { message: "secondary rate limit" }, headers: { "retry-after": "1" }, status: 429 }
    }
    return withForge(
      { rest },
      (forge) =>
        Effect.map(Effect.flip(forge.pullRequest(1)), (failure) => {
          assert.equal(failure._tag, "ForgeLimited")
          assert.equal(count, 2)
        }),
      { limitSeconds: 1 }
    )
  })

  it.each([
    { operationMillis: 100, requestMillis: 20_000 },
    { operationMillis: 20_000, requestMillis: 50 }
  ])("[FG6] without an answer it ends in its time, and says whether it may have happened: %j", (pace) =>
    withForge(
      { rest: () => "say nothing" },
      (forge) =>
        Effect.gen(function* () {
          const read = yield* Effect.flip(forge.pullRequest(1))
          const write = yield* Effect.flip(forge.mergePullRequest(1, { head: "a".repeat(40), method: "merge" }))
          for (const [failure, mayHaveLanded] of [
            [read, false],
            [write, true]
          ] as const) {
            assert.equal(failure._tag, "ForgeUnavailable")
            if (failure._tag === "ForgeUnavailable") assert.equal(failure.mayHaveLanded, mayHaveLanded)
          }
        }),
      pace
    )
  )

  it("[FG4] an answer of another shape is refused, not guessed at", async () => {
    const server = {
      rest: (): Reply => ({ body: "<html>Sign in</html>", headers: { "content-type": "text/html" }, status: 200 })
    }
    const failure = await withForge(server, (forge, { wrongAnswers }) =>
      Effect.map(Effect.flip(forge.pullRequest(1)), (found) => {
        // What this server says is no answer of GitHub's: that is the point.
        assert.isNotEmpty(wrongAnswers.splice(0))
        return found
      })
    )
    assert.equal(failure._tag === "ForgeRefused" ? failure.reason : failure._tag, "unexpected")
  })
})
