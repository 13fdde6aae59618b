import * as Effect from "effect/Effect"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import { readPolicy } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("policy check")(function* (given: Given, world: World) {
  const policy = yield* readPolicy(given, world)
  return { exitCode: EXIT.done, json: { findings: [], policy: policy.hash }, text: ["nothing found"] }
})

export const check: Verb = {
  description: "Is a policy sound?",
  examples: ["batchbrake policy check"],
  options: {},
  run,
  takesNames: true,
  usage: "[FILE]"
}
