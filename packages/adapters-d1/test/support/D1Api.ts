/**
 * Cloudflare's D1 API on loopback, in front of real D1 databases: its address, its door, the shapes of its questions and
 * answers, and whatever goes wrong on the way to it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Workerd } from "./Workerd.ts"

export const ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353"
export const TOKEN = "Sn3lZJTBX6kkg7OdcBUAxOO963GEIyGQqnFTOFYY"
/** D1's limits: https://developers.cloudflare.com/d1/platform/limits/ */
const MOST_PARAMETERS = 100
const MOST_SQL_BYTES = 100_000
const MOST_TEXT_BYTES = 2_000_000

/** What happens to one request; `through` is none of our doing. */
export type Fate =
  | { readonly kind: "through" }
  /** Answered with a status, before anything is done or, with `lands`, after it. */
  | { readonly kind: "status"; readonly status: number; readonly lands: boolean; readonly retryAfter?: string }
  /** The connection breaks, before or after. */
  | { readonly kind: "broken"; readonly lands: boolean }
  /** Sent elsewhere. */
  | { readonly kind: "moved"; readonly to: string }
  /** Done, and answered with a page of somebody else's. */
  | { readonly kind: "page" }

export interface D1Api {
  readonly url: string
  /** What is to happen to the requests to come, one each; then all go through. */
  readonly foresee: (fates: ReadonlyArray<Fate>) => void
  /** How many requests have come. */
  readonly asked: () => number
  readonly close: () => Promise<void>
}

/** The body as the API's reference has it; a whole row of faults would be one for the API too. */
const Query = Schema.Struct({ params: Schema.optional(Schema.Array(Schema.String)), sql: Schema.NonEmptyString })
const Body = Schema.fromJsonString(Schema.Union([Schema.Struct({ batch: Schema.Array(Query) }), Query]))
const readBody = Schema.decodeUnknownOption(Body, { onExcessProperty: "error" })

const collect = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}

const failing = (code: number, message: string): string =>
  JSON.stringify({ errors: [{ code, message }], messages: [], result: null, success: false })

interface Reply {
  readonly status: number
  readonly text: string
}

const databaseIn = (path: string | undefined): string | undefined =>
  new RegExp(`^/accounts/${ACCOUNT}/d1/database/([^/]+)/query$`).exec(path ?? "")?.[1]

const isWithinLimits = ({ params = [], sql }: typeof Query.Type): boolean =>
  params.length <= MOST_PARAMETERS &&
  Buffer.byteLength(sql) <= MOST_SQL_BYTES &&
  params.every((text) => Buffer.byteLength(text) <= MOST_TEXT_BYTES)

const answer = async (workerd: Workerd, request: IncomingMessage, text: string): Promise<Reply> => {
  const database = databaseIn(request.url)
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    return { status: 403, text: failing(10_000, `Authentication error for ${request.headers.authorization}`) }
  }
  if (request.method !== "POST" || database === undefined) return { status: 404, text: failing(7003, "no route") }
  const body = readBody(text)
  if (Option.isNone(body)) return { status: 400, text: failing(7400, "The request is malformed") }
  const batch = "batch" in body.value ? body.value.batch : [body.value]
  if (!batch.every(isWithinLimits)) return { status: 400, text: failing(7500, "statement too long") }
  const done = await workerd.ask(`/batch/${database}`, JSON.stringify({ batch }))
  return done.status === 200
    ? {
        status: 200,
        text: JSON.stringify({ errors: [], messages: [], result: JSON.parse(done.text), success: true })
      }
    : { status: done.status, text: failing(7500, done.text) }
}

const perform = async (workerd: Workerd, fate: Fate, request: IncomingMessage, response: ServerResponse) => {
  const text = await collect(request)
  const lands = fate.kind === "through" || fate.kind === "page" || (fate.kind !== "moved" && fate.lands)
  const reply = lands ? await answer(workerd, request, text) : undefined
  if (fate.kind === "broken") request.socket.destroy()
  else if (fate.kind === "moved") response.writeHead(307, { location: fate.to }).end()
  else if (fate.kind === "page") response.writeHead(200).end("<html>busy</html>")
  else if (fate.kind === "status") {
    const headers = fate.retryAfter === undefined ? {} : { "retry-after": fate.retryAfter }
    response.writeHead(fate.status, headers).end(failing(7010, "Service unavailable"))
  } else response.writeHead(reply?.status ?? 500, { "content-type": "application/json" }).end(reply?.text)
}

export const startD1Api = async (workerd: Workerd): Promise<D1Api> => {
  let fates: ReadonlyArray<Fate> = []
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    const [fate = { kind: "through" } as const, ...later] = fates
    fates = later
    perform(workerd, fate, request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
    foresee: (next) => {
      fates = next
      asked = 0
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
}
