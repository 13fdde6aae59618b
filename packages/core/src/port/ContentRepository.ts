/**
 * What batches and rollbacks need of the world: the branch that batches land on, its trees, its history, and a way to
 * propose one commit on a branch of its own. No work tree, no index of the user's, nothing of the user's branches.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { PathChange, TreeEntry } from "../batch/TreeEntry.ts"
import type { StoreCorrupt, StoreRefused, StoreUnavailable } from "./ControlStore.ts"

/** One commit, as much of it as people and rules look at. */
export interface ContentCommit {
  readonly id: string
  /** First parent; `undefined` for a root. */
  readonly parent: string | undefined
  readonly subject: string
  readonly message: string
  /** Committer's time, epoch milliseconds. */
  readonly committedAt: number
}

/** A change as the trees have it. */
export interface TreeDifference {
  readonly changes: ReadonlyArray<PathChange>
  /**
   * Paths that no batch may hold: entries that are no blobs (submodules), and, between quotes with its odd bytes as octal
   * numbers, any path that is no UTF-8.
   */
  readonly notBlobs: ReadonlyArray<string>
}

/** What a merge of three texts came to. */
export interface Merged {
  /** `undefined`: the texts conflict, and nothing was written. */
  readonly entry: TreeEntry | undefined
}

/** A commit that is to be proposed. */
export interface Proposal {
  /** The commit that it is made on: the tip of the content branch. */
  readonly onto: string
  /** Path -> what it is to hold, `undefined` for nothing. All else stays as it is. */
  readonly entries: ReadonlyMap<string, TreeEntry | undefined>
  /** The commit's message, taken as it is. */
  readonly message: string
  /** The commit's time, epoch milliseconds. The same proposal makes the same commit. */
  readonly at: number
  /** The branch wanted; a name that is taken, here or there, gets -2, -3, and so on. */
  readonly branch: string
  /**
   * Says whether an existing branch's commit claims to be this proposal, made before a crash. It is taken, not doubled, if
   * it also holds what is proposed: the same entries at the same paths and nothing else, on the same commit or an older
   * one of the content branch.
   */
  readonly isOurs: (commit: ContentCommit) => boolean
}

export interface Proposed {
  readonly branch: string
  readonly commit: string
  /** The commit that it stands on: the one asked for, unless it was made before the content branch moved on. */
  readonly onto: string
  /** It was there already, from an earlier call that did not come to its end. */
  readonly resumed: boolean
}

type Failed = StoreUnavailable | StoreRefused | StoreCorrupt

export class ContentRepository extends Context.Service<
  ContentRepository,
  {
    /** For people: `main on origin`. */
    readonly name: string
    /** The newest commit of the content branch, asked of the remote. */
    readonly tip: Effect.Effect<ContentCommit, RevisionUnknown | Failed>
    /** A commit by any revision that the repository or its remote knows. */
    readonly commitAt: (revision: string) => Effect.Effect<ContentCommit, RevisionUnknown | Failed>
    /** The newest commit that both have in their history: where a branch forked off. `undefined`: they have none. */
    readonly mergeBase: (base: string, head: string) => Effect.Effect<string | undefined, RevisionUnknown | Failed>
    /** What changed from one commit's tree to another's; `undefined` is the empty tree. Renames are a deletion and an addition. */
    readonly differences: (
      base: string | undefined,
      head: string
    ) => Effect.Effect<TreeDifference, RevisionUnknown | Failed>
    /**
     * What some paths hold in a commit's tree. A path that is not there is not in the answer; a directory is, with mode
     * 040000 and its tree's ID, and a submodule with mode 160000: what stands there is never taken for nothing.
     */
    readonly entriesAt: (
      commit: string,
      paths: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, TreeEntry>, RevisionUnknown | Failed>
    /**
     * The commits after `since` with which the content branch changed each path, newest first: the newest in any case, and
     * older ones as far as they stand near it, at most `limit` a path. Where a branch was merged that is the merge: the
     * step that people see and can take back. A path that none changed is not in the answer.
     */
    readonly changedBy: (
      paths: ReadonlyArray<string>,
      since: string | undefined,
      tip: string,
      limit: number
    ) => Effect.Effect<ReadonlyMap<string, ReadonlyArray<ContentCommit>>, RevisionUnknown | Failed>
    /** Whether any of these entries ever stood at its path on the content branch, up to `tip`. May read all history. */
    readonly everHeld: (
      entries: ReadonlyMap<string, TreeEntry>,
      tip: string
    ) => Effect.Effect<boolean, RevisionUnknown | Failed>
    /** Which of these blobs the repository, or its remote, has. */
    readonly missingBlobs: (blobs: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, Failed>
    /**
     * Takes the change from `after` to `before` into `current`, by git's own three-way merge. Never writes markers.
     */
    readonly merge: (
      before: TreeEntry,
      after: TreeEntry,
      current: TreeEntry
    ) => Effect.Effect<Merged, RevisionUnknown | Failed>
    /** First-parent commits of the content branch, newest first, that a test accepts, each with what it changed. */
    readonly history: (
      tip: string,
      accepts: (commit: ContentCommit) => boolean
    ) => Effect.Effect<
      ReadonlyArray<{ readonly commit: ContentCommit; readonly difference: TreeDifference }>,
      RevisionUnknown | Failed
    >
    /** Makes one commit on a branch of its own and publishes it. Safe to repeat. */
    readonly propose: (proposal: Proposal) => Effect.Effect<Proposed, RevisionUnknown | PathOccupied | Failed>
  }
>()("@batchbrake/core/port/ContentRepository") {}

/** Neither the repository nor its remote knows this revision. Check it, or fetch it. */
export class RevisionUnknown extends Schema.TaggedError<RevisionUnknown>("@batchbrake/core/RevisionUnknown")(
  "RevisionUnknown",
  { repository: Schema.String, revision: Schema.String }
) {
  override get message() {
    return `${this.repository} knows no commit ${JSON.stringify(this.revision)}: check the revision, or fetch it first`
  }
}

/** A file cannot be put there: a directory has its place, or a file the place of its directory. Leave the path out. */
export class PathOccupied extends Schema.TaggedError<PathOccupied>("@batchbrake/core/PathOccupied")("PathOccupied", {
  repository: Schema.String,
  /** What stands in the way. */
  paths: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.repository} has something else at ${this.paths.map((path) => JSON.stringify(path)).join(", ")}: take it away first, or leave these paths out`
  }
}
