/** A published emulator of GitHub behind the server that watches what goes to and fro, and what people do there. */
import type { ForgeBench } from "@batchbrake/core/testing/ForgeCheck"
import * as Effect from "effect/Effect"
import { createEmulator } from "emulate"
import { type Asked, type GitHubServer, type Reply, serveGitHub } from "./GitHubServer.ts"

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
  const server = await serveGitHub({ rest: forward })
  const checksOf = async (commit: string) => {
    const runs = field((await call("GET", `commits/${commit}/check-runs`)).body, "check_runs")
    return (Array.isArray(runs) ? runs : []).map((run: unknown) => ({
      name: String(field(run, "name")),
      verdict: VERDICTS.find((one) => one === field(run, "conclusion")) ?? ("pending" as const)
    }))
  }
  return {
    bench: {
      checks: (commit) => Effect.promise(() => checksOf(commit)),
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

const VERDICTS = ["success", "failure", "neutral"] as const
