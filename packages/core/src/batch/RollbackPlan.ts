/**
 * How a batch comes back out, path by path: computed from its manifest and the tree that the content branch has now.
 * Nothing that somebody changed since is ever overwritten without being asked for. Rules: SPEC.md, section RB.
 */
import { type PathChange, same, type TreeEntry } from "./TreeEntry.ts"

/** What is done with paths that were changed since. */
export type OnChanged = "skip" | "three-way" | "force"

export type Action =
  /** Added by the batch, and still as it added it: taken out. */
  | "delete"
  /** Modified by the batch, and still as it left it: put back as it was. */
  | "restore"
  /** Deleted by the batch, and still absent: put back. */
  | "recreate"
  /** As it was before the batch already. */
  | "already-reverted"
  /** Changed since: left alone. */
  | "changed-since"
  /** Changed since: the batch's part is to be taken out by a merge. */
  | "merge"
  /** Changed since: put back as it was before the batch, whatever was done since. */
  | "overwrite"

export interface Step {
  readonly path: string
  readonly action: Action
  readonly before: TreeEntry | undefined
  readonly after: TreeEntry | undefined
  readonly current: TreeEntry | undefined
}

/** The steps of a rollback, in the order of their paths. */
export type RollbackPlan = ReadonlyArray<Step>

const changedAction = ({ after, before }: PathChange, current: TreeEntry | undefined, onChanged: OnChanged): Action => {
  if (onChanged === "force") return "overwrite"
  // A merge needs a text on each of the three sides.
  return onChanged === "three-way" && before !== undefined && after !== undefined && current !== undefined
    ? "merge"
    : "changed-since"
}

const actionFor = (change: PathChange, current: TreeEntry | undefined, onChanged: OnChanged): Action => {
  if (same(current, change.before)) return "already-reverted"
  if (!same(current, change.after)) return changedAction(change, current, onChanged)
  return change.before === undefined ? "delete" : change.after === undefined ? "recreate" : "restore"
}

const byPath = (left: { readonly path: string }, right: { readonly path: string }): number =>
  left.path < right.path ? -1 : left.path > right.path ? 1 : 0

/** The plan for a batch's changes against the entries that its paths have now. */
export const plan = (
  changes: ReadonlyArray<PathChange>,
  current: ReadonlyMap<string, TreeEntry>,
  onChanged: OnChanged
): RollbackPlan =>
  [...changes].sort(byPath).map((change) => {
    const entry = current.get(change.path)
    return { ...change, action: actionFor(change, entry, onChanged), current: entry }
  })

/** Whether a step writes: everything but what is there already and what is left alone. */
export const writes = ({ action }: Step): boolean => action !== "already-reverted" && action !== "changed-since"

/** What the path holds after the step; a merge's outcome is not known before it is made. */
export const outcome = (step: Step): TreeEntry | undefined => (writes(step) ? step.before : step.current)

/** Why a plan writes nothing; `undefined` where it writes something. */
export type Emptiness = "nothing-matches" | "already-reverted" | "all-changed-since" | "partly-changed-since"

export const emptiness = (steps: RollbackPlan): Emptiness | undefined => {
  if (steps.some(writes)) return undefined
  if (steps.length === 0) return "nothing-matches"
  const changed = steps.filter(({ action }) => action === "changed-since").length
  return changed === 0 ? "already-reverted" : changed === steps.length ? "all-changed-since" : "partly-changed-since"
}
