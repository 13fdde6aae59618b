/** A server on the loopback in GitHub's place, which holds what is asked and answered against what is published. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { match, requestFaults, responseFaults } from "./Published.ts"
import { type Resolvers, runQuery } from "./Query.ts"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly authorization: string | undefined
}

export interface Answered {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** `hang up`: no answer; `say nothing`: no answer and no end. */
export type Reply = Answered | "hang up" | "say nothing"

export interface Behaviour {
  readonly rest?: (asked: Asked) => Reply | Promise<Reply>
  /** Before a query runs over the resolvers: another answer, or none. */
  readonly instead?: (asked: Asked) => Reply | undefined
  readonly query?: Resolvers
  /** Lets a query have its way and then hangs up instead of answering. */
  readonly loses?: (asked: Asked) => boolean
}

export interface GitHubServer {
  readonly url: string
  readonly asked: ReadonlyArray<Asked>
  /** Requests that GitHub does not publish. */
  readonly wrongRequests: Array<string>
  /** Answers of this server that GitHub would not give. */
  readonly wrongAnswers: Array<string>
  readonly close: () => Promise<void>
}

const readAsked = async (request: IncomingMessage): Promise<Asked> => {
  const url = new URL(request.url ?? "/", "http://localhost")
  const body = await text(request)
  return {
    authorization: request.headers.authorization,
    body: body === "" ? undefined : JSON.parse(body),
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams
  }
}

const replyToQuery = async (asked: Asked, behaviour: Behaviour, wrong: Array<string>): Promise<Reply> => {
  const { instead, loses, query = {} } = behaviour
  const other = instead?.(asked)
  if (other !== undefined) return other
  const { query: document, variables } = Object.assign({ query: "", variables: {} }, asked.body)
  const answer = await runQuery(document, variables, query)
  for (const error of answer.errors ?? []) if (!("type" in error)) wrong.push(`${error.message} at ${error.path}`)
  return loses?.(asked) === true ? "hang up" : { body: answer, status: 200 }
}

export const serveGitHub = async (behaviour: Behaviour): Promise<GitHubServer> => {
  const asked: Array<Asked> = []
  const wrongRequests: Array<string> = []
  const wrongAnswers: Array<string> = []
  const replyTo = async (one: Asked): Promise<Reply> => {
    if (/^(?:\/api)?\/graphql$/.test(one.path)) return replyToQuery(one, behaviour, wrongAnswers)
    const matched = match(one.method, one.path)
    if (matched === undefined) {
      wrongRequests.push(`${one.method} ${one.path} is not among the operations of the extract`)
      return { body: { message: "Not Found" }, status: 404 }
    }
    wrongRequests.push(...requestFaults(matched, one.query, one.body))
    const reply = (await behaviour.rest?.(one)) ?? { body: { message: "Not Found" }, status: 404 }
    if (typeof reply !== "string") wrongAnswers.push(...responseFaults(matched, reply.status, reply.body))
    return reply
  }
  const server = createServer(async (request, response) => {
    const one = await readAsked(request)
    asked.push(one)
    const reply = await replyTo(one).catch((cause: unknown) => {
      wrongAnswers.push(String(cause))
      return "hang up" as const
    })
    if (reply === "say nothing") return
    if (reply === "hang up") {
      request.socket.destroy()
      return
    }
    response.writeHead(reply.status, { "content-type": "application/json; charset=utf-8", ...reply.headers })
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address() as AddressInfo
  return {
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    url: `http://127.0.0.1:${address.port}`,
    wrongAnswers,
    wrongRequests
  }
}
