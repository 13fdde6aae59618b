/**
 * Which events have been applied lately: what makes a repeated event harmless, and a late result recognisable.
 * Kept by time, at least 35 days, in one file a day and scope beside the control file.
 */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { DAY, type EpochMillis, formatDate, parse } from "../time/Instant.ts"
import { type ControlEvent, identityOf, payloadHash, scopeOf } from "./ControlEvent.ts"
import * as IdentityLine from "./IdentityLine.ts"
import { EVERYTHING } from "./Pause.ts"

/** How long an identity is kept at least, and how old a run may be that reports. */
export const HORIZON = 35 * DAY

/** One applied event. */
export interface Identity {
  readonly identity: string
  readonly scope: string
  readonly at: EpochMillis
  readonly payload: string
  /** Which commit brought it: how a writer whose answer was lost finds its own event. */
  readonly nonce: string
  /** The breaker's generation at the claim; only of a RunAdmitted. */
  readonly generation: number | undefined
  /** The most attempts that the claim asked for; only of a RunAdmitted that asked for fewer. */
  readonly limit?: number
}

/** The identities of some scopes, and the newest event of each. */
export interface Ledger {
  readonly identities: HashMap.HashMap<string, Identity>
  readonly newest: HashMap.HashMap<string, EpochMillis>
}

export const empty: Ledger = { identities: HashMap.empty(), newest: HashMap.empty() }

/** The instant of the newest event of a scope; `undefined` where there was none. */
export const newestOf = (ledger: Ledger, scope: string): EpochMillis | undefined =>
  Option.getOrUndefined(HashMap.get(ledger.newest, scope))

/**
 * An event that was applied, until exactly the horizon: what is older may have been pruned or not, and a reduction must
 * not depend on that, or a fold of the log would come out differently.
 */
export const find = (ledger: Ledger, identity: string): Identity | undefined => {
  const found = Option.getOrUndefined(HashMap.get(ledger.identities, identity))
  const isForgotten = found !== undefined && (newestOf(ledger, found.scope) ?? found.at) - found.at > HORIZON
  return isForgotten ? undefined : found
}

export const add = (ledger: Ledger, identity: Identity): Ledger => ({
  identities: HashMap.set(ledger.identities, identity.identity, identity),
  newest: HashMap.set(
    ledger.newest,
    identity.scope,
    Math.max(identity.at, newestOf(ledger, identity.scope) ?? identity.at)
  )
})

/** The identity of an event that is about to be applied. */
export const of = (event: ControlEvent, nonce: string, generation: number | undefined): Identity => ({
  at: event.at,
  generation,
  identity: identityOf(event),
  ...(event._tag === "RunAdmitted" && event.maxAttempts !== undefined && generation !== undefined
    ? { limit: event.maxAttempts }
    : {}),
  nonce,
  payload: payloadHash(event),
  scope: scopeOf(event)
})

const ROOT = "identities"

/** Where a scope's identities stand. `_all` is for events of no single ecosystem: no ecosystem can have that name. */
export const directoryOf = (scope: string): string => `${ROOT}/${scope === EVERYTHING ? "_all" : scope}`

/** The file of one day of one scope. */
export const pathOf = (scope: string, at: EpochMillis): string => `${directoryOf(scope)}/${formatDate(at)}.jsonl`

const dayOf = (path: string): EpochMillis | undefined => parse(path.slice(path.lastIndexOf("/") + 1, -".jsonl".length))

/** The ledger of some scopes from the files of their directories. A line that cannot be read is a failure. */
export const read = (
  files: ReadonlyMap<string, string>,
  scopes: ReadonlyArray<string>
): Result.Result<Ledger, { readonly path: string; readonly line: number }> => {
  let ledger = empty
  for (const scope of scopes) {
    const prefix = `${directoryOf(scope)}/`
    for (const [path, text] of files) {
      if (!path.startsWith(prefix)) continue
      for (const [index, line] of text.split("\n").entries()) {
        if (line === "") continue
        const identity = IdentityLine.parse(scope, line)
        if (identity === undefined) return Result.fail({ line: index + 1, path })
        ledger = add(ledger, identity)
      }
    }
  }
  return Result.succeed(ledger)
}

/**
 * The files that change when identities are added: each day's file with its new lines, and the removal of days of the
 * same scopes that are past the horizon of their newest event.
 */
export const changes = (
  files: ReadonlyMap<string, string>,
  ledger: Ledger,
  added: ReadonlyArray<Identity>
): ReadonlyMap<string, string | undefined> => {
  const changed = new Map<string, string | undefined>()
  for (const identity of added) {
    const path = pathOf(identity.scope, identity.at)
    changed.set(path, `${changed.get(path) ?? files.get(path) ?? ""}${IdentityLine.print(identity)}\n`)
  }
  for (const scope of new Set(added.map((identity) => identity.scope))) {
    const oldest = (newestOf(ledger, scope) ?? 0) - HORIZON - DAY
    for (const path of files.keys()) {
      const day = path.startsWith(`${directoryOf(scope)}/`) ? dayOf(path) : undefined
      if (day !== undefined && day < oldest && !changed.has(path)) changed.set(path, undefined)
    }
  }
  return changed
}
