/** A registry of recipes in a workshop: branches with batches, and the ways in which they land. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Json, openWorkshop, type Workshop } from "./Workshop.ts"

/** Path -> text; `null` takes the file away. */
export type Files = Readonly<Record<string, string | null>>

export const lay = (directory: string, files: Files): void => {
  for (const [path, text] of Object.entries(files)) {
    const place = join(directory, path)
    if (text === null) rmSync(place, { force: true })
    else {
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, text)
    }
  }
}

/** Path -> mode and blob, of a whole tree. */
export const treeAt = (
  { git, remote }: Pick<Workshop, "git" | "remote">,
  revision: string,
  repository = remote
): Readonly<Json> =>
  Object.fromEntries(
    git(repository, "ls-tree", "-r", "-z", revision)
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => {
        const [entry = "", path = ""] = line.split("\t")
        return [path, entry]
      })
  )

/** Everything of a clone that a command could touch: references, HEAD, index and work tree. */
export const fingerprint = ({ git }: Pick<Workshop, "git">, clone: string): string => {
  const isBare = git(clone, "rev-parse", "--is-bare-repository") === "true"
  const directory = isBare ? clone : join(clone, ".git")
  const files = isBare ? [] : readdirSync(clone, { recursive: true, withFileTypes: true })
  const hash = createHash("sha256")
  hash.update(git(clone, "for-each-ref")).update(readFileSync(join(directory, "HEAD")))
  if (!isBare) hash.update(readFileSync(join(directory, "index")))
  for (const file of files.map((entry) => ({ entry, place: join(entry.parentPath, entry.name) }))) {
    if (file.entry.isFile() && !file.place.startsWith(directory))
      hash.update(file.place).update(readFileSync(file.place))
  }
  return hash.digest("hex")
}

export type Registry = Awaited<ReturnType<typeof openRegistry>>

/** The three kinds of change that a batch can make, and a recipe that it leaves alone. */
export const BASE: Files = {
  "recipes/deleted.toml": "version = 1\n",
  "recipes/kept.toml": "version = 1\n",
  "recipes/modified.toml": "version = 1\n"
}

/** Opens a workshop with recipes on its content branch. With `--local` the clone's own branches are meant. */
export const openRegistry = async (place: ReadonlyArray<string> = [], policy: Json = {}) => {
  const workshop = await openWorkshop(["npm", "pypi"], policy)
  const { clone, git } = workshop
  const isLocal = place.includes("--local")
  const push = (...references: ReadonlyArray<string>): void => {
    if (!isLocal) git(clone, "push", "-q", "--force", "origin", ...references)
  }
  const commit = (files: Files, message: string): string => {
    lay(clone, files)
    git(clone, "add", "--all")
    git(clone, "commit", "-q", "--allow-empty", "-m", message)
    return git(clone, "rev-parse", "HEAD")
  }
  /** A commit on the content branch. */
  const onMain = (files: Files, message: string): string => {
    const made = commit(files, message)
    push("main")
    return made
  }
  /** Words the newest commit anew, and dates it. */
  const amend = (message: string, date: string): string => {
    const environment = { ...workshop.environment, GIT_COMMITTER_DATE: date }
    execFileSync("git", ["commit", "-q", "--amend", "-m", message], { cwd: clone, env: environment })
    push("main")
    return git(clone, "rev-parse", "HEAD")
  }
  /** A branch with a batch's commits, published; the content branch is checked out again afterwards. */
  const onBranch = (name: string, ...commits: ReadonlyArray<Files>): string => {
    git(clone, "switch", "-q", "-c", name)
    for (const [index, files] of commits.entries()) commit(files, `Batch work ${index + 1} on ${name}`)
    const head = git(clone, "rev-parse", "HEAD")
    push(name)
    git(clone, "switch", "-q", "main")
    return head
  }
  const json = (exitCode: number, ...args: ReadonlyArray<string>): Promise<Json> =>
    workshop.json(exitCode, [...args, ...place])
  /** Opens a batch and seals it from the content branch to a branch. */
  const sealed = async (branch: string): Promise<string> => {
    const { id } = await json(0, "batch", "open", "--ecosystem", "npm")
    await json(0, "batch", "seal", String(id), "--base", "main", "--head", branch)
    return String(id)
  }
  if (isLocal) await workshop.expecting(0, ["init", "--local"])
  onMain(BASE, "Add recipes")
  return { ...workshop, amend, commit, json, onBranch, onMain, place, push, sealed }
}
