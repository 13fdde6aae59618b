/** Which of the rollbacks on record a question is about. A batch can have several, and not every one lands. */
import * as Effect from "effect/Effect"
import * as Manifest from "../batch/Manifest.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import { alike, same } from "../batch/TreeEntry.ts"
import { ContentRepository } from "../port/ContentRepository.ts"
import type { Planned } from "./PlannedRollback.ts"

/** Those that take out the same and were not undone, newest first. */
const standing = ({ rollbacks }: Manifest.Manifest, undoes: string | undefined): ReadonlyArray<Manifest.Rollback> =>
  rollbacks
    .filter((one) => one.undoes === undoes && !rollbacks.some((other) => other.undoes === one.commit))
    .toReversed()

/** Whether a rollback's own commit is on the content branch. After a squash it is not, and nobody can know by it. */
const isOn = Effect.fn("isOn")(function* (tip: string, { commit }: Manifest.Rollback) {
  const repository = yield* ContentRepository
  return yield* repository.mergeBase(commit, tip).pipe(
    Effect.map((base) => base === commit),
    Effect.catchTag("RevisionUnknown", () => Effect.succeed(false))
  )
})

const firstOn = Effect.fn("firstOn")(function* (tip: string, candidates: ReadonlyArray<Manifest.Rollback>) {
  for (const one of candidates) if (yield* isOn(tip, one)) return one
  return undefined
})

/** The rollback that an undo means: of several the newest that landed as it is, else the newest; `undefined`: none. */
export const rollbackToUndo = Effect.fn("rollbackToUndo")(function* (batch: Manifest.Manifest) {
  const repository = yield* ContentRepository
  const candidates = standing(batch, undefined)
  const [newest = batch.rollbacks.findLast(({ undoes }) => undoes === undefined), ...others] = candidates
  if (others.length === 0) return newest
  return (yield* firstOn((yield* repository.tip).id, candidates)) ?? newest
})

/**
 * The same rollback on record that left nothing to write: one that landed as it is, else the newest all of whose writes
 * stand. What it left alone does not matter.
 */
export const landedOf = Effect.fn("landedOf")(function* ({ onto, steps, target: { batch, undoes } }: Planned) {
  const reverted = new Set(steps.flatMap(({ action, path }) => (action === "already-reverted" ? [path] : [])))
  const candidates = standing(batch, undoes?.commit).filter(({ paths }) => paths.some(({ path }) => reverted.has(path)))
  const whole = candidates.find(({ paths }) => paths.every(({ path }) => reverted.has(path)))
  return candidates.length > 1 || whole === undefined ? ((yield* firstOn(onto, candidates)) ?? whole) : whole
})

/**
 * The same rollback on record, if it has yet to land: it would write the same, and nobody touched its paths since. Where
 * that cannot be known, because its commits are gone, it is another one.
 */
export const pendingOf = Effect.fn("pendingOf")(function* ({ onto, steps, target: { batch, undoes } }: Planned) {
  const repository = yield* ContentRepository
  const recorded = batch.rollbacks.at(-1)
  if (recorded === undefined || recorded.undoes !== undoes?.commit) return undefined
  const written = RollbackPlan.writtenBy(steps)
  const known = new Map(Manifest.fromChanges(recorded.paths).map((change) => [change.path, change]))
  const sameWrites = written.every(({ after, before, path }) => {
    const change = known.get(path)
    return change !== undefined && same(change.before, before) && same(change.after, after)
  })
  if (!sameWrites || written.length !== known.size) return undefined
  const paths = [...known.keys()]
  const untouched = Effect.gen(function* () {
    const before = yield* repository.entriesAt(recorded.onto, paths)
    const now = yield* repository.entriesAt(onto, paths)
    if (!paths.every((path) => alike(before.get(path), now.get(path)))) return false
    return !(yield* repository.touched(paths, recorded.onto, onto))
  })
  const isPending = yield* untouched.pipe(Effect.catchTag("RevisionUnknown", () => Effect.succeed(false)))
  return isPending ? recorded : undefined
})
