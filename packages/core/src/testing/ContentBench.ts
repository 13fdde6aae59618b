/** What a check of the content repository's contract works with, and how one is made. */
import * as Effect from "effect/Effect"
import type { TreeEntry } from "../batch/TreeEntry.ts"
import { ContentRepository, type PathOccupied, type RevisionUnknown } from "../port/ContentRepository.ts"
import type { StoreCorrupt, StoreRefused, StoreUnavailable } from "../port/ControlStore.ts"
import type { ContractBroken } from "./Contract.ts"

/** Path -> text, `undefined` to remove it. */
export type BenchEdits = Readonly<Record<string, string | undefined>>

export interface ContentBench {
  /** Commits on the content branch, or on a side branch that begins at the content branch's tip; answers the commit. */
  readonly commit: (message: string, edits: BenchEdits, side?: string) => string
  /** Merges a side branch into the content branch by a merge commit that changes just this of it; answers the commit. */
  readonly merge: (side: string, message: string, edits: BenchEdits) => string
  /** The entry of an ordinary file that holds a text. */
  readonly entryOf: (text: string) => TreeEntry
  /** A branch name that no other check uses. */
  readonly branch: (name: string) => string
}

type ContentError = RevisionUnknown | PathOccupied | StoreUnavailable | StoreRefused | StoreCorrupt
type Step = Effect.Effect<unknown, ContractBroken | ContentError>

export interface ContentCheck {
  /** A sentence that is true of every content repository. */
  readonly name: string
  readonly run: (bench: ContentBench) => Effect.Effect<void, ContractBroken | ContentError, ContentRepository>
}

/** A check that is a row of steps. */
export const check = (
  name: string,
  body: (content: ContentRepository["Service"], bench: ContentBench) => Generator<Step, void>
): ContentCheck => ({
  name,
  run: (bench) => Effect.flatMap(ContentRepository, (content) => Effect.gen(() => body(content, bench)))
})
