import { Forge } from "@batchbrake/core/port/Forge"
import type { ForgeBench } from "@batchbrake/core/testing/ForgeCheck"
import { forgeContract } from "@batchbrake/core/testing/ForgeContract"
import * as MemoryForge from "@batchbrake/core/testing/MemoryForge"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"

describe("The forge in memory keeps the contract", () => {
  it.each(forgeContract)("$name", ({ run }) => {
    const forge = MemoryForge.make()
    const bench: ForgeBench = {
      checks: (commit) =>
        Effect.sync(() =>
          forge
            .checks()
            .filter((check) => check.commit === commit)
            .map(({ name, verdict }) => ({ name, verdict }))
        ),
      close: (number) => Effect.sync(() => forge.change(number, { state: "closed" })),
      push: (branch) => Effect.sync(() => forge.push(branch))
    }
    return Effect.runPromise(Effect.provideService(run(bench), Forge, forge.service))
  })
})
