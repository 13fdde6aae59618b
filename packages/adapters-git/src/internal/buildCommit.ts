/** Builds the objects of a commit in memory: no index, no work tree, no program but the reader. */
import { type Change, CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { editTree, isTreePath, partsOf } from "./editTree.ts"
import {
  commitOf,
  EXECUTABLE_MODE,
  FILE_MODE,
  type Identity,
  type NewObject,
  type ObjectFormat,
  objectOf,
  treeOf
} from "./GitObject.ts"
import type { ObjectReader } from "./ObjectReader.ts"
import { entriesAt, type NamedCommit, type Trees } from "./readCommit.ts"

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
  const wrong = [...change.files.keys()].find((path) => !isTreePath(path))
  if (wrong !== undefined) return yield* Effect.die(new Error(`${JSON.stringify(wrong)} is no path in a tree`))
  const root = parent?.tree
  const paths = [...change.files.keys(), CONTROL_PATH]
  const before = root === undefined ? [] : yield* entriesAt(reader, trees, root, paths)
  const blobs: Array<NewObject> = []
  const edits = [...change.files].map(([path, text], index) => {
    if (text === undefined) return { entry: undefined, parts: partsOf(path) }
    const blob = objectOf(format, "blob", Buffer.from(text, "utf8"))
    blobs.push(blob)
    const mode = before[index]?.mode === EXECUTABLE_MODE ? EXECUTABLE_MODE : FILE_MODE
    return { entry: { id: blob.id, mode }, parts: partsOf(path) }
  })
  const edited = editTree(trees, format, root, edits)
  const empty = edited.id === undefined ? [treeOf(format, [])] : []
  const written = edits.find(({ parts }) => parts.join("/") === CONTROL_PATH)
  const digest = written === undefined ? before.at(-1)?.id : written.entry?.id
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
