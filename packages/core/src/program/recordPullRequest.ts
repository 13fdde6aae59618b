import * as Effect from "effect/Effect"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as PullRequest from "../batch/PullRequest.ts"
import { changeBatch } from "./changeBatch.ts"
import type { Origin } from "./operate.ts"
import { findBatch } from "./readBatches.ts"
import { orRefuse } from "./refuse.ts"

/**
 * Remembers the pull request that asks for a batch, or for its newest rollback, in the manifest. Saying it again is
 * answered as not applied; another address takes its place. Refused for an open batch, for a rollback that was never
 * made, and for what is no address.
 */
export const recordPullRequest = Effect.fn("recordPullRequest")(function* (
  origin: Origin,
  name: string,
  which: Lifecycle.Proposed,
  address: string
) {
  const { at, author, nonce } = origin
  const pullRequest = yield* orRefuse(PullRequest.parse(address))
  const batch = yield* findBatch(name)
  const { id } = batch
  // Refused by the step itself where there is none.
  const commit = Lifecycle.proposedCommit(batch, which) ?? ""
  return yield* changeBatch(origin, {
    event: (digest) => ({ _tag: "BatchProposed", at, author, batch: id, commit, digest, id: nonce, pullRequest }),
    id,
    next: (manifest) => Lifecycle.proposed(manifest, which, pullRequest),
    subject: `batch ${id}: ${which === "batch" ? "" : "its rollback "}asked for by ${pullRequest}`
  })
})
