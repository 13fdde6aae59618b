/** A private repository that stands for a remote: what is known of it, and which branch of it is meant. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { RevisionUnknown } from "@batchbrake/core/port/ContentRepository"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { type Invocation, run } from "../../GitProgram.ts"
import { openReader } from "../ObjectReader.ts"
import { borrowObjects, configure, type PrivateRepository } from "../PrivateRepository.ts"
import type { Attempt } from "../storeFailure.ts"
import { type Depth, lazily } from "./fetchContent.ts"
import { askRemote } from "./remoteReferences.ts"

export interface RemoteOptions {
  /** A directory of the user's repository. */
  readonly repository: string
  /** The name of a remote, or an address. */
  readonly remote: string
  /** The content branch, without `refs/heads/`; the one that the remote's HEAD names unless it is given. */
  readonly branch?: string | undefined
  /** How long the remote may take for one answer. */
  readonly timeoutMillis: number
}

export interface RemotePlace {
  readonly options: RemoteOptions
  readonly repository: PrivateRepository
  /** How far back a fetch of something new goes. */
  readonly depth: Depth
  readonly attempt: Attempt
  /** The content branch, once it is known. */
  branch: string | undefined
}

/** Git in the user's repository. It must not fetch there what a partial clone lacks. */
export const inOwn = ({ repository, timeoutMillis }: RemoteOptions, args: ReadonlyArray<string>): Invocation => ({
  args,
  cwd: repository,
  environment: { GIT_NO_LAZY_FETCH: "1" },
  timeoutMillis
})

const shallowIn = ({ directory }: PrivateRepository): string => join(directory, "shallow")

/** The commits that are here without their parents. */
export const cutsIn = ({ repository }: RemotePlace): ReadonlySet<string> => {
  const path = shallowIn(repository)
  return new Set(existsSync(path) ? readFileSync(path, "utf8").split("\n") : [])
}

/** Where the user's clone leaves out more than blobs, nothing can be said of a tree before it has come. */
const lacksTrees = ({ settings }: PrivateRepository): boolean =>
  settings.some(({ key, value }) => /^remote\..*\.partialclonefilter$/.test(key) && !value.startsWith("blob:"))

/**
 * A whole history is brought up to date, which costs what is new. A shallow one, or none, gets the newest commit alone: all
 * of it may be any number of commits.
 */
const depthFor = Effect.fn("depthFor")(function* (repository: PrivateRepository, options: RemoteOptions) {
  if (existsSync(shallowIn(repository))) return ["--depth=1"]
  const { stdout } = yield* run(inOwn(options, ["for-each-ref", "--count=1"]))
  return stdout.length === 0 ? ["--depth=1"] : []
})

/** Lays the private repository out in `directory`. */
export const makePlace = Effect.fn("makePlace")(function* (
  directory: string,
  options: RemoteOptions,
  attempt: Attempt
) {
  const configured = yield* configure(directory, options)
  yield* borrowObjects(configured)
  const repository = lacksTrees(configured) ? lazily(configured) : configured
  const depth = yield* depthFor(repository, options)
  const place: RemotePlace = { attempt, branch: options.branch, depth, options, repository }
  return place
})

/** Whether an object is here. */
export const isHere = Effect.fn("isHere")(function* ({ repository }: RemotePlace, id: string) {
  const reader = yield* openReader(repository.invocation([]))
  return (yield* reader.get([id]))[0] !== undefined
}, Effect.scoped)

const HEADS = "refs/heads/"

/** The content branch's name, and where the remote has it. */
export const contentBranch = Effect.fn("contentBranch")(function* (place: RemotePlace) {
  const { attempt, options, repository } = place
  const asked = options.branch === undefined ? "HEAD" : `${HEADS}${options.branch}`
  const { head, references } = yield* askRemote(repository, [asked])
  const id = references.get(asked)
  if (id === undefined) {
    return yield* new RevisionUnknown({ repository: attempt.store, revision: options.branch ?? "HEAD" })
  }
  const branch = options.branch ?? (head?.startsWith(HEADS) === true ? head.slice(HEADS.length) : undefined)
  if (branch === undefined) {
    return yield* new StoreUnavailable({
      detail: "its HEAD names no branch",
      mayHaveLanded: false,
      remedy: "name the content branch in the policy",
      store: attempt.store
    })
  }
  place.branch = branch
  return { branch, id }
})
