import * as Effect from "effect/Effect"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import * as RollbackMessage from "../batch/RollbackMessage.ts"
import * as RollbackOutcome from "../batch/RollbackOutcome.ts"
import * as RollbackPlan from "../batch/RollbackPlan.ts"
import { same } from "../batch/TreeEntry.ts"
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
import { type Planned, planRollback, targetOf } from "./planRollback.ts"
import { findBatch } from "./readBatches.ts"
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

/** The same rollback on record, if that is the newest thing on record. */
const recordedOf = ({ target: { batch, undoes } }: Planned): Manifest.Rollback | undefined => {
  const last = batch.rollbacks.at(-1)
  return last !== undefined && last.undoes === undoes?.commit ? last : undefined
}

/** The same rollback on record, if all that it wrote stands: what it left alone does not matter. */
const landedOf = (planned: Planned): Manifest.Rollback | undefined => {
  const recorded = recordedOf(planned)
  const wrote = new Set(recorded?.paths.map(({ path }) => path))
  const done = planned.steps.filter(({ action, path }) => action === "already-reverted" && wrote.has(path))
  return wrote.size > 0 && done.length === wrote.size ? recorded : undefined
}

/** Whether the rollback on record has yet to land: nobody touched its paths since, and it would write the same. */
const isPending = Effect.fn("isPending")(function* ({ onto, steps }: Planned, recorded: Manifest.Rollback) {
  const repository = yield* ContentRepository
  const written = RollbackPlan.writtenBy(steps)
  const known = new Map(Manifest.fromChanges(recorded.paths).map((change) => [change.path, change]))
  const sameWrites = written.every(({ after, before, path }) => {
    const change = known.get(path)
    return change !== undefined && same(change.before, before) && same(change.after, after)
  })
  if (!sameWrites || written.length !== known.size) return false
  const changed = yield* repository.changedBy([...known.keys()], recorded.onto, onto, 1)
  return [...changed.values()].every((commits) => commits.length === 0)
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
  const recorded = recordedOf(planned)
  const pending = recorded !== undefined && (yield* isPending(planned, recorded)) ? recorded : undefined
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

/** Whoever approved a plan may have taken long: a batch that became another meanwhile has another plan. */
const demandUnmoved = Effect.fn("demandUnmoved")(function* ({ target: { batch } }: Planned) {
  const now = yield* findBatch(batch.id)
  if (Manifest.encode(now) === Manifest.encode(batch)) return
  return yield* refused(
    refusal("batch-moved", `${batch.id} changed while its plan was looked at, and is ${now.state} now: plan it again`)
  )
})

const always = () => Effect.succeed(true)

/**
 * Takes a batch out of the content branch: one commit on a branch of its own, read back and held against the plan, and
 * an event. Run again after a crash it finishes the same rollback; run again later it answers the one on record, unless
 * what it took out has come back. Needs no permission of the gate: a pause holds batches, not their removal.
 *
 * Exactly the plan that `approve` says yes to is carried out, on the tip that it was made on. Without a yes it stays a
 * plan; it is asked only where there is something to write.
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
  if (!request.dryRun) yield* demandWritable()
  const planned = yield* planRollback(origin.policy, target, request.onChanged)
  const answer = (outcome: RollbackOutcome.Outcome, proposed: Proposed | undefined, verified: boolean): RolledBack => ({
    explanation: RollbackOutcome.explain(outcome, batch.id, planned.steps, request.undo),
    id: batch.id,
    outcome,
    planned,
    proposed,
    verified
  })
  if (planned.emptiness !== undefined) {
    const landed = landedOf(planned)
    if (landed === undefined) return answer(planned.emptiness, undefined, false)
    const { branch, commit, onto } = landed
    return answer("already-rolled-back", { branch, commit, onto, resumed: true }, false)
  }
  const plan = answer("planned", undefined, false)
  if (request.dryRun || !(yield* approve(plan))) return plan
  if (approve !== always) yield* demandUnmoved(planned)
  const { outcome, proposed } = yield* apply(origin, planned, reason)
  return answer(outcome, proposed, true)
})
