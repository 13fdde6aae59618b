/** Brings commits, trees and blobs of the content branch into the private repository: no more than is asked for. */
import * as Effect from "effect/Effect"
import { failureOf, type GitFailed, run, succeed } from "../../GitProgram.ts"
import { REMOTE } from "../configuration.ts"
import { FETCHED, QUIET } from "../fetchBranch.ts"
import type { PrivateRepository } from "../PrivateRepository.ts"

/**
 * For this one program, what is missing is to be had from the remote. Said of every program, a question for a commit that
 * nobody knows would fetch the whole history before it is answered. No object is unpacked: that would touch the time of
 * one that the user's repository has already.
 */
const PARTIAL = [
  "-c",
  `remote.${REMOTE}.promisor=true`,
  "-c",
  `remote.${REMOTE}.partialclonefilter=blob:none`,
  "-c",
  "fetch.unpackLimit=1"
]

/** The repository, with what it lacks to be had from the remote by itself. */
export const lazily = (repository: PrivateRepository): PrivateRepository => ({
  ...repository,
  invocation: (args, stdin) => repository.invocation([...PARTIAL, ...args], stdin)
})

const NOT_THERE = /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/

const fetching = (repository: PrivateRepository, args: ReadonlyArray<string>, stdin?: Uint8Array) =>
  lazily(repository).invocation(["fetch", ...QUIET, "--filter=blob:none", ...args], stdin)

/** How far back a fetch goes: `--depth=1`, `--deepen=50`; nothing for as far as it takes to meet what is here. */
export type Depth = ReadonlyArray<string>

/** Fetches the branch's commits and trees to `FETCHED`. */
export const fetchTip = (repository: PrivateRepository, branch: string, depth: Depth): Effect.Effect<void, GitFailed> =>
  Effect.asVoid(succeed(fetching(repository, [...depth, REMOTE, `+refs/heads/${branch}:${FETCHED}`])))

/** Fetches a commit and its trees. False: the remote does not give it. */
export const fetchCommit = Effect.fn("fetchCommit")(function* (
  repository: PrivateRepository,
  id: string,
  depth: Depth
) {
  const asked = fetching(repository, [...depth, REMOTE, id])
  const { exitCode, stderr } = yield* run(asked)
  if (exitCode === 0) return true
  return NOT_THERE.test(stderr) ? false : yield* failureOf(asked, "exit", { exitCode, stderr })
})

/**
 * Fetches more history, of the branch and of these commits. Those that the remote does not give are left as they are: they
 * may be known here alone.
 */
export const fetchHistory = Effect.fn("fetchHistory")(function* (
  repository: PrivateRepository,
  branch: string | undefined,
  commits: ReadonlyArray<string>,
  depth: Depth
) {
  const refs = branch === undefined ? [] : [`+refs/heads/${branch}:${FETCHED}`]
  const asked = fetching(repository, [...depth, REMOTE, ...refs, ...commits])
  const { exitCode, stderr } = yield* run(asked)
  if (exitCode === 0) return
  if (!NOT_THERE.test(stderr)) return yield* failureOf(asked, "exit", { exitCode, stderr })
  if (branch !== undefined) yield* fetchTip(repository, branch, depth)
})

/** How many times the remote is asked again without the one blob that it has named as unknown. */
const REFUSALS = 8
const NAMED = /(?:not our ref|unadvertised object) ([0-9a-f]+)/

/**
 * Fetches blobs, all at once; answers those that the remote does not give. It names but one at a time: when it has named
 * several, all that are left count as not to be had.
 */
export const fetchBlobs = Effect.fn("fetchBlobs")(function* (
  repository: PrivateRepository,
  ids: ReadonlyArray<string>
) {
  const wanted = new Set(ids)
  const refused: Array<string> = []
  while (wanted.size > 0 && refused.length < REFUSALS) {
    const list = Buffer.from(`${[...wanted].join("\n")}\n`)
    const asked = fetching(repository, ["--stdin", REMOTE], list)
    // What is here has nothing to do with blobs: there is nothing to compare.
    const { exitCode, stderr } = yield* run({
      ...asked,
      args: ["-c", "fetch.negotiationAlgorithm=noop", ...asked.args]
    })
    if (exitCode === 0) return refused
    if (!NOT_THERE.test(stderr)) return yield* failureOf(asked, "exit", { exitCode, stderr })
    const named = NAMED.exec(stderr)?.[1]
    if (named === undefined || !wanted.delete(named)) break
    refused.push(named)
  }
  return [...refused, ...wanted]
})
