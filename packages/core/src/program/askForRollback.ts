import * as Effect from "effect/Effect"
import type * as Manifest from "../batch/Manifest.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import { plainLine } from "../control/plainLine.ts"
import { Forge } from "../port/Forge.ts"
import type { Origin } from "./operate.ts"
import { recordPullRequest } from "./recordPullRequest.ts"
import type { RolledBack } from "./rollBack.ts"

/** The title under which a rollback is asked for. */
export const rollbackTitle = ({ id, planned }: Pick<RolledBack, "id" | "planned">): string =>
  planned.target.undoes === undefined ? `Roll back batch ${id}` : `Put batch back: ${id}`

/** Somebody's words as code: nobody is notified by them, and nothing in them is taken for markup or a trailer. */
const quoted = (text: string): string => `\`${plainLine(text).replaceAll("`", "'")}\``

const bodyOf = ({ id, planned: { onto, steps, target } }: RolledBack, commit: string, reason: string): string => {
  const left = steps.filter(RollbackPlan.isLeft).map(({ path }) => `- ${quoted(path)}`)
  const written = RollbackPlan.writtenBy(steps).length
  return [
    `${target.undoes === undefined ? "Takes batch" : "Puts back batch"} ${id}${target.undoes === undefined ? " out again" : ""}: ${written} ${written === 1 ? "path" : "paths"}, in one commit.`,
    `Reason: ${quoted(reason)}`,
    `Commit ${commit}, planned on ${onto} and read back: each path is as planned, and nothing else moved.`,
    ...(left.length === 0 ? [] : [`Changed since the batch, and left alone:\n\n${left.join("\n")}`])
  ].join("\n\n")
}

/**
 * Asks for a rollback's branch on the forge: with the pull request that is open for it, or with a new one. Nothing where
 * no branch was made. The rollback stands whatever comes of this.
 */
export const askForRollback = Effect.fn("askForRollback")(function* (done: RolledBack, base: string, reason: string) {
  const { proposed, verified } = done
  if (proposed === undefined || !verified) return undefined
  const forge = yield* Forge
  return yield* forge.openPullRequest({
    base,
    body: bodyOf(done, proposed.commit, reason),
    head: proposed.branch,
    labels: [],
    title: rollbackTitle(done)
  })
})

/** Puts the address on record, so that it is known from the manifest. */
export const recordRollbackRequest = (origin: Origin, { id }: RolledBack, address: string) =>
  recordPullRequest(origin, id, "rollback", address)

/** The address that is on record for the newest rollback of what was to be rolled back. */
export const recordedRequest = ({ planned: { target }, proposed }: RolledBack): string | undefined => {
  const last: Manifest.Rollback | undefined = target.batch.rollbacks.at(-1)
  return proposed !== undefined && last?.commit === proposed.commit ? last.pull_request : undefined
}
