/** The ground that benches stand on: scratch directories, git, and the command in a child process. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const COMMAND = fileURLToPath(new URL("../packages/entrypoints/bin/batchbrake.cjs", import.meta.url))

const ISOLATED = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" }

export const run = (program: string, args: ReadonlyArray<string>, cwd: string, input?: string): string =>
  execFileSync(program, [...args], {
    cwd,
    encoding: "utf8",
    env: ISOLATED,
    maxBuffer: 1 << 26,
    stdio: ["pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input })
  }).trim()

export const git = (cwd: string, ...args: ReadonlyArray<string>): string => run("git", args, cwd)

/** Runs a program to its end and answers the milliseconds it took. Throws when it fails. */
export const timeOf = (program: string, args: ReadonlyArray<string>, cwd: string): number => {
  const started = performance.now()
  const { error, status, stderr } = spawnSync(program, [...args], { cwd, encoding: "utf8", env: ISOLATED })
  const millis = performance.now() - started
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${status}: ${stderr}`)
  return millis
}

/** Builds the command anew. */
export const bundle = (): void => {
  timeOf(process.execPath, ["build.ts"], fileURLToPath(new URL("../packages/entrypoints", import.meta.url)))
}

/** A directory that goes when the work is done. */
export const inScratch = async <A>(work: (root: string) => Promise<A>): Promise<A> => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "batchbrake-bench-")))
  try {
    return await work(root)
  } finally {
    rmSync(root, { force: true, maxRetries: 3, recursive: true })
  }
}

/** A bare repository, and a clone of it that has one commit. */
export const makeRemote = (root: string, name: string): { readonly bare: string; readonly clone: string } => {
  const [bare, clone] = [join(root, `${name}.git`), join(root, name)]
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", bare)
  git(root, "clone", "--quiet", `file://${bare}`, clone)
  git(clone, "config", "user.name", "bench")
  git(clone, "config", "user.email", "bench@example.test")
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "first")
  git(clone, "push", "--quiet", "origin", "HEAD:main")
  return { bare, clone }
}
