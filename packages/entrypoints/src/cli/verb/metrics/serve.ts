import * as Effect from "effect/Effect"
import { type Given, refuse } from "../../Given.ts"
import type { Verb } from "../../Verb.ts"

const run = Effect.fn("metrics serve")(function* (_given: Given) {
  return yield* refuse("not yet")
})

export const serve: Verb = {
  description: "Run the Worker here.",
  examples: ["batchbrake metrics serve"],
  options: {},
  run,
  takesNames: false,
  usage: ""
}
