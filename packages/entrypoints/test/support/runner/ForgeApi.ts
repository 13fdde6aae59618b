/**
 * GitHub's API on the loopback, as much of it as the workflows ask through the forge: over the same pull requests,
 * statuses and bare repository that the program in the place of `gh` has. A job's token may do what the job may.
 */
import { execFileSync } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { FORGE_TOKEN, PULLS_TOKEN } from "../ForgeServer.ts"
import type { Json } from "../Workshop.ts"
import { commitOnBranch, plainObject } from "./ControlApi.ts"
import type { ForgeState, Pull } from "./GhProgram.ts"

type Rights = Readonly<Record<string, unknown>>

/** The token of a job: who reads it here knows what the job may do. */
export const tokenWith = (rights: Rights): string =>
  `${FORGE_TOKEN}.${Buffer.from(JSON.stringify(rights)).toString("base64url")}`

const SECRETS_RIGHTS: Rights = { contents: "write", "pull-requests": "write" }

const rightsOf = (authorization: string | undefined): Rights | undefined => {
  const token = (authorization ?? "").replace(/^(?:token|bearer) /i, "")
  if (token === PULLS_TOKEN) return SECRETS_RIGHTS
  const [secret, rights] = token.split(".")
  return secret === FORGE_TOKEN && rights !== undefined
    ? Object(JSON.parse(Buffer.from(rights, "base64url").toString("utf8")))
    : undefined
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly search: URLSearchParams
  readonly body: Json
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** A job as GitHub lists it. */
export interface JobRow {
  readonly name: string
  readonly conclusion: string | null
  readonly status: string
  readonly started_at: string
  readonly completed_at: string | null
  readonly labels: ReadonlyArray<string>
  readonly run_attempt: number
  readonly runner_id: number
}

/** What the API stands on; the last two are for tests to change. */
export interface Behind {
  readonly url: () => string
  readonly remote: string
  readonly state: () => ForgeState
  readonly change: (edit: (state: ForgeState) => void) => void
  /** By `RUN/ATTEMPT`. */
  readonly jobs: Map<string, ReadonlyArray<JobRow>>
  /** Answers in the place of the API; `nothing`: the line stays open. */
  fault: (asked: Asked) => Answer | "nothing" | undefined
  /** Sees every request that was let in. */
  watch: (asked: Asked) => void
}

export interface ForgeApi {
  readonly url: string
  readonly close: () => void
}

const NOT_FOUND: Answer = { body: { message: "Not Found" }, status: 404 }
const ok = (body: unknown, status = 200): Answer => ({ body, status })

const headOf = ({ remote }: Behind, { headRefName, headOid }: Pull): string =>
  headOid ?? execFileSync("git", ["rev-parse", `refs/heads/${headRefName}`], { cwd: remote, encoding: "utf8" }).trim()

const pullOf = (behind: Behind, pull: Pull): Json => ({
  auto_merge: pull.auto ? { merge_method: "squash" } : null,
  base: { ref: pull.baseRefName, repo: { full_name: "octo/registry" }, sha: "0".repeat(40) },
  body: pull.body,
  head: {
    ref: pull.headRefName,
    repo: { full_name: pull.isCrossRepository ? "mallory/registry" : "octo/registry" },
    sha: headOf(behind, pull)
  },
  html_url: pull.url,
  labels: pull.labels.map((name) => ({ name })),
  merge_commit_sha: pull.mergeCommit?.oid ?? null,
  merged_at: pull.state === "MERGED" ? "2026-11-23T00:00:00Z" : null,
  node_id: `PR_${pull.number}`,
  number: pull.number,
  state: pull.state === "OPEN" ? "open" : "closed",
  title: pull.title
})

interface Route {
  readonly asks: RegExp
  readonly needs: Readonly<Record<string, "read" | "write">>
  readonly answer: (behind: Behind, asked: Asked, found: string) => Answer
}

const disable = (behind: Behind, { body }: Asked): Answer => {
  const number = Number(String(Object(body.variables).pullRequest).slice(3))
  behind.change(({ pulls }) => {
    for (const pull of pulls.filter((one) => one.number === number)) pull.auto = false
  })
  return ok({ data: { disablePullRequestAutoMerge: { pullRequest: { autoMergeRequest: null, number } } } })
}

/** The first that fits. Documents are told apart by what they ask for. */
const ROUTES: ReadonlyArray<Route> = [
  {
    answer: (behind) =>
      ok(
        behind
          .state()
          .pulls.filter(({ state }) => state === "OPEN")
          .map((pull) => pullOf(behind, pull))
      ),
    asks: /^GET \/repos\/octo\/registry\/pulls $/,
    needs: { "pull-requests": "read" }
  },
  {
    answer: (behind, _, number) => {
      const pull = behind.state().pulls.find((one) => String(one.number) === number)
      return pull === undefined ? NOT_FOUND : ok(pullOf(behind, pull))
    },
    asks: /^GET \/repos\/octo\/registry\/pulls\/(\d+) $/,
    needs: { "pull-requests": "read" }
  },
  {
    answer: ({ change }, { body: { context, description, state } }, sha) => {
      change(({ statuses }) => {
        statuses[sha] = { context: String(context), description: String(description), state: String(state) }
      })
      return ok({ context, state }, 201)
    },
    asks: /^POST \/repos\/octo\/registry\/statuses\/([0-9a-f]{40}) $/,
    needs: { statuses: "write" }
  },
  {
    answer: ({ jobs }, { search }, attempt) => {
      const rows = jobs.get(attempt.replace("/attempts/", "/")) ?? []
      const page = Number(search.get("page") ?? "1") - 1
      return ok({ jobs: rows.slice(page * 3, page * 3 + 3), total_count: rows.length })
    },
    asks: /^GET \/repos\/octo\/registry\/actions\/runs\/(\d+\/attempts\/\d+)\/jobs $/,
    needs: { actions: "read" }
  },
  {
    answer: disable,
    asks: /^POST \/graphql .*disablePullRequestAutoMerge/s,
    needs: { contents: "write", "pull-requests": "write" }
  },
  { answer: commitOnBranch, asks: /^POST \/graphql .*createCommitOnBranch/s, needs: { contents: "write" } },
  { answer: plainObject, asks: /^POST \/graphql .*ref\(qualifiedName/s, needs: { contents: "read" } },
  {
    answer: plainObject,
    asks: /^POST \/repos\/octo\/registry\/git\/(trees|commits|refs) $/,
    needs: { contents: "write" }
  },
  { answer: plainObject, asks: /^GET \/repos\/octo\/registry\/git\/(trees) $/, needs: { contents: "read" } }
]

const lacks = (rights: Rights, needs: Route["needs"]): string | undefined =>
  Object.entries(needs).find(([name, right]) => rights[name] !== "write" && rights[name] !== right)?.[0]

const answerTo = (behind: Behind, asked: Asked, authorization: string | undefined): Answer | "nothing" => {
  const rights = rightsOf(authorization)
  if (rights === undefined) return { body: { message: "Bad credentials" }, status: 401 }
  behind.watch(asked)
  const fault = behind.fault(asked)
  if (fault !== undefined) return fault
  const line = `${asked.method} ${asked.path} ${typeof asked.body.query === "string" ? asked.body.query : ""}`
  for (const { answer, asks, needs } of ROUTES) {
    const found = asks.exec(line)
    if (found === null) continue
    const missing = lacks(rights, needs)
    return missing === undefined
      ? answer(behind, asked, found[1] ?? "")
      : { body: { message: `Resource not accessible by integration (${missing})` }, status: 403 }
  }
  return NOT_FOUND
}

export const serveApi = async (behind: Behind): Promise<ForgeApi> => {
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    const { pathname: path, searchParams: search } = new URL(request.url ?? "/", "http://localhost")
    const asked = { body: sent === "" ? {} : JSON.parse(sent), method: request.method ?? "", path, search }
    const answer = answerTo(behind, asked, request.headers.authorization)
    if (answer === "nothing") return
    response.writeHead(answer.status, { "content-type": "application/json" })
    response.end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    close: () => {
      server.close()
      server.closeAllConnections()
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
}
