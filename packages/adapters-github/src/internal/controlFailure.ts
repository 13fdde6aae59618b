/** What GitHub did not do, in the words of the control store. */
import { StoreRefused, StoreUnavailable, VersionConflict } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import type { ForgeFailure } from "./classify.ts"

/** A failure that no reader and no writer can do anything about but report it. */
export const storeFailure = (store: string, failure: ForgeFailure): StoreUnavailable | StoreRefused => {
  switch (failure._tag) {
    case "ForgeRefused": {
      const { detail, remedy } = failure
      return new StoreRefused({ detail, remedy, store })
    }
    case "ForgeLimited":
      return new StoreUnavailable({ detail: failure.message, mayHaveLanded: false, remedy: "wait until then", store })
    case "ForgeUnavailable": {
      const { detail, mayHaveLanded } = failure
      return new StoreUnavailable({ detail, mayHaveLanded, remedy: "try again later", store })
    }
  }
}

/** Reading: whatever GitHub did not do. */
export const inStore =
  (store: string) =>
  <A>(effect: Effect.Effect<A, ForgeFailure>): Effect.Effect<A, StoreUnavailable | StoreRefused> =>
    Effect.mapError(effect, (failure) => storeFailure(store, failure))

/** What a conflict names where no branch was expected. */
const NO_BRANCH = "no branch"

/**
 * Writing: a head that is elsewhere, or nowhere, is a conflict. GitHub says so plainly of a branch that is there; of any
 * other no the look tells which it is: an empty repository is refused in the same words as a branch that another began.
 */
export const orConflict =
  (store: string, expected: string | undefined, isMoved: Effect.Effect<boolean, ForgeFailure>) =>
  <A>(effect: Effect.Effect<A, ForgeFailure>): Effect.Effect<A, VersionConflict | StoreUnavailable | StoreRefused> =>
    Effect.catch(effect, (failure) => {
      const conflict = new VersionConflict({ expected: expected ?? NO_BRANCH, store })
      if (failure._tag !== "ForgeRefused") return Effect.fail(storeFailure(store, failure))
      if (failure.reason === "moved" && expected !== undefined) return Effect.fail(conflict)
      if (!DOUBTFUL.includes(failure.reason)) return Effect.fail(storeFailure(store, failure))
      return Effect.flatMap(inStore(store)(isMoved), (moved) =>
        Effect.fail(moved ? conflict : storeFailure(store, failure))
      )
    })

const DOUBTFUL: ReadonlyArray<string> = ["moved", "missing", "invalid"]
