import * as Effect from "effect/Effect"
import * as Containment from "../batch/Containment.ts"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import { same } from "../batch/TreeEntry.ts"
import { type ContentCommit, ContentRepository } from "../port/ContentRepository.ts"
import { changeBatch } from "./changeBatch.ts"
import type { Origin } from "./operate.ts"
import { findBatch } from "./readBatches.ts"
import { refused } from "./refuse.ts"

/** More commits than any forge rebases in one go. */
const LONGEST_REBASE = 250

/** A subject without the pull request's number that forges add to it. */
const bare = ({ subject }: ContentCommit): string => subject.replace(/ \(#[0-9]+\)$/, "")

interface Begun {
  /** The content branch right before the batch. */
  readonly onto: string | undefined
  /** Whether all commits that it landed with are known to lie after that. */
  readonly isWhole: boolean
}

/**
 * Where the batch began to land. A rebase lands the batch's commits one by one, under the subjects that they had: then
 * it is before the first of them. Anything else lands as one commit.
 */
const begunAt = Effect.fn("begunAt")(function* (batch: Manifest.Manifest, landed: ContentCommit) {
  const repository = yield* ContentRepository
  const { base, head } = batch
  if (base === undefined || head === undefined) return { isWhole: true, onto: landed.parent }
  let [ours, theirs] = [yield* repository.commitAt(head), landed]
  let walked = 0
  for (; walked < LONGEST_REBASE && bare(ours) === bare(theirs); walked++) {
    if (ours.parent === base) return { isWhole: true, onto: theirs.parent }
    if (ours.parent === undefined || theirs.parent === undefined) break
    ours = yield* repository.commitAt(ours.parent)
    theirs = yield* repository.commitAt(theirs.parent)
  }
  // A last commit of the batch's own name, and other ones before it: a rebase that left some out, or a squash.
  return { isWhole: walked === 0, onto: landed.parent }
})

/**
 * What the merge changed of the batch, and what else. Where not all of its commits can be told apart from others, a path
 * that holds what was sealed has landed with one of them.
 */
const mergingOf = Effect.fn("mergingOf")(function* (
  content: ReadonlyArray<string>,
  batch: Manifest.Manifest,
  landed: ContentCommit
) {
  const repository = yield* ContentRepository
  const { isWhole, onto }: Begun = yield* begunAt(batch, landed).pipe(
    // The batch's own commits are gone with their branch: in how many it landed can no longer be told.
    Effect.catchTag("RevisionUnknown", () => Effect.succeed({ isWhole: false, onto: landed.parent }))
  )
  const { changes, notBlobs } = yield* repository.differences(onto, landed.id)
  const { inside, notPaths, outside } = Containment.sortOut(content, changes)
  const sealed = Manifest.fromChanges(batch.paths)
  const stands = yield* repository.entriesAt(
    landed.id,
    sealed.map(({ path }) => path)
  )
  const touched = new Set(inside.map(({ path }) => path))
  const earlier = sealed.filter(({ after, path }) => !isWhole && !touched.has(path) && same(stands.get(path), after))
  const merging: Lifecycle.Merging = {
    at: landed.committedAt,
    changes: [...inside, ...earlier],
    commit: landed.id,
    onto,
    outside: [...outside, ...notPaths, ...notBlobs]
  }
  return merging
})

/** The commit of a revision, which must be on the content branch. */
export const demandLanded = Effect.fn("demandLanded")(function* (revision: string, what: string) {
  const repository = yield* ContentRepository
  const landed = yield* repository.commitAt(revision)
  const tip = yield* repository.tip
  if ((yield* repository.mergeBase(landed.id, tip.id)) === landed.id) return landed
  return yield* refused(
    refusal("not-on-branch", `${landed.id} is not on ${repository.name}: name the commit that brought ${what} there`)
  )
})

/**
 * Confirms that a batch came onto the content branch with a commit (of a merge, a squash or a rebase, edited in review
 * or not) and records what differs from what was sealed. Confirming again is answered as not applied; another commit is
 * recorded as a further merge. Refused for a batch that is not sealed and a commit that is not on the content branch.
 */
export const confirmMerge = Effect.fn("confirmMerge")(function* (origin: Origin, name: string, revision: string) {
  const { at, author, policy } = origin
  const batch = yield* findBatch(name)
  const { id } = batch
  const landed = yield* demandLanded(revision, id)
  const merging = yield* mergingOf(policy.content, batch, landed)
  return yield* changeBatch(origin, {
    event: (digest) => ({ _tag: "BatchMerged", at, author, batch: id, commit: landed.id, digest }),
    id,
    next: (manifest) => Lifecycle.merged(manifest, merging),
    subject: `batch ${id} merged: ${landed.id.slice(0, 12)}`
  })
})
