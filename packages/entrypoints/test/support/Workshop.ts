/** A temporary directory with a bare remote, a clone of it and the command at hand. The machine's settings play no part. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Ended, type Running, type Start, script, start } from "./Command.ts"

export type Json = Record<string, unknown>

const personIn = (directory: string): NodeJS.ProcessEnv => ({
  GIT_AUTHOR_EMAIL: "operator@example.com",
  GIT_AUTHOR_NAME: "Operator",
  GIT_COMMITTER_EMAIL: "operator@example.com",
  GIT_COMMITTER_NAME: "Operator",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  HOME: join(directory, "home"),
  LC_ALL: "C",
  NODE_COMPILE_CACHE: join(dirname(script()), "../cache"),
  PATH: process.env.PATH,
  TMPDIR: join(directory, "tmp")
})

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>

/** What an exit with another code than expected was like. */
const account = (args: ReadonlyArray<string>, { exitCode, signal, stderr, stdout }: Ended): string =>
  `batchbrake ${args.join(" ")} ended with ${exitCode ?? signal}\n${stderr}${stdout}`

const makeRemote = (directory: string, git: (cwd: string, ...args: ReadonlyArray<string>) => string): void => {
  const clone = join(directory, "clone")
  git(directory, "init", "-q", "--bare", "-b", "main", "remote.git")
  git(directory, "init", "-q", "-b", "main", clone)
  git(clone, "remote", "add", "origin", join(directory, "remote.git"))
  writeFileSync(join(clone, "readme.txt"), "A registry of recipes\n")
  git(clone, "add", ".")
  git(clone, "commit", "-q", "-m", "Begin")
  git(clone, "push", "-q", "-u", "origin", "main")
}

const gitWith =
  (environment: NodeJS.ProcessEnv) =>
  (cwd: string, ...args: ReadonlyArray<string>): string =>
    execFileSync("git", args, { cwd, encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "pipe"] }).trim()

/** Opens a workshop; with ecosystems, the control branch is there and the policy is committed and pushed. */
export const openWorkshop = async (ecosystems: ReadonlyArray<string> = [], policy: Json = {}) => {
  const directory = mkdtempSync(join(tmpdir(), "workshop-"))
  for (const name of ["home", "tmp"]) mkdirSync(join(directory, name))
  const environment = personIn(directory)
  const git = gitWith(environment)
  const [clone, remote] = [join(directory, "clone"), join(directory, "remote.git")]
  makeRemote(directory, git)

  const begin = (args: ReadonlyArray<string>, more: Partial<Start> = {}): Running =>
    start(args, { cwd: clone, ...more, environment: { ...environment, ...more.environment } })
  const run = (args: ReadonlyArray<string>, more: Partial<Start> = {}): Promise<Ended> => begin(args, more).ended
  const expecting = async (
    exitCode: number,
    args: ReadonlyArray<string>,
    more: Partial<Start> = {}
  ): Promise<Ended> => {
    const ended = await run(args, more)
    if (ended.exitCode !== exitCode) throw new Error(`expected ${exitCode}: ${account(args, ended)}`)
    return ended
  }
  /** What a command prints with `--json`, given how it must end. */
  const json = async (exitCode: number, args: ReadonlyArray<string>, more: Partial<Start> = {}): Promise<Json> =>
    JSON.parse((await expecting(exitCode, [...args, "--json"], more)).stdout)
  const write = (path: string, text: string | Uint8Array): string => {
    writeFileSync(join(clone, path), text)
    return path
  }
  const cloneTo = (name: string, ...options: ReadonlyArray<string>): string => {
    git(directory, "clone", "-q", ...options, `file://${remote}`, name)
    return join(directory, name)
  }
  if (ecosystems.length > 0) {
    const known = Object.fromEntries(ecosystems.map((name) => [name, {}]))
    write("batch-policy.json", JSON.stringify({ version: 1, ecosystems: known, ...policy }))
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Add a policy")
    git(clone, "push", "-q", "origin", "main")
    await expecting(0, ["init"])
  }
  return {
    begin,
    clone,
    cloneTo,
    directory,
    dispose: () => rmSync(directory, { force: true, maxRetries: 5, recursive: true }),
    environment,
    expecting,
    git,
    json,
    read: (path: string): string => readFileSync(join(clone, path), "utf8"),
    remote,
    run,
    write
  }
}
