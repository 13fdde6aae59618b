import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import * as Effect from "effect/Effect"
import { counted, namedBatch } from "../../batches.ts"
import { contentOf } from "../../content.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, required } from "../../Given.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch merged")(function* (given: Given, world: World) {
  const name = yield* namedBatch(given, "batch merged")
  const commit = yield* required(given, "commit", "the commit that brought the batch onto the content branch")
  const { store: _, ...origin } = yield* settingOfStop(given, world)
  const confirming = { instead: given.flag("instead"), whateverPaths: given.flag("whatever-paths") }
  const { applied, manifest } = yield* confirmMerge(origin, name, commit, confirming).pipe(
    Effect.provide(contentOf(given, world, origin.policy))
  )
  const differs = manifest.merged?.differs.map(({ path }) => path) ?? []
  const outside = manifest.merged?.outside ?? []
  return {
    exitCode: EXIT.done,
    json: { ...BatchJson.summary(manifest), applied, differs, outside },
    text: [
      `${manifest.id}: ${applied ? "merged" : "merged already"} with ${manifest.merged?.commit ?? commit}`,
      ...(differs.length === 0
        ? []
        : [`  ${counted(differs.length, "path")} not as sealed, recorded as merged: ${differs.join(", ")}`]),
      ...(outside.length === 0 ? [] : [`  came along outside the content, no part of the batch: ${outside.join(", ")}`])
    ]
  }
})

export const merged: Verb = {
  description:
    "Confirm the commit that brought a batch onto the content branch, by merge, squash or rebase, and record what differs.",
  examples: ["batchbrake batch merged 2026-01-05-001 --commit origin/main"],
  options: {
    commit: { help: "the commit on the content branch; of a rebase the last one", type: "string", value: "REV" },
    instead: { help: "in place of what was confirmed before, by mistake", type: "boolean" },
    "whatever-paths": {
      help: "though it changes none of the batch's paths: a review renamed them all",
      type: "boolean"
    }
  },
  run,
  takesNames: true,
  usage: "ID --commit REV [--instead] [--whatever-paths]"
}
