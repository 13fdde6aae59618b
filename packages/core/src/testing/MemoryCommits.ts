/** Commits in memory: maps of path -> entry, with texts as blobs and branches as names. What the content twin is made of. */
import { byPath, isBlob, same, type TreeEntry } from "../batch/TreeEntry.ts"
import * as Sha256 from "../hash/Sha256.ts"
import type { ContentCommit, TreeDifference } from "../port/ContentRepository.ts"
import { mergeLines } from "./mergeLines.ts"

export type Tree = ReadonlyMap<string, TreeEntry>

export interface MemoryCommit extends ContentCommit {
  readonly parents: ReadonlyArray<string>
  readonly tree: Tree
}

/** What a commit changes: path -> text, `undefined` to remove it. Text alone is an ordinary file. */
export type Edits = Readonly<Record<string, string | { readonly mode: string; readonly text: string } | undefined>>

const SHA1_DIGITS = 40

const idOf = (value: unknown): string => Sha256.hex(JSON.stringify(value)).slice(0, SHA1_DIGITS)

/** What changed between two trees, in the order of paths. */
export const differencesOf = (base: Tree, head: Tree): TreeDifference => {
  const changed = [...new Set([...base.keys(), ...head.keys()])]
    .map((path) => ({ after: head.get(path), before: base.get(path), path }))
    .filter(({ after, before }) => !same(before, after))
    .sort(byPath)
  const isPlain = (entry: TreeEntry | undefined): boolean => entry === undefined || isBlob(entry)
  return {
    changes: changed.filter(({ after, before }) => isPlain(before) && isPlain(after)),
    notBlobs: changed.filter(({ after, before }) => !isPlain(before) || !isPlain(after)).map(({ path }) => path)
  }
}

/** What stands at a path: a file, or a directory, named by what is below it. */
export const standing = (tree: Tree, path: string): TreeEntry | undefined => {
  const file = tree.get(path)
  if (file !== undefined) return file
  const below = [...tree].filter(([other]) => other.startsWith(`${path}/`))
  return below.length === 0 ? undefined : { blob: idOf(below.sort()), mode: "040000" }
}

export class MemoryCommits {
  readonly branches = new Map<string, string>()
  readonly texts = new Map<string, string>()
  now = 1_700_000_000_000
  private readonly commits = new Map<string, MemoryCommit>()

  entryOf(text: string, mode = "100644"): TreeEntry {
    const blob = idOf(["blob", text])
    this.texts.set(blob, text)
    return { blob, mode }
  }

  /** By ID or branch. */
  find(revision: string): MemoryCommit | undefined {
    return this.commits.get(this.branches.get(revision) ?? revision)
  }

  get(revision: string): MemoryCommit {
    const commit = this.find(revision)
    if (commit === undefined) throw new Error(`there is no commit ${revision}`)
    return commit
  }

  store(message: string, parents: ReadonlyArray<string>, tree: Tree, at = this.now): MemoryCommit {
    const id = idOf([message, parents, [...tree].sort(), at, this.commits.size])
    const [subject = ""] = message.split("\n")
    const commit = { committedAt: at, id, message, parent: parents[0], parents, subject, tree }
    this.commits.set(id, commit)
    return commit
  }

  edited(tree: Tree, edits: Edits): Tree {
    const next = new Map(tree)
    for (const [path, edit] of Object.entries(edits)) {
      if (edit === undefined) next.delete(path)
      else next.set(path, typeof edit === "string" ? this.entryOf(edit) : this.entryOf(edit.text, edit.mode))
    }
    return next
  }

  /** A commit and all that it was built on. */
  ancestry(id: string): ReadonlySet<string> {
    const seen = new Set<string>()
    const open = [id]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      open.push(...this.get(at).parents)
    }
    return seen
  }

  firstParents(id: string): ReadonlyArray<MemoryCommit> {
    const line: Array<MemoryCommit> = []
    for (let at: string | undefined = id; at !== undefined; at = this.get(at).parent) line.push(this.get(at))
    return line
  }

  mergeBase(base: string, head: string): string | undefined {
    const known = this.ancestry(base)
    const both = [...this.ancestry(head)].filter((id) => known.has(id))
    return both.sort((left, right) => this.ancestry(right).size - this.ancestry(left).size)[0]
  }

  treeBefore({ parent }: MemoryCommit): Tree {
    return parent === undefined ? new Map() : this.get(parent).tree
  }

  /** A three-way merge of what a path holds; `undefined`: a conflict, or nothing to merge on some side. */
  merge(
    base: TreeEntry | undefined,
    ours: TreeEntry | undefined,
    theirs: TreeEntry | undefined
  ): TreeEntry | undefined {
    if (base === undefined || ours === undefined || theirs === undefined) return undefined
    const [first = "", second = "", third = ""] = [base, ours, theirs].map(({ blob }) => this.texts.get(blob))
    const text = mergeLines(first, second, third)
    const mode = ours.mode === base.mode ? theirs.mode : theirs.mode === base.mode ? ours.mode : undefined
    return text === undefined || mode === undefined ? undefined : this.entryOf(text, mode)
  }

  /** Puts what changed from one tree to another on top of a third; where that conflicts the change has its way. */
  replayed(onto: Tree, base: Tree, head: Tree): Tree {
    const next = new Map(onto)
    for (const { after, before, path } of differencesOf(base, head).changes) {
      const current = onto.get(path)
      const entry = same(current, before) ? after : (this.merge(before, current, after) ?? after)
      if (entry === undefined) next.delete(path)
      else next.set(path, entry)
    }
    return next
  }
}
