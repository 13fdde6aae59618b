import * as Effect from "effect/Effect"
import { SETTINGS_FILE } from "../../../workflows/generateFiles.ts"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"
import { directoryOption } from "../../workflowFiles.ts"
import { writeWorkflows } from "../../writeWorkflows.ts"

const run = Effect.fn("workflows generate")(function* (given: Given, world: World) {
  const { because, contentBranch, directory, surplus, written } = yield* writeWorkflows(given, world)
  return {
    exitCode: EXIT.done,
    json: { content_branch: contentBranch, directory, surplus, written },
    text: [
      ...(written.length === 0 ? [`${directory}: all as it should be`] : written.map((path) => `wrote ${path}`)),
      ...(written.includes(SETTINGS_FILE) ? [`batches land on ${contentBranch}: ${because}`] : []),
      ...surplus.map((path) => `${path} is no workflow of this version: take it away`)
    ]
  }
})

export const generate: Verb = {
  description:
    "Write the workflows, the Action beside them and rulesets to import. What is yours, batch.sh and workflows.json, is " +
    "written once and never again.",
  examples: ["batchbrake workflows generate", "batchbrake workflows generate --dir .github"],
  options: { dir: directoryOption },
  run,
  takesNames: false,
  usage: "[--dir DIR]"
}
