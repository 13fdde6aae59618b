import * as Effect from "effect/Effect"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import { same } from "../batch/TreeEntry.ts"
import { ContentRepository } from "../port/ContentRepository.ts"
import { confirmMerge, demandLanded } from "./confirmMerge.ts"
import { findByHead } from "./findByHead.ts"
import type { Origin } from "./operate.ts"
import { refused } from "./refuse.ts"

/**
 * The one commit with which the content branch came to hold all that was sealed. Where it took several, or what landed
 * was edited, or changed since, nobody but who merged it can tell: then it is refused.
 */
const landingOf = Effect.fn("landingOf")(function* (batch: Manifest.Manifest) {
  const repository = yield* ContentRepository
  const sealed = Manifest.fromChanges(batch.paths)
  const paths = sealed.map(({ path }) => path)
  const tip = yield* repository.tip
  const changed = yield* repository.changedBy(paths, batch.base, tip.id, 1)
  const commits = new Set(paths.map((path) => changed.get(path)?.[0]?.id))
  const [commit] = commits
  if (commits.size === 1 && commit !== undefined) {
    const entries = yield* repository.entriesAt(commit, paths)
    if (sealed.every(({ after, path }) => same(entries.get(path), after))) return commit
  }
  return yield* refused(
    refusal(
      "no-landing",
      `no single commit brought ${batch.id} onto ${repository.name} as sealed: name it with --commit`
    )
  )
})

/**
 * Confirms what a pull request with this head brought onto the content branch. A batch: as {@link confirmMerge} does,
 * with the commit that is named or, where none is, the one that can be told from history. A rollback is on record since
 * it was made: it is only seen to that the commit named is on the branch.
 */
export const confirmHead = Effect.fn("confirmHead")(function* (
  origin: Origin,
  head: string,
  revision: string | undefined
) {
  const { manifest, rollback } = yield* findByHead(head)
  if (rollback !== undefined) {
    if (revision !== undefined) yield* demandLanded(revision, `the rollback of ${manifest.id}`)
    return { applied: false, manifest, rollback }
  }
  const confirmed = yield* confirmMerge(origin, manifest.id, revision ?? (yield* landingOf(manifest)))
  return { ...confirmed, rollback }
})
