/** Which paths a batch may hold: under the policy's `content`, and nothing that git or a file system reads otherwise. */
import * as Glob from "effect/Glob"

/** Why a path is none of a batch's; `undefined`: it is allowed. */
export type Refusal = "outside-content" | "not-a-path"

const CONTROL = /\p{Cc}|\p{Cs}/u

/** What HFS+ leaves out of a name before it compares: `.g\u200cit` is `.git` there. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** `.git` as any file system may read it: folded case, NTFS's short name, trailing dots and spaces, streams. */
const isGit = (part: string): boolean => /^(?:\.git|git~[0-9]+)[ .]*(?::.*)?$/i.test(part.replace(IGNORED, ""))

/** A relative path of plain parts: no `..`, no `.git` in any spelling that a file system folds to it. */
export const isPlain = (path: string): boolean =>
  !path.includes("\\") &&
  !CONTROL.test(path) &&
  path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !isGit(part))

/** A test for the policy's content globs. */
export const within = (content: ReadonlyArray<string>): ((path: string) => Refusal | undefined) => {
  const globs = content.map((pattern) => Glob.make(pattern, { dot: true }))
  return (path) =>
    isPlain(path) ? (globs.some((glob) => Glob.match(glob, path)) ? undefined : "outside-content") : "not-a-path"
}

/** As file systems fold names that do not tell case apart; by way of upper case, which takes ß and ς along. */
const fold = (path: string): string => path.normalize("NFC").toUpperCase().toLowerCase()

/** Every directory above a path: `a` and `a/b` of `a/b/c`. */
export const ancestorsOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/").slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"))
}

/** Groups of different paths that are one file where case does not count. */
export const collisions = (paths: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const groups = new Map<string, Array<string>>()
  for (const path of new Set(paths)) groups.set(fold(path), [...(groups.get(fold(path)) ?? []), path])
  return [...groups.values()].filter((group) => group.length > 1)
}
