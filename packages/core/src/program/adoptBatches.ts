import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Criterion, recognise } from "../batch/Adoption.ts"
import * as AdoptionPlan from "../batch/AdoptionPlan.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import type { Of } from "../control/ControlEvent.ts"
import { ContentRepository } from "../port/ContentRepository.ts"
import { ControlStore } from "../port/ControlStore.ts"
import { commitEvents } from "./commitEvents.ts"
import { ORDINARY } from "./Order.ts"
import type { Origin } from "./operate.ts"
import { asRejection, orRefuse, refused } from "./refuse.ts"

export interface AdoptionRequest {
  /** With `Commits`, any revisions; each must be a first-parent commit of the content branch. */
  readonly criterion: Criterion
  /** The ecosystems of all of them; empty: each commit's name or subject says its own, or it stays open. */
  readonly ecosystems: ReadonlyArray<string>
  readonly dryRun: boolean
}

/** What came of an adoption. */
export interface Adopted {
  /** Every batch that the request speaks of, those that were on record before among them, oldest first. */
  readonly batches: ReadonlyArray<Manifest.Manifest>
  /** The IDs that are new with it, or would be. */
  readonly fresh: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<AdoptionPlan.Skipped>
}

/** Names of commits as full IDs, so that they can be compared. */
const resolved = Effect.fn("resolveCriterion")(function* (criterion: Criterion) {
  const repository = yield* ContentRepository
  if (criterion._tag !== "Commits") return criterion
  const commits = yield* Effect.forEach(criterion.commits, (revision) => repository.commitAt(revision))
  return { ...criterion, commits: commits.map(({ id }) => id) }
})

/** The commits of the content branch that were batches, newest first, each with what it did to its first parent. */
const candidatesFor = Effect.fn("candidatesFor")(function* (wanted: Criterion) {
  const repository = yield* ContentRepository
  const criterion = yield* resolved(wanted)
  const tip = yield* repository.tip
  const found = yield* repository.history(tip.id, (commit) => recognise(criterion, commit) !== undefined)
  const lost =
    criterion._tag === "Commits" ? criterion.commits.filter((id) => !found.some(({ commit }) => commit.id === id)) : []
  if (lost.length > 0) {
    return yield* refused(
      refusal(
        "not-on-branch",
        `no first-parent commits of ${repository.name}, or rollbacks themselves, and so no batches: ${lost.join(", ")}`
      )
    )
  }
  return found.map(({ commit, difference }): AdoptionPlan.Candidate => {
    const { aliases, ecosystems } = recognise(criterion, commit) ?? { aliases: [], ecosystems: [] }
    const { committedAt, id, parent, subject } = commit
    return { ...difference, aliases, commit: id, committedAt, ecosystems, parent, subject }
  })
})

const answerOf = ({ fresh, known, skipped }: AdoptionPlan.AdoptionPlan): Adopted => ({
  batches: [...known, ...fresh],
  fresh: fresh.map(({ id }) => id),
  skipped
})

const eventOf = ({ at, author, nonce }: Origin, fresh: ReadonlyArray<Manifest.Manifest>): Of<"BatchAdopted"> => ({
  _tag: "BatchAdopted",
  at,
  author,
  batches: fresh.map((manifest) => ({
    aliases: manifest.aliases,
    batch: manifest.id,
    commit: manifest.adopted_from ?? "",
    digest: Manifest.digestOf(Manifest.encode(manifest))
  })),
  id: nonce
})

/**
 * Takes commits of the content branch over as batches: each with a fresh ID of its commit's UTC date, what it changed
 * under the policy's content, and its older names as aliases. All in one control commit; what is known is left alone.
 */
export const adoptBatches = Effect.fn("adoptBatches")(function* (origin: Origin, request: AdoptionRequest) {
  const { at, author, policy } = origin
  const adopting: AdoptionPlan.Adopting = {
    at,
    by: author,
    candidates: yield* candidatesFor(request.criterion),
    content: policy.content,
    ecosystems: request.ecosystems
  }
  if (request.dryRun) {
    const store = yield* ControlStore
    const { files } = yield* store.read({ directories: [], files: [], trees: [Manifest.ROOT] })
    return answerOf(yield* orRefuse(AdoptionPlan.plan(files, adopting)))
  }
  const { answer } = yield* commitEvents<Adopted>({
    ...origin,
    draft: ({ snapshot: { files } }) =>
      asRejection(
        Result.map(AdoptionPlan.plan(files, adopting), (plan) =>
          plan.fresh.length === 0
            ? { answer: answerOf(plan), events: [] }
            : {
                answer: answerOf(plan),
                events: [eventOf(origin, plan.fresh)],
                files: AdoptionPlan.changes(files, plan, origin)
              }
        )
      ),
    ecosystems: [],
    patience: ORDINARY,
    subject: (_outcomes, { fresh }) => `${fresh.length} ${fresh.length === 1 ? "batch" : "batches"} adopted`,
    trees: [Manifest.ROOT]
  })
  return answer
})
