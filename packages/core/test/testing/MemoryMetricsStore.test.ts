import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"

describe("The metrics store in memory keeps the contract", () => {
  it.each(metricsStoreContract)("$name", ({ run }) => Effect.runPromise(Effect.provide(run, MemoryMetricsStore.layer)))
})
