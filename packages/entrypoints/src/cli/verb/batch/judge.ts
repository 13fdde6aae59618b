import * as BatchId from "@batchbrake/core/batch/BatchId"
import * as Effect from "effect/Effect"
import { type Given, refuse } from "../../Given.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch judge")(function* (given: Given, world: World) {
  const odd = given.names.find((name) => !BatchId.isBatchId(name))
  if (odd !== undefined) {
    return yield* refuse(`found ${JSON.stringify(odd)}, expected batch IDs (YYYY-MM-DD-NNN): a branch has no alias`)
  }
  const { judge } = yield* Effect.promise(() => import("../../judge.ts"))
  return yield* judge(given, world, [...new Set(given.names)])
})

export const judge: Verb = {
  description:
    "Ask the gate about batches whose pull requests are open: the check `batchbrake` of each turns green or red, and what " +
    "is red does not land by itself. Needs GITHUB_TOKEN.",
  examples: [
    "batchbrake batch judge",
    "batchbrake batch judge --red-only",
    "batchbrake batch judge 2026-01-05-001 --json"
  ],
  options: {
    "red-only": { help: "take green back, and give none: what waits for a person goes on waiting", type: "boolean" }
  },
  run,
  takesNames: true,
  usage: "[ID…] [--red-only]"
}
