import * as MemoryNotifier from "@batchbrake/core/testing/MemoryNotifier"
import { notifierContract } from "@batchbrake/core/testing/NotifierContract"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"

describe("The notifier in memory keeps the contract", () => {
  it.each(notifierContract)("$name", ({ run }) => Effect.runPromise(run(MemoryNotifier.make())))
})
