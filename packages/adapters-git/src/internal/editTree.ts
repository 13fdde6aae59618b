/** A tree with some of its paths changed: new trees on the way to them, all others as they are. */
import {
  isFile,
  isTree,
  type NewObject,
  nameBytes,
  namePart,
  type ObjectFormat,
  TREE_MODE,
  type TreeEntry,
  treeOf
} from "./GitObject.ts"
import type { Trees } from "./readCommit.ts"

export interface Edit {
  /** The path, part by part, as trees name them. */
  readonly parts: ReadonlyArray<string>
  /** What is to stand there, `undefined` for nothing. */
  readonly entry: { readonly mode: string; readonly id: string } | undefined
}

interface Edited {
  /** `undefined`: nothing is left in it. */
  readonly id: string | undefined
  readonly objects: ReadonlyArray<NewObject>
  /** Paths at which an edit would take the place of something that no edit takes away. */
  readonly occupied: ReadonlyArray<string>
}

const REFUSED_PARTS = new Set(["", ".", "..", ".git"])

/** Whether a tree may hold this path at all. */
export const isTreePath = (path: string): boolean =>
  path.isWellFormed() && !path.includes("\0") && path.split("/").every((part) => !REFUSED_PARTS.has(part.toLowerCase()))

export const partsOf = (path: string): ReadonlyArray<string> => path.split("/").map(nameBytes)

/** The edits of one entry of a tree. */
interface Place {
  readonly name: string
  readonly old: TreeEntry | undefined
  /** The edit of the entry itself. */
  readonly own: Edit | undefined
  /** The edits below it. */
  readonly below: ReadonlyArray<Edit>
}

const placesOf = (entries: ReadonlyMap<string, TreeEntry>, edits: ReadonlyArray<Edit>): ReadonlyArray<Place> =>
  [...Map.groupBy(edits, ({ parts }) => parts[0] ?? "")].map(([name, under]) => ({
    below: under.flatMap(({ entry, parts }) => (parts.length > 1 ? [{ entry, parts: parts.slice(1) }] : [])),
    name,
    old: entries.get(name),
    own: under.find(({ parts }) => parts.length === 1)
  }))

/** What becomes of a directory's content; `undefined` when the place is no directory and does not become one. */
const editBelow = (trees: Trees, format: ObjectFormat, { below, old }: Place): Edited | undefined => {
  const isDirectory = old !== undefined && isTree(old)
  if (isDirectory ? below.length === 0 : below.every(({ entry }) => entry === undefined)) return undefined
  return editTree(trees, format, isDirectory ? old.id : undefined, below)
}

const isOccupied = ({ old, own }: Place, inside: Edited | undefined): boolean => {
  const isDirectoryKept = inside === undefined ? old !== undefined && isTree(old) : inside.id !== undefined
  if (own?.entry !== undefined) return isDirectoryKept || (old !== undefined && !isTree(old) && !isFile(old))
  return old !== undefined && !isTree(old) && own === undefined && inside?.id !== undefined
}

/** The tree `id` with edits made to it. Every tree that an edit passes through is in `trees` already. */
export const editTree = (
  trees: Trees,
  format: ObjectFormat,
  id: string | undefined,
  edits: ReadonlyArray<Edit>
): Edited => {
  const known = id === undefined ? [] : trees.get(id)
  if (known === undefined) throw new Error(`the tree ${id} was edited before it was read`)
  const entries = new Map(known.map((entry) => [entry.name, entry]))
  const objects: Array<NewObject> = []
  const occupied: Array<string> = []
  for (const place of placesOf(entries, edits)) {
    const { name, own } = place
    const inside = editBelow(trees, format, place)
    objects.push(...(inside?.objects ?? []))
    occupied.push(...(inside?.occupied ?? []).map((path) => `${namePart(name)}/${path}`))
    if (isOccupied(place, inside)) occupied.push(namePart(name))
    if (own?.entry !== undefined) entries.set(name, { ...own.entry, name })
    else if (inside?.id !== undefined) entries.set(name, { id: inside.id, mode: TREE_MODE, name })
    else if (own !== undefined || inside !== undefined) entries.delete(name)
  }
  if (entries.size === 0) return { id: undefined, objects, occupied }
  const tree = treeOf(format, [...entries.values()])
  return { id: tree.id, objects: [...objects, tree], occupied }
}
