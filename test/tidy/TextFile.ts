import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A file of the repository: its path from the root, with forward slashes, and what it says. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** Every file that is, or is about to be, in the repository: tracked, or new and not ignored. Binary files are left out. */
export const readTree = (root: string): ReadonlyArray<TextFile> =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024
  })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
    .filter(({ text }) => !text.includes("\0"))

const SOURCE = /^packages\/[^/]+\/src\/.*\.m?ts$/

/** The product's own code, without its tests and tools. */
export const sourcesOf = (files: ReadonlyArray<TextFile>): ReadonlyArray<TextFile> =>
  files.filter(({ path }) => SOURCE.test(path))

const PURE = /^packages\/core\/src\/(batch|breaker|budget|control|drift|forecast|hash|json|policy|sampling|sli|time)\//

/** Whether a path lies in the part of core that is values and functions only. */
export const isPure = (path: string): boolean => PURE.test(path)
