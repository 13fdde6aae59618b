/** A directory of its own to try things in, with git repositories that no setting of the user's reaches. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, realpathSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A new, empty directory; it stays until somebody removes it. */
export const makeScratch = (name: string): string => realpathSync(mkdtempSync(join(tmpdir(), `batchbrake-${name}-`)))

const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0"
}

/** Runs git in a directory and answers what it prints. Throws when git says no. */
export const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", [...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"]
  }).trim()

/** An empty repository with a name to commit under. */
export const makeRepository = (directory: string, author: string): void => {
  git(".", "init", "--quiet", "--initial-branch=main", directory)
  nameAuthor(directory, author)
}

export const nameAuthor = (directory: string, author: string): void => {
  git(directory, "config", "user.name", author)
  git(directory, "config", "user.email", `${author}@example.test`)
}
