/** A real repository with a random history: a bare remote and the place in which batchbrake's programs run on it. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as GitContentRepository from "@batchbrake/adapters-git/GitContentRepository"
import * as GitControlStore from "@batchbrake/adapters-git/GitControlStore"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Commit, History } from "./History.ts"

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.quotePath",
  GIT_CONFIG_VALUE_0: "false",
  LC_ALL: "C"
}

const ask = (cwd: string, args: ReadonlyArray<string>, input?: string): string =>
  execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    env: ENVIRONMENT,
    stdio: ["pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input })
  }).trimEnd()

const block = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

const START = 1_700_000_000

const streamOf = ({ branch, from, merge, message, tree }: Commit, index: number): string =>
  [
    `commit refs/heads/${branch}\nmark :${index + 1}\n`,
    `committer Test <test@example.org> ${START + index * 60} +0000\n${block(message)}`,
    from === undefined ? "" : `from refs/heads/${from}\n`,
    merge === undefined ? "" : `merge refs/heads/${merge}\n`,
    "deleteall\n",
    ...[...tree].map(([path, { mode, text }]) => `M ${mode} inline ${path}\n${block(text)}`)
  ].join("")

/** Makes the commits; answers their IDs in order. */
const plant = (remote: string, commits: ReadonlyArray<Commit>): ReadonlyArray<string> => {
  const asked = commits.map((_, index) => `get-mark :${index + 1}\n`).join("")
  const stream = `${commits.map(streamOf).join("")}\n${asked}done\n`
  return ask(remote, ["fast-import", "--quiet", "--done", "--cat-blob-fd=1"], stream).split("\n")
}

const CLONING: Readonly<Record<Exclude<History["place"], "local">, ReadonlyArray<string>>> = {
  clone: ["clone", "-q"],
  "empty clone": ["init", "-q"],
  "shallow clone": ["clone", "-q", "--depth=1"]
}

/** The directory of the repository that the programs are told of. */
const settle = (directory: string, remote: string, place: History["place"]): string => {
  if (place === "local") return remote
  const clone = join(directory, "clone")
  if (place === "empty clone") {
    ask(directory, [...CLONING[place], clone])
    ask(clone, ["remote", "add", "origin", `file://${remote}`])
  } else ask(directory, [...CLONING[place], `file://${remote}`, clone])
  return clone
}

const CONTROL = "batch-control"

const programsOn = (repository: string, isLocal: boolean) => {
  const options = { remote: "origin", repository, timeoutMillis: 30_000 }
  return isLocal
    ? Layer.merge(
        GitControlStore.layerLocal({ branch: CONTROL, repository }),
        GitContentRepository.layerLocal({ branch: "main", repository })
      )
    : Layer.merge(
        GitControlStore.layerRemote({ ...options, branch: CONTROL }),
        GitContentRepository.layerRemote({ ...options, branch: "main" })
      )
}

export type RandomRepository = ReturnType<typeof openRandom>

export const openRandom = (commits: ReadonlyArray<Commit>, place: History["place"]) => {
  const directory = mkdtempSync(join(tmpdir(), "histories-"))
  const remote = join(directory, "remote.git")
  mkdirSync(remote)
  ask(remote, ["init", "-q", "--bare", "-b", "main"])
  const ids = plant(remote, commits)
  const programs = programsOn(settle(directory, remote, place), place === "local")
  return {
    dispose: () => rmSync(directory, { force: true, maxRetries: 3, recursive: true }),
    git: (...args: ReadonlyArray<string>): string => ask(remote, args),
    ids,
    /** The blob that git merges three blobs to; `undefined`: they conflict. */
    merged: (...[ours, base, theirs]: readonly [string, string, string]): string | undefined => {
      const files = Object.entries({ base, ours, theirs }).map(([name, blob]) => {
        const { stdout } = spawnSync("git", ["cat-file", "blob", blob], { cwd: remote, env: ENVIRONMENT })
        writeFileSync(join(directory, name), stdout)
        return name
      })
      const [first = "", second = "", third = ""] = [files[1], files[0], files[2]]
      const merge = spawnSync("git", ["merge-file", "-p", "-q", first, second, third], {
        cwd: directory,
        encoding: "utf8"
      })
      return merge.status === 0 ? ask(remote, ["hash-object", "--stdin"], merge.stdout) : undefined
    },
    /** A run of the command: what it has read is forgotten with it. */
    start: () => ManagedRuntime.make(programs),
    /** Path -> mode and blob. */
    treeAt: (commit: string): ReadonlyMap<string, string> =>
      new Map(
        ask(remote, ["ls-tree", "-r", "-z", commit])
          .split("\0")
          .filter((line) => line !== "")
          .map((line) => {
            const [entry = "", path = ""] = line.split("\t")
            return [path, entry] as const
          })
      )
  }
}
