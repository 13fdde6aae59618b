/** The port on a source that is opened when it is first used, one question at a time. */
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { GitFailed } from "../../GitProgram.ts"
import type { NewObject } from "../GitObject.ts"
import { NoRoom } from "../PrivateRepository.ts"
import { Damaged } from "../readCommit.ts"
import { type Attempt, type StoreFailure, storeFailure } from "../storeFailure.ts"
import { type ContentSource, commitBy, commitNamed, contentCommit, fetchMissing } from "./ContentSource.ts"
import { mergeEntries } from "./mergeEntries.ts"
import { propose } from "./proposeBranch.ts"
import { differencesBetween, entriesOf } from "./readTree.ts"
import { changedBy, everHeld, history, mergeBase, touched } from "./walkHistory.ts"

type Raw = GitFailed | Damaged | NoRoom

const isRaw = (fault: unknown): fault is Raw =>
  fault instanceof GitFailed || fault instanceof Damaged || fault instanceof NoRoom

export const makeContent = Effect.fn("makeContent")(function* <E extends Raw | StoreFailure>(
  attempt: () => Attempt,
  open: Effect.Effect<ContentSource, E>
) {
  const made = new Map<string, NewObject>()
  // Two programs at once would meet in the private repository's own locks.
  const oneAtATime = Semaphore.withPermit(yield* Semaphore.make(1))
  const ask = <A, F>(
    use: (source: ContentSource) => Effect.Effect<A, F>
  ): Effect.Effect<A, Exclude<F, Raw> | StoreFailure> =>
    Effect.flatMap(open, use).pipe(
      Effect.mapError((fault) => (isRaw(fault) ? storeFailure(attempt(), fault) : (fault as Exclude<F | E, Raw>))),
      oneAtATime
    )
  const repository: ContentRepository["Service"] = {
    changedBy: (paths, since, tip, limit) => ask((source) => changedBy(source, paths, since, tip, limit)),
    commitAt: (revision) => ask((source) => Effect.map(commitNamed(source, revision), contentCommit)),
    differences: (base, head) => ask((source) => differencesBetween(source, base, head)),
    entriesAt: (commit, paths) => ask((source) => entriesOf(source, commit, paths)),
    everHeld: (entries, tip) => ask((source) => everHeld(source, entries, tip)),
    history: (tip, accepts) => ask((source) => history(source, tip, accepts)),
    merge: (before, after, current) =>
      ask((source) => Effect.map(mergeEntries(source, made, before, after, current), (entry) => ({ entry }))),
    mergeBase: (base, head) => ask((source) => mergeBase(source, base, head)),
    missingBlobs: (blobs) =>
      ask((source) =>
        fetchMissing(
          source,
          blobs.filter((id) => !made.has(id))
        )
      ),
    name: attempt().store,
    propose: (proposal) => ask((source) => propose(source, made, proposal)),
    tip: ask((source) =>
      Effect.map(
        Effect.flatMap(source.tip, (id) => commitBy(source, id)),
        contentCommit
      )
    ),
    touched: (paths, from, to) => ask((source) => touched(source, paths, from, to))
  }
  return repository
})
