/** Batches of one day for the tests, small enough to be written out. */
import { strict as assert } from "node:assert"
import * as Lifecycle from "@batchbrake/core/batch/Lifecycle"
import type { Manifest, Rollback } from "@batchbrake/core/batch/Manifest"
import type { Refusal } from "@batchbrake/core/batch/Refusal"
import type { PathChange, TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import { parse } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"

export const ID = "2026-02-06-001"
export const AT = parse("2026-02-06T10:00:00Z") ?? 0
export const MINUTE = 60_000

/** An object ID of one digit. */
export const objectId = (digit: string): string => digit.repeat(40)

export const file = (digit: string, mode = "100644"): TreeEntry => ({ blob: objectId(digit), mode })

export const directory: TreeEntry = { blob: objectId("d"), mode: "040000" }

export const changed = (path: string, before: string | undefined, after: string | undefined): PathChange => ({
  after: after === undefined ? undefined : file(after),
  before: before === undefined ? undefined : file(before),
  path
})

export const opened = (id = ID): Manifest => Lifecycle.opened({ at: AT, by: "alice", ecosystems: ["npm"], id })

export const sealed = (changes: ReadonlyArray<PathChange>, id = ID): Manifest =>
  Result.getOrThrow(
    Lifecycle.sealed(opened(id), { at: AT + MINUTE, base: objectId("a"), changes, head: objectId("b") })
  )

export const landing = (more: Partial<Lifecycle.Merging> = {}): Lifecycle.Merging => ({
  at: AT + 2 * MINUTE,
  changes: [],
  commit: objectId("c"),
  instead: false,
  onto: objectId("a"),
  outside: [],
  ...more
})

export const merged = (changes: ReadonlyArray<PathChange>, id = ID): Manifest =>
  Result.getOrThrow(Lifecycle.merged(sealed(changes, id), landing({ changes })))

export const given = (result: Result.Result<Manifest, Refusal>): Manifest => Result.getOrThrow(result)
/** Code and message of what was refused. */
export const refused = (result: Result.Result<unknown, Refusal>): readonly [string, string] => {
  assert.ok(Result.isFailure(result))
  return [result.failure.code, result.failure.message]
}

export const rollback = (more: Partial<Rollback> = {}): Rollback => ({
  at: "2026-02-06T11:00:00Z",
  branch: `rollback/${ID}`,
  by: "alice",
  commit: objectId("e"),
  onto: objectId("c"),
  paths: [],
  reason: "it broke the build",
  ...more
})
