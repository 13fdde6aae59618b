/** Which paths a batch may hold: under the policy's `content`, and nothing that git or a file system reads otherwise. */
import * as Glob from "effect/Glob"

/** Why a path is none of a batch's; `undefined`: it is allowed. */
export type Refusal = "outside-content" | "not-a-path"

const CONTROL = /\p{Cc}/u

/** A relative path of plain parts: no `..`, no `.git` in any spelling that a file system folds to it. */
export const isPlain = (path: string): boolean =>
  path !== "" &&
  !path.includes("\\") &&
  !CONTROL.test(path) &&
  path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && !/^(?:\.git|git~\d+)[ .]*$/i.test(part))

/** A test for the policy's content globs. */
export const within = (content: ReadonlyArray<string>): ((path: string) => Refusal | undefined) => {
  const globs = content.map((pattern) => Glob.make(pattern, { dot: true }))
  return (path) =>
    isPlain(path) ? (globs.some((glob) => Glob.match(glob, path)) ? undefined : "outside-content") : "not-a-path"
}

const fold = (path: string): string => path.normalize("NFC").toLowerCase()

/** Groups of different paths that are one file where case does not count. */
export const collisions = (paths: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const groups = new Map<string, Array<string>>()
  for (const path of new Set(paths)) groups.set(fold(path), [...(groups.get(fold(path)) ?? []), path])
  return [...groups.values()].filter((group) => group.length > 1)
}
