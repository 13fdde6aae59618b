/** Where content is read from: a place that holds objects, and the ways to have more of them come. */
import type { ContentCommit } from "@batchbrake/core/port/ContentRepository"
import { RevisionUnknown } from "@batchbrake/core/port/ContentRepository"
import type { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { type GitFailed, type Invocation, succeed } from "../../GitProgram.ts"
import type { Setting } from "../configuration.ts"
import type { NewObject, ObjectFormat } from "../GitObject.ts"
import { openReader } from "../ObjectReader.ts"
import { commitFrom, Damaged, type NamedCommit } from "../readCommit.ts"
import type { StoreFailure } from "../storeFailure.ts"

/** What stands on branches whose names begin like one that is wanted. */
export interface Branches {
  /** Where the proposal is to go: name -> commit. */
  readonly there: ReadonlyMap<string, string>
  /** The names that are taken elsewhere. */
  readonly elsewhere: ReadonlySet<string>
}

export interface ContentSource {
  /** For people: `main on origin`. */
  readonly name: string
  readonly format: ObjectFormat
  /** The user's settings, for the committer's name. */
  readonly settings: ReadonlyArray<Setting>
  /** Git where the objects are. */
  readonly invocation: (args: ReadonlyArray<string>, stdin?: Uint8Array) => Invocation
  /** The newest commit of the content branch. */
  readonly tip: Effect.Effect<string, RevisionUnknown | StoreUnavailable | GitFailed | Damaged>
  /** The commit that a revision names; it need not be here. `undefined`: nobody knows it. */
  readonly resolve: (revision: string) => Effect.Effect<string | undefined, GitFailed>
  /** Has a commit come, with its trees. False: it is not to be had. */
  readonly fetchCommit: (id: string) => Effect.Effect<boolean, GitFailed>
  /** Has blobs come; answers those that are not to be had. */
  readonly fetchBlobs: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, GitFailed>
  /** The commits that stand here without their parents. */
  readonly cuts: Effect.Effect<ReadonlySet<string>>
  /** Has more history of the content branch and of these commits come, each time further back. */
  readonly deepen: ReadonlyArray<(commits: ReadonlyArray<string>) => Effect.Effect<void, GitFailed>>
  /** Keeps objects. */
  readonly store: (objects: ReadonlyArray<NewObject>) => Effect.Effect<void, GitFailed>
  /** All branches that bear on the choice of a name. */
  readonly branches: (wanted: string) => Effect.Effect<Branches, GitFailed>
  /** Puts a commit on a branch that must not exist yet. False: it does by now. */
  readonly publish: (branch: string, id: string) => Effect.Effect<boolean, GitFailed | StoreFailure>
}

/** A reader on the source, for as long as the scope lasts. */
export const readerOn = (source: ContentSource) => openReader(source.invocation([]))

const isWholeId = (format: ObjectFormat, id: string): boolean =>
  (format === "sha256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(id)

const unknown = ({ name }: ContentSource, revision: string) => new RevisionUnknown({ repository: name, revision })

/** A commit that is here; `undefined`: it is not. What is here and no commit is nothing that a revision can name. */
const commitHere = Effect.fn("commitHere")(function* (source: ContentSource, id: string) {
  const reader = yield* readerOn(source)
  const [stored] = yield* reader.get([id])
  if (stored === undefined) return undefined
  return stored.type === "commit" ? yield* commitFrom(stored) : yield* unknown(source, id)
}, Effect.scoped)

/** A commit by its ID, fetched if it is not here. */
export const commitBy = Effect.fn("commitBy")(function* (source: ContentSource, id: string) {
  if (!isWholeId(source.format, id)) return yield* unknown(source, id)
  const here = yield* commitHere(source, id)
  if (here !== undefined) return here
  if (!(yield* source.fetchCommit(id))) return yield* unknown(source, id)
  return (yield* commitHere(source, id)) ?? (yield* new Damaged({ detail: `the commit ${id} is missing` }))
})

/** A commit by any revision. */
export const commitNamed = Effect.fn("commitNamed")(function* (source: ContentSource, revision: string) {
  const id = yield* source.resolve(revision)
  return id === undefined ? yield* unknown(source, revision) : yield* commitBy(source, id)
})

/** What each of these objects is: a type, or `missing`. */
const kindsHere = (source: ContentSource, ids: ReadonlyArray<string>) => {
  if (ids.length === 0) return Effect.succeed([])
  const list = Buffer.from(`${ids.join("\n")}\n`)
  const asked = source.invocation(["cat-file", "--batch-check=%(objectname) %(objecttype)"], list)
  return Effect.map(succeed(asked), ({ stdout }) => {
    const lines = stdout.toString("latin1").split("\n")
    return ids.map((id, index) => ({ id, kind: lines[index]?.split(" ").at(-1) }))
  })
}

/** Has those of the blobs come that are not here; answers what is not to be had, or is no blob. */
export const fetchMissing = Effect.fn("fetchMissing")(function* (source: ContentSource, blobs: ReadonlyArray<string>) {
  const notBlobs = Effect.map(kindsHere(source, [...new Set(blobs)]), (found) =>
    found.filter(({ kind }) => kind !== "blob")
  )
  const lacking = yield* notBlobs
  const missing = lacking.flatMap(({ id, kind }) => (kind === "missing" ? [id] : []))
  const refused = missing.length === 0 ? [] : yield* source.fetchBlobs(missing)
  const left = refused.length === missing.length ? lacking : yield* notBlobs
  return left.map(({ id }) => id)
})

/** The first paragraph of a message in one line, as git shows it. */
const subjectOf = (message: string): string =>
  (message.trimStart().split(/\n[ \t]*\n/)[0] ?? "").trim().replace(/\s*\n\s*/g, " ")

export const contentCommit = ({ committedAtSeconds, id, message, parents }: NamedCommit): ContentCommit => ({
  committedAt: committedAtSeconds * 1000,
  id,
  message,
  parent: parents[0],
  subject: subjectOf(message)
})
