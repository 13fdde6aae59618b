/** Batches for properties: IDs, paths, changes, and manifests in every state. */
import * as fc from "fast-check"
import * as BatchId from "../batch/BatchId.ts"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as Manifest from "../batch/Manifest.ts"
import type { PathChange, TreeEntry } from "../batch/TreeEntry.ts"
import { DAY, format, formatDate } from "../time/Instant.ts"
import { hostileText } from "./TextArbitrary.ts"

/** From 2000 to 2099. */
const day = fc.integer({ max: 47_481, min: 10_957 })

export const date: fc.Arbitrary<string> = day.map((days) => formatDate(days * DAY))

/** Mostly small numbers; four digits and more now and then. */
const number = fc.oneof(
  { arbitrary: fc.integer({ max: 20, min: 1 }), weight: 4 },
  { arbitrary: fc.integer({ max: 999_999_999, min: 1 }), weight: 1 }
)

export const batchId: fc.Arbitrary<string> = fc.record({ date, number }).map(BatchId.format)

const objectId = fc.stringMatching(/^[0-9a-f]{40}$/)
const mode = fc.constantFrom("100644", "100755", "120000")

export const entry: fc.Arbitrary<TreeEntry> = fc.record({ blob: objectId, mode }, { noNullPrototype: true })

/** Few blobs, so that entries are often the same. */
export const fewEntries: fc.Arbitrary<TreeEntry | undefined> = fc.option(
  fc.record({ blob: fc.constantFrom("a", "b", "c").map((digit) => digit.repeat(40)), mode }, { noNullPrototype: true }),
  { nil: undefined }
)

/** A path under `recipes/`, of names that have tripped somebody. */
export const path: fc.Arbitrary<string> = fc
  .array(fc.constantFrom("a", "b", "a.rb", "B", "ä", "漢", "a b", "-x", "10", "__proto__", "constructor", ".env"), {
    maxLength: 3,
    minLength: 1
  })
  .map((parts) => `recipes/${parts.join("/")}`)

/** Changes of different paths, each of something. */
export const changes = (
  sides: fc.Arbitrary<TreeEntry | undefined> = fc.option(entry, { nil: undefined })
): fc.Arbitrary<ReadonlyArray<PathChange>> =>
  fc
    .uniqueArray(fc.record({ after: sides, before: sides, path }, { noNullPrototype: true }), {
      maxLength: 6,
      selector: (change) => change.path
    })
    .map((all) => all.filter(({ after, before }) => after?.blob !== before?.blob || after?.mode !== before?.mode))

const at = day.map((days) => days * DAY)

/** A batch at any point of its life. */
export const manifest: fc.Arbitrary<Manifest.Manifest> = fc
  .record({
    aliases: fc.uniqueArray(fc.constantFrom("2026-02-06-homebrew", "old", "__proto__"), { maxLength: 2 }),
    at,
    by: hostileText,
    commits: fc.tuple(objectId, objectId, objectId, objectId),
    ecosystems: fc.subarray(["homebrew", "npm", "crates.io"]),
    first: changes(),
    id: batchId,
    reason: hostileText,
    second: changes(),
    state: fc.constantFrom("open", "sealed", "merged", "rolled-back", "adopted")
  })
  .map(({ aliases, at, by, commits: [base, head, commit, other], ecosystems, first, id, reason, second, state }) => {
    const open = Lifecycle.opened({ at, by, ecosystems, id })
    if (state === "open") return open
    if (state === "adopted") {
      const origin = { aliases, at, by, committedAt: at, ecosystems, id, outside: [] }
      return Lifecycle.adopted({ ...origin, changes: first, commit, parent: base })
    }
    const sealed = {
      ...open,
      base,
      head,
      paths: Manifest.toChanges(first),
      sealed_at: format(at),
      state: "sealed" as const
    }
    if (state === "sealed") return sealed
    const differs = Manifest.toChanges(second)
    const landed = {
      ...sealed,
      merged: { at: format(at), commit, differs, onto: base, outside: ["README.md"] },
      pull_request: "https://forge.example/owner/recipes/pull/7",
      state: "merged" as const
    }
    if (state === "merged") return { ...landed, merged_again: [other] }
    const paths = Manifest.toChanges(first)
    const rollback = { at: format(at), branch: `rollback/${id}`, by, commit: other, onto: commit, paths, reason }
    return {
      ...landed,
      rollbacks: [
        { ...rollback, pull_request: landed.pull_request },
        { ...rollback, undoes: other }
      ],
      state: "rolled-back" as const
    }
  })
