/** What stands in a commit's tree, and how two of them differ. */
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import * as Effect from "effect/Effect"
import { failureOf, type Invocation, stream } from "../../GitProgram.ts"
import {
  EXECUTABLE_MODE,
  FILE_MODE,
  isFile,
  isTree,
  LINK_MODE,
  type TreeEntry as StoredEntry,
  treeOf
} from "../GitObject.ts"
import { entriesAt, type Trees } from "../readCommit.ts"
import { type ContentSource, commitBy, readerOn } from "./ContentSource.ts"
import { differenceOf, openParser, type RawChange } from "./RawDifference.ts"

/** A mode as it is written in full. Old trees hold file modes that git no longer writes, and reads as one of the two. */
const modeOf = (entry: StoredEntry): string => {
  if (isTree(entry)) return "040000"
  if (entry.mode === LINK_MODE || !isFile(entry)) return entry.mode
  return (Number.parseInt(entry.mode, 8) & 0o100) === 0 ? FILE_MODE : EXECUTABLE_MODE
}

/** What stands at the paths of a commit. Each tree on the way is read once. */
export const entriesOf = Effect.fn("entriesOf")(function* (
  source: ContentSource,
  id: string,
  paths: ReadonlyArray<string>
) {
  const commit = yield* commitBy(source, id)
  const reader = yield* readerOn(source)
  const trees: Trees = new Map()
  const found = yield* entriesAt(reader, trees, commit.tree, paths)
  const entries = new Map<string, TreeEntry>()
  for (const [index, path] of paths.entries()) {
    // What is no proper text would be taken for another path.
    const entry = path.isWellFormed() ? found[index] : undefined
    if (entry !== undefined) entries.set(path, { blob: entry.id, mode: modeOf(entry) })
  }
  return entries
}, Effect.scoped)

/** Every path, bytes and modes as they are: no renames, no quoting, no abbreviations. */
export const RAW = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff"]

/** Runs a difference and hands on each change, until `accept` has enough. */
export const eachChange = Effect.fn("eachChange")(function* (
  asked: Invocation,
  accept: (commit: string, change: RawChange) => boolean
) {
  const { exitCode, stderr } = yield* stream(asked, openParser(accept))
  if (exitCode !== 0) return yield* failureOf(asked, "exit", { exitCode, stderr })
})

/** The difference between two commits' trees, or from the empty tree. */
export const differencesBetween = Effect.fn("differencesBetween")(function* (
  source: ContentSource,
  base: string | undefined,
  head: string
) {
  const before = base === undefined ? treeOf(source.format, []).id : (yield* commitBy(source, base)).tree
  const { tree } = yield* commitBy(source, head)
  const changes: Array<RawChange> = []
  yield* eachChange(source.invocation([...RAW, before, tree]), (_, change) => changes.push(change) > 0)
  return differenceOf(changes)
})
