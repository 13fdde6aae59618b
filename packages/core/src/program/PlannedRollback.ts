import type { ChangedBy } from "../batch/BatchJson.ts"
import type { LaterBatch } from "../batch/LaterBatches.ts"
import type * as Manifest from "../batch/Manifest.ts"
import type { Outcome } from "../batch/RollbackOutcome.ts"
import type * as RollbackPlan from "../batch/RollbackPlan.ts"
import type { PathChange } from "../batch/TreeEntry.ts"

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
