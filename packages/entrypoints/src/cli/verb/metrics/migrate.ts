import { migrate as migrateDatabase } from "@batchbrake/adapters-d1/migrate"
import * as Effect from "effect/Effect"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import { metricsPlace } from "../../metrics.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("metrics migrate")(function* (given: Given, world: World) {
  const { database } = yield* metricsPlace(given, world)
  const applied = yield* migrateDatabase(database)
  return {
    exitCode: EXIT.done,
    json: { applied, store: database.name },
    text: [applied.length === 0 ? `${database.name} is up to date` : `${database.name}: applied ${applied.join(", ")}`]
  }
})

export const migrate: Verb = {
  description:
    "Bring the tables of the metrics store forward. The embedded file does so by itself; D1 needs it once, and after updates.",
  examples: ["batchbrake metrics migrate"],
  options: {},
  run,
  takesNames: false,
  usage: ""
}
