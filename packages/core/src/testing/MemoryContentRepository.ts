/**
 * The content repository's in-memory twin. What a forge does to a branch (commit, merge, squash, rebase) is there as
 * functions, so that tests can tell whole histories.
 */
import * as Effect from "effect/Effect"
import { ancestorsOf } from "../batch/ContentPath.ts"
import { same, type TreeEntry } from "../batch/TreeEntry.ts"
import {
  type ContentRepository,
  PathOccupied,
  type Proposal,
  type Proposed,
  RevisionUnknown
} from "../port/ContentRepository.ts"
import { differencesOf, type Edits, type MemoryCommit, MemoryCommits, standing, type Tree } from "./MemoryCommits.ts"

/** The repository, and what a test may do to it besides. */
export interface MemoryContentRepository {
  readonly service: ContentRepository["Service"]
  /** Commits on a branch (default: the content branch), which begins at the content branch's tip where it is new. */
  readonly commit: (message: string, edits: Edits, branch?: string) => string
  /** Lands a branch on the content branch as a forge does; `review` is edited in on the way. Answers the new tip. */
  readonly land: (branch: string, how: Landing, message: string, review?: Edits) => string
  readonly tip: () => string
  readonly head: (branch: string) => string | undefined
  /** Points a branch at a commit, or takes it away. Commits stay known. */
  readonly point: (branch: string, commit: string | undefined) => void
  readonly treeOf: (commit: string) => Tree
  readonly textOf: (entry: TreeEntry | undefined) => string | undefined
  /** The entry that a text has. */
  readonly entryOf: (text: string, mode?: string) => TreeEntry
  /** The time of commits from now on. */
  readonly setTime: (millis: number) => void
}

export type Landing = "merge" | "squash" | "rebase"

const NAME = "main in memory"
const CONTENT = "main"

const known = (commits: MemoryCommits, revision: string): Effect.Effect<MemoryCommit, RevisionUnknown> =>
  Effect.suspend(() => {
    const commit = commits.find(revision)
    return commit === undefined
      ? Effect.fail(new RevisionUnknown({ repository: NAME, revision }))
      : Effect.succeed(commit)
  })

/** Whether a commit holds exactly what is proposed, on the same commit or an older one. */
const holds = (commits: MemoryCommits, commit: MemoryCommit, { entries, onto }: Proposal): boolean => {
  const { changes, notBlobs } = differencesOf(commits.treeBefore(commit), commit.tree)
  return (
    commit.parent !== undefined &&
    commits.ancestry(onto).has(commit.parent) &&
    notBlobs.length === 0 &&
    changes.length === entries.size &&
    changes.every(({ after, path }) => entries.has(path) && same(entries.get(path), after))
  )
}

const propose = (commits: MemoryCommits, proposal: Proposal): Effect.Effect<Proposed, PathOccupied> => {
  const tree = new Map(commits.get(proposal.onto).tree)
  for (const [path, entry] of proposal.entries) {
    if (entry === undefined) tree.delete(path)
    else tree.set(path, entry)
  }
  const occupied = [...tree.keys()].filter((path) => ancestorsOf(path).some((above) => tree.has(above)))
  if (occupied.length > 0) return Effect.fail(new PathOccupied({ paths: occupied, repository: NAME }))
  const isBelow = ancestorsOf(proposal.branch).some((above) => commits.branches.has(above))
  const wanted = isBelow ? proposal.branch.replaceAll("/", "-") : proposal.branch
  for (let count = 1; ; count++) {
    const branch = count === 1 ? wanted : `${wanted}-${count}`
    const head = commits.find(branch)
    if (head === undefined) {
      const { id } = commits.store(proposal.message, [proposal.onto], tree, proposal.at)
      commits.branches.set(branch, id)
      return Effect.succeed({ branch, commit: id, onto: proposal.onto, resumed: false })
    }
    if (proposal.isOurs(head) && holds(commits, head, proposal)) {
      return Effect.succeed({ branch, commit: head.id, onto: head.parent ?? proposal.onto, resumed: true })
    }
  }
}

const serviceOf = (commits: MemoryCommits): ContentRepository["Service"] => ({
  changedBy: (paths, since, tip, limit) =>
    Effect.map(since === undefined ? Effect.void : known(commits, since), () => {
      const before = since === undefined ? new Set<string>() : commits.ancestry(since)
      const line = commits.firstParents(tip).filter(({ id }) => !before.has(id))
      const touched = (path: string) => (commit: MemoryCommit) =>
        !same(commit.tree.get(path), commits.treeBefore(commit).get(path))
      const found = paths.map((path) => [path, line.filter(touched(path)).slice(0, limit)] as const)
      return new Map(found.filter(([, changes]) => changes.length > 0))
    }),
  commitAt: (revision) => known(commits, revision),
  differences: (base, head) =>
    Effect.gen(function* () {
      const from: Tree = base === undefined ? new Map() : (yield* known(commits, base)).tree
      return differencesOf(from, (yield* known(commits, head)).tree)
    }),
  entriesAt: (commit, paths) =>
    Effect.map(known(commits, commit), ({ tree }) => {
      const found = paths.map((path) => [path, standing(tree, path)] as const)
      return new Map(found.flatMap(([path, entry]) => (entry === undefined ? [] : [[path, entry] as const])))
    }),
  everHeld: (entries, tip) =>
    Effect.map(known(commits, tip), ({ id }) =>
      [...commits.ancestry(id)].some((at) =>
        [...entries].some(([path, entry]) => same(commits.get(at).tree.get(path), entry))
      )
    ),
  history: (tip, accepts) =>
    Effect.sync(() =>
      commits
        .firstParents(tip)
        .filter(accepts)
        .map((commit) => ({ commit, difference: differencesOf(commits.treeBefore(commit), commit.tree) }))
    ),
  merge: (before, after, current) => Effect.sync(() => ({ entry: commits.merge(after, current, before) })),
  mergeBase: (base, head) =>
    Effect.map(Effect.all([known(commits, base), known(commits, head)]), ([first, second]) =>
      commits.mergeBase(first.id, second.id)
    ),
  missingBlobs: (blobs) => Effect.sync(() => blobs.filter((blob) => !commits.texts.has(blob))),
  name: NAME,
  propose: (proposal) => Effect.suspend(() => propose(commits, proposal)),
  tip: Effect.suspend(() => known(commits, CONTENT)),
  touched: (paths, from, to) =>
    Effect.map(Effect.all([known(commits, from), known(commits, to)]), ([first, last]) => {
      const before = commits.ancestry(first.id)
      return [...commits.ancestry(last.id)]
        .filter((id) => !before.has(id))
        .map((id) => commits.get(id))
        .filter(({ parents }) => parents.length < 2)
        .some((commit) => paths.some((path) => !same(commit.tree.get(path), commits.treeBefore(commit).get(path))))
    })
})

/** The commits of a rebase: each of the branch's own again, on the newest tip; what review edited is in the last. */
const rebased = (commits: MemoryCommits, head: MemoryCommit, base: MemoryCommit, review: Edits): string => {
  const own = commits.firstParents(head.id)
  const ours = own
    .slice(
      0,
      own.findIndex(({ id }) => id === base.id)
    )
    .reverse()
  return ours.reduce((id, commit, index) => {
    const tree = commits.replayed(commits.get(id).tree, commits.treeBefore(commit), commit.tree)
    return commits.store(commit.message, [id], index === ours.length - 1 ? commits.edited(tree, review) : tree).id
  }, commits.get(CONTENT).id)
}

/** A repository whose content branch has one commit without a file. */
export const make = (): MemoryContentRepository => {
  const commits = new MemoryCommits()
  commits.branches.set(CONTENT, commits.store("begin", [], new Map()).id)
  return {
    commit: (message, edits, branch = CONTENT) => {
      const parent = commits.find(branch) ?? commits.get(CONTENT)
      const { id } = commits.store(message, [parent.id], commits.edited(parent.tree, edits))
      commits.branches.set(branch, id)
      return id
    },
    entryOf: (text, mode) => commits.entryOf(text, mode),
    head: (branch) => commits.branches.get(branch),
    land: (branch, how, message, review = {}) => {
      const [head, tip] = [commits.get(branch), commits.get(CONTENT)]
      const base = commits.get(commits.mergeBase(tip.id, head.id) ?? tip.id)
      const tree = commits.edited(commits.replayed(tip.tree, base.tree, head.tree), review)
      const parents = how === "merge" ? [tip.id, head.id] : [tip.id]
      const id = how === "rebase" ? rebased(commits, head, base, review) : commits.store(message, parents, tree).id
      commits.branches.set(CONTENT, id)
      return id
    },
    point: (branch, commit) => {
      if (commit === undefined) commits.branches.delete(branch)
      else commits.branches.set(branch, commit)
    },
    service: serviceOf(commits),
    setTime: (millis) => {
      commits.now = millis
    },
    textOf: (entry) => (entry === undefined ? undefined : commits.texts.get(entry.blob)),
    tip: () => commits.get(CONTENT).id,
    treeOf: (commit) => commits.get(commit).tree
  }
}
