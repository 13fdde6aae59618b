/**
 * What is remembered of a batch: one JSON file on the control branch, `manifests/YYYY/MM/DD/ID.json`. It says what the
 * batch changed, blob by blob, so that it can be taken out again whatever became of its commit messages.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { InstantText, Name } from "../json/Field.ts"
import * as BatchId from "./BatchId.ts"
import { byPath, type PathChange, type TreeEntry } from "./TreeEntry.ts"

const Id = Schema.String.check(
  Schema.makeFilter((text: string) => BatchId.isBatchId(text), {
    expected: "a batch ID, YYYY-MM-DD-NNN",
    toJsonSchema: () => ({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{3,9}$" })
  })
)
const ObjectId = Schema.String.check(
  Schema.isPattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u, { expected: "a git object ID, 40 or 64 hexadecimal digits" })
)
const Entry = Schema.Struct({ mode: Schema.Literals(["100644", "100755", "120000"]), blob: ObjectId })

/** A path before and after; a key that is absent: nothing there. */
const Change = Schema.Struct({
  path: Schema.String,
  before: Schema.optionalKey(Entry),
  after: Schema.optionalKey(Entry)
})
export type ChangeEntry = typeof Change.Type

/** How a batch came onto the content branch. */
const Landing = Schema.Struct({
  /** When its commit was made. */
  at: InstantText,
  commit: ObjectId,
  /** The content branch right before it; absent where it began with this commit. */
  onto: Schema.optionalKey(ObjectId),
  /** Paths whose change is another than the sealed one; with neither side: sealed, and not changed by the merge. */
  differs: Schema.Array(Change),
  /** What else came with it, outside the policy's content: no part of the batch, for people to know. */
  outside: Schema.Array(Schema.String)
})
export type Landing = typeof Landing.Type

/** One rollback, or the undoing of one. */
const Rollback = Schema.Struct({
  at: InstantText,
  by: Schema.String,
  reason: Schema.String,
  branch: Schema.String,
  commit: ObjectId,
  /** Where it is asked for; absent while nobody said. */
  pull_request: Schema.optionalKey(Schema.String),
  onto: ObjectId,
  /** The rollback commit that this one takes out again. */
  undoes: Schema.optionalKey(ObjectId),
  /** What it wrote: what stood there, and what it put there. */
  paths: Schema.Array(Change)
})
export type Rollback = typeof Rollback.Type

export const ManifestFile = Schema.Struct({
  id: Id,
  version: Schema.Literal(1),
  state: Schema.Literals(["open", "sealed", "merged", "rolled-back"]),
  /** Empty for an adopted batch of which nobody could tell. */
  ecosystems: Schema.Array(Name),
  /** Older names. They find the batch while no other has them. */
  aliases: Schema.Array(Schema.NonEmptyString),
  by: Schema.String,
  opened_at: InstantText,
  sealed_at: Schema.optionalKey(InstantText),
  base: Schema.optionalKey(ObjectId),
  head: Schema.optionalKey(ObjectId),
  /** Where its landing is asked for; absent while nobody said. */
  pull_request: Schema.optionalKey(Schema.String),
  adopted_from: Schema.optionalKey(ObjectId),
  merged: Schema.optionalKey(Landing),
  /** Further merges of the same batch, oldest first. */
  merged_again: Schema.Array(ObjectId),
  paths: Schema.Array(Change),
  rollbacks: Schema.Array(Rollback)
}).annotate({ identifier: "Manifest", title: "Batchbrake batch manifest" })
export type Manifest = typeof ManifestFile.Type

export const ROOT = "manifests"

/** The directory of a day: `manifests/2026/02/06`. */
export const directoryOf = (date: string): string =>
  `${ROOT}/${date.slice(0, 4)}/${date.slice(5, 7)}/${date.slice(8, 10)}`

/** Where the manifest of an ID stands on the control branch. */
export const pathOf = (id: string): string => `${directoryOf(BatchId.dateOf(id))}/${id}.json`

const PATH = new RegExp(`^${ROOT}/[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9-]+)\\.json$`)

/** The ID whose manifest stands at a path of the control branch; `undefined` for any other file. */
export const idAt = (path: string): string | undefined => {
  const id = PATH.exec(path)?.[1]
  return id !== undefined && BatchId.isBatchId(id) && pathOf(id) === path ? id : undefined
}

/** Every key at every level, in the order in which it is written. */
const ORDER = [
  ...["id", "version", "state", "ecosystems", "aliases", "at", "by", "reason", "opened_at", "sealed_at"],
  ...[
    "branch",
    "commit",
    "onto",
    "undoes",
    "base",
    "head",
    "pull_request",
    "adopted_from",
    "merged",
    "differs",
    "outside"
  ],
  ...["merged_again", "path", "before", "after", "mode", "blob", "paths", "rollbacks"]
]

/** The text of a manifest: stable key order, two-space JSON, final newline. */
export const encode = (manifest: Manifest): string => `${JSON.stringify(manifest, ORDER, 2)}\n`

/** Identifies the text: what the event that wrote it says, so that an edit by hand shows. */
export const digestOf = (text: string): string => Sha256.hex(text)

const decode = decodeWith(ManifestFile, "closed")

/** Reads a manifest that must be the one of `id`. */
export const parse = (id: string, text: string): Result.Result<Manifest, ReadonlyArray<Fault>> =>
  Result.flatMap(Result.flatMap(parseText(text), decode), (manifest) =>
    manifest.id === id
      ? Result.succeed(manifest)
      : Result.fail([{ expected: `the manifest of ${id}`, found: `the one of ${manifest.id}`, path: "id" }])
  )

const entryOf = ({ blob, mode }: TreeEntry): typeof Entry.Type | undefined =>
  mode === "100644" || mode === "100755" || mode === "120000" ? { blob, mode } : undefined

/** A change as the manifest writes it. Entries that are no blobs are none: nobody may ask for them to be written. */
export const toChange = ({ after, before, path }: PathChange): ChangeEntry => {
  const [old, now] = [
    before === undefined ? undefined : entryOf(before),
    after === undefined ? undefined : entryOf(after)
  ]
  return { path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }
}

/** Changes as the manifest writes them, in the order of their paths. */
export const toChanges = (changes: ReadonlyArray<PathChange>): ReadonlyArray<ChangeEntry> =>
  changes.map(toChange).sort(byPath)

/** The other way about: a side that the file does not name is nothing. */
export const fromChanges = (changes: ReadonlyArray<ChangeEntry>): ReadonlyArray<PathChange> =>
  changes.map(({ after, before, path }) => ({ after, before, path }))

/** What the batch did to the content branch: as it was merged where that is known, else as it was sealed. */
export const changesOf = ({ merged, paths }: Manifest): ReadonlyArray<PathChange> => {
  const changes = new Map(paths.map((change) => [change.path, change]))
  for (const change of merged?.differs ?? []) changes.set(change.path, change)
  return fromChanges([...changes.values()])
    .filter(({ after, before }) => after !== undefined || before !== undefined)
    .sort(byPath)
}

/** The commit that brought it onto the content branch, as far as anybody said. */
export const landedIn = ({ adopted_from, merged }: Manifest): string | undefined => merged?.commit ?? adopted_from
