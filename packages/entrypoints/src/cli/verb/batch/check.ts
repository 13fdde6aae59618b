import { gatherChanges } from "@batchbrake/core/program/gatherChanges"
import * as Effect from "effect/Effect"
import { counted, shortened } from "../../batches.ts"
import { contentOf } from "../../content.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, required } from "../../Given.ts"
import { readPolicy } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch check")(function* (given: Given, world: World) {
  const base = yield* required(given, "base", "the commit that the changes forked off, or the branch they are for")
  const head = yield* required(given, "head", "the last commit of the changes")
  const policy = yield* readPolicy(given, world)
  const gathered = yield* gatherChanges(policy, { base, head }).pipe(Effect.provide(contentOf(given, world, policy)))
  if (gathered._tag === "Unfit") {
    const { code, message } = gathered.objection
    return {
      exitCode: EXIT.found,
      json: { fits: false, refusal: { code, message } },
      text: [`${head} is no batch: ${message}`]
    }
  }
  const paths = gathered.changes.map(({ path }) => path)
  const ends = `from ${shortened(gathered.base)} to ${shortened(gathered.head)}`
  return {
    exitCode: EXIT.done,
    json: { fits: true, base: gathered.base, head: gathered.head, paths },
    text: [`${head} is fit to be a batch: ${counted(paths.length, "path")}, ${ends}`]
  }
})

export const check: Verb = {
  description: "Whether changes could be sealed as a batch, before one is opened for them. Writes nothing.",
  examples: ["batchbrake batch check --base origin/main --head HEAD"],
  options: {
    base: { help: "where the changes forked off, or the branch they are for", type: "string", value: "REV" },
    head: { help: "the last commit of the changes", type: "string", value: "REV" }
  },
  run,
  takesNames: false,
  usage: "--base REV --head REV"
}
