/** A published emulator of GitHub behind the server that watches what goes to and fro, and what people do there. */
import type { ForgeBench } from "@batchbrake/core/testing/ForgeCheck"
import * as Effect from "effect/Effect"
import { createEmulator } from "emulate"
import { type Asked, type GitHubServer, type Reply, serveGitHub } from "./GitHubServer.ts"
import { sample } from "./sample.ts"

/** The emulator has no statuses of commits: they are kept beside it. */
const STATUSES = "POST /repos/{owner}/{repo}/statuses/{sha}"
export const OWNER = "octo"
export const REPOSITORY = "registry"
export const TOKEN = "ghs_emulated-token"

interface Emulated {
  readonly server: GitHubServer
  readonly bench: ForgeBench
  /** A request that no judge sees, for what people do. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Reply & object>
  readonly close: () => Promise<void>
}

const seed = {
  github: {
    repos: [{ auto_init: true, default_branch: "main", name: REPOSITORY, owner: OWNER }],
    users: [{ login: OWNER }]
  },
  tokens: { [TOKEN]: { login: OWNER, scopes: ["repo"] } }
}

const field = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value
  )

export const emulated = async (): Promise<Emulated> => {
  const emulator = await createEmulator({ port: 0, seed, service: "github" })
  const forward = async ({ authorization, body, method, path, query }: Asked): Promise<Reply & object> => {
    const search = query.size === 0 ? "" : `?${query}`
    const response = await fetch(`${emulator.url}${path}${search}`, {
      headers: { authorization: authorization ?? "", "content-type": "application/json" },
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    const link = response.headers.get("link")
    return {
      body: text === "" ? "" : JSON.parse(text),
      headers: link === null ? {} : { link },
      status: response.status
    }
  }
  const call = (method: string, path: string, body?: unknown) =>
    forward({
      authorization: `Bearer ${TOKEN}`,
      body,
      method,
      path: `/repos/${OWNER}/${REPOSITORY}/${path}`,
      query: new URLSearchParams()
    })
  let count = 0
  const push = async (branch: string): Promise<string> => {
    const own = await call("GET", `git/ref/heads/${branch}`)
    const from = own.status === 200 ? own : await call("GET", "git/ref/heads/main")
    const parent = field(from.body, "object", "sha")
    const base = field((await call("GET", `git/commits/${parent}`)).body, "tree", "sha")
    const file = { content: `${count++}`, mode: "100644", path: `recipes/${count}`, type: "blob" }
    const tree = field((await call("POST", "git/trees", { base_tree: base, tree: [file] })).body, "sha")
    const message = `Change ${branch}`
    const sha = field((await call("POST", "git/commits", { message, parents: [parent], tree })).body, "sha")
    await (own.status === 200
      ? call("PATCH", `git/refs/heads/${branch}`, { sha })
      : call("POST", "git/refs", { ref: `refs/heads/${branch}`, sha }))
    return String(sha)
  }
  const statuses = new Map<string, Map<string, unknown>>()
  const rest = (asked: Asked): Reply | Promise<Reply> => {
    const commit = /\/statuses\/(\w+)$/.exec(asked.path)?.[1]
    if (commit === undefined) return forward(asked)
    const [name, state] = [field(asked.body, "context"), field(asked.body, "state")]
    statuses.set(commit, (statuses.get(commit) ?? new Map()).set(String(name), state))
    return { body: sample(STATUSES, 201, { context: name, state }), status: 201 }
  }
  const server = await serveGitHub({ rest })
  const checksOf = (commit: string) =>
    [...(statuses.get(commit) ?? [])].map(([name, state]) => ({
      name,
      verdict: VERDICTS.find((one) => one === state) ?? ("failure" as const)
    }))
  return {
    bench: {
      checks: (commit) => Effect.sync(() => checksOf(commit)),
      close: (number) => Effect.promise(() => call("PATCH", `pulls/${number}`, { state: "closed" })),
      push: (branch) => Effect.promise(() => push(branch))
    },
    call,
    close: async () => {
      await server.close()
      await emulator.close()
    },
    server
  }
}

const VERDICTS = ["success", "failure", "pending"] as const
