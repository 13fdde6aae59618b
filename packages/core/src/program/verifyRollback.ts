import * as Effect from "effect/Effect"
import { refusal } from "../batch/Refusal.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import { alike, isDirectory, type TreeEntry } from "../batch/TreeEntry.ts"
import { ContentRepository, type Proposed } from "../port/ContentRepository.ts"
import type { Planned } from "./planRollback.ts"
import { refused } from "./refuse.ts"

/** A file that goes may leave its path to a directory: the one with the files that the same plan puts below it. */
const isAsPlanned = (
  steps: RollbackPlan.RollbackPlan,
  { outcome, path }: RollbackPlan.Step,
  entry: TreeEntry | undefined
): boolean =>
  alike(entry, outcome) ||
  (outcome === undefined &&
    isDirectory(entry) &&
    steps.some((other) => other.outcome !== undefined && other.path.startsWith(`${path}/`)))

/** Reads a proposal back: every planned path as the plan has it, and against its parent no other path changed. */
export const verifyRollback = Effect.fn("verifyRollback")(function* (
  { onto, steps, target }: Planned,
  proposed: Proposed
) {
  const repository = yield* ContentRepository
  const commit = yield* repository.commitAt(proposed.commit)
  const entries = yield* repository.entriesAt(
    commit.id,
    steps.map(({ path }) => path)
  )
  const { changes, notBlobs } = yield* repository.differences(commit.parent, commit.id)
  const written = RollbackPlan.entriesOf(steps)
  const faults = [
    ...(commit.parent === proposed.onto && (proposed.resumed || proposed.onto === onto)
      ? []
      : [`its parent is ${commit.parent ?? "none"}, not ${onto}`]),
    ...steps
      .filter((step) => !isAsPlanned(steps, step, entries.get(step.path)))
      .map(({ path }) => `${path} is not as planned`),
    ...changes.filter(({ path }) => !written.has(path)).map(({ path }) => `${path} moved`),
    ...notBlobs.map((path) => `${path} moved`)
  ]
  if (faults.length > 0 || changes.length !== written.size) {
    return yield* refused(
      refusal(
        "not-verified",
        `${proposed.branch} (${commit.id}) is not the rollback of ${target.batch.id} that was planned: ` +
          `${faults.slice(0, 5).join("; ") || "it leaves paths as they were"}; do not merge it`
      )
    )
  }
  return commit
})
