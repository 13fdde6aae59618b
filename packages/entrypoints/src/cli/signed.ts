/** Control commits that the forge makes, and so signs. Loaded with the first one: reading never needs it, nor a token. */
import * as GitHubControlStore from "@batchbrake/adapters-github/GitHubControlStore"
import { ControlStore, StoreRefused, type Version } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { repositoryOnForge } from "./forge.ts"
import type { Given } from "./Given.ts"
import type { World } from "./World.ts"

/** A limit is waited for by whoever writes, rather than run into again. */
const LIMIT_SECONDS = 60
/** The forge may show git a commit a moment after it answered. */
const LOOKS = { schedule: Schedule.spaced("1 second"), times: 4 }

type Service = ControlStore["Service"]

/**
 * What was committed has to show where it is read: a remote that is another repository with the same commits, such as a
 * fork or a mirror, would take a stop without ever hearing of it.
 */
const shownBy =
  (git: Service, store: string) =>
  (expected: Version | undefined): Effect.Effect<void, StoreRefused> => {
    const unseen = new StoreRefused({
      detail: `--signed: the commit was made on ${store}, and ${git.name} does not show it`,
      remedy:
        "name the remote of that repository with --remote, or set GITHUB_REPOSITORY to the one that the remote is",
      store: git.name
    })
    return git.read({ directories: [], files: [] }).pipe(
      Effect.flatMap(({ version }) => (version === expected ? Effect.fail(unseen) : Effect.void)),
      Effect.catchTag("ControlMissing", () => Effect.fail(unseen)),
      Effect.retry({ ...LOOKS, while: (failure) => failure === unseen }),
      // Who cannot look just now was answered by the forge all the same.
      Effect.catchTags({ StoreCorrupt: () => Effect.void, StoreUnavailable: () => Effect.void })
    )
  }

/** The store that commits through the API of the forge. Who cannot be asked has written nothing. */
export const signingStore = Effect.fn("signingStore")(function* (
  given: Given,
  world: World,
  { branch, git }: { readonly branch: string; readonly git: Service }
) {
  const repository = yield* repositoryOnForge(
    given,
    world,
    "signed control commits need a token with contents: write"
  ).pipe(
    Effect.mapError(
      ({ message }) =>
        new StoreRefused({ detail: `--signed: ${message}`, remedy: "nothing was written", store: git.name })
    )
  )
  const pace = { ...repository.pace, limitSeconds: LIMIT_SECONDS }
  const signing = yield* ControlStore.pipe(Effect.provide(GitHubControlStore.layer({ ...repository, branch, pace })))
  const isShown = shownBy(git, signing.name)
  const commit: Service["commit"] = (expected, change) =>
    Effect.tap(signing.commit(expected, change), () => isShown(expected))
  return { commit }
})
