/**
 * What is remembered of a batch: one JSON file on the control branch, `manifests/YYYY/MM/ID.json`. It says what the
 * batch changed, blob by blob, so that it can be taken out again whatever became of its commit messages.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { InstantText, Name } from "../json/Field.ts"
import * as BatchId from "./BatchId.ts"
import { collisions, within } from "./ContentPath.ts"
import type { PathChange } from "./TreeEntry.ts"

const Id = Schema.String.check(
  Schema.makeFilter((text: string) => BatchId.isBatchId(text), {
    expected: "a batch ID, YYYY-MM-DD-NNN",
    toJsonSchema: () => ({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{3,}$" })
  })
)
const ObjectId = Schema.String.check(
  Schema.isPattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { expected: "a git object ID, 40 or 64 hexadecimal digits" })
)
const Entry = Schema.Struct({ mode: Schema.Literals(["100644", "100755", "120000"]), blob: ObjectId })
const Change = Schema.Struct({ before: Schema.optionalKey(Entry), after: Schema.optionalKey(Entry) })

/** A path on which the merge into the content branch differs from what was sealed. */
const Difference = Schema.Struct({
  path: Schema.String,
  sealed: Schema.optionalKey(Entry),
  merged: Schema.optionalKey(Entry)
})

const Rollback = Schema.Struct({
  at: InstantText,
  by: Schema.String,
  reason: Schema.String,
  branch: Schema.String,
  commit: ObjectId,
  onto: ObjectId,
  paths: Schema.Array(Schema.String),
  pull_request: Schema.optionalKey(Schema.String)
})

export const ManifestFile = Schema.Struct({
  id: Id,
  version: Schema.Literal(1),
  state: Schema.Literals(["open", "sealed", "merged", "rolled-back"]),
  ecosystems: Schema.NonEmptyArray(Name),
  aliases: Schema.Array(Schema.NonEmptyString),
  by: Schema.String,
  opened_at: InstantText,
  base: Schema.optionalKey(ObjectId),
  head: Schema.optionalKey(ObjectId),
  sealed_at: Schema.optionalKey(InstantText),
  paths: Schema.Record(Schema.String, Change),
  merged: Schema.optionalKey(
    Schema.Struct({
      at: InstantText,
      commit: ObjectId,
      differs: Schema.Array(Difference),
      merged_again: Schema.Array(ObjectId)
    })
  ),
  adopted_from: Schema.optionalKey(ObjectId),
  rollbacks: Schema.Array(Rollback)
}).annotate({ identifier: "Manifest", title: "Batchbrake batch manifest" })
export type Manifest = typeof ManifestFile.Type

/** Where the manifest of an ID stands on the control branch. */
export const pathOf = (id: string): string => `${directoryOf(id.slice(0, 10))}/${id}.json`

/** The directory of a month: `manifests/2026/02`, for a date of that month. */
export const directoryOf = (date: string): string => `manifests/${date.slice(0, 4)}/${date.slice(5, 7)}`

/** The text of a manifest: stable key order, two-space JSON, final newline. */
export const encode = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`

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

/** The changes of a manifest, as the plan takes them. */
export const changesOf = (manifest: Manifest): ReadonlyArray<PathChange> =>
  Object.entries(manifest.paths).map(([path, { after, before }]) => ({ after, before, path }))

/**
 * What forbids a set of changes: paths outside the content globs or that are no plain paths, and paths that are one
 * file where case does not count. A change that is none on both sides is a fault as well.
 */
export const objections = (
  content: ReadonlyArray<string>,
  changes: ReadonlyArray<PathChange>
): ReadonlyArray<Fault> => {
  const refusalOf = within(content)
  const paths = changes.flatMap(({ after, before, path }): ReadonlyArray<Fault> => {
    const refusal = refusalOf(path)
    if (refusal === "not-a-path")
      return [{ expected: "a relative path without .. and .git", found: JSON.stringify(path), path }]
    if (refusal === "outside-content") {
      return [{ expected: `a path under the policy's content: ${content.join(", ")}`, found: path, path }]
    }
    return before === undefined && after === undefined
      ? [{ expected: "an entry before or after", found: "neither", path }]
      : []
  })
  const folded = collisions(changes.filter(({ after }) => after !== undefined).map(({ path }) => path)).map(
    (group): Fault => ({
      expected: "paths that differ by more than case",
      found: group.join(" and "),
      path: group[0] ?? ""
    })
  )
  return [...paths, ...folded]
}
