import * as Effect from "effect/Effect"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import * as RollbackMessage from "../batch/RollbackMessage.ts"
import * as RollbackOutcome from "../batch/RollbackOutcome.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import type { Of } from "../control/ControlEvent.ts"
import { plainLine } from "../control/plainLine.ts"
import { rejection } from "../control/Rejection.ts"
import { ContentRepository, type Proposed } from "../port/ContentRepository.ts"
import { ControlStore } from "../port/ControlStore.ts"
import { format } from "../time/Instant.ts"
import { changeBatch } from "./changeBatch.ts"
import { UnexplainedEdit } from "./Failure.ts"
import { loadControl } from "./loadControl.ts"
import type { Origin } from "./operate.ts"
import type { Planned } from "./PlannedRollback.ts"
import { planRollback, targetOf } from "./planRollback.ts"
import { findBatch } from "./readBatches.ts"
import { landedOf, pendingOf } from "./recordedRollback.ts"
import { refused } from "./refuse.ts"
import { verifyRollback } from "./verifyRollback.ts"

export interface RollbackRequest {
  /** A batch ID, or an alias. */
  readonly name: string
  readonly reason: string
  readonly onChanged: RollbackPlan.OnChanged
  /** Takes the newest rollback of the batch out again, instead of the batch. */
  readonly undo: boolean
  /** Plans, and writes nothing anywhere. */
  readonly dryRun: boolean
}

/** What a rollback came to. */
export interface RolledBack {
  readonly id: string
  readonly outcome: RollbackOutcome.Outcome
  /** The outcome in one line, for people. */
  readonly explanation: string
  readonly planned: Planned
  /** Where the rollback stands; `undefined`: none was made. */
  readonly proposed: Proposed | undefined
  /** Whether the commit was read back and holds, path by path, what the plan says, and nothing else moved. */
  readonly verified: boolean
}

const rollingOf = ({ steps, target }: Planned, reason: string): RollbackMessage.Rolling => ({
  aliases: target.batch.aliases,
  id: target.batch.id,
  reason,
  steps,
  undoes: target.undoes?.commit
})

const record = Effect.fn("recordRollback")(function* (
  origin: Origin,
  { steps, target }: Planned,
  proposed: Proposed,
  rollback: { readonly onto: string; readonly reason: string }
) {
  const { at, author } = origin
  const { id } = target.batch
  const undoes = target.undoes === undefined ? {} : { undoes: target.undoes.commit }
  const { branch, commit } = proposed
  const event = (digest: string): Of<"BatchRolledBack"> => ({
    _tag: "BatchRolledBack",
    at,
    author,
    batch: id,
    branch,
    commit,
    digest,
    reason: rollback.reason,
    ...undoes
  })
  const paths = Manifest.toChanges(RollbackPlan.writtenBy(steps))
  const entry: Manifest.Rollback = { ...rollback, ...undoes, at: format(at), branch, by: author, commit, paths }
  return yield* changeBatch(origin, {
    event,
    id,
    next: (manifest) => Lifecycle.rolledBack(manifest, entry),
    subject: `batch ${id} ${target.undoes === undefined ? "rolled back" : "put back"}: ${rollback.reason}`
  })
})

/** Stands for everything that would keep the event from being written: better to know before a branch is made. */
const demandWritable = Effect.fn("demandWritable")(function* () {
  const store = yield* ControlStore
  const { edit } = yield* loadControl([], [])
  const paths = (edit?.loosenings ?? []).map(({ path }) => path)
  if (paths.length > 0) return yield* new UnexplainedEdit({ paths, store: store.name })
})

const propose = Effect.fn("proposeRollback")(function* (
  at: number,
  planned: Planned,
  reason: string,
  pending: Manifest.Rollback | undefined
) {
  const repository = yield* ContentRepository
  const rolling = rollingOf(planned, reason)
  // One that is on record is another one, even if it wrote the same: what it took out has come back.
  const recorded = new Set(planned.target.batch.rollbacks.map(({ commit }) => commit))
  return yield* repository.propose({
    at,
    branch: RollbackMessage.branchOf(rolling),
    entries: RollbackPlan.entriesOf(planned.steps),
    isOurs: ({ id, message }) =>
      id === pending?.commit || (!recorded.has(id) && RollbackMessage.isOf(rolling, message)),
    message: RollbackMessage.render(rolling),
    onto: planned.onto
  })
})

const apply = Effect.fn("applyRollback")(function* (origin: Origin, planned: Planned, reason: string) {
  const pending = yield* pendingOf(planned)
  const proposed = yield* propose(origin.at, planned, reason, pending)
  const commit = yield* verifyRollback(planned, proposed)
  if (pending !== undefined && proposed.commit === pending.commit) {
    return { outcome: "already-rolled-back" as const, proposed }
  }
  yield* record(origin, planned, proposed, {
    onto: proposed.onto,
    reason: RollbackMessage.reasonOf(commit.message) ?? reason
  })
  return { outcome: "rolled-back" as const, proposed }
})

const planOf = ({ steps }: Planned): string =>
  JSON.stringify(steps.map(({ action, current, outcome, path }) => [path, action, current, outcome]))

const whatItIs = ({ merged, merged_again, paths, rollbacks }: Manifest.Manifest): string =>
  JSON.stringify([merged, merged_again, paths, rollbacks.map(({ commit }) => commit)])

/** Whoever approved a plan may have taken long: it is carried out on the newest tip, if it is the same plan there. */
const planAgain = Effect.fn("planAgain")(function* (origin: Origin, approved: Planned, request: RollbackRequest) {
  const repository = yield* ContentRepository
  const { batch } = approved.target
  const now = yield* findBatch(batch.id)
  if (whatItIs(now) !== whatItIs(batch)) {
    return yield* refused(
      refusal("batch-moved", `${batch.id} changed while its plan was looked at, and is ${now.state} now: plan it again`)
    )
  }
  if ((yield* repository.tip).id === approved.onto) return approved
  const planned = yield* planRollback(origin.policy, approved.target, request.onChanged)
  if (planOf(planned) === planOf(approved)) return planned
  return yield* refused(
    refusal(
      "plan-moved",
      `${repository.name} changed at paths of ${batch.id} while its plan was looked at: nothing was done, plan it again`
    )
  )
})

const always = () => Effect.succeed(true)

/**
 * Takes a batch out of the content branch: one commit on a branch of its own, read back and held against the plan, and
 * an event. Run again after a crash it finishes the same rollback; run again later it answers the one on record, unless
 * what it took out has come back. Needs no permission of the gate: a pause holds batches, not their removal.
 *
 * Exactly the plan that `approve` says yes to is carried out, on the newest tip; where that has become another plan it is
 * refused. Without a yes it stays a plan. It is asked only where there is something to write.
 */
export const rollBack = Effect.fn("rollBack")(function* <E = never, R = never>(
  origin: Origin,
  request: RollbackRequest,
  approve: (plan: RolledBack) => Effect.Effect<boolean, E, R> = always
) {
  const reason = plainLine(request.reason)
  if (reason === "" && !request.dryRun) {
    return yield* refused(rejection("invalid", "a rollback needs a reason"))
  }
  const batch = yield* findBatch(request.name)
  const target = yield* targetOf(batch, request.undo)
  const first = yield* planRollback(origin.policy, target, request.onChanged)
  const answer = (
    outcome: RollbackOutcome.Outcome,
    planned: Planned,
    proposed: Proposed | undefined,
    verified: boolean
  ): RolledBack => ({
    explanation: RollbackOutcome.explain(outcome, batch.id, planned.steps, request),
    id: batch.id,
    outcome,
    planned,
    proposed,
    verified
  })
  if (first.emptiness !== undefined) {
    const landed = yield* landedOf(first)
    if (landed === undefined) return answer(first.emptiness, first, undefined, false)
    const { branch, commit, onto } = landed
    return answer("already-rolled-back", first, { branch, commit, onto, resumed: true }, false)
  }
  const plan = answer("planned", first, undefined, false)
  if (request.dryRun || !(yield* approve(plan))) return plan
  yield* demandWritable()
  const planned = approve === always ? first : yield* planAgain(origin, first, request)
  const { outcome, proposed } = yield* apply(origin, planned, reason)
  return answer(outcome, planned, proposed, true)
})
