/** As much of a forge on the loopback as opens pull requests and keeps issues: whoever is asked for, remembered, or refused. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { type ForgeIssues, forgeIssues, type Rights } from "./ForgeIssues.ts"
import type { Json } from "./Workshop.ts"

export interface ForgeServer {
  readonly url: string
  readonly pulls: ReadonlyArray<Json>
  readonly issues: Omit<ForgeIssues, "answer">
  /** What the workflow's own token may do from now on, as a job names it. */
  readonly grant: (rights: Rights) => void
  /** `METHOD path` of each request. */
  readonly requests: ReadonlyArray<string>
  /** Answers everything with this status from now on; `undefined`: works again. */
  readonly break: (status: number | undefined) => void
  readonly close: () => Promise<void>
}

export const FORGE_TOKEN = "ghs_entrypointsSECRET"
/** The secret for pull requests: as the documentation has it made, without a right to statuses. */
export const PULLS_TOKEN = "github_pat_entrypointsSECRET"

const side = (ref: unknown): Json => ({ ref, repo: { full_name: "octo/registry" }, sha: "0".repeat(40) })

const made = (url: string, number: number, { base, body, head, title }: Json): Json => ({
  auto_merge: null,
  base: side(base),
  body,
  head: side(head),
  html_url: `${url}/octo/registry/pull/${number}`,
  labels: [],
  merge_commit_sha: null,
  merged_at: null,
  node_id: `PR_${number}`,
  number,
  state: "open",
  title
})

export const serveForge = async (): Promise<ForgeServer> => {
  const pulls: Array<Json> = []
  const requests: Array<string> = []
  let broken: number | undefined
  let granted: Rights | undefined
  let url = ""
  const issues = forgeIssues(() => url)
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
    requests.push(`${request.method} ${pathname}`)
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" })
      response.end(JSON.stringify(body))
    }
    // A job's token says behind a point what the job may do.
    const [token = ""] = (request.headers.authorization ?? "").split(".")
    if (![FORGE_TOKEN, PULLS_TOKEN].some((known) => token === `token ${known}`))
      return answer(401, { message: "Bad credentials" })
    if (broken !== undefined) return answer(broken, { message: `Not now, ${FORGE_TOKEN}` })
    const about = issues.answer({
      body: sent === "" ? {} : JSON.parse(sent),
      method: request.method ?? "",
      path: pathname,
      query: searchParams,
      rights: request.headers.authorization?.startsWith(`token ${FORGE_TOKEN}`) === true ? granted : undefined
    })
    if (about !== undefined) return answer(about.status, about.body)
    if (pathname !== "/repos/octo/registry/pulls") return answer(404, { message: "Not Found" })
    if (request.method === "GET") {
      const head = searchParams.get("head")
      return answer(
        200,
        pulls.filter((pull) => head === `octo:${Object(pull.head).ref}`)
      )
    }
    const pull = made(url, pulls.length + 1, JSON.parse(sent))
    pulls.push(pull)
    answer(201, pull)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    break: (status) => {
      broken = status
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    grant: (rights) => {
      granted = rights
    },
    issues,
    pulls,
    requests,
    url
  }
}
