/** The control store on a branch of a remote, by way of a private repository. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  type Change,
  ControlMissing,
  type ControlStore,
  type Version,
  VersionConflict,
  type Wanted
} from "@batchbrake/core/port/ControlStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { succeed } from "../GitProgram.ts"
import { buildCommit } from "./buildCommit.ts"
import { identityOf } from "./configuration.ts"
import { encodePack } from "./encodePack.ts"
import { Inherited } from "./environment.ts"
import { FETCHED, fetchBranch, isBranchMissing } from "./fetchBranch.ts"
import { findCommitBack } from "./findCommitBack.ts"
import { openReader } from "./ObjectReader.ts"
import { configure, makeDirectory, type PrivateRepository, removeDirectory } from "./PrivateRepository.ts"
import { pushCommit } from "./pushCommit.ts"
import { commitFrom, Damaged, type NamedCommit, snapshotOf, type Trees } from "./readCommit.ts"
import { redact } from "./redact.ts"
import { ASK_NETWORK, type Attempt, storeFailure } from "./storeFailure.ts"

export interface RemoteOptions {
  /** A directory of the user's repository. */
  readonly repository: string
  /** The name of a remote, or an address. */
  readonly remote: string
  /** The control branch, without `refs/heads/`. */
  readonly branch: string
  /** How long the remote may take for one answer. */
  readonly timeoutMillis: number
}

/** What the store keeps between two calls: where it works, and the last commit that it read. */
interface Session {
  directory: string | undefined
  repository: PrivateRepository | undefined
  last: NamedCommit | undefined
  trees: Trees
}

const prepared = Effect.fn("prepared")(function* (options: RemoteOptions, session: Session) {
  if (session.repository !== undefined) return session.repository
  session.directory ??= yield* makeDirectory
  session.repository = yield* configure(session.directory, options)
  return session.repository
})

const readerIn = (repository: PrivateRepository) => openReader(repository.invocation([]))

/** How deep history is fetched, in growing steps. The last is git's own word for "all". */
const DEPTHS = [50, 500, 5_000, 2_147_483_647]

/** Whether history was cut below a commit. */
const isCut = ({ directory }: PrivateRepository, id: string) =>
  Effect.tryPromise(() => readFile(join(directory, "shallow"), "utf8")).pipe(
    Effect.map((shallow) => shallow.split("\n").includes(id)),
    Effect.orElseSucceed(() => false)
  )

/** Fetches the newest commit and reads what is wanted of it. */
const readNewest = Effect.fn("readNewest")(function* (
  repository: PrivateRepository,
  session: Session,
  branch: string,
  wanted: Wanted
) {
  yield* fetchBranch(repository, branch, 1)
  const reader = yield* readerIn(repository)
  const [tip] = yield* reader.get([FETCHED])
  if (tip === undefined) return yield* new Damaged({ detail: "the commit that was fetched is missing" })
  session.last = yield* commitFrom(tip)
  session.trees = new Map()
  return yield* snapshotOf(reader, session.trees, session.last, wanted)
}, Effect.scoped)

/** The commit to build on, with its trees at hand: the last one read, or else the remote's newest. */
const parentOf = Effect.fn("parentOf")(function* (
  repository: PrivateRepository,
  session: Session,
  branch: string,
  expected: Version
) {
  if (session.last?.id !== expected) {
    yield* readNewest(repository, session, branch, { directories: [], files: [] })
  }
  return session.last?.id === expected ? session.last : undefined
})

/** Builds the commit in the private repository; answers its ID. */
const build = Effect.fn("build")(function* (
  repository: PrivateRepository,
  session: Session,
  parent: NamedCommit | undefined,
  change: Change
) {
  const inherited = yield* Inherited
  const reader = yield* readerIn(repository)
  const built = yield* buildCommit(reader, session.trees, {
    atSeconds: Math.floor((yield* Clock.currentTimeMillis) / 1000),
    author: identityOf("author", repository.settings, inherited),
    change,
    committer: identityOf("committer", repository.settings, inherited),
    format: repository.format,
    parent
  })
  yield* succeed(repository.invocation(["unpack-objects", "-q"], encodePack(repository.format, built.objects)))
  return built.id
}, Effect.scoped)

/** Makes the store. Nothing is done before its first use; what it made goes with the scope. */
export const makeRemote = Effect.fn("makeRemote")(function* (options: RemoteOptions) {
  const { branch } = options
  const name = `${branch} on ${redact(options.remote)}`
  const session: Session = { directory: undefined, last: undefined, repository: undefined, trees: new Map() }
  yield* Effect.addFinalizer(() => (session.directory === undefined ? Effect.void : removeDirectory(session.directory)))
  const oneAtATime = Semaphore.withPermit(yield* Semaphore.make(1))
  const attempt = (isSent: boolean): Attempt => ({
    directory: session.directory ?? "",
    isSent,
    otherwise: ASK_NETWORK,
    store: name
  })
  const unsent = (failure: Parameters<typeof storeFailure>[1]) => storeFailure(attempt(false), failure)
  const missingOr = (failure: Parameters<typeof storeFailure>[1]) =>
    failure._tag === "GitFailed" && isBranchMissing(failure, branch)
      ? new ControlMissing({ store: name })
      : unsent(failure)

  const read = (wanted: Wanted) =>
    prepared(options, session).pipe(
      Effect.flatMap((repository) => readNewest(repository, session, branch, wanted)),
      Effect.mapError(missingOr),
      oneAtATime
    )

  const commit = Effect.fn("RemoteControlStore.commit")(function* (expected: Version | undefined, change: Change) {
    const conflict = new VersionConflict({ expected: expected ?? "no branch", store: name })
    const repository = yield* Effect.mapError(prepared(options, session), unsent)
    const parent =
      expected === undefined
        ? undefined
        : yield* parentOf(repository, session, branch, expected).pipe(
            Effect.mapError((failure) => (missingOr(failure)._tag === "ControlMissing" ? conflict : unsent(failure)))
          )
    if (expected !== undefined && parent === undefined) return yield* conflict
    const id = yield* Effect.mapError(build(repository, session, parent, change), unsent)
    yield* pushCommit({ attempt: attempt(true), branch, conflict, expected, id, repository })
    return id
  }, oneAtATime)

  const findBack: ControlStore["Service"]["findBack"] = (from, accepts) =>
    prepared(options, session).pipe(
      Effect.flatMap((repository) =>
        findCommitBack({
          accepts,
          deepen: (depth) => fetchBranch(repository, branch, depth),
          depths: DEPTHS,
          from,
          isCut: (id) => isCut(repository, id),
          open: readerIn(repository)
        })
      ),
      Effect.mapError(unsent),
      oneAtATime
    )

  const store: ControlStore["Service"] = { commit, findBack, name, read }
  return store
})
