import { controlStoreContract } from "@batchbrake/core/testing/ControlStoreContract"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"

describe("The control store in memory keeps the contract", () => {
  it.each(controlStoreContract)("$name", ({ run }) => Effect.runPromise(Effect.provide(run, MemoryControlStore.layer)))
})
