/** Git's objects as bytes: encoded, named and taken apart without a program. */
import { createHash } from "node:crypto"

export type ObjectFormat = "sha1" | "sha256"
export type ObjectType = "blob" | "tree" | "commit"

/** An object with the name that its content gives it. */
export interface NewObject {
  readonly id: string
  readonly type: ObjectType
  readonly bytes: Uint8Array
}

export interface TreeEntry {
  /** As git writes it: `40000` is a tree, `160000` a commit of another repository. */
  readonly mode: string
  readonly name: string
  readonly id: string
}

export const TREE_MODE = "40000"
export const FILE_MODE = "100644"
export const EXECUTABLE_MODE = "100755"
export const LINK_MODE = "120000"
const FOREIGN_COMMIT_MODE = "160000"

export const isTree = (entry: TreeEntry): boolean => entry.mode === TREE_MODE
export const isFile = (entry: TreeEntry): boolean => entry.mode !== TREE_MODE && entry.mode !== FOREIGN_COMMIT_MODE

/** The format that an object ID belongs to. */
export const formatOf = (id: string): ObjectFormat => (id.length === 64 ? "sha256" : "sha1")

/** The ID that stands for "no object". */
export const zeroId = (format: ObjectFormat): string => "0".repeat(format === "sha256" ? 64 : 40)

export const objectOf = (format: ObjectFormat, type: ObjectType, bytes: Uint8Array): NewObject => ({
  bytes,
  id: createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest("hex"),
  type
})

/** Git sorts a tree by bytes, a directory as if its name ended in a slash. */
const sortKey = (entry: TreeEntry): Buffer => Buffer.from(isTree(entry) ? `${entry.name}/` : entry.name, "latin1")

export const treeOf = (format: ObjectFormat, entries: ReadonlyArray<TreeEntry>): NewObject => {
  const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)))
  const parts = sorted.flatMap(({ id, mode, name }) => [
    Buffer.from(`${mode} ${name}\0`, "latin1"),
    Buffer.from(id, "hex")
  ])
  return objectOf(format, "tree", Buffer.concat(parts))
}

/** A path's part as a tree holds it: its UTF-8 bytes, one to a character, so that names of any encoding survive. */
export const nameBytes = (part: string): string => Buffer.from(part, "utf8").toString("latin1")

/** The part of a path that a tree's name stands for. */
export const namePart = (name: string): string => Buffer.from(name, "latin1").toString("utf8")

/** The entries of a tree object's bytes, or `undefined` when they are no tree. */
export const parseTree = (bytes: Buffer, format: ObjectFormat): ReadonlyArray<TreeEntry> | undefined => {
  const idLength = format === "sha256" ? 32 : 20
  const entries: Array<TreeEntry> = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, space)
    if (space < 0 || end < 0 || end + 1 + idLength > bytes.length) return undefined
    entries.push({
      id: bytes.toString("hex", end + 1, end + 1 + idLength),
      mode: bytes.toString("latin1", at, space),
      name: bytes.toString("latin1", space + 1, end)
    })
    at = end + 1 + idLength
  }
  return entries
}

export interface Commit {
  readonly tree: string
  readonly parents: ReadonlyArray<string>
  readonly message: string
}

/** A commit that is there already. */
export interface StoredCommit extends Commit {
  /** Of the committer; 0 where the commit does not say. */
  readonly committedAtSeconds: number
}

const SECONDS = /> (\d{1,15})(?: [+-]\d+)?$/

/** Takes a commit object apart, or `undefined` when it names no tree. */
export const parseCommit = (bytes: Buffer): StoredCommit | undefined => {
  const blank = bytes.indexOf("\n\n")
  const header = bytes.toString("utf8", 0, blank < 0 ? bytes.length : blank).split("\n")
  const valuesOf = (key: string): ReadonlyArray<string> =>
    header.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
  const [tree] = valuesOf("tree")
  if (tree === undefined) return undefined
  return {
    committedAtSeconds: Number(SECONDS.exec(valuesOf("committer")[0] ?? "")?.[1] ?? 0),
    message: blank < 0 ? "" : bytes.toString("utf8", blank + 2),
    parents: valuesOf("parent"),
    tree
  }
}

export interface Identity {
  readonly name: string
  readonly email: string
}

export const commitOf = (
  format: ObjectFormat,
  commit: Commit,
  author: Identity,
  committer: Identity,
  atSeconds: number
): NewObject => {
  const person = ({ email, name }: Identity): string => `${name} <${email}> ${atSeconds} +0000`
  const header = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${person(author)}`,
    `committer ${person(committer)}`
  ]
  return objectOf(format, "commit", Buffer.from(`${header.join("\n")}\n\n${commit.message}`, "utf8"))
}
