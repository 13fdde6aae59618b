/**
 * The content repository's in-memory twin: commits are maps of path -> entry, blobs are texts. What a forge does to a
 * branch (commit, merge, squash, rebase) is there as functions, so that tests can tell whole histories.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ancestorsOf } from "../batch/ContentPath.ts"
import { byPath, isBlob, same, type TreeEntry } from "../batch/TreeEntry.ts"
import * as Sha256 from "../hash/Sha256.ts"
import {
  type ContentCommit,
  ContentRepository,
  PathOccupied,
  type Proposal,
  RevisionUnknown,
  type TreeDifference
} from "../port/ContentRepository.ts"
import { mergeLines } from "./mergeLines.ts"

export type Tree = ReadonlyMap<string, TreeEntry>

/** What a commit changes: path -> text, `undefined` to remove it. Text alone is an ordinary file. */
export type Edits = Readonly<Record<string, string | { readonly mode: string; readonly text: string } | undefined>>

interface Stored extends ContentCommit {
  readonly parents: ReadonlyArray<string>
  readonly tree: Tree
}

/** The repository, and what a test may do to it besides. */
export interface MemoryContentRepository {
  readonly service: ContentRepository["Service"]
  /** Commits on a branch (default: the content branch), which begins at the content branch's tip where it is new. */
  readonly commit: (message: string, edits: Edits, branch?: string) => string
  /** Merges a branch into the content branch as a forge does; `review` is edited in on the way. Answers the new tip. */
  readonly land: (branch: string, how: "merge" | "squash" | "rebase", message: string, review?: Edits) => string
  readonly tip: () => string
  readonly head: (branch: string) => string | undefined
  /** Deletes a branch. Its commits stay known. */
  readonly remove: (branch: string) => void
  readonly treeOf: (commit: string) => Tree
  readonly textOf: (entry: TreeEntry | undefined) => string | undefined
  /** The entry of a text. */
  readonly entryOf: (text: string, mode?: string) => TreeEntry
  readonly setTime: (millis: number) => void
}

const NAME = "main in memory"
const CONTENT = "main"
const SHA1_DIGITS = 40

const idOf = (value: unknown): string => Sha256.hex(JSON.stringify(value)).slice(0, SHA1_DIGITS)

const differencesOf = (base: Tree, head: Tree): TreeDifference => {
  const paths = [...new Set([...base.keys(), ...head.keys()])].sort()
  const changed = paths
    .map((path) => ({ after: head.get(path), before: base.get(path), path }))
    .filter(({ after, before }) => !same(before, after))
  const isPlain = (entry: TreeEntry | undefined): boolean => entry === undefined || isBlob(entry)
  return {
    changes: changed.filter(({ after, before }) => isPlain(before) && isPlain(after)).sort(byPath),
    notBlobs: changed.filter(({ after, before }) => !isPlain(before) || !isPlain(after)).map(({ path }) => path)
  }
}

/** A repository whose content branch has one commit without a file. */
export const make = (): MemoryContentRepository => {
  const commits = new Map<string, Stored>()
  const texts = new Map<string, string>()
  const branches = new Map<string, string>()
  let now = 1_700_000_000_000

  const entryOf = (text: string, mode = "100644"): TreeEntry => {
    const blob = idOf(["blob", text])
    texts.set(blob, text)
    return { blob, mode }
  }
  const get = (id: string): Stored => {
    const commit = commits.get(branches.get(id) ?? id)
    if (commit === undefined) throw new Error(`no commit ${id}`)
    return commit
  }
  const store = (message: string, parents: ReadonlyArray<string>, tree: Tree, at = now): string => {
    const [subject = ""] = message.split("\n")
    const id = idOf([message, parents, [...tree].sort(), at, commits.size])
    commits.set(id, { committedAt: at, id, message, parent: parents[0], parents, subject, tree })
    return id
  }
  const edited = (tree: Tree, edits: Edits): Tree => {
    const next = new Map(tree)
    for (const [path, edit] of Object.entries(edits)) {
      if (edit === undefined) next.delete(path)
      else next.set(path, typeof edit === "string" ? entryOf(edit) : entryOf(edit.text, edit.mode))
    }
    return next
  }
  const ancestry = (id: string): ReadonlySet<string> => {
    const seen = new Set<string>()
    const open = [id]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      open.push(...get(at).parents)
    }
    return seen
  }
  const firstParents = (id: string): ReadonlyArray<Stored> => {
    const line: Array<Stored> = []
    for (let at: string | undefined = id; at !== undefined; at = get(at).parent) line.push(get(at))
    return line
  }
  const baseOf = (base: string, head: string): string | undefined => {
    const known = ancestry(base)
    return [...ancestry(head)].filter((id) => known.has(id)).sort((a, b) => ancestry(b).size - ancestry(a).size)[0]
  }
  /** Applies what changed from one tree to another; a path that both sides changed is merged or taken over. */
  const replayed = (onto: Tree, base: Tree, head: Tree): Tree => {
    const next = new Map(onto)
    for (const { after, before, path } of differencesOf(base, head).changes) {
      const current = onto.get(path)
      const merged = same(current, before) ? after : (mergeEntries(before, current, after) ?? after)
      if (merged === undefined) next.delete(path)
      else next.set(path, merged)
    }
    return next
  }
  const mergeEntries = (
    base: TreeEntry | undefined,
    ours: TreeEntry | undefined,
    theirs: TreeEntry | undefined
  ): TreeEntry | undefined => {
    const [first, second, third] = [base, ours, theirs].map((entry) =>
      entry === undefined ? undefined : texts.get(entry.blob)
    )
    if (first === undefined || second === undefined || third === undefined) return undefined
    const text = mergeLines(first, second, third)
    const mode = ours?.mode === base?.mode ? theirs?.mode : theirs?.mode === base?.mode ? ours?.mode : undefined
    return text === undefined || mode === undefined ? undefined : entryOf(text, mode)
  }
  const known = (revision: string): Effect.Effect<Stored, RevisionUnknown> => {
    const commit = commits.get(branches.get(revision) ?? revision)
    return commit === undefined
      ? Effect.fail(new RevisionUnknown({ repository: NAME, revision }))
      : Effect.succeed(commit)
  }
  const standing = (tree: Tree, path: string): TreeEntry | undefined =>
    tree.get(path) ??
    ([...tree.keys()].some((other) => other.startsWith(`${path}/`))
      ? { blob: idOf([...tree].filter(([other]) => other.startsWith(`${path}/`)).sort()), mode: "040000" }
      : undefined)

  const holds = (commit: Stored, { entries, onto }: Proposal): boolean =>
    commit.parent !== undefined &&
    ancestry(onto).has(commit.parent) &&
    (({ changes, notBlobs }) =>
      notBlobs.length === 0 &&
      changes.length === entries.size &&
      changes.every(({ after, path }) => entries.has(path) && same(entries.get(path), after)))(
      differencesOf(get(commit.parent).tree, commit.tree)
    )
  const propose = (proposal: Proposal): Effect.Effect<ReturnType<typeof proposedAt>, RevisionUnknown | PathOccupied> =>
    Effect.suspend(() => {
      const tree = new Map(get(proposal.onto).tree)
      for (const [path, entry] of proposal.entries) {
        if (entry === undefined) tree.delete(path)
        else tree.set(path, entry)
      }
      const occupied = [...tree.keys()].filter((path) => ancestorsOf(path).some((above) => tree.has(above)))
      if (occupied.length > 0) return Effect.fail(new PathOccupied({ paths: occupied, repository: NAME }))
      for (let count = 1; ; count++) {
        const branch = count === 1 ? proposal.branch : `${proposal.branch}-${count}`
        const head = branches.get(branch)
        if (head === undefined) {
          branches.set(branch, store(proposal.message, [proposal.onto], tree, proposal.at))
          return Effect.succeed(proposedAt(branch, false))
        }
        const commit = get(head)
        if (proposal.isOurs(commit) && holds(commit, proposal)) return Effect.succeed(proposedAt(branch, true))
      }
    })
  const proposedAt = (branch: string, resumed: boolean) => {
    const { id, parent = "" } = get(branch)
    return { branch, commit: id, onto: parent, resumed }
  }
  branches.set(CONTENT, store("begin", [], new Map()))

  return {
    commit: (message, edits, branch = CONTENT) => {
      const parent = get(branches.get(branch) ?? CONTENT)
      const id = store(message, [parent.id], edited(parent.tree, edits))
      branches.set(branch, id)
      return id
    },
    entryOf,
    head: (branch) => branches.get(branch),
    land: (branch, how, message, review = {}) => {
      const [head, tip] = [get(branch), get(CONTENT)]
      const base = get(baseOf(tip.id, head.id) ?? tip.id)
      let id = tip.id
      if (how === "rebase") {
        const line = firstParents(head.id)
        const own = line
          .slice(
            0,
            Math.max(
              0,
              line.findIndex((commit) => commit.id === base.id)
            )
          )
          .reverse()
        for (const [index, commit] of own.entries()) {
          const tree = replayed(get(id).tree, get(commit.parent ?? base.id).tree, commit.tree)
          id = store(commit.message, [id], index === own.length - 1 ? edited(tree, review) : tree)
        }
      } else {
        const tree = edited(replayed(tip.tree, base.tree, head.tree), review)
        id = store(message, how === "merge" ? [tip.id, head.id] : [tip.id], tree)
      }
      branches.set(CONTENT, id)
      return id
    },
    remove: (branch) => void branches.delete(branch),
    service: {
      changedBy: (paths, since, tip, limit) =>
        Effect.sync(() => {
          const before = since === undefined ? new Set<string>() : ancestry(since)
          const line = firstParents(tip).filter(({ id }) => !before.has(id))
          const touched = (commit: Stored, path: string): boolean =>
            !same(commit.tree.get(path), commit.parent === undefined ? undefined : get(commit.parent).tree.get(path))
          const found = paths.map(
            (path) => [path, line.filter((commit) => touched(commit, path)).slice(0, limit)] as const
          )
          return new Map(found.filter(([, commits]) => commits.length > 0))
        }),
      commitAt: known,
      differences: (base, head) =>
        Effect.gen(function* () {
          const from: Tree = base === undefined ? new Map() : (yield* known(base)).tree
          return differencesOf(from, (yield* known(head)).tree)
        }),
      entriesAt: (commit, paths) =>
        Effect.map(known(commit), ({ tree }) => {
          const found = paths.flatMap((path) => {
            const entry = standing(tree, path)
            return entry === undefined ? [] : [[path, entry] as const]
          })
          return new Map(found)
        }),
      everHeld: (entries, tip) =>
        Effect.map(known(tip), ({ id }) =>
          [...ancestry(id)].some((at) => [...entries].some(([path, entry]) => same(get(at).tree.get(path), entry)))
        ),
      history: (tip, accepts) =>
        Effect.sync(() =>
          firstParents(tip)
            .filter(accepts)
            .map((commit) => ({
              commit,
              difference: differencesOf(commit.parent === undefined ? new Map() : get(commit.parent).tree, commit.tree)
            }))
        ),
      merge: (before, after, current) => Effect.sync(() => ({ entry: mergeEntries(after, current, before) })),
      mergeBase: (base, head) =>
        Effect.map(Effect.all([known(base), known(head)]), ([first, second]) => baseOf(first.id, second.id)),
      missingBlobs: (blobs) => Effect.sync(() => blobs.filter((blob) => !texts.has(blob))),
      name: NAME,
      propose,
      tip: Effect.suspend(() => known(CONTENT))
    },
    setTime: (millis) => {
      now = millis
    },
    textOf: (entry) => (entry === undefined ? undefined : texts.get(entry.blob)),
    tip: () => get(CONTENT).id,
    treeOf: (commit) => get(commit).tree
  }
}

/** Lives as long as the layer. */
export const layer: Layer.Layer<ContentRepository> = Layer.sync(ContentRepository, () => make().service)
