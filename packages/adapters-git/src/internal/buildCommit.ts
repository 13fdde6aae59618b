/** Builds the objects of a commit in memory: no index, no work tree, no program but the reader. */
import { type Change, CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import {
  commitOf,
  FILE_MODE,
  type Identity,
  isTree,
  type NewObject,
  nameBytes,
  type ObjectFormat,
  objectOf,
  TREE_MODE,
  type TreeEntry,
  treeOf
} from "./GitObject.ts"
import type { ObjectReader } from "./ObjectReader.ts"
import { entriesAt, type NamedCommit, type Trees } from "./readCommit.ts"

/** Path parts -> blob, or `undefined` to remove the file. */
type Edits = ReadonlyArray<{ readonly parts: ReadonlyArray<string>; readonly blob: string | undefined }>

interface Edited {
  /** `undefined`: nothing is left in it. */
  readonly id: string | undefined
  readonly objects: ReadonlyArray<NewObject>
}

const REFUSED_PARTS = new Set(["", ".", "..", ".git"])

const isPath = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((part) => !REFUSED_PARTS.has(part.toLowerCase()))

const fileEntry = (name: string, id: string, old: TreeEntry | undefined): TreeEntry => ({
  id,
  mode: old?.mode === "100755" ? old.mode : FILE_MODE,
  name
})

/** A tree with edits made to it. Every tree that an edit passes through is in `trees` already. */
const editTree = (trees: Trees, format: ObjectFormat, id: string | undefined, edits: Edits): Edited => {
  const known = id === undefined ? [] : trees.get(id)
  if (known === undefined) throw new Error(`the tree ${id} was edited before it was read`)
  const entries = new Map(known.map((entry) => [entry.name, entry]))
  const objects: Array<NewObject> = []
  for (const [name, under] of Map.groupBy(edits, ({ parts }) => parts[0] ?? "")) {
    const old = entries.get(name)
    const deeper = under.filter(({ parts }) => parts.length > 1)
    const own = under.find(({ parts }) => parts.length === 1)
    if (own !== undefined) {
      if (own.blob === undefined) entries.delete(name)
      else entries.set(name, fileEntry(name, own.blob, old))
    }
    if (deeper.length === 0) continue
    const below = deeper.map(({ blob, parts }) => ({ blob, parts: parts.slice(1) }))
    const isBranch = old !== undefined && isTree(old)
    if (!isBranch && below.every(({ blob }) => blob === undefined)) continue
    const edited = editTree(trees, format, isBranch ? old.id : undefined, below)
    objects.push(...edited.objects)
    if (edited.id === undefined) entries.delete(name)
    else entries.set(name, { id: edited.id, mode: TREE_MODE, name })
  }
  if (entries.size === 0) return { id: undefined, objects }
  const tree = treeOf(format, [...entries.values()])
  return { id: tree.id, objects: [...objects, tree] }
}

export interface Blueprint {
  readonly format: ObjectFormat
  readonly parent: NamedCommit | undefined
  readonly change: Change
  readonly author: Identity
  readonly committer: Identity
  readonly atSeconds: number
}

/** All objects that the change adds, the commit last. */
export const buildCommit = Effect.fn("buildCommit")(function* (
  reader: ObjectReader,
  trees: Trees,
  { atSeconds, author, change, committer, format, parent }: Blueprint
) {
  const wrong = [...change.files.keys()].find((path) => !isPath(path))
  if (wrong !== undefined) return yield* Effect.die(new Error(`${JSON.stringify(wrong)} is no path in a tree`))
  const root = parent?.tree
  const paths = [...change.files.keys(), CONTROL_PATH]
  const before = root === undefined ? [] : yield* entriesAt(reader, trees, root, paths)
  const blobs: Array<NewObject> = []
  const edits = [...change.files].map(([path, text]) => {
    const blob = text === undefined ? undefined : objectOf(format, "blob", Buffer.from(text, "utf8"))
    if (blob !== undefined) blobs.push(blob)
    return { blob: blob?.id, parts: path.split("/").map(nameBytes) }
  })
  const edited = editTree(trees, format, root, edits)
  const empty = edited.id === undefined ? [treeOf(format, [])] : []
  const written = edits.find(({ parts }) => parts.join("/") === CONTROL_PATH)
  const digest = written === undefined ? before.at(-1)?.id : written.blob
  const commit = commitOf(
    format,
    {
      message: change.message(digest ?? ""),
      parents: parent === undefined ? [] : [parent.id],
      tree: edited.id ?? empty[0]?.id ?? ""
    },
    author,
    committer,
    atSeconds
  )
  const objects = [...blobs, ...edited.objects, ...empty, commit]
  return { id: commit.id, objects: [...new Map(objects.map((object) => [object.id, object])).values()] }
})
