/**
 * What happens to a batch: opened, sealed, merged, rolled back, or adopted from history. Each function answers the next
 * manifest, the same one where there is nothing to do, or why it is refused. Rules: SPEC.md, section BA.
 */
import * as Result from "effect/Result"
import { type EpochMillis, format, parse } from "../time/Instant.ts"
import * as Manifest from "./Manifest.ts"
import { type Refusal, refusal } from "./Refusal.ts"
import { type PathChange, same } from "./TreeEntry.ts"

type Batch = Manifest.Manifest

export interface Opening {
  readonly id: string
  readonly ecosystems: ReadonlyArray<string>
  readonly by: string
  readonly at: EpochMillis
}

export const opened = ({ at, by, ecosystems, id }: Opening): Batch => ({
  aliases: [],
  by,
  ecosystems: [...new Set(ecosystems)].sort(),
  id,
  merged_again: [],
  opened_at: format(at),
  paths: [],
  rollbacks: [],
  state: "open",
  version: 1
})

export interface Sealing {
  readonly base: string
  readonly head: string
  readonly changes: ReadonlyArray<PathChange>
  readonly at: EpochMillis
}

/** Sealing again with the same revisions is done already; with others it is refused. */
export const sealed = (batch: Batch, { at, base, changes, head }: Sealing): Result.Result<Batch, Refusal> => {
  if (batch.state === "open") {
    return Result.succeed({
      ...batch,
      base,
      head,
      paths: Manifest.toChanges(changes),
      sealed_at: format(at),
      state: "sealed"
    })
  }
  return batch.base === base && batch.head === head
    ? Result.succeed(batch)
    : Result.fail(
        refusal(
          "sealed-already",
          `${batch.id} was sealed from ${batch.base ?? "nothing"} to ${batch.head ?? "nothing"} at ${batch.sealed_at}; ` +
            "what a batch is does not change any more: open another one"
        )
      )
}

/** Whose pull request is meant: the one of the batch itself, or of its newest rollback or undoing. */
export type Proposed = "batch" | "rollback"

/** The commit that a pull request of the batch, or of its newest rollback, asks for. */
export const proposedCommit = (batch: Batch, which: Proposed): string | undefined =>
  which === "batch" ? batch.head : batch.rollbacks.at(-1)?.commit

/** Remembers a pull request; it takes the place of an earlier one. The same again is remembered already. */
export const proposed = (batch: Batch, which: Proposed, pullRequest: string): Result.Result<Batch, Refusal> => {
  const last = batch.rollbacks.at(-1)
  if (which === "batch") {
    if (batch.state === "open") {
      return Result.fail(refusal("not-sealed", `${batch.id} is not sealed: seal what its pull request asks for first`))
    }
    return Result.succeed(batch.pull_request === pullRequest ? batch : { ...batch, pull_request: pullRequest })
  }
  if (last === undefined) {
    return Result.fail(refusal("not-rolled-back", `${batch.id} was never rolled back: no pull request can ask for it`))
  }
  if (last.pull_request === pullRequest) return Result.succeed(batch)
  return Result.succeed({
    ...batch,
    rollbacks: [...batch.rollbacks.slice(0, -1), { ...last, pull_request: pullRequest }]
  })
}

/** The commits that are known to have brought a batch. */
export const landings = ({ adopted_from, merged, merged_again }: Batch): ReadonlyArray<string> => [
  ...(adopted_from === undefined ? [] : [adopted_from]),
  ...(merged === undefined ? [] : [merged.commit]),
  ...merged_again
]

/** A merge as the content branch has it: what it changed there, under the policy's content and outside. */
export interface Merging {
  readonly at: EpochMillis
  readonly commit: string
  readonly onto: string | undefined
  readonly changes: ReadonlyArray<PathChange>
  readonly outside: ReadonlyArray<string>
  /** It takes the place of what was confirmed before: that was a mistake. */
  readonly instead: boolean
}

/**
 * Whether a commit that changes this looks as if it brought the batch: it changes some of its paths, or nothing of the
 * content at all, as when a review took everything out again.
 */
export const looksLikeLanding = (batch: Batch, changes: ReadonlyArray<PathChange>): boolean => {
  const paths = new Set(batch.paths.map(({ path }) => path))
  return changes.length === 0 || changes.some(({ path }) => paths.has(path))
}

/** Two changes of one path, one after the other; where somebody changed it in between the later one stands alone. */
const composed = (first: PathChange | undefined, second: PathChange): PathChange =>
  first !== undefined && same(first.after, second.before) ? { ...second, before: first.before } : second

/** The changes that are others than the sealed ones; a sealed path that was not changed is there with neither side. */
const differing = (paths: Batch["paths"], actual: ReadonlyMap<string, PathChange>): Batch["paths"] => {
  const sealedChanges = new Map(Manifest.fromChanges(paths).map((change) => [change.path, change]))
  return [...new Set([...sealedChanges.keys(), ...actual.keys()])].sort().flatMap((path) => {
    const [was, is] = [sealedChanges.get(path), actual.get(path)]
    if (same(was?.before, is?.before) && same(was?.after, is?.after)) return []
    const nothing = is === undefined || same(is.before, is.after)
    return nothing && was === undefined ? [] : [nothing ? { path } : Manifest.toChange(is)]
  })
}

const withoutLandings = ({ merged: _, ...batch }: Batch): Batch => batch

/** A rollback stands that came after the merge and was not undone; with several merges the others count as well. */
const stateAfter = ({ rollbacks, state }: Batch, { at, instead }: Merging): Batch["state"] => {
  const last = rollbacks.at(-1)
  if (last === undefined || last.undoes !== undefined || at > (parse(last.at) ?? 0)) return "merged"
  return instead ? "rolled-back" : state
}

/**
 * Confirms a merge. The same commit again is done already. Another one is remembered as a further merge, and what the
 * batch did is then what both did, one after the other: a path that the second left alone stays as it was known.
 */
export const merged = (before: Batch, merging: Merging): Result.Result<Batch, Refusal> => {
  const batch = merging.instead ? withoutLandings(before) : before
  if (batch.state === "open") {
    return Result.fail(
      refusal("not-sealed", `${batch.id} is not sealed yet: \`batchbrake batch seal ${batch.id}\` first`)
    )
  }
  const isKnown = landings(before).includes(merging.commit)
  if (isKnown && (!merging.instead || landings(before).length === 1)) return Result.succeed(before)
  const known = new Map(
    batch.merged === undefined ? [] : Manifest.changesOf(batch).map((change) => [change.path, change])
  )
  for (const change of merging.changes) known.set(change.path, composed(known.get(change.path), change))
  const first = batch.merged ?? {
    at: format(merging.at),
    commit: merging.commit,
    ...(merging.onto === undefined ? {} : { onto: merging.onto }),
    outside: []
  }
  return Result.succeed({
    ...batch,
    merged: {
      ...first,
      differs: differing(batch.paths, known),
      outside: [...new Set([...first.outside, ...merging.outside])].sort()
    },
    merged_again: batch.merged === undefined ? [] : [...batch.merged_again, merging.commit],
    state: stateAfter(batch, merging)
  })
}

/** Records a rollback, or the undoing of one. The same commit again is recorded already. */
export const rolledBack = (batch: Batch, rollback: Manifest.Rollback): Result.Result<Batch, Refusal> => {
  if (batch.state === "open")
    return Result.fail(refusal("not-sealed", `${batch.id} is not sealed: nothing to roll back`))
  if (batch.rollbacks.some(({ commit }) => commit === rollback.commit)) return Result.succeed(batch)
  const standing = batch.merged === undefined ? "sealed" : "merged"
  return Result.succeed({
    ...batch,
    rollbacks: [...batch.rollbacks, rollback],
    state: rollback.undoes === undefined ? "rolled-back" : standing
  })
}

/** A commit of the content branch that was a batch before there were manifests. */
export interface Adoption {
  readonly id: string
  readonly aliases: ReadonlyArray<string>
  readonly ecosystems: ReadonlyArray<string>
  readonly by: string
  readonly at: EpochMillis
  readonly commit: string
  readonly parent: string | undefined
  readonly committedAt: EpochMillis
  readonly changes: ReadonlyArray<PathChange>
  readonly outside: ReadonlyArray<string>
}

export const adopted = (adoption: Adoption): Batch => {
  const { aliases, at, by, changes, commit, committedAt, ecosystems, id, outside, parent } = adoption
  return {
    ...opened({ at: committedAt, by, ecosystems, id }),
    adopted_from: commit,
    aliases: [...new Set(aliases)].sort(),
    ...(parent === undefined ? {} : { base: parent }),
    head: commit,
    merged: {
      at: format(committedAt),
      commit,
      differs: [],
      ...(parent === undefined ? {} : { onto: parent }),
      outside: [...outside].sort()
    },
    paths: Manifest.toChanges(changes),
    sealed_at: format(at),
    state: "merged"
  }
}
