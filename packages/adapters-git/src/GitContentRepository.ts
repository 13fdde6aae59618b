/** The content of a git repository: a branch of a remote, or a branch of the repository itself. */
import { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ContentSource } from "./internal/content/ContentSource.ts"
import { type LocalOptions, openLocal } from "./internal/content/LocalSource.ts"
import { makeContent } from "./internal/content/makeContent.ts"
import type { RemoteOptions } from "./internal/content/RemotePlace.ts"
import { openRemote } from "./internal/content/RemoteSource.ts"
import { makeDirectory, removeDirectory } from "./internal/PrivateRepository.ts"
import { redact } from "./internal/redact.ts"
import { isBranchName } from "./internal/refuseName.ts"
import { ASK_NETWORK, ASK_REPOSITORY, type Attempt } from "./internal/storeFailure.ts"

export type { LocalOptions, RemoteOptions }

/** The first success is kept: a repository that could not be opened is tried again. */
const openedOnce = <E>(open: Effect.Effect<ContentSource, E>): Effect.Effect<ContentSource, E> => {
  let source: ContentSource | undefined
  return Effect.suspend(() =>
    source === undefined ? Effect.tap(open, (opened) => Effect.sync(() => (source = opened))) : Effect.succeed(source)
  )
}

/** Fails when the branch cannot have this name. */
const checkName = (store: string, branch: string | undefined) =>
  branch === undefined || isBranchName(branch)
    ? Effect.void
    : Effect.fail(
        new StoreUnavailable({
          detail: "git takes no branch of this name",
          mayHaveLanded: false,
          remedy: "name another content branch in the policy",
          store
        })
      )

/**
 * A branch of a remote. The user's repository is only read: what has to be fetched, and what is built, lives in a private
 * repository in the temporary directory that borrows the user's objects and goes with the layer.
 */
export const layerRemote = (options: RemoteOptions): Layer.Layer<ContentRepository> => {
  const store = `${options.branch ?? "the content branch"} on ${redact(options.remote)}`
  const make = Effect.gen(function* () {
    let directory: string | undefined
    yield* Effect.addFinalizer(() => (directory === undefined ? Effect.void : removeDirectory(directory)))
    const attempt = (): Attempt => ({ directory: directory ?? "", isSent: false, otherwise: ASK_NETWORK, store })
    const open = Effect.gen(function* () {
      yield* checkName(store, options.branch)
      directory ??= yield* makeDirectory
      return yield* openRemote(directory, options, attempt())
    })
    return yield* makeContent(attempt, openedOnce(open))
  })
  return Layer.effect(ContentRepository, make)
}

/** A branch of the repository itself. A proposal becomes a branch of it; its HEAD, index and work tree are left alone. */
export const layerLocal = (options: LocalOptions): Layer.Layer<ContentRepository> => {
  const store = `${options.branch ?? "the content branch"} in this repository`
  const attempt = (): Attempt => ({
    directory: options.repository,
    isSent: false,
    otherwise: ASK_REPOSITORY,
    store
  })
  const open = Effect.andThen(checkName(store, options.branch), openLocal(options, store))
  return Layer.effect(ContentRepository, makeContent(attempt, openedOnce(open)))
}
