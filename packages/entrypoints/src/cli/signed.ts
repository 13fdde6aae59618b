/** Control commits that the forge makes, and so signs. Loaded with the first one: reading never needs it, nor a token. */
import * as GitHubControlStore from "@batchbrake/adapters-github/GitHubControlStore"
import { ControlStore, StoreRefused } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { repositoryOnForge } from "./forge.ts"
import type { Given } from "./Given.ts"
import type { World } from "./World.ts"

/** The store that commits through the API of the forge. Who cannot be asked has written nothing. */
export const signingStore = Effect.fn("signingStore")(function* (
  given: Given,
  world: World,
  { branch, store }: { readonly branch: string; readonly store: string }
) {
  const repository = yield* repositoryOnForge(
    given,
    world,
    "signed control commits need a token with contents: write"
  ).pipe(
    Effect.mapError(
      ({ message }) => new StoreRefused({ detail: `--signed: ${message}`, remedy: "nothing was written", store })
    )
  )
  return yield* ControlStore.pipe(Effect.provide(GitHubControlStore.layer({ ...repository, branch })))
})
