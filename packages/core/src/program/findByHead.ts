import * as Effect from "effect/Effect"
import type * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import { listBatches } from "./readBatches.ts"
import { refused } from "./refuse.ts"

/** What a commit at the head of a pull request is to us: what was sealed of a batch, or the rollback of one. */
export interface Headed {
  readonly manifest: Manifest.Manifest
  /** Absent: the head is the batch's own. */
  readonly rollback: Manifest.Rollback | undefined
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

const headedIn =
  (head: string) =>
  (manifest: Manifest.Manifest): ReadonlyArray<Headed> => [
    // The head of an adopted batch is where it landed: no pull request ever asked for it by that.
    ...(manifest.head === head && manifest.adopted_from === undefined ? [{ manifest, rollback: undefined }] : []),
    ...manifest.rollbacks.filter(({ commit }) => commit === head).map((rollback) => ({ manifest, rollback }))
  ]

/**
 * The one batch that was sealed with a head, or that a commit rolls back: exactly that commit, in full. Where nothing
 * has it, or several batches do, it is refused, with their names.
 */
export const findByHead = Effect.fn("findByHead")(function* (head: string) {
  if (!OBJECT_ID.test(head)) {
    return yield* refused(
      refusal(
        "unknown-head",
        `${JSON.stringify(head)} is no whole commit ID: 40 or 64 hexadecimal digits in lower case`
      )
    )
  }
  const { manifests, refused: unreadable } = yield* listBatches()
  const [found, ...others] = manifests.flatMap(headedIn(head))
  if (found === undefined) {
    const left = unreadable.map(({ id }) => id)
    const hidden = left.length === 0 ? "" : `; of ${left.join(", ")} the manifest is refused, and nothing known`
    return yield* refused(
      refusal("unknown-head", `no batch was sealed with ${head}, and none is rolled back by it${hidden}`)
    )
  }
  if (others.length > 0) {
    const ids = [found, ...others].map(({ manifest }) => manifest.id)
    return yield* refused(
      refusal(
        "ambiguous-head",
        `${head} belongs to ${ids.join(", ")}: confirm each by its ID, with \`batch merged ID\``
      )
    )
  }
  return found
})
