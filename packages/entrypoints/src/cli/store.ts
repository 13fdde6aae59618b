/** The control branch that the command line means, and what a person who waits for it is told. */
import * as GitControlStore from "@batchbrake/adapters-git/GitControlStore"
import { ControlStore, StoreRefused, type StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { errorOf } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { REMOTE_TIMEOUT_MILLIS, repositoryOf } from "./place.ts"
import type { World } from "./World.ts"

/** Says once why it takes long: when a store that was out of reach is asked again. */
const telling = (store: ControlStore["Service"], world: World): ControlStore["Service"] => {
  let failure: StoreUnavailable | undefined
  let isTold = false
  const remember = (found: { readonly _tag: string } | StoreUnavailable): Effect.Effect<void> =>
    Effect.sync(() => {
      if ("mayHaveLanded" in found) failure = found
    })
  const tell = Effect.sync(() => {
    if (failure === undefined || isTold) return
    isTold = true
    world.tell(`${errorOf(failure).message}; trying again, Ctrl-C ends it`)
  })
  return {
    ...store,
    commit: (expected, change) => Effect.tapError(store.commit(expected, change), remember),
    read: (wanted) => Effect.andThen(tell, Effect.tapError(store.read(wanted), remember))
  }
}

type Service = ControlStore["Service"]

/** A rule of the forge's that only its own commits keep. What it says is only ever a hint. */
const DEMANDS_SIGNATURES = /verified signature|must be signed|rule violations|GH013|GH006/i

/** Reading is git's in any case; a commit is git's, or with `--signed` the forge's, which signs what it makes. */
const committing = (git: Service, given: Given, world: World, branch: string): Service => ({
  ...git,
  commit: given.flag("signed")
    ? (expected, change) =>
        Effect.gen(function* () {
          const { signingStore } = yield* Effect.promise(() => import("./signed.ts"))
          const signing = yield* signingStore(given, world, { branch, git })
          return yield* signing.commit(expected, change)
        })
    : (expected, change) =>
        git.commit(expected, change).pipe(
          Effect.mapError((failure) =>
            failure._tag === "StoreRefused" && DEMANDS_SIGNATURES.test(failure.detail)
              ? new StoreRefused({
                  detail: failure.detail,
                  remedy: `${failure.remedy}; where the rules of the branch demand signed commits, give --signed`,
                  store: failure.store
                })
              : failure
          )
        )
})

/** The control branch that the command line means. */
export const storeOf = (given: Given, world: World, branch: string): Layer.Layer<ControlStore> => {
  const repository = repositoryOf(given, world)
  if (given.flag("local")) return GitControlStore.layerLocal({ branch, repository })
  const remote = given.text("remote") ?? "origin"
  const options = { branch, remote, repository, timeoutMillis: REMOTE_TIMEOUT_MILLIS }
  const watched = Effect.gen(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => world.announce("waiting for the remote, or for other writers; Ctrl-C ends it")),
      (callOff) => Effect.sync(callOff)
    )
    return telling(committing(yield* ControlStore, given, world, branch), world)
  })
  return Layer.provide(Layer.effect(ControlStore, watched), GitControlStore.layerRemote(options))
}
