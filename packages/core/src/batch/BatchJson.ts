/** Batches as the command prints them: shapes that others build on, only ever added to. */
import type { JsonObject } from "../json/Json.ts"
import * as Manifest from "./Manifest.ts"
import type { Step } from "./RollbackPlan.ts"
import type { TreeEntry } from "./TreeEntry.ts"

/** The commit that stands for a batch: where it landed, else what was sealed. */
const commitOf = (manifest: Manifest.Manifest): string | null => Manifest.landedIn(manifest) ?? manifest.head ?? null

/** One line of `batch list`: `{ id, aliases, state, commit, ecosystems, paths }`. */
export const summary = (manifest: Manifest.Manifest): JsonObject => ({
  id: manifest.id,
  aliases: manifest.aliases,
  state: manifest.state,
  commit: commitOf(manifest),
  ecosystems: manifest.ecosystems,
  paths: Manifest.changesOf(manifest).map(({ path }) => path)
})

const entry = (of: TreeEntry | undefined): JsonObject | null =>
  of === undefined ? null : { blob: of.blob, mode: of.mode }

/** A commit that changed a path since, and the batch that it brought, if it is known to have brought one. */
export interface ChangedBy {
  readonly commit: string
  readonly subject: string
  readonly batch: string | undefined
}

/** One path of a rollback: `{ path, action, before, after, current, outcome, changed_by }`. */
export const step = (of: Step, changedBy: ReadonlyArray<ChangedBy>): JsonObject => ({
  path: of.path,
  action: of.action,
  before: entry(of.before),
  after: entry(of.after),
  current: entry(of.current),
  outcome: entry(of.outcome),
  changed_by: changedBy.map(({ batch, commit, subject }) => ({ batch: batch ?? null, commit, subject }))
})
