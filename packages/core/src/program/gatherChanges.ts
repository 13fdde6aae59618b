import * as Effect from "effect/Effect"
import * as Containment from "../batch/Containment.ts"
import { type Refusal, refusal } from "../batch/Refusal.ts"
import type { PathChange } from "../batch/TreeEntry.ts"
import type { Policy } from "../policy/Policy.ts"
import { ContentRepository } from "../port/ContentRepository.ts"

/** The two ends of what a batch changes: any revisions that the repository or its remote knows. */
export interface Revisions {
  readonly base: string
  readonly head: string
}

/** What a batch would change; `base` is where its head forked off. Or what keeps the changes from being one. */
export type Gathered =
  | {
      readonly _tag: "Fit"
      readonly base: string
      readonly head: string
      readonly changes: ReadonlyArray<PathChange>
    }
  | { readonly _tag: "Unfit"; readonly objection: Refusal }

const unfit = (objection: Refusal): Gathered => ({ _tag: "Unfit", objection })

/**
 * Every path between where `head` forked off `base` and `head`, and why these cannot be a batch: paths outside the policy's
 * content, by name, so that a rollback of the batch takes out all that it brought; a new path that differs from another of
 * the tree by case alone. Writes nothing.
 */
export const gatherChanges = Effect.fn("gatherChanges")(function* (policy: Policy, revisions: Revisions) {
  const repository = yield* ContentRepository
  const onto = yield* repository.commitAt(revisions.base)
  const head = (yield* repository.commitAt(revisions.head)).id
  const base = yield* repository.mergeBase(onto.id, head)
  if (base === undefined) {
    return unfit(
      refusal("unrelated-revisions", `${revisions.base} and ${revisions.head} have no commit in common: check both`)
    )
  }
  const { changes, notBlobs } = yield* repository.differences(base, head)
  const adds = changes.some(({ before }) => before === undefined)
  const { changes: files } = adds ? yield* repository.differences(undefined, head) : { changes: [] }
  const standing = files.map(({ path }) => path)
  const objection = Containment.objection(policy.content, changes, notBlobs, standing)
  const fit: Gathered = { _tag: "Fit", base, changes, head }
  return objection === undefined ? fit : unfit(objection)
})
