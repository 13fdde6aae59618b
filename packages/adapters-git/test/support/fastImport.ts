/** Whole histories in one program: `git fast-import`. */
import { execFileSync } from "node:child_process"
import { git } from "./Sandbox.ts"

/** What a commit puts at a path: a text, or a text with a mode, `undefined` for nothing; a submodule by its commit. */
export type Put = string | { readonly mode: string; readonly text: string } | { readonly submodule: string } | undefined

export interface Made {
  readonly branch: string
  readonly message?: string
  /** Where a branch begins that is new: a branch or a commit. */
  readonly from?: string
  /** A branch that is merged. */
  readonly merge?: string
  /** A path may hold any byte: one character each. */
  readonly put: Readonly<Record<string, Put>>
}

const AT = 1_700_000_000

/** Each byte that is no plain letter as an octal number. */
const quoted = (path: string): string => {
  const bytes = [...Buffer.from(path, "latin1")]
  return `"${bytes.map((byte) => (byte > 0x60 && byte < 0x7b ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`)).join("")}"`
}

const block = (text: string): Buffer => {
  const bytes = Buffer.from(text, "utf8")
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")])
}

const changeLines = (put: Made["put"]): ReadonlyArray<Buffer> =>
  Object.entries(put).flatMap(([path, value]) => {
    if (value === undefined) return [Buffer.from(`D ${quoted(path)}\n`)]
    if (typeof value !== "string" && "submodule" in value) {
      return [Buffer.from(`M 160000 ${value.submodule} ${quoted(path)}\n`)]
    }
    const { mode, text } = typeof value === "string" ? { mode: "100644", text: value } : value
    return [Buffer.from(`M ${mode} inline ${quoted(path)}\n`), block(text)]
  })

/** A path as fast-import is given it here: its UTF-8 bytes, one character each. */
export const bytesOf = (path: string): string => Buffer.from(path, "utf8").toString("latin1")

/** Makes commits one after the other, a minute apart; answers their IDs in order. */
export const makeCommits = (
  repository: string,
  commits: ReadonlyArray<Made>,
  startSeconds = AT
): ReadonlyArray<string> => {
  const parts = commits.flatMap(({ branch, from, merge, message, put }, index) => [
    Buffer.from(`commit refs/heads/${branch}\nmark :${index + 1}\n`),
    Buffer.from(`committer Test <test@example.org> ${startSeconds + index * 60} +0000\n`),
    block(message ?? `Change ${index}`),
    Buffer.from(from === undefined ? "" : `from ${from}\n`),
    Buffer.from(merge === undefined ? "" : `merge ${merge}\n`),
    ...changeLines(put),
    Buffer.from("\n")
  ])
  const asked = commits.map((_, index) => `get-mark :${index + 1}\n`).join("")
  const output = execFileSync("git", ["fast-import", "--quiet", "--done", "--cat-blob-fd=1"], {
    cwd: repository,
    input: Buffer.concat([...parts, Buffer.from(`${asked}done\n`)]),
    maxBuffer: 64 * 1024 * 1024
  })
  return output.toString("utf8").trim().split("\n")
}

/** The blob of a text. */
export const blobOf = (repository: string, text: string): string =>
  execFileSync("git", ["hash-object", "--stdin"], { cwd: repository, encoding: "utf8", input: text }).trim()

/** The same, and the repository has it from now on. */
export const keepBlob = (repository: string, text: string): string =>
  execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: repository, encoding: "utf8", input: text }).trim()

/** The lines of `git ls-tree -r`, with nothing quoted. */
export const treeLines = (repository: string, revision: string): ReadonlyArray<string> =>
  git(repository, "-c", "core.quotePath=false", "ls-tree", "-r", "-z", revision)
    .split("\0")
    .filter((line) => line !== "")
