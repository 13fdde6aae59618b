/** Goes back through a branch's history, fetching more of it as it is needed. */
import type { Snapshot } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ObjectReader, StoredObject } from "./ObjectReader.ts"
import { commitFrom, controlDigestOf, Damaged, type NamedCommit, snapshotOf, type Trees } from "./readCommit.ts"

export interface Search<E> {
  readonly from: string
  readonly accepts: (commit: { readonly message: string; readonly controlDigest: string | undefined }) => boolean
  /** Opens a reader on what there is. */
  readonly open: Effect.Effect<ObjectReader, never, Scope.Scope>
  /** How many commits deep history is fetched, step by step, before it is given up. */
  readonly depths: ReadonlyArray<number>
  /** Fetches the history this many commits deep. */
  readonly deepen: (depth: number) => Effect.Effect<void, E>
  /** Whether history was cut below this commit, so that more of it may be had. */
  readonly isCut: (commit: string) => Effect.Effect<boolean>
}

type Step =
  | { readonly kind: "found"; readonly snapshot: Snapshot }
  | { readonly kind: "end" }
  /** `child` is the last commit that was there, `undefined` if there was none. */
  | { readonly kind: "gap"; readonly commit: string; readonly child: string | undefined }

const search = Effect.fn("search")(function* <E>(
  { accepts, open }: Search<E>,
  start: string,
  above: string | undefined
) {
  const reader = yield* open
  const trees: Trees = new Map()
  let next: string | undefined = start
  let child = above
  while (next !== undefined) {
    const stored: StoredObject | undefined = (yield* reader.get([next]))[0]
    if (stored === undefined) return { child, commit: next, kind: "gap" } satisfies Step as Step
    const commit: NamedCommit = yield* commitFrom(stored)
    const controlDigest = yield* controlDigestOf(reader, trees, commit)
    if (accepts({ controlDigest, message: commit.message })) {
      const snapshot = yield* snapshotOf(reader, trees, commit, { directories: [], files: [] })
      return { kind: "found", snapshot } satisfies Step as Step
    }
    trees.clear()
    child = next
    next = commit.parents[0]
  }
  return { kind: "end" } satisfies Step as Step
}, Effect.scoped)

/** The newest commit from `from` back that is accepted, or none. */
export const findCommitBack = Effect.fn("findCommitBack")(function* <E>(what: Search<E>) {
  let step = yield* search(what, what.from, undefined)
  for (const depth of what.depths) {
    if (step.kind !== "gap") break
    yield* what.deepen(depth)
    step = yield* search(what, step.commit, step.child)
  }
  if (step.kind === "found") return Option.some(step.snapshot)
  if (step.kind === "end") return Option.none<Snapshot>()
  // The remote may be a shallow clone itself: then its history ends here, and nothing is missing.
  if (step.child !== undefined && (yield* what.isCut(step.child))) return Option.none<Snapshot>()
  return yield* new Damaged({ detail: `the commit ${step.commit} is missing` })
})
