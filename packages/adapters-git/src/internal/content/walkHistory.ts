/** What the content branch's history says of paths and entries. */
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import { same } from "@batchbrake/core/batch/TreeEntry"
import type { ContentCommit } from "@batchbrake/core/port/ContentRepository"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { run } from "../../GitProgram.ts"
import { type ContentSource, commitBy } from "./ContentSource.ts"
import { commitsOf, eachStep, FIRST_PARENTS, type Range, rangeOf, stretches, wholeRange } from "./historyRange.ts"
import { differenceOf, type RawChange } from "./RawDifference.ts"
import { entriesOf } from "./readTree.ts"

/**
 * The steps of the content branch that changed each path, newest first. Goes back only until each path has one: what a
 * recent change costs does not grow with the age of the batch. Where that ends before the branch has come by `since`,
 * what is older than `since` by the clock is left out: to be certain, all history would have to be gone through.
 */
export const changedBy = Effect.fn("changedBy")(function* (
  source: ContentSource,
  paths: ReadonlyArray<string>,
  since: string | undefined,
  tip: string,
  limit: number
) {
  const found = new Map<string, Array<string>>()
  const open = new Set(paths)
  if (open.size === 0 || limit < 1) return new Map<string, ReadonlyArray<ContentCommit>>()
  const look = (range: Range) =>
    Effect.map(
      eachStep(source, range, (commit, { path }) => {
        if (!open.has(path)) return true
        const ids = found.get(path) ?? []
        found.set(path, [...ids, commit])
        if (ids.length + 1 >= limit) open.delete(path)
        return open.size > 0
      }),
      () => {
        for (const path of found.keys()) open.delete(path)
        return open.size === 0
      }
    )
  const end = yield* stretches(source, { since, tip }, look)
  if (end === "missed") {
    found.clear()
    for (const path of paths) open.add(path)
    yield* look(yield* rangeOf(source, tip, since, FIRST_PARENTS))
  }
  const commits = yield* commitsOf(source, [...new Set([...found.values()].flat())])
  const isOpen = end === "enough" && since !== undefined
  const oldest = isOpen ? (yield* commitBy(source, since)).committedAtSeconds * 1000 : 0
  const later = (id: string): ReadonlyArray<ContentCommit> => {
    const commit = commits.get(id)
    return commit === undefined || commit.committedAt < oldest ? [] : [commit]
  }
  const named = [...found].map(([path, ids]) => [path, ids.flatMap(later)] as const)
  return new Map(named.filter(([, steps]) => steps.length > 0))
})

/** Whether a commit that leads to `to` and not to `from`, and is no merge, changed one of the paths. */
export const touched = Effect.fn("touched")(function* (
  source: ContentSource,
  paths: ReadonlyArray<string>,
  from: string,
  to: string
) {
  const wanted = new Set(paths)
  const range = yield* rangeOf(source, to, from, ["--no-merges"])
  let isTouched = false
  yield* eachStep(source, range, (_, { path }) => {
    isTouched = wanted.has(path)
    return !isTouched
  })
  const [cut] = range.cut
  return !isTouched && cut !== undefined ? yield* cutShort(source, cut) : isTouched
})

const cutShort = ({ name }: ContentSource, cut: string): StoreUnavailable =>
  new StoreUnavailable({
    detail: `its history is cut off below the commit ${cut}`,
    mayHaveLanded: false,
    remedy: "fetch the rest with `git fetch --unshallow`, then try again",
    store: name
  })

/**
 * Whether one of the entries ever stood at its path: at the tip, or before or after any commit that leads to it, those of
 * merged branches as well. Without the whole history there is no "never".
 */
export const everHeld = Effect.fn("everHeld")(function* (
  source: ContentSource,
  entries: ReadonlyMap<string, TreeEntry>,
  tip: string
) {
  if (entries.size === 0) return false
  const now = yield* entriesOf(source, tip, [...entries.keys()])
  if ([...entries].some(([path, entry]) => same(now.get(path), entry))) return true
  const range = yield* rangeOf(source, tip, undefined, [])
  let isFound = false
  yield* eachStep(source, range, (_, { after, before, path }) => {
    const entry = entries.get(path)
    isFound = entry !== undefined && (same(after, entry) || same(before, entry))
    return !isFound
  })
  const [cut] = range.cut
  return !isFound && cut !== undefined ? yield* cutShort(source, cut) : isFound
})

/** The steps of the content branch that are accepted, newest first, each with what it changed. */
export const history = Effect.fn("history")(function* (
  source: ContentSource,
  tip: string,
  accepts: (commit: ContentCommit) => boolean
) {
  const range = yield* rangeOf(source, tip, undefined, FIRST_PARENTS)
  const commits = yield* commitsOf(
    source,
    range.steps.map(({ id }) => id)
  )
  const accepted = range.steps.filter(({ id }) => {
    const commit = commits.get(id)
    return commit !== undefined && accepts(commit)
  })
  const cut = range.cut.find((id) => accepted.some((step) => step.id === id))
  if (cut !== undefined) return yield* cutShort(source, cut)
  const changes = new Map<string, Array<RawChange>>(accepted.map(({ id }) => [id, []]))
  yield* eachStep(source, { cut: range.cut, steps: accepted }, (id, change) => (changes.get(id)?.push(change) ?? 1) > 0)
  return accepted.flatMap(({ id }) => {
    const commit = commits.get(id)
    return commit === undefined ? [] : [{ commit, difference: differenceOf(changes.get(id) ?? []) }]
  })
})

/**
 * The newest commit that both have in their history. It is certain only once nothing between it and the two is cut off: a
 * newer one might stand behind the cut.
 */
export const mergeBase = Effect.fn("mergeBase")(function* (source: ContentSource, base: string, head: string) {
  yield* commitBy(source, base)
  yield* commitBy(source, head)
  const { cut } = yield* wholeRange(source, [`${base}...${head}`], [base, head], source.deepen)
  const { stdout } = yield* run(source.invocation(["merge-base", base, head]))
  const [found = ""] = stdout.toString("latin1").split("\n")
  const [end] = cut
  return found === "" && end !== undefined ? yield* cutShort(source, end) : found || undefined
})
