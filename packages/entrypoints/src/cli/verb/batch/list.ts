import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import { listBatches } from "@batchbrake/core/program/readBatches"
import * as Effect from "effect/Effect"
import { batchTable } from "../../batches.ts"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch list")(function* (given: Given, world: World) {
  const { store } = yield* settingOfStop(given, world)
  const { manifests, refused } = yield* listBatches().pipe(Effect.provide(store))
  return {
    exitCode: EXIT.done,
    json: {
      batches: manifests.map(BatchJson.summary),
      refused: refused.map(({ code, id, message }) => ({ id, code, message }))
    },
    text: [
      manifests.length === 0 ? "no batch yet: `batchbrake batch open --ecosystem E` opens one" : batchTable(manifests),
      ...refused.map(({ id, message }) => ({ colour: "red" as const, text: `${id}: refused: ${message}` }))
    ]
  }
})

export const list: Verb = {
  description: "Every batch, oldest first, and the manifests that are not to be believed.",
  examples: ["batchbrake batch list", "batchbrake batch list --json"],
  options: {},
  run,
  takesNames: false,
  usage: ""
}
