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
  readonly name: string
  readonly options: RemoteOptions
  directory: string | undefined
  repository: PrivateRepository | undefined
  last: NamedCommit | undefined
  trees: Trees
}

const prepared = Effect.fn("prepared")(function* (session: Session) {
  if (session.repository !== undefined) return session.repository
  session.directory ??= yield* makeDirectory
  session.repository = yield* configure(session.directory, session.options)
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
const readNewest = Effect.fn("readNewest")(function* (repository: PrivateRepository, session: Session, wanted: Wanted) {
  yield* fetchBranch(repository, session.options.branch, 1)
  const reader = yield* readerIn(repository)
  const [tip] = yield* reader.get([FETCHED])
  if (tip === undefined) return yield* new Damaged({ detail: "the commit that was fetched is missing" })
  session.last = yield* commitFrom(tip)
  session.trees = new Map()
  return yield* snapshotOf(reader, session.trees, session.last, wanted)
}, Effect.scoped)

/** The commit to build on, with its trees at hand: the last one read, or else the remote's newest. */
const parentOf = Effect.fn("parentOf")(function* (repository: PrivateRepository, session: Session, expected: Version) {
  if (session.last?.id !== expected) {
    yield* readNewest(repository, session, { directories: [], files: [] })
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

type Fault = Parameters<typeof storeFailure>[1]

const attemptOf = (session: Session, isSent: boolean): Attempt => ({
  directory: session.directory ?? "",
  isSent,
  otherwise: ASK_NETWORK,
  store: session.name
})

/** A failure before anything was sent. */
const unsent = (session: Session) => (fault: Fault) => storeFailure(attemptOf(session, false), fault)

const missingOrUnsent = (session: Session) => (fault: Fault) =>
  fault._tag === "GitFailed" && isBranchMissing(fault, session.options.branch)
    ? new ControlMissing({ store: session.name })
    : unsent(session)(fault)

const commitOn = Effect.fn("RemoteControlStore.commit")(function* (
  session: Session,
  expected: Version | undefined,
  change: Change
) {
  const { branch } = session.options
  const conflict = new VersionConflict({ expected: expected ?? "no branch", store: session.name })
  const repository = yield* Effect.mapError(prepared(session), unsent(session))
  let parent: NamedCommit | undefined
  if (expected !== undefined) {
    parent = yield* parentOf(repository, session, expected).pipe(
      Effect.mapError(missingOrUnsent(session)),
      Effect.catchTag("ControlMissing", () => Effect.fail(conflict))
    )
    if (parent === undefined) return yield* conflict
  }
  const id = yield* Effect.mapError(build(repository, session, parent, change), unsent(session))
  yield* pushCommit({ attempt: attemptOf(session, true), branch, conflict, expected, id, repository })
  return id
})

const findBackOn = Effect.fn("RemoteControlStore.findBack")(function* (
  session: Session,
  from: Version,
  accepts: Parameters<ControlStore["Service"]["findBack"]>[1]
) {
  const repository = yield* prepared(session)
  return yield* findCommitBack({
    accepts,
    deepen: (depth) => fetchBranch(repository, session.options.branch, depth),
    depths: DEPTHS,
    from,
    isCut: (id) => isCut(repository, id),
    open: readerIn(repository)
  })
})

/** Makes the store. Nothing is done before its first use; what it made goes with the scope. */
export const makeRemote = Effect.fn("makeRemote")(function* (options: RemoteOptions) {
  const session: Session = {
    directory: undefined,
    last: undefined,
    name: `${options.branch} on ${redact(options.remote)}`,
    options,
    repository: undefined,
    trees: new Map()
  }
  yield* Effect.addFinalizer(() => (session.directory === undefined ? Effect.void : removeDirectory(session.directory)))
  // Two programs at once would meet in the private repository's own locks.
  const oneAtATime = Semaphore.withPermit(yield* Semaphore.make(1))
  const store: ControlStore["Service"] = {
    commit: (expected, change) => oneAtATime(commitOn(session, expected, change)),
    findBack: (from, accepts) => oneAtATime(Effect.mapError(findBackOn(session, from, accepts), unsent(session))),
    name: session.name,
    read: (wanted) =>
      prepared(session).pipe(
        Effect.flatMap((repository) => readNewest(repository, session, wanted)),
        Effect.mapError(missingOrUnsent(session)),
        oneAtATime
      )
  }
  return store
})
