import { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import { type ContentBench, contentRepositoryContract } from "@batchbrake/core/testing/ContentRepositoryContract"
import * as MemoryContentRepository from "@batchbrake/core/testing/MemoryContentRepository"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"

describe("The content repository in memory keeps the contract", () => {
  it.each(contentRepositoryContract)("$name", ({ run }) => {
    const repository = MemoryContentRepository.make()
    const bench: ContentBench = {
      branch: (name) => name,
      commit: repository.commit,
      entryOf: (text) => repository.entryOf(text),
      merge: (side, message) => repository.land(side, "merge", message)
    }
    return Effect.runPromise(Effect.provideService(run(bench), ContentRepository, repository.service))
  })
})
