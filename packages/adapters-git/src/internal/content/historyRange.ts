/** Stretches of the content branch's history, with more of it fetched where it is cut short. */
import type { ContentCommit } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import { succeed } from "../../GitProgram.ts"
import { commitFrom, Damaged } from "../readCommit.ts"
import { type ContentSource, commitBy, contentCommit, readerOn } from "./ContentSource.ts"
import type { RawChange } from "./RawDifference.ts"
import { eachChange, RAW } from "./readTree.ts"

/** Commits with their first parents, newest first. */
export interface Range {
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

/** The range before a commit of it; the whole range where that commit is not in it. */
const upTo = (range: Range, commit: string | undefined): Range & { readonly isReached: boolean } => {
  const end = range.steps.findIndex(({ id }) => id === commit)
  const steps = end < 0 ? range.steps : range.steps.slice(0, end)
  const ids = new Set(steps.map(({ id }) => id))
  return { cut: range.cut.filter((id) => ids.has(id)), isReached: end >= 0, steps }
}

/** The range with nothing cut off in it, if that is to be had: more is fetched until it is so. */
export const wholeRange = Effect.fn("wholeRange")(function* (
  source: ContentSource,
  args: ReadonlyArray<string>,
  ends: ReadonlyArray<string>,
  further: ContentSource["deepen"],
  until: string | undefined = undefined
) {
  let range = upTo(yield* listRange(source, args), until)
  for (const deepen of further) {
    if (range.cut.length === 0) break
    yield* deepen(ends)
    range = upTo(yield* listRange(source, args), until)
  }
  return range
})

/** The commits from `tip` back to `since`, or all of them. */
export const rangeOf = Effect.fn("rangeOf")(function* (
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
export const eachStep = (
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
export const commitsOf = Effect.fn("commitsOf")(function* (source: ContentSource, ids: ReadonlyArray<string>) {
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

export const FIRST_PARENTS = ["--first-parent"]

/** How many commits are gone through at once to name those that changed a path. */
const STRETCH = 2_000

/**
 * The stretches of the content branch from `tip` back to `since`, newest first, each asked for when the one before it did
 * not do. Listed without excluding what leads to `since`: git would go through all of it first. Only where the branch
 * never comes by `since`, since it was rewritten, is that done, in one stretch for all.
 */
export const stretches = Effect.fn("stretches")(function* <E, R>(
  source: ContentSource,
  { since, tip }: { readonly since: string | undefined; readonly tip: string },
  look: (range: Range) => Effect.Effect<boolean, E, R>
) {
  yield* commitBy(source, tip)
  if (since !== undefined) yield* commitBy(source, since)
  const further = since === undefined ? source.deepen.slice(-1) : source.deepen
  for (let from: string | undefined = tip; from !== undefined; ) {
    const args: ReadonlyArray<string> = [...FIRST_PARENTS, `--max-count=${STRETCH}`, from]
    const range: ReturnType<typeof upTo> = yield* wholeRange(source, args, [tip], further, since)
    const last = range.steps.at(-1)
    from = range.isReached ? undefined : last?.parent
    if (since !== undefined && from === undefined && !range.isReached) return "missed" as const
    if ((yield* look(range)) && !range.isReached) return "enough" as const
  }
  return "reached" as const
})
