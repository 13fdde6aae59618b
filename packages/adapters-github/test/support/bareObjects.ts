/** Git's plumbing in one repository, and what its objects say. */
import { execFileSync } from "node:child_process"

const NOBODY = { email: "bot@example.com", name: "bot" }

export type Git = (args: ReadonlyArray<string>, input?: string | Buffer, more?: NodeJS.ProcessEnv) => Buffer

export const gitIn = (directory: string): Git => {
  const environment = {
    GIT_AUTHOR_EMAIL: NOBODY.email,
    GIT_AUTHOR_NAME: NOBODY.name,
    GIT_COMMITTER_EMAIL: NOBODY.email,
    GIT_COMMITTER_NAME: NOBODY.name,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    PATH: process.env.PATH
  }
  return (args, input, more) =>
    execFileSync("git", args, {
      cwd: directory,
      env: { ...environment, ...more },
      input: input ?? "",
      maxBuffer: 1 << 27,
      stdio: ["pipe", "pipe", "ignore"]
    })
}

export const lineOf = (
  git: Git,
  args: ReadonlyArray<string>,
  input?: string | Buffer,
  more?: NodeJS.ProcessEnv
): string => git(args, input, more).toString("utf8").trim()

export const found = (git: Git, revision: string): string | undefined => {
  try {
    return lineOf(git, ["rev-parse", "--verify", "--quiet", revision])
  } catch {
    return undefined
  }
}

interface Stored {
  readonly type: string
  readonly bytes: Buffer
}

/** Objects are named by their content: what was read once is read for good. */
const remembered = new Map<string, Stored>()

export const readObject = (git: Git, oid: string): Stored | undefined => {
  const known = remembered.get(oid)
  if (known !== undefined) return known
  const output = git(["cat-file", "--batch"], `${oid}\n`)
  const end = output.indexOf("\n")
  const [, type = "", size] = output.toString("utf8", 0, end).split(" ")
  if (size === undefined) return undefined
  const stored = { bytes: output.subarray(end + 1, end + 1 + Number(size)), type }
  remembered.set(oid, stored)
  return stored
}

export const partsOf = (git: Git, commit: string) => {
  const raw = readObject(git, commit)?.bytes.toString("utf8") ?? ""
  const end = raw.indexOf("\n\n")
  const headers = raw.slice(0, end).split("\n")
  const named = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(" ")[1])
  return { message: raw.slice(end + 2), parents: named("parent"), tree: named("tree")[0] }
}

export const fileOf = (git: Git, commit: string, path: string) => {
  const [entry = ""] = lineOf(git, ["ls-tree", commit, "--", path]).split("\t")
  const [, type, oid] = entry.split(" ")
  return oid === undefined ? null : { name: path, oid, type }
}
