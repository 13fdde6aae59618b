import * as Effect from "effect/Effect"
import * as Containment from "../batch/Containment.ts"
import * as Lifecycle from "../batch/Lifecycle.ts"
import { refusal } from "../batch/Refusal.ts"
import { ContentRepository } from "../port/ContentRepository.ts"
import { changeBatch } from "./changeBatch.ts"
import type { Origin } from "./operate.ts"
import { findBatch } from "./readBatches.ts"
import { refused } from "./refuse.ts"

/** The two ends of what a batch changes: any revisions that the repository or its remote knows. */
export interface Revisions {
  readonly base: string
  readonly head: string
}

/**
 * Settles what a batch changes: every path between where `head` forked off `base` and `head`. Paths outside the
 * policy's content are refused by name, so that a rollback of the batch takes out all that it brought; so is a new path
 * that differs from another of the tree by case alone. Sealing again with the same revisions is answered as not applied;
 * with others it is refused.
 */
export const sealBatch = Effect.fn("sealBatch")(function* (origin: Origin, name: string, revisions: Revisions) {
  const repository = yield* ContentRepository
  const { at, author, policy } = origin
  const { id } = yield* findBatch(name)
  const onto = yield* repository.commitAt(revisions.base)
  const head = (yield* repository.commitAt(revisions.head)).id
  const base = yield* repository.mergeBase(onto.id, head)
  if (base === undefined) {
    return yield* refused(
      refusal("unrelated-revisions", `${revisions.base} and ${revisions.head} have no commit in common: check both`)
    )
  }
  const { changes, notBlobs } = yield* repository.differences(base, head)
  const adds = changes.some(({ before }) => before === undefined)
  const { changes: files } = adds ? yield* repository.differences(undefined, head) : { changes: [] }
  const standing = files.map(({ path }) => path)
  const wrong = Containment.objection(policy.content, changes, notBlobs, standing)
  if (wrong !== undefined) return yield* refused(wrong)
  return yield* changeBatch(origin, {
    event: (digest) => ({ _tag: "BatchSealed", at, author, base, batch: id, digest, head }),
    id,
    next: (manifest) => Lifecycle.sealed(manifest, { at, base, changes, head }),
    subject: `batch ${id} sealed: ${changes.length} ${changes.length === 1 ? "path" : "paths"}`
  })
})
