/** Repositories with a long history and many files, made by `git fast-import`: two batches early on, adopted ones throughout. */
import { join } from "node:path"
import * as Policy from "@batchbrake/core/policy/Policy"
import { git, run } from "./Ground.ts"

const FILES = 20_000
const FILES_A_DIRECTORY = 100
const START = 1_400_000_000
/** The files that the batches modify; no ordinary commit touches them. */
const RESERVED = 200
const ADDED = 80
const MODIFIED = 20
/** The commits of the content branch with which the batches land. */
const LANDINGS: ReadonlyMap<number, Name> = new Map([
  [100, "calm"],
  [110, "touched"]
])
/** How many paths of the touched batch are changed by the newest commits. */
const TOUCHED = 3

export type Name = "calm" | "touched"

export interface Size {
  readonly commits: number
  /** How many ordinary commits carry a batch's trailer, for adoption. */
  readonly imported: number
}

export interface History extends Size {
  readonly bare: string
  readonly clone: string
}

/** The file of a number, with directories of a hundred files each. */
const fileOf = (index: number): string =>
  `recipes/d${String(Math.floor(index / FILES_A_DIRECTORY)).padStart(3, "0")}/f${index % FILES_A_DIRECTORY}.toml`

const datum = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

const put = (path: string, text: string): string => `M 100644 inline ${path}\n${datum(text)}`

/** The hundred paths that a batch adds and modifies. */
export const pathsOf = (name: Name): ReadonlyArray<string> => [
  ...Array.from({ length: ADDED }, (_, index) => `recipes/${name}/f${index}.toml`),
  ...Array.from({ length: MODIFIED }, (_, index) => fileOf(index + (name === "calm" ? 0 : MODIFIED)))
]

const commit = (branch: string, at: number, message: string, from = ""): string =>
  `commit refs/heads/${branch}\ncommitter bench <bench@example.test> ${START + at * 60} +0000\n${datum(message)}${from}`

const contentOf = (name: Name): string =>
  pathsOf(name)
    .map((path) => put(path, `batch = "${name}"\n`))
    .join("")

/** The batch on a branch of its own, and squashed onto the content branch. */
const landing = (name: Name, at: number): string =>
  commit(`work-${name}`, at, `Batch work on ${name}`, "from refs/heads/main\n") +
  contentOf(name) +
  commit("main", at, `Add batch ${name} (#${at})\n\nBatch-Id: ${name}-npm`) +
  contentOf(name)

const ordinary = (at: number, { commits, imported }: Size): string => {
  const isImported = imported > 0 && at % Math.floor(commits / imported) === 7
  const trailer = isImported ? `\n\nImported-From: import-${at}-npm` : ""
  const touched = commits - at <= TOUCHED ? put(`recipes/touched/f${commits - at}.toml`, `at = ${at}\n`) : ""
  const place = RESERVED + ((at * 7919) % (FILES - RESERVED))
  return commit("main", at, `Correct recipe ${place}${trailer}`) + put(fileOf(place), `at = ${at}\n`) + touched
}

const stream = function* (size: Size): Generator<string> {
  yield commit("main", 0, "Begin")
  yield put("batch-policy.json", JSON.stringify(Policy.starter(["npm"])))
  for (let index = 0; index < FILES; index++) yield put(fileOf(index), `name = "recipe ${index}"\nversion = 1\n`)
  for (let at = 1; at < size.commits; at++) {
    const name = LANDINGS.get(at)
    yield name === undefined ? ordinary(at, size) : landing(name, at)
  }
}

/** A bare repository with the history, packed as fast-import leaves it, and a clone of it with a work tree. */
export const plantHistory = (root: string, size: Size): History => {
  const [bare, clone] = [join(root, `${size.commits}.git`), join(root, `${size.commits}`)]
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", bare)
  run("git", ["fast-import", "--quiet"], bare, [...stream(size)].join(""))
  git(root, "clone", "--quiet", bare, clone)
  git(clone, "config", "user.name", "bench")
  git(clone, "config", "user.email", "bench@example.test")
  git(clone, "config", "gc.auto", "0")
  return { ...size, bare, clone }
}
