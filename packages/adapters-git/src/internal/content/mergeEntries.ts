/** A three-way merge of one file, by git's own `merge-file`. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { same, type TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import * as Effect from "effect/Effect"
import { failureOf, run } from "../../GitProgram.ts"
import { LINK_MODE, type NewObject, objectOf } from "../GitObject.ts"
import { makeDirectory, NoRoom, removeDirectory } from "../PrivateRepository.ts"
import { Damaged } from "../readCommit.ts"
import { type ContentSource, fetchMissing, readerOn } from "./ContentSource.ts"

/** One side's value where only one side changed it; `undefined` when both did, each in its own way. */
const sided = (base: string, ours: string, theirs: string): string | undefined =>
  ours === theirs || theirs === base ? ours : ours === base ? theirs : undefined

/** The contents of blobs, fetched where they are not here. */
const contentsOf = Effect.fn("contentsOf")(function* (
  source: ContentSource,
  made: ReadonlyMap<string, NewObject>,
  ids: ReadonlyArray<string>
) {
  yield* fetchMissing(
    source,
    ids.filter((id) => !made.has(id))
  )
  const reader = yield* readerOn(source)
  const stored = yield* reader.get(ids)
  return yield* Effect.forEach(ids, (id, index) => {
    const bytes = made.get(id)?.bytes ?? stored[index]?.bytes
    const isIntact = bytes !== undefined && objectOf(source.format, "blob", bytes).id === id
    return isIntact
      ? Effect.succeed(bytes)
      : Effect.fail(new Damaged({ detail: `the blob ${id} is neither here nor to be had` }))
  })
}, Effect.scoped)

const scratch = Effect.acquireRelease(makeDirectory, removeDirectory)

const BINARY = /Cannot merge binary|too large/i

/** The merged text; `undefined` when it conflicts, or is no text. */
const mergeTexts = Effect.fn("mergeTexts")(function* (
  source: ContentSource,
  [base, ours, theirs]: ReadonlyArray<Uint8Array>
) {
  const directory = yield* scratch
  const texts = { base, ours, theirs }
  yield* Effect.tryPromise({
    catch: (cause) => new NoRoom({ detail: String(cause), directory }),
    try: () => Promise.all(Object.entries(texts).map(([name, text]) => writeFile(join(directory, name), text ?? "")))
  })
  const files = ["ours", "base", "theirs"].map((name) => join(directory, name))
  const asked = source.invocation(["merge-file", "-p", ...files])
  const { exitCode, stderr, stdout } = yield* run(asked)
  if (exitCode === 0) return stdout
  // The number of conflicts, as far as an exit code goes.
  if (exitCode <= 127 || BINARY.test(stderr)) return undefined
  return yield* failureOf(asked, "exit", { exitCode, stderr })
}, Effect.scoped)

/**
 * Takes the change from `after` to `before` into `current`. A new blob is kept in `made` until a proposal stores it, so that
 * looking at a plan writes nothing.
 */
export const mergeEntries = Effect.fn("mergeEntries")(function* (
  source: ContentSource,
  made: Map<string, NewObject>,
  before: TreeEntry,
  after: TreeEntry,
  current: TreeEntry
) {
  if (same(current, after)) return before
  if (same(before, after) || same(before, current)) return current
  const mode = sided(after.mode, current.mode, before.mode)
  const isLink = [before, after, current].some((entry) => entry.mode === LINK_MODE)
  const isKindKept = [before, after, current].every((entry) => (entry.mode === LINK_MODE) === isLink)
  if (mode === undefined || !isKindKept) return undefined
  const blob = sided(after.blob, current.blob, before.blob)
  if (blob !== undefined) return { blob, mode }
  if (isLink) return undefined
  const contents = yield* contentsOf(source, made, [after.blob, current.blob, before.blob])
  const text = yield* mergeTexts(source, contents)
  if (text === undefined) return undefined
  const merged = objectOf(source.format, "blob", text)
  made.set(merged.id, merged)
  return { blob: merged.id, mode }
})
