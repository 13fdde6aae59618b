/** From a commit to the texts that are wanted of it: down the trees that lead to them, and into no other. */
import { CONTROL_PATH, type Snapshot, type Wanted } from "@batchbrake/core/port/ControlStore"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { GitFailed } from "../GitProgram.ts"
import {
  formatOf,
  isFile,
  isTree,
  nameBytes,
  namePart,
  type ObjectType,
  objectOf,
  parseCommit,
  parseTree,
  type StoredCommit,
  TREE_MODE,
  type TreeEntry
} from "./GitObject.ts"
import type { ObjectReader, StoredObject } from "./ObjectReader.ts"

/** An object is missing, of the wrong type, or not what its type promises. */
export class Damaged extends Data.TaggedError("Damaged")<{ readonly detail: string }> {}

export type Trees = Map<string, ReadonlyArray<TreeEntry>>
export interface NamedCommit extends StoredCommit {
  readonly id: string
}
type Read<A> = Effect.Effect<A, GitFailed | Damaged>

const damaged = (detail: string): Effect.Effect<never, Damaged> => Effect.fail(new Damaged({ detail }))

/** Git names an object by its content, and does not look again when it reads one. We do: it costs microseconds. */
const isIntact = ({ bytes, id, type }: StoredObject, expected: ObjectType): boolean =>
  type === expected && objectOf(formatOf(id), expected, bytes).id === id

/** The commit that a stored object is. */
export const commitFrom = (stored: StoredObject): Read<NamedCommit> => {
  const commit = isIntact(stored, "commit") ? parseCommit(stored.bytes) : undefined
  return commit === undefined ? damaged(`${stored.id} is no commit`) : Effect.succeed({ ...commit, id: stored.id })
}

/** Reads trees into `trees`, those that are not there yet. */
export const loadTrees = (reader: ObjectReader, trees: Trees, ids: ReadonlyArray<string>): Read<void> => {
  const lacking = [...new Set(ids)].filter((id) => !trees.has(id))
  return Effect.flatMap(reader.get(lacking), (objects) => {
    for (const [index, id] of lacking.entries()) {
      const stored = objects[index]
      if (stored === undefined) return damaged(`the tree ${id} is missing`)
      const entries = isIntact(stored, "tree") ? parseTree(stored.bytes, formatOf(id)) : undefined
      if (entries === undefined) return damaged(`${id} is no tree`)
      trees.set(id, entries)
    }
    return Effect.void
  })
}

const wayTo = (path: string): ReadonlyArray<string> => (path === "" ? [] : path.split("/").map(nameBytes))

interface Search {
  readonly index: number
  readonly tree: string
  readonly parts: ReadonlyArray<string>
}

/** Loads every tree on the way to `paths`, level by level, and answers what stands at each. */
export const entriesAt = Effect.fn("entriesAt")(function* (
  reader: ObjectReader,
  trees: Trees,
  root: string,
  paths: ReadonlyArray<string>
) {
  const found: Array<TreeEntry | undefined> = paths.map(() => undefined)
  let searches: ReadonlyArray<Search> = paths.map((path, index) => ({ index, parts: wayTo(path), tree: root }))
  for (const { index, parts } of searches)
    if (parts.length === 0) found[index] = { id: root, mode: TREE_MODE, name: "" }
  for (let level = 0; searches.length > 0; level++) {
    searches = searches.filter(({ parts }) => parts.length > level)
    const byTree = Map.groupBy(searches, ({ tree }) => tree)
    yield* loadTrees(reader, trees, [...byTree.keys()])
    searches = [...byTree].flatMap(([tree, inside]) => {
      const entries = new Map(trees.get(tree)?.map((entry) => [entry.name, entry]))
      return inside.flatMap(({ index, parts }): ReadonlyArray<Search> => {
        const entry = entries.get(parts[level] ?? "")
        if (parts.length === level + 1) found[index] = entry
        else if (entry !== undefined && isTree(entry)) return [{ index, parts, tree: entry.id }]
        return []
      })
    })
  }
  return found
})

const textOf = (path: string, stored: StoredObject | undefined): Read<string> => {
  if (stored === undefined) return damaged(`the content of ${path} is missing`)
  if (!isIntact(stored, "blob")) return damaged(`the content of ${path} is not what its name says`)
  return Effect.try({
    catch: () => new Damaged({ detail: `${path} is not UTF-8 text` }),
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(stored.bytes)
  })
}

/** The files that stand directly in the wanted directories, by path. */
const filesIn = Effect.fn("filesIn")(function* (
  reader: ObjectReader,
  trees: Trees,
  root: string,
  directories: ReadonlyArray<string>
) {
  const found = yield* entriesAt(reader, trees, root, directories)
  const trunks = found.flatMap((entry) => (entry !== undefined && isTree(entry) ? [entry.id] : []))
  yield* loadTrees(reader, trees, trunks)
  return directories.flatMap((directory, index) => {
    const entry = found[index]
    const children = entry !== undefined && isTree(entry) ? (trees.get(entry.id) ?? []) : []
    const prefix = directory === "" ? "" : `${directory}/`
    return children.filter(isFile).map((child) => [`${prefix}${namePart(child.name)}`, child.id] as const)
  })
})

/** The directories at and below some, level by level. */
const directoriesBelow = Effect.fn("directoriesBelow")(function* (
  reader: ObjectReader,
  trees: Trees,
  root: string,
  tops: ReadonlyArray<string>
) {
  const found: Array<string> = []
  for (let level = tops; level.length > 0; ) {
    const entries = yield* entriesAt(reader, trees, root, level)
    const directories = level.flatMap((path, index) => {
      const entry = entries[index]
      return entry !== undefined && isTree(entry) ? [{ id: entry.id, path }] : []
    })
    yield* loadTrees(
      reader,
      trees,
      directories.map(({ id }) => id)
    )
    found.push(...directories.map(({ path }) => path))
    level = directories.flatMap(({ id, path }) =>
      (trees.get(id) ?? []).filter(isTree).map(({ name }) => `${path}/${namePart(name)}`)
    )
  }
  return found
})

/** The digest of the control file at a commit: its blob's ID. */
export const controlDigestOf = (reader: ObjectReader, trees: Trees, commit: StoredCommit): Read<string | undefined> =>
  Effect.map(entriesAt(reader, trees, commit.tree, [CONTROL_PATH]), ([entry]) =>
    entry !== undefined && isFile(entry) ? entry.id : undefined
  )

/** Reads what is wanted of a commit. */
export const snapshotOf = Effect.fn("snapshotOf")(function* (
  reader: ObjectReader,
  trees: Trees,
  commit: NamedCommit,
  wanted: Wanted
) {
  const named = [...new Set([CONTROL_PATH, ...wanted.files])]
  const entries = yield* entriesAt(reader, trees, commit.tree, named)
  const single = named.flatMap((path, index) => {
    const entry = entries[index]
    return entry !== undefined && isFile(entry) ? [[path, entry.id] as const] : []
  })
  const below = yield* directoriesBelow(reader, trees, commit.tree, wanted.trees ?? [])
  const children = yield* filesIn(reader, trees, commit.tree, [...wanted.directories, ...below])
  const blobs = new Map([...single, ...children])
  const stored = yield* reader.get([...blobs.values()])
  const files = new Map<string, string>()
  for (const [index, path] of [...blobs.keys()].entries()) files.set(path, yield* textOf(path, stored[index]))
  const snapshot: Snapshot = {
    controlDigest: blobs.get(CONTROL_PATH),
    files,
    message: commit.message,
    version: commit.id
  }
  return snapshot
})
