import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import type { Manifest } from "@batchbrake/core/batch/Manifest"
import { listBatches } from "@batchbrake/core/program/readBatches"
import * as Effect from "effect/Effect"
import { batchTable } from "../../batches.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, refuse } from "../../Given.ts"
import { ecosystemOption } from "../../order.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const STATES: ReadonlyArray<Manifest["state"]> = ["open", "sealed", "merged", "rolled-back"]

const stateOf = Effect.fn("stateOf")(function* (given: Given) {
  const stated = given.text("state")
  const state = STATES.find((one) => one === stated)
  if (stated === undefined || state !== undefined) return state
  return yield* refuse(`--state: found ${JSON.stringify(stated)}, expected one of ${STATES.join(", ")}`)
})

const run = Effect.fn("batch list")(function* (given: Given, world: World) {
  const state = yield* stateOf(given)
  const ecosystems = given.texts("ecosystem")
  const { store } = yield* settingOfStop(given, world)
  const { manifests: all, refused } = yield* listBatches().pipe(Effect.provide(store))
  const manifests = all.filter(
    (manifest) =>
      (state === undefined || manifest.state === state) &&
      (ecosystems.length === 0 || ecosystems.some((name) => manifest.ecosystems.includes(name)))
  )
  const none =
    all.length === 0
      ? "no batch yet: `batchbrake batch open --ecosystem E` opens one"
      : `none of ${all.length} batches is so`
  return {
    exitCode: EXIT.done,
    json: {
      batches: manifests.map(BatchJson.summary),
      refused: refused.map(({ code, id, message }) => ({ id, code, message }))
    },
    text: [
      manifests.length === 0 ? none : batchTable(manifests),
      ...refused.map(({ id, message }) => ({ colour: "red" as const, text: `${id}: refused: ${message}` }))
    ]
  }
})

export const list: Verb = {
  description: "Every batch, oldest first, and the manifests that are not to be believed.",
  examples: ["batchbrake batch list", "batchbrake batch list --state open --ecosystem npm --json"],
  options: {
    ecosystem: ecosystemOption,
    state: { help: "only those that are so now", type: "string", value: STATES.join("|") }
  },
  run,
  takesNames: false,
  usage: "[--ecosystem E]… [--state S]"
}
