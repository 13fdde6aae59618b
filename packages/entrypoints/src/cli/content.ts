/** The content branch that the command line and the policy mean, beside the control branch. Only batches need it. */
import * as GitContentRepository from "@batchbrake/adapters-git/GitContentRepository"
import type { Policy } from "@batchbrake/core/policy/Policy"
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import type { ControlStore } from "@batchbrake/core/port/ControlStore"
import * as Layer from "effect/Layer"
import type { Given } from "./Given.ts"
import { REMOTE_TIMEOUT_MILLIS, repositoryOf } from "./place.ts"
import { storeOf } from "./store.ts"
import type { World } from "./World.ts"

export const contentOf = (
  given: Given,
  world: World,
  { contentBranch, controlBranch }: Policy
): Layer.Layer<ContentRepository | ControlStore> => {
  const options = { branch: contentBranch, repository: repositoryOf(given, world) }
  const content = given.flag("local")
    ? GitContentRepository.layerLocal(options)
    : GitContentRepository.layerRemote({
        ...options,
        remote: given.text("remote") ?? "origin",
        timeoutMillis: REMOTE_TIMEOUT_MILLIS
      })
  return Layer.merge(content, storeOf(given, world, controlBranch))
}
