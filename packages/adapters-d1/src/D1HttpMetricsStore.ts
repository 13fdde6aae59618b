/**
 * The metrics store on Cloudflare D1, over Cloudflare's HTTP API: POST /accounts/ACCOUNT/d1/database/DATABASE/query with
 * `{ batch: [{ sql, params }] }`, params being texts
 * (https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/query).
 */
import { MetricsRefused, MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Answers, MetricsDatabase, Statement } from "./MetricsDatabase.ts"
import { makeMetricsStore } from "./makeMetricsStore.ts"

export interface Options {
  /** The account's identifier. */
  readonly account: string
  /** The database's identifier, a UUID. */
  readonly database: string
  /** An API token with the permission D1 Edit. */
  readonly token: Redacted.Redacted
  /** Where the API is; Cloudflare's where nothing else is said. */
  readonly api?: string
  /** How long one question may take with all its repetitions. */
  readonly timeoutMillis: number
  /** How often it is asked at most: 5 by default. */
  readonly mostAttempts?: number
  /** Twice this, and then twice as much each time, at random, is waited before it is asked again: 250 by default. */
  readonly firstWaitMillis?: number
}

const API = "https://api.cloudflare.com/client/v4"
const MOST_ATTEMPTS = 5
const FIRST_WAIT_MILLIS = 250

const Envelope = Schema.fromJsonString(
  Schema.Struct({
    errors: Schema.optional(
      Schema.NullOr(Schema.Array(Schema.Struct({ code: Schema.optional(Schema.Finite), message: Schema.String })))
    ),
    result: Schema.optional(
      Schema.NullOr(
        Schema.Array(
          Schema.Struct({
            results: Schema.optional(Schema.Array(Schema.Record(Schema.String, Schema.Unknown))),
            success: Schema.Boolean
          })
        )
      )
    ),
    success: Schema.Boolean
  })
)
const readEnvelope = Schema.decodeUnknownOption(Envelope)

/** The API did not answer, or asks to be asked later. */
class Again extends Data.TaggedError("Again")<{
  readonly detail: string
  /** What `Retry-After` says, in milliseconds. */
  readonly afterMillis: number | undefined
}> {}

interface Reply {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

/** A number of seconds, or a date: RFC 9110, section 10.2.3. */
const afterMillisOf = (stated: string | null, now: number): number | undefined => {
  if (stated === null) return undefined
  if (/^\d{1,9}$/.test(stated)) return Number(stated) * 1000
  const at = Date.parse(stated)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** What the API says, and no more of it than people read; a token is masked first, or a piece of it might be left. */
const wordsOf = (text: string, masked: (text: string) => string): string => {
  const { errors } = Option.getOrElse(readEnvelope(text), () => ({ errors: undefined }))
  const said = (errors ?? []).map(({ code, message }) => (code === undefined ? message : `${message} (${code})`))
  return masked(said.join("; ")).slice(0, 500)
}

const detailOf = ({ status, text }: Reply, masked: (text: string) => string): string => {
  const words = wordsOf(text, masked)
  const remedy =
    status === 401 || status === 403
      ? "; the token is not accepted: it needs the permission D1 Edit on this account"
      : status === 404
        ? "; there is no such account or database, or the token may not see it"
        : /no such (?:table|column)/.test(words)
          ? "; `batchbrake metrics migrate` brings the tables forward"
          : ""
  return `HTTP ${status}${words === "" ? "" : `: ${words}`}${remedy}`
}

const isLater = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500

const PLAIN = /^[!-~]+$/
const IDENTIFIER = /^[0-9A-Za-z-]{1,64}$/

const placeOf = ({ account, api = API, database }: Options): string | undefined => {
  if (!IDENTIFIER.test(account) || !IDENTIFIER.test(database) || !URL.canParse(api)) return undefined
  const { hash, hostname, password, protocol, search, username } = new URL(api)
  // What opens the API is the token. Anything else in its address would be shown with it.
  if (`${username}${password}${search}${hash}` !== "") return undefined
  const isHere = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]"
  // A token goes over no open line.
  if (protocol !== "https:" && !(isHere && protocol === "http:")) return undefined
  return `${api.replace(/\/+$/, "")}/accounts/${account}/d1/database/${database}/query`
}

const faultOf = (options: Options): string | undefined =>
  placeOf(options) === undefined
    ? "the identifier of the account or of the database, or the address of the API, is malformed: expected letters, digits and dashes, and https without a user, a password or a query"
    : PLAIN.test(Redacted.value(options.token))
      ? undefined
      : "the token is malformed: expected printable ASCII without spaces or line ends"

const databaseOf = (options: Options, place: string): MetricsDatabase => {
  const name = `D1 database ${options.database}`
  const token = Redacted.value(options.token)
  const withoutToken = (text: string): string => text.replaceAll(token, "***")
  const refused = (detail: string): MetricsRefused => new MetricsRefused({ detail: withoutToken(detail), store: name })
  const again = (detail: string, afterMillis?: number): Again =>
    new Again({ afterMillis, detail: withoutToken(detail) })

  const post = (statements: ReadonlyArray<Statement>, leftMillis: number): Effect.Effect<Reply, Again> =>
    Effect.tryPromise({
      catch: (cause) => again(cause instanceof Error ? messageOf(cause) : "no answer"),
      try: async (signal): Promise<Reply> => {
        const response = await fetch(place, {
          body: JSON.stringify({ batch: statements.map(({ parameters, sql }) => ({ params: parameters, sql })) }),
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          method: "POST",
          // A token goes nowhere else.
          redirect: "error",
          signal
        })
        return {
          retryAfter: response.headers.get("retry-after"),
          status: response.status,
          text: await response.text()
        }
      }
    }).pipe(
      Effect.timeoutOrElse({ duration: leftMillis, orElse: () => Effect.fail(again(`no answer for ${leftMillis} ms`)) })
    )

  const answersOf = (reply: Reply, count: number): Effect.Effect<Answers, MetricsRefused | Again> => {
    const read = readEnvelope(reply.text)
    if (reply.status !== 200 || (Option.isSome(read) && !read.value.success))
      return Effect.fail(refused(detailOf(reply, withoutToken)))
    const result = Option.isSome(read) ? read.value.result : undefined
    // Half an answer may be a proxy's: the statements have landed or have not, and can be repeated either way.
    if (result === undefined || result === null || result.length !== count)
      return Effect.fail(again("an answer that is not of the API's shape"))
    return result.every(({ success }) => success)
      ? Effect.succeed(result.map(({ results }) => results ?? []))
      : Effect.fail(refused(detailOf(reply, withoutToken)))
  }

  const once = Effect.fn("d1.once")(function* (statements: ReadonlyArray<Statement>, leftMillis: number) {
    const reply = yield* post(statements, leftMillis)
    if (!isLater(reply.status)) return yield* answersOf(reply, statements.length)
    return yield* again(detailOf(reply, withoutToken), afterMillisOf(reply.retryAfter, yield* Clock.currentTimeMillis))
  })

  const ask = Effect.fn("d1.ask")(function* (statements: () => ReadonlyArray<Statement>) {
    const until = (yield* Clock.currentTimeMillis) + options.timeoutMillis
    for (let attempt = 1; ; attempt++) {
      const left = until - (yield* Clock.currentTimeMillis)
      const asked = yield* Effect.result(once(statements(), Math.max(1, left)))
      if (asked._tag === "Success") return asked.success
      if (asked.failure._tag === "MetricsRefused") return yield* asked.failure
      const { afterMillis, detail } = asked.failure
      const jitter = (yield* Random.next) * (options.firstWaitMillis ?? FIRST_WAIT_MILLIS) * 2 ** attempt
      const wait = afterMillis ?? jitter
      if (attempt === (options.mostAttempts ?? MOST_ATTEMPTS) || (yield* Clock.currentTimeMillis) + wait >= until)
        return yield* new MetricsUnavailable({ detail, store: name })
      yield* Effect.sleep(wait)
    }
  })

  return {
    name,
    read: (statements) => ask(() => statements),
    write: (statements) => ask(() => statements(crypto.randomUUID()))
  }
}

/** Node hides what went wrong with a connection behind "fetch failed". */
const messageOf = (error: Error): string =>
  error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message

/** The database behind the store, as it is: its schema is brought forward by `batchbrake metrics migrate`. */
export const openDatabase = (options: Options): Effect.Effect<MetricsDatabase, MetricsRefused> =>
  Effect.suspend(() => {
    const place = placeOf(options)
    const fault = faultOf(options)
    return place === undefined || fault !== undefined
      ? Effect.fail(new MetricsRefused({ detail: fault ?? "", store: "D1" }))
      : Effect.succeed(databaseOf(options, place))
  })

export const layer = (options: Options): Layer.Layer<MetricsStore, MetricsRefused> =>
  Layer.effect(MetricsStore, Effect.map(openDatabase(options), makeMetricsStore))
