/** Why a batch is not read, written or rolled back as asked. Nothing has changed. */
export interface Refusal {
  /** Stable, for programs. */
  readonly code: RefusalCode
  /** What is wrong and what to do, in one line. */
  readonly message: string
}

export type RefusalCode =
  /** Neither a batch ID nor the alias of one. */
  | "malformed-id"
  /** A well-formed ID that was never given to a batch. */
  | "unknown-batch"
  /** An older name that several batches share. */
  | "ambiguous-alias"
  /** A manifest, or the list of aliases, is not as the last event left it. */
  | "edited-by-hand"
  /** A manifest whose ID no event ever gave out. */
  | "never-allocated"
  /** An ID was given out, and its manifest is gone. */
  | "manifest-missing"
  /** A file of the batches cannot be read. */
  | "manifest-unreadable"
  | "not-sealed"
  | "sealed-already"
  /** Paths that the policy's `content` does not cover. */
  | "outside-content"
  /** A path with `..`, `.git` or the like. */
  | "not-a-path"
  /** Paths that are one file where case does not count. */
  | "case-collision"
  /** A submodule, or another entry that is no file. */
  | "not-a-file"
  /** A manifest names blobs that no repository has. */
  | "blobs-missing"
  | "not-on-branch"
  /** No batch was sealed with a commit, and none is rolled back by it. */
  | "unknown-head"
  /** Several batches were sealed with one commit. */
  | "ambiguous-head"
  /** No single commit brought a batch as it was sealed: it must be named. */
  | "no-landing"
  | "unrelated-revisions"
  | "no-ecosystem"
  | "nothing-to-undo"
  | "not-rolled-back"
  /** A pull request that is named by anything but its http or https address. */
  | "not-an-address"
  /** The content branch moved faster than a plan could be made. */
  | "content-moving"
  /** A batch became another one while its rollback was being decided. */
  | "batch-moved"
  /** What was proposed does not hold what the plan says. */
  | "not-verified"

export const refusal = (code: RefusalCode, message: string): Refusal => ({ code, message })
