import * as Policy from "@batchbrake/core/policy/Policy"
import { CONTROL_PATH, ControlStore } from "@batchbrake/core/port/ControlStore"
import { initControl } from "@batchbrake/core/program/initControl"
import { operate } from "@batchbrake/core/program/operate"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import * as GitHubControlStore from "../src/GitHubControlStore.ts"
import { COMMIT, HEAD, HISTORY, textsQuery } from "../src/internal/controlQueries.ts"
import { bareGitHub } from "./support/BareGitHub.ts"
import { type Asked, type Behaviour, type GitHubServer, type Reply, serveGitHub } from "./support/GitHubServer.ts"
import { documentFaults, QueryError } from "./support/Query.ts"

const SECRET = "ghs_controlSECRET"

type Git = ReturnType<typeof bareGitHub>["git"]

/** Runs against a repository of its own, whose server may be bent. */
const withStore = async <A, E>(
  bend: (behaviour: Behaviour) => Behaviour,
  use: (store: ControlStore["Service"], server: GitHubServer, git: Git) => Effect.Effect<A, E, ControlStore>
): Promise<A> => {
  const { behaviour, dispose, git } = bareGitHub()
  const server = await serveGitHub(bend(behaviour))
  try {
    const layer = GitHubControlStore.layer({
      baseUrl: server.url,
      branch: "batch-control",
      owner: "octo",
      pace: { isSpaced: false, operationMillis: 20_000, retryMillis: 1 },
      repository: "registry",
      token: Redacted.make(SECRET)
    })
    const answer = await Effect.runPromise(
      Effect.provide(
        Effect.flatMap(ControlStore, (store) => use(store, server, git)),
        layer
      )
    )
    assert.deepEqual(server.wrongRequests, [])
    assert.deepEqual(server.wrongAnswers, [])
    return answer
  } finally {
    await server.close()
    dispose()
  }
}

const as = (behaviour: Behaviour): Behaviour => behaviour
const change = (text: string, message: string) => ({ files: new Map([[CONTROL_PATH, text]]), message: () => message })
const NOTHING = { directories: [], files: [] }
const isCommit = ({ body }: Asked): boolean => JSON.stringify(body ?? "").includes("createCommitOnBranch")

describe("The control branch through the API (SPEC.md FG)", () => {
  it("[FG7] its documents fit the published schema", () => {
    for (const document of [COMMIT, HEAD, HISTORY, textsQuery(1), textsQuery(3)]) {
      assert.deepEqual(documentFaults(document), [])
    }
    assert.isNotEmpty(documentFaults(HEAD.replace("qualifiedName", "name")))
  })

  it("[FG10] a message that the API would word anew is refused before anything is sent", () =>
    withStore(as, (store, { asked }) =>
      Effect.gen(function* () {
        const first = yield* store.commit(undefined, change("one", "Begin"))
        const { length } = asked
        for (const message of ["", "\n\nBody", "Headline\nright behind", "Headline\n\n\nBody"]) {
          const failure = yield* Effect.flip(store.commit(first, change("two", message)))
          assert.equal(failure._tag, "StoreRefused", JSON.stringify(message))
        }
        assert.equal(asked.length, length)
        yield* store.commit(first, change("two", "Headline\n\nBody\n\nTrailer: x\n\n"))
        assert.equal((yield* store.read(NOTHING)).message.trimEnd(), "Headline\n\nBody\n\nTrailer: x")
      })
    ))

  it("[FG10] a commit whose answer was lost may have landed, and is not sent twice", () => {
    let commits = 0
    const bend = (behaviour: Behaviour): Behaviour => ({
      ...behaviour,
      instead: (asked) => {
        if (!isCommit(asked)) return undefined
        commits++
        return "hang up"
      }
    })
    return withStore(bend, (store) =>
      Effect.gen(function* () {
        const first = yield* store.commit(undefined, change("one", "Begin"))
        const failure = yield* Effect.flip(store.commit(first, change("two", "Go on")))
        assert.isTrue(failure._tag === "StoreUnavailable" && failure.mayHaveLanded)
        assert.equal(commits, 1)
      })
    )
  })

  it.each([
    [{ body: { message: `Bad credentials ${SECRET}` }, status: 401 }, "StoreRefused", /make a new one/],
    [
      { body: { message: "secondary rate limit" }, headers: { "retry-after": "60" }, status: 403 },
      "StoreUnavailable",
      /try again at/
    ],
    [
      {
        body: { data: null, errors: [{ message: "API rate limit exceeded", type: "RATE_LIMITED" }] },
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "4102444800" },
        status: 200
      },
      "StoreUnavailable",
      /try again at 2100-01-01T00:00:00Z/
    ],
    [{ body: { message: "Oops" }, status: 502 }, "StoreUnavailable", /502/]
  ] as ReadonlyArray<readonly [Reply, string, RegExp]>)(
    "[FG4] %j is told in the words of the store",
    (reply, tag, says) =>
      withStore(
        (behaviour) => ({ ...behaviour, instead: () => reply }),
        (store) =>
          Effect.map(Effect.flip(store.read(NOTHING)), (failure) => {
            assert.equal(failure._tag, tag)
            assert.match(failure.message, says)
            assert.notInclude(`${failure.message}${JSON.stringify(failure)}`, SECRET)
          })
      )
  )

  it("[FG4] a branch that is protected from the token is refused with the permission, not taken for a conflict", () => {
    const createCommitOnBranch = (): never => {
      throw new QueryError("FORBIDDEN", "Resource not accessible by integration")
    }
    const bend = (behaviour: Behaviour): Behaviour => ({
      ...behaviour,
      query: { ...behaviour.query, createCommitOnBranch }
    })
    return withStore(bend, (store) =>
      Effect.gen(function* () {
        const first = yield* store.commit(undefined, change("one", "Begin"))
        const failure = yield* Effect.flip(store.commit(first, change("two", "Go on")))
        assert.equal(failure._tag, "StoreRefused")
        assert.match(failure.message, /contents: write/)
      })
    )
  })

  it("[FG4] a repository without a commit is refused, not taken for a branch that another began", () => {
    const empty = { body: { documentation_url: "", message: "Git Repository is empty." }, status: 409 }
    return withStore(
      (behaviour) => ({ ...behaviour, rest: () => empty }),
      (store) =>
        Effect.map(Effect.flip(store.commit(undefined, change("one", "Begin"))), (failure) => {
          assert.equal(failure._tag, "StoreRefused")
          assert.include(failure.message, "Git Repository is empty")
        })
    )
  })

  it("[FG10] what a query does not give back as it was is read by itself", () =>
    withStore(as, (store, { asked }) =>
      Effect.gen(function* () {
        const texts = { "a/bom": "\uFEFFmarked", "a/large": "x".repeat(600_000), "a/plain": "plain" }
        const files = new Map([[CONTROL_PATH, "one"], ...Object.entries(texts)])
        yield* store.commit(undefined, { files, message: () => "Begin" })
        const before = asked.length
        const read = yield* store.read({ directories: ["a"], files: [] })
        assert.deepEqual(Object.fromEntries(read.files), { [CONTROL_PATH]: "one", ...texts })
        assert.equal(asked.slice(before).filter(({ path }) => path.includes("/git/blobs/")).length, 2)
      })
    ))

  it("[FG7] on a server of one's own queries go to its other address", async () => {
    const paths: Array<string> = []
    const server = await serveGitHub({
      instead: ({ path }) => {
        paths.push(path)
        return { body: { data: { repository: { ref: null } } }, status: 200 }
      }
    })
    const at = { branch: "b", owner: "octo", repository: "registry", token: Redacted.make(SECRET) }
    const layer = GitHubControlStore.layer({ ...at, baseUrl: `${server.url}/api/v3` })
    try {
      const read = Effect.flatMap(ControlStore, (store) => Effect.flip(store.read(NOTHING)))
      assert.equal((await Effect.runPromise(Effect.provide(read, layer)))._tag, "ControlMissing")
      assert.deepEqual(paths, ["/api/graphql"])
    } finally {
      await server.close()
    }
  })

  const policy = Result.getOrThrow(Policy.fromJson(Policy.starter(["cask", "npm", "pypi"], "main")))
  const at = 1_795_413_600_000
  const begin = initControl({ at, author: "ops", nonce: "a0", policy, published: undefined })
  const pause = (nonce: string, scope: string) =>
    operate({ at, author: "ops", nonce, policy }, [
      { _tag: "Paused", at, author: "ops", autoResume: false, id: nonce, reason: "bad checksums", scope }
    ])

  it("[FG10] of writers at once none loses what it wrote", () =>
    withStore(as, (_, __, git) =>
      Effect.gen(function* () {
        yield* begin
        const scopes = ["cask", "npm", "pypi"]
        yield* Effect.all(
          scopes.map((scope, index) => pause(`b${index}`, scope)),
          { concurrency: "unbounded" }
        )
        const { file } = yield* readStatus(policy, at, [])
        assert.deepEqual(Object.keys(file.pauses ?? {}).sort(), scopes)
        assert.equal(git("rev-list", "--count", "batch-control"), "4")
      })
    ))

  it("[FG10] an answer that was lost is looked for, and the event stands once", () => {
    let losses = 1
    const bend = (behaviour: Behaviour): Behaviour => ({
      ...behaviour,
      loses: (asked) => isCommit(asked) && losses-- > 0
    })
    return withStore(bend, (_, __, git) =>
      Effect.gen(function* () {
        yield* begin
        assert.isTrue((yield* pause("b1", "npm")).applied)
        assert.equal(git("rev-list", "--count", "batch-control"), "2")
      })
    )
  })

  it("[FG10] programs work on it: begun, paused, read back, and git sees the same", () =>
    withStore(as, (_, __, git) =>
      Effect.gen(function* () {
        yield* begin
        yield* pause("b1", "npm")
        const status = yield* readStatus(policy, at, ["npm"])
        assert.equal(status.decisions[0]?.decision, "hold")
        assert.match(git("log", "-1", "--format=%B", "batch-control"), /^Batchbrake-Event: Paused$/m)
        const blob = git("rev-parse", `batch-control:${CONTROL_PATH}`)
        assert.include(git("log", "-1", "--format=%B", "batch-control"), `Batchbrake-Control: ${blob}`)
      })
    ))
})
