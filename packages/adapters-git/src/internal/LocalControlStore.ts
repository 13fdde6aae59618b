/** The control store on a reference of the repository itself: no remote, no network. */
import { stat } from "node:fs/promises"
import { isAbsolute, resolve } from "node:path"
import {
  type Change,
  ControlMissing,
  type ControlStore,
  StoreUnavailable,
  type Version,
  VersionConflict,
  type Wanted
} from "@batchbrake/core/port/ControlStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { failureOf, type GitOutput, type Invocation, run, succeed } from "../GitProgram.ts"
import { buildCommit } from "./buildCommit.ts"
import { identityOf, LIST_SETTINGS, parseSettings, type Setting } from "./configuration.ts"
import { encodePack } from "./encodePack.ts"
import { Inherited } from "./environment.ts"
import { findCommitBack } from "./findCommitBack.ts"
import { formatOf, type ObjectFormat, zeroId } from "./GitObject.ts"
import { inRepository } from "./inRepository.ts"
import { openReader } from "./ObjectReader.ts"
import { commitFrom, Damaged, type NamedCommit, snapshotOf, type Trees } from "./readCommit.ts"
import { ASK_REPOSITORY, type Attempt, storeFailure } from "./storeFailure.ts"

export interface LocalOptions {
  /** A directory of the repository. */
  readonly repository: string
  /** The control branch; it lives in `refs/batchbrake/`. */
  readonly branch: string
}

/** A lock that is older than this was left behind. */
const STALE_LOCK_MILLIS = 5_000

interface Session {
  readonly cwd: string
  readonly name: string
  readonly ref: string
  settings: ReadonlyArray<Setting> | undefined
  last: NamedCommit | undefined
  trees: Trees
}

const invocation = ({ cwd }: Session, args: ReadonlyArray<string>, stdin?: Uint8Array): Invocation =>
  inRepository(cwd, args, stdin)

const attemptOf = ({ cwd, name }: Session, isSent: boolean): Attempt => ({
  directory: cwd,
  isSent,
  otherwise: ASK_REPOSITORY,
  store: name
})

const readerIn = (session: Session) => openReader(inRepository(session.cwd, []))

/** Where the reference points; `undefined` when it does not exist. A broken one, or one to nothing, is damage. */
const tipOf = Effect.fn("tipOf")(function* (session: Session) {
  const output = yield* run(invocation(session, ["rev-parse", "--verify", session.ref]))
  if (output.exitCode === 0) return output.stdout.toString("utf8").trim()
  if (/broken ref/.test(output.stderr)) return yield* new Damaged({ detail: `the reference ${session.ref} is broken` })
  return undefined
})

/** Reads the commit that the reference points to; `undefined` when there is no reference. */
const readTip = Effect.fn("readTip")(function* (session: Session, wanted: Wanted) {
  const reader = yield* readerIn(session)
  const [tip] = yield* reader.get([session.ref])
  if (tip === undefined) {
    const id = yield* tipOf(session)
    return id === undefined ? undefined : yield* new Damaged({ detail: `the commit ${id} is missing` })
  }
  session.last = yield* commitFrom(tip)
  session.trees = new Map()
  return yield* snapshotOf(reader, session.trees, session.last, wanted)
}, Effect.scoped)

const settingsOf = Effect.fn("settingsOf")(function* (session: Session) {
  if (session.settings === undefined) {
    const output = yield* succeed(invocation(session, LIST_SETTINGS))
    session.settings = parseSettings(output.stdout.toString("utf8"))
  }
  return session.settings
})

const formatIn = (settings: ReadonlyArray<Setting>): ObjectFormat =>
  settings.some(({ key, value }) => key === "extensions.objectformat" && value === "sha256") ? "sha256" : "sha1"

/** Writes the commit's objects into the repository; answers the commit's ID. No reference leads to it yet. */
const build = Effect.fn("build")(function* (session: Session, parent: NamedCommit | undefined, change: Change) {
  const settings = yield* settingsOf(session)
  const format = parent === undefined ? formatIn(settings) : formatOf(parent.id)
  const inherited = yield* Inherited
  const reader = yield* readerIn(session)
  const built = yield* buildCommit(reader, session.trees, {
    atSeconds: Math.floor((yield* Clock.currentTimeMillis) / 1000),
    author: identityOf("author", settings, inherited),
    change,
    committer: identityOf("committer", settings, inherited),
    format,
    parent
  })
  yield* succeed(invocation(session, ["unpack-objects", "-q"], encodePack(format, built.objects)))
  return { format, id: built.id }
}, Effect.scoped)

const LOCK = /Unable to create '(.*\.lock)': File exists/

/** How old the lock file is that stood in the way; `undefined` when it was another fault, or is gone by now. */
const staleLock = Effect.fn("staleLock")(function* (session: Session, output: GitOutput) {
  const named = LOCK.exec(output.stderr)?.[1]
  if (named === undefined) return undefined
  const path = isAbsolute(named) ? named : resolve(session.cwd, named)
  const now = yield* Clock.currentTimeMillis
  const found = yield* Effect.option(Effect.tryPromise(() => stat(path)))
  return found._tag === "Some" && now - found.value.mtimeMs > STALE_LOCK_MILLIS ? path : undefined
})

/** The reference did not move: because it was elsewhere, because of a lock, or because of a fault. */
const explain = Effect.fn("explain")(function* (session: Session, expected: Version | undefined, output: GitOutput) {
  const store = session.name
  const conflict = new VersionConflict({ expected: expected ?? "no branch", store })
  const attempt = attemptOf(session, false)
  const tip = yield* Effect.mapError(tipOf(session), (failure) => storeFailure(attempt, failure))
  if (tip !== expected) return yield* conflict
  const lock = yield* staleLock(session, output)
  if (lock !== undefined) {
    return yield* new StoreUnavailable({
      detail: `the lock file ${lock} was left behind`,
      mayHaveLanded: false,
      remedy: "remove it if no git program runs in the repository",
      store
    })
  }
  if (LOCK.test(output.stderr)) return yield* conflict
  const failed = failureOf(invocation(session, ["update-ref"]), "exit", {
    exitCode: output.exitCode,
    stderr: output.stderr
  })
  return yield* storeFailure(attempt, failed)
})

const unsent = (session: Session) => (fault: Parameters<typeof storeFailure>[1]) =>
  storeFailure(attemptOf(session, false), fault)

const commitOn = Effect.fn("LocalControlStore.commit")(function* (
  session: Session,
  expected: Version | undefined,
  change: Change
) {
  if (expected !== undefined && session.last?.id !== expected) {
    yield* Effect.mapError(readTip(session, { directories: [], files: [] }), unsent(session))
  }
  const parent = expected === undefined ? undefined : session.last
  if (parent?.id !== expected) {
    return yield* new VersionConflict({ expected: expected ?? "no branch", store: session.name })
  }
  const { format, id } = yield* Effect.mapError(build(session, parent, change), unsent(session))
  const move = ["update-ref", "--no-deref", session.ref, id, expected ?? zeroId(format)]
  const output = yield* Effect.mapError(run(invocation(session, move)), (failure) =>
    storeFailure(attemptOf(session, true), failure)
  )
  if (output.exitCode !== 0) return yield* explain(session, expected, output)
  return id
})

/** Makes the store. Nothing is done before its first use. */
export const makeLocal = (options: LocalOptions): ControlStore["Service"] => {
  const session: Session = {
    cwd: options.repository,
    last: undefined,
    name: `${options.branch} in this repository`,
    ref: `refs/batchbrake/${options.branch}`,
    settings: undefined,
    trees: new Map()
  }
  return {
    commit: (expected, change) => commitOn(session, expected, change),
    findBack: (from, accepts) =>
      findCommitBack({
        accepts,
        deepen: () => Effect.void,
        depths: [],
        from,
        isCut: () => Effect.succeed(false),
        open: readerIn(session)
      }).pipe(Effect.mapError(unsent(session))),
    name: session.name,
    read: Effect.fn("LocalControlStore.read")(function* (wanted: Wanted) {
      const snapshot = yield* Effect.mapError(readTip(session, wanted), unsent(session))
      return snapshot === undefined ? yield* new ControlMissing({ store: session.name }) : snapshot
    })
  }
}
