/** What no batch may hold: paths outside the policy's content, paths that are no plain ones, and what is no file. */
import { collisions, type Refusal as Reason, within } from "./ContentPath.ts"
import { type Refusal, refusal } from "./Refusal.ts"
import type { PathChange } from "./TreeEntry.ts"

const NAMED = 20

/** Some names for a message, and how many more there are. */
export const named = (names: ReadonlyArray<string>): string =>
  names
    .slice(0, NAMED)
    .map((name) => JSON.stringify(name))
    .join(", ") + (names.length > NAMED ? ` and ${names.length - NAMED} more` : "")

/** Changes by where their paths stand. */
export interface Sorted {
  readonly inside: ReadonlyArray<PathChange>
  /** Paths that the policy's content does not cover. */
  readonly outside: ReadonlyArray<string>
  /** Paths that no file may have. */
  readonly notPaths: ReadonlyArray<string>
}

export const sortOut = (content: ReadonlyArray<string>, changes: ReadonlyArray<PathChange>): Sorted => {
  const refusalOf = within(content)
  const reasons = new Map(changes.map(({ path }) => [path, refusalOf(path)]))
  const refusedFor = (reason: Reason): ReadonlyArray<string> =>
    changes.map(({ path }) => path).filter((path) => reasons.get(path) === reason)
  return {
    inside: changes.filter(({ path }) => reasons.get(path) === undefined),
    notPaths: refusedFor("not-a-path"),
    outside: refusedFor("outside-content")
  }
}

/** Paths that are one where case does not count: of the batch, or a new one of it and another of the tree. */
const collision = (
  changes: ReadonlyArray<PathChange>,
  standing: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const own = changes.filter(({ after }) => after !== undefined)
  const fresh = new Set(own.filter(({ before }) => before === undefined).map(({ path }) => path))
  const [among] = collisions(own.map(({ path }) => path))
  return among ?? collisions([...fresh, ...standing]).find((group) => group.some((path) => fresh.has(path)))
}

/**
 * Why these changes cannot be a batch's; `undefined`: they can. What is wrong is named, path by path. `standing` are the
 * paths of the tree that the batch makes, among which its own may not be another's in other letters.
 */
export const objection = (
  content: ReadonlyArray<string>,
  changes: ReadonlyArray<PathChange>,
  notBlobs: ReadonlyArray<string> = [],
  standing: ReadonlyArray<string> = []
): Refusal | undefined => {
  const { inside, notPaths, outside } = sortOut(content, changes)
  if (notPaths.length > 0) {
    return refusal("not-a-path", `no batch may hold these paths (.., .git, control characters): ${named(notPaths)}`)
  }
  if (outside.length > 0) {
    const all = inside.length === 0 ? "nothing of it is" : "these paths are not"
    return refusal(
      "outside-content",
      `${all} under the policy's content (${content.join(", ")}): ${named(outside)}; ` +
        "leave them out of the batch, or widen `content`"
    )
  }
  if (notBlobs.length > 0) {
    return refusal("not-a-file", `submodules and the like cannot be in a batch: ${named(notBlobs)}`)
  }
  const folded = collision(changes, standing)
  return folded === undefined
    ? undefined
    : refusal("case-collision", `these paths are one file where case does not count: ${named(folded)}`)
}
