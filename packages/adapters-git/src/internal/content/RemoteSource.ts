/** Content on a branch of a remote: read by way of a private repository that borrows the objects of the user's. */
import { VersionConflict } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { run, succeed } from "../../GitProgram.ts"
import { encodePack } from "../encodePack.ts"
import { FETCHED, remoteTip } from "../fetchBranch.ts"
import { pushCommit } from "../pushCommit.ts"
import { isBranchName } from "../refuseName.ts"
import type { Attempt } from "../storeFailure.ts"
import { branchesAbove } from "./branchNames.ts"
import type { ContentSource } from "./ContentSource.ts"
import { type Depth, fetchBlobs, fetchCommit, fetchHistory, fetchTip, lazily } from "./fetchContent.ts"
import { branchesOf, isLocked } from "./localReferences.ts"
import { contentBranch, cutsIn, inOwn, isHere, makePlace, type RemoteOptions, type RemotePlace } from "./RemotePlace.ts"
import { askRemote } from "./remoteReferences.ts"

/** How far back a shallow history is fetched, in growing steps. The last is git's own word for "all". */
const FURTHER: ReadonlyArray<Depth> = [["--deepen=50"], ["--deepen=500"], ["--deepen=5000"], ["--depth=2147483647"]]

const HEADS = "refs/heads/"

const tipOf = Effect.fn("tipOf")(function* (place: RemotePlace) {
  const { branch, id } = yield* contentBranch(place)
  if (yield* isHere(place, id)) return id
  yield* fetchTip(place.repository, branch, place.depth)
  // It may have moved on in between: what came is the tip.
  const { stdout } = yield* succeed(place.repository.invocation(["rev-parse", "--verify", FETCHED]))
  return stdout.toString("utf8").trim()
})

/** What the user's repository takes a revision for, or else the remote. */
const resolve = Effect.fn("resolve")(function* ({ options, repository }: RemotePlace, revision: string) {
  if (revision === "" || revision.startsWith("-")) return undefined
  const { exitCode, stdout } = yield* run(inOwn(options, ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]))
  if (exitCode === 0) return stdout.toString("utf8").trim()
  if (/^[0-9a-f]{40,64}$/.test(revision)) return revision
  if (!isBranchName(revision)) return undefined
  const { references } = yield* askRemote(repository, [revision, `${revision}^{}`])
  const names = [`refs/tags/${revision}^{}`, `refs/tags/${revision}`, `${HEADS}${revision}`, revision]
  return names.flatMap((name) => references.get(name) ?? [])[0]
})

const branchesFor = Effect.fn("branchesFor")(function* (place: RemotePlace, wanted: string) {
  const { depth, options, repository } = place
  const branch = place.branch ?? Option.getOrUndefined(yield* Effect.option(contentBranch(place)))?.branch
  const names = [`${wanted}*`, ...branchesAbove(wanted), ...(branch === undefined ? [] : [branch])]
  const { references } = yield* askRemote(
    repository,
    names.map((name) => `${HEADS}${name}`)
  )
  const newest = references.get(`${HEADS}${branch}`)
  // What the remote has is not sent to it again; which that is, is known by its branches alone.
  if (branch !== undefined && newest !== undefined && !(yield* isHere(place, newest))) {
    yield* fetchTip(repository, branch, depth)
  }
  const there = [...references].flatMap(
    ([ref, id]): ReadonlyArray<[string, string]> => (ref.startsWith(HEADS) ? [[ref.slice(HEADS.length), id]] : [])
  )
  return { elsewhere: new Set((yield* branchesOf(inOwn(options, []))).keys()), there: new Map(there) }
})

/** Pushes under a lease on nothing. When the answer was lost, the remote is asked whether it has the very commit. */
const publish = ({ attempt, repository }: RemotePlace, branch: string, id: string) => {
  const conflict = new VersionConflict({ expected: "no branch", store: attempt.store })
  const sent = { ...attempt, isSent: true }
  return pushCommit({ attempt: sent, branch, conflict, expected: undefined, id, repository: lazily(repository) }).pipe(
    Effect.as(true),
    Effect.catchTag("VersionConflict", () => Effect.succeed(false)),
    Effect.catchTag("StoreUnavailable", (failure) =>
      failure.mayHaveLanded
        ? remoteTip(repository, branch).pipe(
            Effect.orElseSucceed(() => undefined),
            Effect.flatMap((there) => (there === id ? Effect.succeed(true) : Effect.fail(failure)))
          )
        : isLocked(failure.detail)
          ? Effect.succeed(false)
          : Effect.fail(failure)
    )
  )
}

/** Prepares the private repository in `directory` and makes the source on it. */
export const openRemote = Effect.fn("openRemote")(function* (
  directory: string,
  options: RemoteOptions,
  attempt: Attempt
) {
  const place = yield* makePlace(directory, options, attempt)
  const { depth, repository } = place
  const source: ContentSource = {
    branches: (wanted) => branchesFor(place, wanted),
    cuts: Effect.sync(() => cutsIn(place)),
    deepen: FURTHER.map((further) => (commits) => fetchHistory(repository, place.branch, commits, further)),
    fetchBlobs: (ids) => fetchBlobs(repository, ids),
    fetchCommit: (id) => fetchCommit(repository, id, depth),
    format: repository.format,
    invocation: repository.invocation,
    name: attempt.store,
    publish: (branch, id) => publish(place, branch, id),
    resolve: (revision) => resolve(place, revision),
    settings: repository.settings,
    store: (objects) =>
      Effect.asVoid(succeed(repository.invocation(["index-pack", "--stdin"], encodePack(repository.format, objects)))),
    tip: tipOf(place)
  }
  return source
})
