/**
 * What happens to batches, as events of the log. Each names the digest of the manifest that it leaves behind; they
 * change nothing of the control file.
 */
import * as Schema from "effect/Schema"
import { isBatchId } from "../batch/BatchId.ts"
import { Name } from "../json/Field.ts"
import { OwnId, origin } from "./EventFields.ts"

const BatchId = Schema.String.check(
  Schema.makeFilter((text: string) => isBatchId(text), { expected: "a batch ID, YYYY-MM-DD-NNN" })
)
/** What every event of a batch says: which one, and the digest of its manifest afterwards. */
const batch = { batch: BatchId, digest: Schema.String }
/** A batch ID is given out. */
export const BatchOpened = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchOpened"),
  ...batch,
  ecosystems: Schema.Array(Name)
})
/** It is settled what a batch changes. */
export const BatchSealed = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchSealed"),
  ...batch,
  base: Schema.String,
  head: Schema.String
})
/** A batch came onto the content branch with a commit. */
export const BatchMerged = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchMerged"),
  ...batch,
  commit: Schema.String
})
/** A commit that takes a batch out again, or that takes such a commit out again, was proposed. */
export const BatchRolledBack = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchRolledBack"),
  ...batch,
  commit: Schema.String,
  branch: Schema.String,
  reason: Schema.String,
  undoes: Schema.optionalKey(Schema.String)
})
/** A pull request carries what was sealed, or the commit of a rollback. A later one takes its place. */
export const BatchProposed = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchProposed"),
  ...batch,
  id: OwnId,
  commit: Schema.String,
  pullRequest: Schema.String
})
/** Commits of the content branch's history are batches from now on. */
export const BatchAdopted = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BatchAdopted"),
  id: OwnId,
  batches: Schema.Array(
    Schema.Struct({
      batch: BatchId,
      commit: Schema.String,
      aliases: Schema.Array(Schema.String),
      digest: Schema.String
    })
  )
})
