/** The control store on git: on a branch of a remote, or on a reference of the repository itself. */
import { ControlStore } from "@batchbrake/core/port/ControlStore"
import * as Layer from "effect/Layer"
import { type LocalOptions, makeLocal } from "./internal/LocalControlStore.ts"
import { makeRemote, type RemoteOptions } from "./internal/RemoteControlStore.ts"

export type { LocalOptions, RemoteOptions }

/**
 * The branch `branch` of a remote. The user's repository is read for its configuration and never written: what is fetched
 * and built lives in a private repository in the temporary directory, which goes with the layer.
 */
export const layerRemote = (options: RemoteOptions): Layer.Layer<ControlStore> =>
  Layer.effect(ControlStore, makeRemote(options))

/** The reference `refs/batchbrake/<branch>` of the repository; its objects go where the repository keeps its own. */
export const layerLocal = (options: LocalOptions): Layer.Layer<ControlStore> =>
  Layer.sync(ControlStore, () => makeLocal(options))
