/** A temporary directory with a bare remote and a clone of it, made with the real git. */
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

/** Settings of the machine must not change what the tests see. */
const ENVIRONMENT = {
  ...process.env,
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_AUTHOR_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  LC_ALL: "C"
}

export const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, { cwd, encoding: "utf8", env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"] }).trim()

/** The same, while a server in this process answers. */
export const gitMeanwhile = async (cwd: string, ...args: ReadonlyArray<string>): Promise<string> =>
  (await promisify(execFile)("git", args, { cwd, encoding: "utf8", env: ENVIRONMENT })).stdout.trim()

export interface Sandbox {
  readonly directory: string
  /** A bare repository with one commit on `main`. */
  readonly remote: string
  /** A clone of it, with `origin`. */
  readonly clone: string
  readonly dispose: () => void
}

export const makeSandbox = (format: "sha1" | "sha256" = "sha1"): Sandbox => {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-"))
  const remote = join(directory, "remote.git")
  const clone = join(directory, "clone")
  git(directory, "init", "-q", "--bare", "-b", "main", `--object-format=${format}`, remote)
  git(directory, "init", "-q", "-b", "main", `--object-format=${format}`, clone)
  git(clone, "remote", "add", "origin", remote)
  writeFileSync(join(clone, "recipe.txt"), "one\n")
  git(clone, "add", ".")
  git(clone, "commit", "-q", "-m", "Add a recipe")
  git(clone, "push", "-q", "-u", "origin", "main")
  return { clone, directory, dispose: () => rmSync(directory, { force: true, recursive: true }), remote }
}
