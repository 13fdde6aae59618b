/** Goes through the content branch's history, having more of it fetched where it is cut short. */
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import { same } from "@batchbrake/core/batch/TreeEntry"
import type { ContentCommit } from "@batchbrake/core/port/ContentRepository"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { run, succeed } from "../../GitProgram.ts"
import { commitFrom, Damaged } from "../readCommit.ts"
import { type ContentSource, commitBy, contentCommit, readerOn } from "./ContentSource.ts"
import { differenceOf, type RawChange } from "./RawDifference.ts"
import { eachChange, entriesOf, RAW } from "./readTree.ts"

/** Commits with their first parents, newest first. */
interface Range {
  readonly steps: ReadonlyArray<{ readonly id: string; readonly parent: string | undefined }>
  /** Those that stand here without their parents. */
  readonly cut: ReadonlyArray<string>
}

/** What `git rev-list` makes of these arguments. */
const listRange = Effect.fn("listRange")(function* (source: ContentSource, args: ReadonlyArray<string>) {
  const { stdout } = yield* succeed(source.invocation(["rev-list", "--parents", ...args, "--"]))
  const lines = stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")
  const steps = lines.map((line) => {
    const [id = "", parent] = line.split(" ")
    return { id, parent }
  })
  const cuts = yield* source.cuts
  const range: Range = { cut: steps.flatMap(({ id }) => (cuts.has(id) ? [id] : [])), steps }
  return range
})

/** The range with nothing cut off in it, if that is to be had: more is fetched until it is so. */
const wholeRange = Effect.fn("wholeRange")(function* (
  source: ContentSource,
  args: ReadonlyArray<string>,
  ends: ReadonlyArray<string>,
  further: ContentSource["deepen"]
) {
  let range = yield* listRange(source, args)
  for (const deepen of further) {
    if (range.cut.length === 0) break
    yield* deepen(ends)
    range = yield* listRange(source, args)
  }
  return range
})

/** The commits from `tip` back to `since`, or all of them. */
const rangeOf = Effect.fn("rangeOf")(function* (
  source: ContentSource,
  tip: string,
  since: string | undefined,
  walk: ReadonlyArray<string>
) {
  yield* commitBy(source, tip)
  // Without an end in sight everything is wanted: then steps would only be a detour.
  if (since === undefined) return yield* wholeRange(source, [...walk, tip], [tip], source.deepen.slice(-1))
  yield* commitBy(source, since)
  return yield* wholeRange(source, [...walk, tip, `^${since}`], [tip], source.deepen)
})

/** Hands on what each of the steps changed against its first parent; one that is cut off is passed over. */
const eachStep = (
  source: ContentSource,
  { cut, steps }: Range,
  accept: (commit: string, change: RawChange) => boolean
) => {
  const whole = steps.filter(({ id }) => !cut.includes(id))
  const lines = whole.map(({ id, parent }) => (parent === undefined ? id : `${id} ${parent}`))
  return lines.length === 0
    ? Effect.void
    : eachChange(source.invocation([...RAW, "--root", "--stdin"], Buffer.from(`${lines.join("\n")}\n`)), accept)
}

const CHUNK = 1_000

/** The commits of these IDs, all of which are here. */
const commitsOf = Effect.fn("commitsOf")(function* (source: ContentSource, ids: ReadonlyArray<string>) {
  const reader = yield* readerOn(source)
  const commits = new Map<string, ContentCommit>()
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK)
    for (const [index, stored] of (yield* reader.get(chunk)).entries()) {
      if (stored === undefined) return yield* new Damaged({ detail: `the commit ${chunk[index]} is missing` })
      commits.set(stored.id, contentCommit(yield* commitFrom(stored)))
    }
  }
  return commits
}, Effect.scoped)

const FIRST_PARENTS = ["--first-parent"]

/** How many commits are gone through at once to name those that changed a path. */
const STRETCH = 2_000

/**
 * The steps of the content branch that changed each path, newest first. Goes back only until each path has one: what a
 * recent change costs does not grow with the age of the batch.
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
  for (let from: string | undefined = tip; from !== undefined && open.size > 0; ) {
    const range: Range = yield* rangeOf(source, from, since, [...FIRST_PARENTS, `--max-count=${STRETCH}`])
    yield* eachStep(source, range, (commit, { path }) => {
      if (!open.has(path)) return true
      const ids = found.get(path) ?? []
      found.set(path, [...ids, commit])
      if (ids.length + 1 >= limit) open.delete(path)
      return open.size > 0
    })
    for (const path of found.keys()) open.delete(path)
    from = range.steps.length < STRETCH ? undefined : range.steps.at(-1)?.parent
  }
  const commits = yield* commitsOf(source, [...new Set([...found.values()].flat())])
  return new Map([...found].map(([path, ids]) => [path, ids.flatMap((id) => commits.get(id) ?? [])] as const))
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
