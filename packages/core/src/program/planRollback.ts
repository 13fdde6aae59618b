import * as Effect from "effect/Effect"
import type { ChangedBy } from "../batch/BatchJson.ts"
import * as Containment from "../batch/Containment.ts"
import { batchesByCommit, builtOn, type LaterBatch } from "../batch/LaterBatches.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import type { Outcome } from "../batch/RollbackOutcome.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import { alike, type PathChange, type TreeEntry } from "../batch/TreeEntry.ts"
import type { Policy } from "../policy/Policy.ts"
import { ContentRepository } from "../port/ContentRepository.ts"
import { batchesNaming } from "./readBatches.ts"
import { refused } from "./refuse.ts"

/** What is to be taken out: a batch, or the newest rollback of one. */
export interface Target {
  readonly batch: Manifest.Manifest
  readonly changes: ReadonlyArray<PathChange>
  /** The rollback that is to be undone; `undefined`: the batch is to be rolled back. */
  readonly undoes: Manifest.Rollback | undefined
}

/** A rollback as it would be made on a commit of the content branch. */
export interface Planned {
  readonly target: Target
  /** The tip that it was planned on. */
  readonly onto: string
  readonly steps: RollbackPlan.RollbackPlan
  readonly changedBy: ReadonlyMap<string, ReadonlyArray<ChangedBy>>
  readonly laterBatches: ReadonlyArray<LaterBatch>
  /** Why nothing is to be written; `undefined`: something is. */
  readonly emptiness: Outcome | undefined
}

const NOTED_COMMITS = 5
const REPLANNED = 5

/** What a name is to be rolled back to. Refuses an open batch, and an undo of nothing. */
export const targetOf = Effect.fn("targetOf")(function* (batch: Manifest.Manifest, undo: boolean) {
  if (batch.state === "open") {
    return yield* refused(refusal("not-sealed", `${batch.id} is not sealed: what it changes is not known yet`))
  }
  if (!undo) {
    const target: Target = { batch, changes: Manifest.changesOf(batch), undoes: undefined }
    return target
  }
  const undoes = batch.rollbacks.findLast((rollback) => rollback.undoes === undefined)
  if (undoes === undefined) {
    return yield* refused(refusal("nothing-to-undo", `${batch.id} was never rolled back: there is nothing to undo`))
  }
  const target: Target = { batch, changes: Manifest.fromChanges(undoes.paths), undoes }
  return target
})

/** Refuses a manifest that names paths which no batch of this policy may hold. All of them outside is no forgery. */
const isOutside = Effect.fn("isOutside")(function* (policy: Policy, { batch, changes }: Target) {
  const { inside, notPaths, outside } = Containment.sortOut(policy.content, changes)
  if (notPaths.length === 0 && outside.length > 0 && inside.length === 0) return true
  if (notPaths.length + outside.length === 0) return false
  return yield* refused(
    refusal(
      notPaths.length > 0 ? "not-a-path" : "outside-content",
      `the manifest of ${batch.id} names paths that no batch may hold: ` +
        `${Containment.named([...notPaths, ...outside])}; the policy's content is ${policy.content.join(", ")}`
    )
  )
})

/** A manifest can name blobs that nobody has: those that are to be written or merged must be there. */
const demandBlobs = Effect.fn("demandBlobs")(function* (id: string, steps: RollbackPlan.RollbackPlan) {
  const repository = yield* ContentRepository
  const needed = steps.flatMap((step) =>
    step.action === "merge" ? [step.before, step.after] : RollbackPlan.writes(step) ? [step.outcome] : []
  )
  const blobs = [...new Set(needed.flatMap((entry) => (entry === undefined ? [] : [entry.blob])))]
  const missing = blobs.length === 0 ? [] : yield* repository.missingBlobs(blobs)
  if (missing.length > 0) {
    return yield* refused(
      refusal("blobs-missing", `the manifest of ${id} names blobs that do not exist: ${missing.join(", ")}`)
    )
  }
})

const merged = Effect.fn("mergeSteps")(function* (steps: RollbackPlan.RollbackPlan) {
  const repository = yield* ContentRepository
  const merges = new Map<string, TreeEntry | undefined>()
  for (const { action, after, before, current, path } of steps) {
    if (action !== "merge" || before === undefined || after === undefined || current === undefined) continue
    merges.set(path, (yield* repository.merge(before, after, current)).entry)
  }
  return RollbackPlan.settle(steps, merges)
})

/** Only what was once there can be taken out: nothing as the batch left it, now or ever, means that it never came. */
const neverMerged = Effect.fn("neverMerged")(function* (
  { batch, changes, undoes }: Target,
  steps: RollbackPlan.RollbackPlan,
  tip: string
) {
  const repository = yield* ContentRepository
  if (undoes !== undefined || Manifest.landedIn(batch) !== undefined || steps.some(RollbackPlan.isExact)) return false
  const left = new Map(changes.flatMap(({ after, path }) => (after === undefined ? [] : [[path, after] as const])))
  return left.size > 0 && !(yield* repository.everHeld(left, tip))
})

const notedChanges = Effect.fn("notedChanges")(function* (
  { batch, undoes }: Target,
  steps: RollbackPlan.RollbackPlan,
  tip: string,
  known: ReadonlyMap<string, string>
) {
  const repository = yield* ContentRepository
  const paths = steps
    .filter((step) => RollbackPlan.isLeft(step) || step.action === "merge" || step.action === "overwrite")
    .map(({ path }) => path)
  if (paths.length === 0) return new Map<string, ReadonlyArray<ChangedBy>>()
  const since = undoes?.commit ?? Manifest.landedIn(batch) ?? batch.base
  const commits = yield* repository.changedBy(paths, since, tip, NOTED_COMMITS)
  return new Map(
    [...commits].map(([path, found]) => [
      path,
      found.map(({ id, subject }): ChangedBy => ({ batch: known.get(id), commit: id, subject }))
    ])
  )
})

/** The plan before its merges are made. Reads the whole tree only where directories took the places of the batch's files. */
const draftOn = Effect.fn("draftRollback")(function* (
  changes: ReadonlyArray<PathChange>,
  onChanged: RollbackPlan.OnChanged,
  onto: string
) {
  const repository = yield* ContentRepository
  const current = yield* repository.entriesAt(onto, RollbackPlan.pathsToRead(changes))
  const steps = RollbackPlan.plan(changes, current, onChanged)
  if (RollbackPlan.blockedByDirectories(steps).length === 0) return steps
  const { changes: files, notBlobs } = yield* repository.differences(undefined, onto)
  const names = [...files.map(({ path }) => path), ...notBlobs]
  return RollbackPlan.plan(changes, RollbackPlan.withoutEmptied(steps, current, names), onChanged)
})

const planOn = Effect.fn("planOn")(function* (
  policy: Policy,
  target: Target,
  onChanged: RollbackPlan.OnChanged,
  onto: string
) {
  const outside = yield* isOutside(policy, target)
  const drafted = yield* draftOn(outside ? [] : target.changes, onChanged, onto)
  yield* demandBlobs(target.batch.id, drafted)
  const steps = yield* merged(drafted)
  const never = yield* neverMerged(target, steps, onto)
  const manifests = yield* batchesNaming(new Set(target.changes.map(({ path }) => path)))
  const planned: Planned = {
    changedBy: yield* notedChanges(target, steps, onto, batchesByCommit(manifests)),
    emptiness: outside ? "outside-content" : never ? "never-merged" : RollbackPlan.emptiness(steps),
    laterBatches: builtOn(target.batch, manifests),
    onto,
    steps,
    target
  }
  return planned
})

/**
 * Plans a rollback on the newest tip of the content branch. When the branch moves meanwhile the plan is kept if its
 * paths hold what they held, and made again if not; after some times it is said that the branch does not stand still.
 */
export const planRollback = Effect.fn("planRollback")(function* (
  policy: Policy,
  target: Target,
  onChanged: RollbackPlan.OnChanged
) {
  const repository = yield* ContentRepository
  let tip = (yield* repository.tip).id
  for (let times = 0; times < REPLANNED; times++) {
    const planned = yield* planOn(policy, target, onChanged, tip)
    const newest = (yield* repository.tip).id
    if (newest === tip) return planned
    const paths = RollbackPlan.pathsToRead(target.changes)
    const [before, now] = [yield* repository.entriesAt(tip, paths), yield* repository.entriesAt(newest, paths)]
    if (paths.every((path) => alike(before.get(path), now.get(path)))) return { ...planned, onto: newest }
    tip = newest
  }
  return yield* refused(
    refusal(
      "content-moving",
      `${repository.name} changed under ${REPLANNED} plans in a row: run the same command again`
    )
  )
})
