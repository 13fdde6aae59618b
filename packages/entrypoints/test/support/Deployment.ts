/** The bundled Worker on real workerd, as a deployment would run it, on the loopback and offline. */
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import * as D1BindingMetricsStore from "@batchbrake/adapters-d1/D1BindingMetricsStore"
import { migrate } from "@batchbrake/adapters-d1/migrate"
import * as Effect from "effect/Effect"
import { Log, LogLevel, Miniflare } from "miniflare"
import { script } from "./Command.ts"

export const WRITE = "write-token-of-22-chars-1"
export const WRITE_NEXT = "write-token-of-22-chars-2"
export const READ = "read-token-of-22-charsss-1"
export const READ_NEXT = "read-token-of-22-charsss-2"
const SHORT = "short-token"

export interface Deployment {
  readonly url: string
  /** Asks with a token, and reads the one JSON document. */
  readonly ask: (
    token: string | undefined,
    path: string,
    init?: RequestInit
  ) => Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }>
  readonly post: (report: unknown, token?: string) => ReturnType<Deployment["ask"]>
  /** Rows of a statement on the Worker's own database. */
  readonly rows: (sql: string) => Promise<ReadonlyArray<Record<string, unknown>>>
  /** What the daily trigger does. */
  readonly scheduled: () => Promise<void>
  readonly close: () => Promise<void>
}

export const deploy = async (
  bindings: Readonly<Record<string, string>> = {},
  { isMigrated = true } = {}
): Promise<Deployment> => {
  const miniflare = new Miniflare({
    bindings: {
      READ_TOKEN: READ,
      READ_TOKEN_NEXT: READ_NEXT,
      WRITE_TOKEN: WRITE,
      WRITE_TOKEN_NEXT: WRITE_NEXT,
      ...bindings
    },
    cf: false,
    compatibilityDate: "2026-07-01",
    d1Databases: ["METRICS"],
    // What workerd writes is read, or it stops; nobody looks at it.
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      stdout.resume()
      stderr.resume()
    },
    host: "127.0.0.1",
    log: new Log(LogLevel.NONE),
    modules: true,
    unsafeTriggerHandlers: true,
    script: readFileSync(join(dirname(script()), "../dist/worker/worker.mjs"), "utf8")
  })
  const url = (await miniflare.ready).origin
  const database = await miniflare.getD1Database("METRICS")
  const binding: D1BindingMetricsStore.D1Binding = database
  if (isMigrated) await Effect.runPromise(migrate(D1BindingMetricsStore.databaseOf(binding)))
  const ask: Deployment["ask"] = async (token, path, init = {}) => {
    const headers = new Headers(init.headers)
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`)
    const response = await fetch(`${url}${path}`, { ...init, headers })
    return {
      body: (await response.json()) as Record<string, unknown>,
      headers: response.headers,
      status: response.status
    }
  }
  return {
    ask,
    close: () => miniflare.dispose(),
    post: (report, token = WRITE) =>
      ask(token, "/v1/runs", {
        body: typeof report === "string" ? report : JSON.stringify(report),
        headers: { "content-type": "application/json" },
        method: "POST"
      }),
    rows: async (sql) => (await database.prepare(sql).all<Record<string, unknown>>()).results,
    scheduled: async () => {
      const ended = await fetch(`${url}/cdn-cgi/handler/scheduled?cron=17+4+*+*+*`)
      if ((await ended.text()) !== "ok") throw new Error("the daily trigger failed")
    },
    url
  }
}

/** Tokens that open nothing: none, near misses, and one that is set but too short to be one. */
export const WRONG: ReadonlyArray<string> = [
  ...["x", SHORT, WRITE.slice(0, -1), `${WRITE}1`, WRITE.toUpperCase(), `${WRITE}${READ}`, "undefined", "null", ""],
  "x".repeat(600)
]
export const SHORT_TOKENS = { READ_TOKEN_NEXT: SHORT, WRITE_TOKEN_NEXT: SHORT }
