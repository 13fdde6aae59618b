/** What GitHub answered, or that it did not, as the caller can react to it. */
import { plainLine } from "@batchbrake/core/control/plainLine"
import { ForgeLimited, ForgeRefused, ForgeUnavailable } from "@batchbrake/core/port/Forge"
import { SECOND } from "@batchbrake/core/time/Instant"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Operation } from "./Operation.ts"

export type ForgeFailure = ForgeUnavailable | ForgeLimited | ForgeRefused

const LONGEST_DETAIL = 300

/** As much of an error of Octokit's as says what happened. Never the request: it has the token. */
const Thrown = Schema.Struct({
  errors: Schema.optionalKey(
    Schema.Array(Schema.Struct({ message: Schema.optionalKey(Schema.String), type: Schema.optionalKey(Schema.String) }))
  ),
  /** Of an answer to a query they stand here, of any other in the response. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  message: Schema.optionalKey(Schema.String),
  response: Schema.optionalKey(
    Schema.UndefinedOr(
      Schema.Struct({
        data: Schema.optionalKey(Schema.Unknown),
        headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
      })
    )
  ),
  status: Schema.optionalKey(Schema.Number)
})
type Thrown = typeof Thrown.Type

const Said = Schema.Struct({
  errors: Schema.optionalKey(
    Schema.Array(
      Schema.Union([
        Schema.String,
        Schema.Struct({
          code: Schema.optionalKey(Schema.String),
          field: Schema.optionalKey(Schema.String),
          message: Schema.optionalKey(Schema.String),
          type: Schema.optionalKey(Schema.String)
        })
      ])
    )
  ),
  message: Schema.optionalKey(Schema.String)
})

const decodeThrown = Schema.decodeUnknownOption(Thrown)
const decodeSaid = Schema.decodeUnknownOption(Said)

/** Where a failure belongs. */
export interface Place {
  readonly forge: string
  readonly operation: Operation
  /** Takes the token out of whatever is told. */
  readonly withoutToken: (text: string) => string
  readonly now: number
}

const detailOf = ({ withoutToken }: Place, text: string): string => {
  const line = plainLine(withoutToken(text))
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line
}

/** What GitHub said went wrong: its message, and what it has against which field. */
const saidBy = ({ message, response }: Thrown): string => {
  const said = Option.getOrUndefined(decodeSaid(response?.data))
  const faults = (said?.errors ?? []).map((fault) =>
    typeof fault === "string" ? fault : (fault.message ?? [fault.field, fault.code].filter(Boolean).join(" "))
  )
  return [said?.message ?? message ?? "no reason given", ...faults].filter((part) => part !== "").join(": ")
}

const headerOf = ({ headers, response }: Thrown, name: string): string | undefined => {
  const value = (response?.headers ?? headers)?.[name]
  return value === undefined ? undefined : String(value)
}

const secondsIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined

/** A limit says so by what is left of it, by its name, by `retry-after`, or by being a 429. */
const limitOf = (thrown: Thrown, place: Place): ForgeLimited | undefined => {
  const isPrimary = headerOf(thrown, "x-ratelimit-remaining") === "0" || kindsOf(thrown).includes("RATE_LIMITED")
  const after = secondsIn(headerOf(thrown, "retry-after"))
  const isSecondary = /secondary rate|abuse detection/i.test(saidBy(thrown)) || after !== undefined
  if (thrown.status !== 429 && !isPrimary && !isSecondary) return undefined
  const reset = secondsIn(headerOf(thrown, "x-ratelimit-reset"))
  const isReset = isPrimary && after === undefined && reset !== undefined
  const retryAt = isReset ? reset * SECOND : after === undefined ? undefined : place.now + after * SECOND
  return new ForgeLimited({
    forge: place.forge,
    limit: isPrimary ? "primary" : "secondary",
    operation: place.operation.does,
    ...(retryAt === undefined ? {} : { retryAt })
  })
}

const REASONS: Readonly<Record<number, ForgeRefused["reason"]>> = {
  401: "token",
  403: "permission",
  404: "missing",
  405: "blocked",
  409: "moved",
  410: "missing",
  422: "invalid"
}

/** The types of errors in answers of GraphQL; a status is 200 there. */
const KINDS: Readonly<Record<string, ForgeRefused["reason"]>> = {
  FORBIDDEN: "permission",
  INSUFFICIENT_SCOPES: "permission",
  NOT_FOUND: "missing",
  STALE_DATA: "moved",
  UNPROCESSABLE: "invalid"
}

const kindsOf = ({ errors, response }: Thrown): ReadonlyArray<string> => {
  const said = Option.getOrUndefined(decodeSaid(response?.data))
  const faults = errors ?? said?.errors ?? []
  return faults.flatMap((fault) => (typeof fault === "string" || fault.type === undefined ? [] : [fault.type]))
}

export const refused = (place: Place, reason: ForgeRefused["reason"], detail: string): ForgeRefused =>
  new ForgeRefused({
    detail: detailOf(place, detail),
    forge: place.forge,
    operation: place.operation.does,
    permission: place.operation.permission,
    reason
  })

export const unavailable = (place: Place, detail: string): ForgeUnavailable =>
  new ForgeUnavailable({
    detail: detailOf(place, detail),
    forge: place.forge,
    mayHaveLanded: place.operation.writes,
    operation: place.operation.does
  })

/** GitHub answered no in GraphQL: with a type, or with words alone. */
const refusedQuery = (place: Place, thrown: Thrown): ForgeRefused => {
  const [kind] = kindsOf(thrown).flatMap((type) => KINDS[type] ?? [])
  const told = (thrown.errors ?? []).flatMap(({ message }) => message ?? []).join("; ")
  return refused(place, kind ?? "unexpected", told === "" ? saidBy(thrown) : told)
}

/** The failure that a thrown error stands for. */
export const classify = (place: Place, error: unknown): ForgeFailure => {
  const thrown = Option.getOrUndefined(decodeThrown(error))
  if (thrown === undefined) return unavailable(place, "it failed without a word")
  const { response, status = 0 } = thrown
  if (response === undefined && thrown.errors === undefined) return unavailable(place, thrown.message ?? "no answer")
  const isLimit = status === 403 || status === 429 || status < 400
  const limit = isLimit ? limitOf(thrown, place) : undefined
  if (limit !== undefined) return limit
  if (status >= 500) return unavailable(place, `${status}, ${saidBy(thrown)}`)
  if (status >= 400) return refused(place, REASONS[status] ?? "unexpected", `${status}, ${saidBy(thrown)}`)
  return refusedQuery(place, thrown)
}
