/**
 * How a batch comes back out, path by path: computed from what it changed and the tree that the content branch has now.
 * Nothing that somebody changed since is ever overwritten without being asked for. Rules: SPEC.md, section RB.
 */
import { ancestorsOf } from "./ContentPath.ts"
import { byPath, isBlob, isDirectory, isRegular, type PathChange, same, type TreeEntry } from "./TreeEntry.ts"

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
  /** Changed since: the batch's part is taken out by a merge. */
  | "merge"
  /** Changed since, and the batch's part cannot be taken out by a merge: left alone. */
  | "conflict"
  /** Changed since: put back as it was before the batch, whatever was done since. */
  | "overwrite"

export interface Step {
  readonly path: string
  readonly action: Action
  readonly before: TreeEntry | undefined
  readonly after: TreeEntry | undefined
  readonly current: TreeEntry | undefined
  /** What the path holds once the rollback is done. Of a merge that has yet to be made: what it holds now. */
  readonly outcome: TreeEntry | undefined
}

/** The steps of a rollback, in the order of their paths. */
export type RollbackPlan = ReadonlyArray<Step>

/** A merge needs a text on each of the three sides. */
const isMergeable = ({ after, before }: PathChange, current: TreeEntry | undefined): boolean =>
  isRegular(before) && isRegular(after) && isRegular(current)

const changedAction = (change: PathChange, current: TreeEntry | undefined, onChanged: OnChanged): Action => {
  // A directory or a submodule holds more than a file: not even force takes it away.
  if (current !== undefined && !isBlob(current)) return "changed-since"
  if (onChanged === "force") return "overwrite"
  return onChanged === "skip" ? "changed-since" : isMergeable(change, current) ? "merge" : "conflict"
}

const actionFor = (change: PathChange, current: TreeEntry | undefined, onChanged: OnChanged): Action => {
  if (same(current, change.before)) return "already-reverted"
  if (!same(current, change.after)) return changedAction(change, current, onChanged)
  return change.before === undefined ? "delete" : change.after === undefined ? "recreate" : "restore"
}

const stepFor = (change: PathChange, current: TreeEntry | undefined, onChanged: OnChanged): Step => {
  const action = actionFor(change, current, onChanged)
  const puts = action === "delete" || action === "restore" || action === "recreate" || action === "overwrite"
  return { ...change, action, current, outcome: puts ? change.before : current }
}

/** Whether a step writes: everything but what is there already and what is left alone. */
export const writes = ({ current, outcome }: Step): boolean => !same(current, outcome)

/** A file cannot be put below a file: not while that one stays. */
const unblocked = (steps: RollbackPlan, current: ReadonlyMap<string, TreeEntry>): RollbackPlan => {
  const outcomes = new Map(steps.map(({ outcome, path }) => [path, outcome]))
  const isBlocked = (path: string): boolean =>
    ancestorsOf(path).some((above) => {
      const entry = outcomes.has(above) ? outcomes.get(above) : current.get(above)
      return entry !== undefined && !isDirectory(entry)
    })
  return steps.map((step) =>
    step.outcome !== undefined && writes(step) && isBlocked(step.path)
      ? { ...step, action: "changed-since", outcome: step.current }
      : step
  )
}

/** The plan for some changes against what their paths, and the directories above them, hold now. */
export const plan = (
  changes: ReadonlyArray<PathChange>,
  current: ReadonlyMap<string, TreeEntry>,
  onChanged: OnChanged
): RollbackPlan => {
  const heldFiles = new Set(changes.flatMap(({ before, path }) => (before === undefined ? [] : ancestorsOf(path))))
  // A file that the batch put in the place of a directory: that directory, back again, is what was there before.
  const entryAt = ({ before, path }: PathChange): TreeEntry | undefined => {
    const entry = current.get(path)
    return before === undefined && isDirectory(entry) && heldFiles.has(path) ? undefined : entry
  }
  const steps = [...changes].sort(byPath).map((change) => stepFor(change, entryAt(change), onChanged))
  return unblocked(steps, current)
}

/** Files that the batch had replaced by directories, which stand in their way now. */
export const blockedByDirectories = (steps: RollbackPlan): ReadonlyArray<string> =>
  steps
    .filter(({ action, after, current }) => action === "changed-since" && after === undefined && isDirectory(current))
    .map(({ path }) => path)

/** What the tree holds without the directories that this plan empties: then nothing stands in those files' way. */
export const withoutEmptied = (
  steps: RollbackPlan,
  current: ReadonlyMap<string, TreeEntry>,
  files: ReadonlyArray<string>
): ReadonlyMap<string, TreeEntry> => {
  const gone = new Set(steps.filter(({ outcome }) => outcome === undefined).map(({ path }) => path))
  const emptied = blockedByDirectories(steps).filter((path) =>
    files.every((file) => !file.startsWith(`${path}/`) || gone.has(file))
  )
  return new Map([...current].filter(([path]) => !emptied.includes(path)))
}

/** Every path that a plan has to know about: the changed ones, and the directories above them. */
export const pathsToRead = (changes: ReadonlyArray<PathChange>): ReadonlyArray<string> => [
  ...new Set(changes.flatMap(({ path }) => [path, ...ancestorsOf(path)]))
]

/** The plan with its merges made: each path's merged entry, or `undefined` where the texts conflict. */
export const settle = (steps: RollbackPlan, merges: ReadonlyMap<string, TreeEntry | undefined>): RollbackPlan =>
  steps.map((step) => {
    if (step.action !== "merge") return step
    const merged = merges.get(step.path)
    return merged === undefined ? { ...step, action: "conflict" } : { ...step, outcome: merged }
  })

/** Whether a step proves that the batch was on the branch: something is still exactly as the batch left it. */
export const isExact = ({ action }: Step): boolean =>
  action === "delete" || action === "restore" || action === "recreate"

/** Whether a step leaves something behind that is not as it was before the batch. */
export const isLeft = ({ action }: Step): boolean => action === "changed-since" || action === "conflict"

/** Why a plan writes nothing; `undefined` where it writes something. */
export type Emptiness = "nothing-matches" | "already-reverted" | "all-changed-since" | "partly-changed-since"

export const emptiness = (steps: RollbackPlan): Emptiness | undefined => {
  if (steps.some(writes)) return undefined
  if (steps.length === 0) return "nothing-matches"
  const left = steps.filter(isLeft).length
  return left === 0 ? "already-reverted" : left === steps.length ? "all-changed-since" : "partly-changed-since"
}

/** Path -> what it is to hold, of the paths that are written. */
export const entriesOf = (steps: RollbackPlan): ReadonlyMap<string, TreeEntry | undefined> =>
  new Map(steps.filter(writes).map(({ outcome, path }) => [path, outcome]))

/** What a rollback writes, as changes that the same planner can take out again. */
export const writtenBy = (steps: RollbackPlan): ReadonlyArray<PathChange> =>
  steps.filter(writes).map(({ current, outcome, path }) => ({ after: outcome, before: current, path }))
