/**
 * Commits of the content branch's history as batches: which become one, under which ID, and which do not and why.
 * Pure, so that a dry run shows what the real one would write. Rules: SPEC.md, section AD.
 */
import * as Result from "effect/Result"
import { plainLine } from "../control/plainLine.ts"
import { isName } from "../json/Field.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { Recognised } from "./Adoption.ts"
import * as Aliases from "./Aliases.ts"
import * as Archive from "./Archive.ts"
import * as BatchId from "./BatchId.ts"
import * as Containment from "./Containment.ts"
import * as Lifecycle from "./Lifecycle.ts"
import type * as Manifest from "./Manifest.ts"
import { type Refusal, refusal } from "./Refusal.ts"
import type { PathChange } from "./TreeEntry.ts"

/** A commit that was recognised as a batch. */
export interface Candidate extends Recognised {
  readonly commit: string
  readonly parent: string | undefined
  readonly subject: string
  readonly committedAt: EpochMillis
  readonly changes: ReadonlyArray<PathChange>
  readonly notBlobs: ReadonlyArray<string>
}

export type SkipCode = "outside-content" | "nothing-changed" | "not-a-file" | "issued-here" | "date-impossible"

/** A commit that becomes no batch. */
export interface Skipped {
  readonly commit: string
  readonly subject: string
  readonly code: SkipCode
  readonly message: string
}

export interface AdoptionPlan {
  /** Batches that begin now, oldest first. */
  readonly fresh: ReadonlyArray<Manifest.Manifest>
  /** Batches that were on record before, under these or other names. */
  readonly known: ReadonlyArray<Manifest.Manifest>
  readonly skipped: ReadonlyArray<Skipped>
  readonly aliases: Aliases.Aliases
}

export interface Adopting {
  readonly content: ReadonlyArray<string>
  readonly at: EpochMillis
  readonly by: string
  /** The ecosystems of commits that do not say theirs. */
  readonly ecosystems: ReadonlyArray<string>
  /** Newest first, as history goes. */
  readonly candidates: ReadonlyArray<Candidate>
}

/** The end of the year 9990, as for events. */
const LAST = 253_118_476_800_000
const ALIAS_LENGTH = 200

type Reason = Pick<Skipped, "code" | "message">

const because = (code: SkipCode, message: string): Reason => ({ code, message })

const reasonAgainst = (
  content: ReadonlyArray<string>,
  issued: ReadonlySet<string>,
  { aliases, changes, commit, committedAt, notBlobs }: Candidate
): Reason | undefined => {
  const own = aliases.find((alias) => issued.has(alias))
  if (own !== undefined) {
    const order = `batchbrake batch merged ${own} --commit ${commit}`
    return because("issued-here", `it names ${own}, which was given out here: \`${order}\``)
  }
  if (committedAt < 0 || committedAt > LAST) return because("date-impossible", "its date cannot be in an ID")
  const entries = notBlobs.map((path) => ({ after: undefined, before: undefined, path }))
  const odd = Containment.sortOut(content, entries).inside.map(({ path }) => path)
  if (odd.length > 0) return because("not-a-file", `it changes what is no file: ${Containment.named(odd)}`)
  if (Containment.sortOut(content, changes).inside.length > 0) return undefined
  return changes.length === 0
    ? because("nothing-changed", "it changes nothing")
    : because("outside-content", `nothing that it changes is under ${content.join(", ")}`)
}

/** Names that a person can type and a log can print. */
const usable = (aliases: ReadonlyArray<string>): ReadonlyArray<string> =>
  aliases.filter((alias) => alias !== "" && alias.length <= ALIAS_LENGTH && plainLine(alias) === alias)

const adopt = ({ at, by, content, ecosystems }: Adopting, candidate: Candidate, id: string): Manifest.Manifest => {
  const { inside, notPaths, outside } = Containment.sortOut(content, candidate.changes)
  const said = candidate.ecosystems.filter(isName)
  return Lifecycle.adopted({
    ...candidate,
    aliases: usable(candidate.aliases),
    at,
    by,
    changes: inside,
    ecosystems: ecosystems.length > 0 ? ecosystems : said,
    id,
    outside: [...outside, ...notPaths, ...candidate.notBlobs]
  })
}

const byDate = (candidates: ReadonlyArray<Candidate>): ReadonlyMap<string, ReadonlyArray<Candidate>> => {
  const days = new Map<string, Array<Candidate>>()
  for (const candidate of candidates) {
    const date = Archive.dateAt(candidate.committedAt)
    const day = days.get(date) ?? []
    days.set(date, day)
    day.push(candidate)
  }
  return days
}

/** The batches that the newest state of the control branch lacks. Refused where one of its manifests is not to be believed. */
export const plan = (files: Archive.Files, adopting: Adopting): Result.Result<AdoptionPlan, Refusal> => {
  const { manifests, refused } = Archive.all(files)
  const [wrong] = refused
  if (wrong !== undefined) return Result.fail(refusal(wrong.code, wrong.message))
  const owners = new Map(
    manifests.flatMap((manifest) => Lifecycle.landings(manifest).map((commit) => [commit, manifest]))
  )
  const issued = new Set(Archive.idsIn(files))
  const unknown = [...adopting.candidates]
    .reverse()
    .filter(({ commit }) => !owners.has(commit))
    .map((candidate) => ({ candidate, reason: reasonAgainst(adopting.content, issued, candidate) }))
  const wanted = unknown.flatMap(({ candidate, reason }) => (reason === undefined ? [candidate] : []))
  const known = new Set(adopting.candidates.flatMap(({ commit }) => owners.get(commit) ?? []))
  return Result.map(
    Result.flatMap(Archive.aliasesOf(files), (aliases) => number(files, adopting, wanted, aliases)),
    (numbered) => ({
      ...numbered,
      known: [...known].sort((left, right) => BatchId.byAge(left.id, right.id)),
      skipped: unknown.flatMap(({ candidate: { commit, subject }, reason }) =>
        reason === undefined ? [] : [{ commit, subject, ...reason }]
      )
    })
  )
}

/** Gives each commit the next ID of its day. The new older names are taken before any: none of them is given out. */
const number = (
  files: Archive.Files,
  adopting: Adopting,
  wanted: ReadonlyArray<Candidate>,
  aliases: Aliases.Aliases
): Result.Result<Pick<AdoptionPlan, "aliases" | "fresh">, Refusal> => {
  const names = wanted.flatMap((candidate) => usable(candidate.aliases))
  const taken = names.reduce((all, name) => Aliases.add(all, [name], ""), aliases)
  const fresh: Array<Manifest.Manifest> = []
  for (const [date, day] of byDate(wanted)) {
    const ids = Archive.allocate(files, taken, date, day.length)
    if (Result.isFailure(ids)) return Result.fail(ids.failure)
    for (const [index, candidate] of day.entries()) {
      fresh.push(adopt(adopting, candidate, ids.success[index] ?? ""))
    }
  }
  return Result.succeed({
    aliases: fresh.reduce((all, manifest) => Aliases.add(all, manifest.aliases, manifest.id), aliases),
    fresh: fresh.sort((left, right) => BatchId.byAge(left.id, right.id))
  })
}

/** The files that change with an adoption: thousands of manifests at once, where there are so many. */
export const changes = (
  files: Archive.Files,
  { aliases, fresh }: AdoptionPlan,
  origin: { readonly at: EpochMillis; readonly nonce: string }
): ReadonlyMap<string, string> =>
  new Map([
    ...Archive.changes(
      files,
      fresh.map((manifest) => ({ ...origin, event: "BatchAdopted", manifest }))
    ),
    [Aliases.PATH, Aliases.encode(aliases)]
  ])
