/** Runs a content repository and looks at how it failed. */
import { strict as assert } from "node:assert"
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import { ContentRepository, type Proposal } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { SECRET } from "./runStore.ts"

type Content = ContentRepository["Service"]

/** Runs `use` on a repository of its own. */
export const withContent = <A, E>(
  layer: Layer.Layer<ContentRepository>,
  use: (content: Content) => Effect.Effect<A, E>
): Promise<A> => Effect.runPromise(Effect.provide(Effect.flatMap(ContentRepository, use), layer))

/** The failure of `use`, which has to fail; its message is checked to be one line without the secret of the tests. */
export const contentFailure = async <A, E extends { readonly _tag: string; readonly message: string }>(
  layer: Layer.Layer<ContentRepository>,
  use: (content: Content) => Effect.Effect<A, E>
): Promise<E> => {
  const result = await withContent(layer, (content) => Effect.result(use(content)))
  assert.ok(Result.isFailure(result), "it did not fail")
  const { failure } = result
  assert.ok(!failure.message.includes("\n"), failure.message)
  assert.ok(!JSON.stringify([failure, failure.message, String("cause" in failure && failure.cause)]).includes(SECRET))
  return failure
}

export const file = (blob: string, mode = "100644"): TreeEntry => ({ blob, mode })

/** A proposal that says so in its message. */
export const proposal = (
  onto: string,
  entries: Readonly<Record<string, TreeEntry | undefined>>,
  more: Partial<Proposal> = {}
): Proposal => ({
  at: 1_800_000_000_000,
  branch: "rollback/2026-02-06-001",
  entries: new Map(Object.entries(entries)),
  isOurs: ({ message }) => message.includes("Rollback-Of: 2026-02-06-001"),
  message: "Roll back batch 2026-02-06-001\n\nRollback-Of: 2026-02-06-001\n",
  onto,
  ...more
})
