/** The control store on git: on a branch of a remote, or on a reference of the repository itself. */
import { ControlStore } from "@batchbrake/core/port/ControlStore"
import * as Layer from "effect/Layer"
import { type LocalOptions, makeLocal } from "./internal/LocalControlStore.ts"
import { makeRemote, type RemoteOptions } from "./internal/RemoteControlStore.ts"
import { isBranchName, refuseName } from "./internal/refuseName.ts"

export type { LocalOptions, RemoteOptions }

/**
 * The branch `branch` of a remote. The user's repository is read for its configuration and never written: what is fetched
 * and built lives in a private repository in the temporary directory, which goes with the layer.
 */
export const layerRemote = (options: RemoteOptions): Layer.Layer<ControlStore> =>
  isBranchName(options.branch)
    ? Layer.effect(ControlStore, makeRemote(options))
    : Layer.succeed(ControlStore, refuseName(options.branch))

/** The reference `refs/batchbrake/<branch>` of the repository; its objects go where the repository keeps its own. */
export const layerLocal = (options: LocalOptions): Layer.Layer<ControlStore> =>
  Layer.sync(ControlStore, () => (isBranchName(options.branch) ? makeLocal(options) : refuseName(options.branch)))
