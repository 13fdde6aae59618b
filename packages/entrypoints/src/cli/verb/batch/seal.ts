import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import { sealBatch } from "@batchbrake/core/program/sealBatch"
import * as Effect from "effect/Effect"
import { counted, namedBatch, shortened } from "../../batches.ts"
import { contentOf } from "../../content.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, required } from "../../Given.ts"
import { settingOf } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch seal")(function* (given: Given, world: World) {
  const name = yield* namedBatch(given, "batch seal")
  const base = yield* required(given, "base", "the commit that the batch's branch forked off, or the branch it is for")
  const head = yield* required(given, "head", "the last commit of the batch's branch")
  const { store: _, ...origin } = yield* settingOf(given, world)
  const { applied, manifest } = yield* sealBatch(origin, name, { base, head }).pipe(
    Effect.provide(contentOf(given, world, origin.policy))
  )
  const paths = counted(manifest.paths.length, "path")
  return {
    exitCode: EXIT.done,
    json: { ...BatchJson.summary(manifest), applied },
    text: [
      `${manifest.id}: ${applied ? "sealed" : "sealed already"}: ${paths}, from ${shortened(manifest.base)} to ${shortened(manifest.head)}`,
      `next: once it is merged, \`batchbrake batch merged ${manifest.id} --commit COMMIT\``
    ]
  }
})

export const seal: Verb = {
  description: "Settle what a batch changes: every path between where HEAD forked off BASE and HEAD, blob by blob.",
  examples: ["batchbrake batch seal 2026-01-05-001 --base origin/main --head HEAD"],
  options: {
    base: { help: "where the batch's branch forked off, or the branch it is for", type: "string", value: "REV" },
    head: { help: "the last commit of the batch's branch", type: "string", value: "REV" }
  },
  run,
  takesNames: true,
  usage: "ID --base REV --head REV"
}
