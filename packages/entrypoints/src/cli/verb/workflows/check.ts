import * as Effect from "effect/Effect"
import { differences } from "../../../workflows/generateFiles.ts"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"
import { directoryOption, expectedFiles, foundFiles } from "../../workflowFiles.ts"

const run = Effect.fn("workflows check")(function* (given: Given, world: World) {
  const expected = yield* expectedFiles(given, world)
  const found = differences(expected.files, yield* foundFiles(expected))
  return {
    exitCode: found.length === 0 ? EXIT.done : EXIT.found,
    json: { directory: expected.directory, files: expected.files.size, differences: found.map((one) => ({ ...one })) },
    text:
      found.length === 0
        ? [`${expected.directory}: ${expected.files.size} files, all as this version writes them`]
        : [
            ...found.map(({ message, path }) => `${path}: ${message}`),
            "`batchbrake workflows generate` writes them anew; settings belong into workflows.json"
          ]
  }
})

export const check: Verb = {
  description: "Compare workflows, Action and rulesets with what this version writes. Exit 1 names each difference.",
  examples: ["batchbrake workflows check", "batchbrake workflows check --json"],
  options: { dir: directoryOption },
  run,
  takesNames: false,
  usage: "[--dir DIR]"
}
