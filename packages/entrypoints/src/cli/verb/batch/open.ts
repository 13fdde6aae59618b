import { openBatch } from "@batchbrake/core/program/openBatch"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../../decide.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, refuse } from "../../Given.ts"
import { ecosystemOption } from "../../order.ts"
import { settingOf } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch open")(function* (given: Given, world: World) {
  const ecosystems = yield* namedEcosystems(given)
  if (ecosystems.length === 0) return yield* refuse("name at least one ecosystem: --ecosystem E")
  const { store, ...origin } = yield* settingOf(given, world)
  const { id } = yield* openBatch(origin, ecosystems).pipe(Effect.provide(store))
  return {
    exitCode: EXIT.done,
    json: { id },
    text: [
      `${id}: opened for ${ecosystems.join(", ")}`,
      `next: once its branch is done, \`batchbrake batch seal ${id} --base BASE --head HEAD\``
    ]
  }
})

export const open: Verb = {
  description: "Give out the next batch ID of the day. Of any number of openings at once each gets an ID of its own.",
  examples: ["batchbrake batch open --ecosystem npm", "batchbrake batch open --ecosystem npm --ecosystem pypi --json"],
  options: { ecosystem: { ...ecosystemOption, help: "an ecosystem that the batch is about; may be repeated" } },
  run,
  takesNames: false,
  usage: "--ecosystem E…"
}
