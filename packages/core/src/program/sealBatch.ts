import * as Effect from "effect/Effect"
import * as Lifecycle from "../batch/Lifecycle.ts"
import { changeBatch } from "./changeBatch.ts"
import { gatherChanges, type Revisions } from "./gatherChanges.ts"
import type { Origin } from "./operate.ts"
import { findBatch } from "./readBatches.ts"
import { refused } from "./refuse.ts"

/**
 * Settles what a batch changes, as {@link gatherChanges} has it; what that objects to is refused. Sealing again with the
 * same revisions is answered as not applied; with others it is refused.
 */
export const sealBatch = Effect.fn("sealBatch")(function* (origin: Origin, name: string, revisions: Revisions) {
  const { at, author, policy } = origin
  const { id } = yield* findBatch(name)
  const gathered = yield* gatherChanges(policy, revisions)
  if (gathered._tag === "Unfit") return yield* refused(gathered.objection)
  const { base, changes, head } = gathered
  return yield* changeBatch(origin, {
    event: (digest) => ({ _tag: "BatchSealed", at, author, base, batch: id, digest, head }),
    id,
    next: (manifest) => Lifecycle.sealed(manifest, { at, base, changes, head }),
    subject: `batch ${id} sealed: ${changes.length} ${changes.length === 1 ? "path" : "paths"}`
  })
})
