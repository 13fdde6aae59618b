import * as Effect from "effect/Effect"
import { type Given, refuse } from "../Given.ts"
import type { Entry, Verb } from "../Verb.ts"

const VERBS: Readonly<Record<string, Entry>> = {
  generate: {
    load: () => import("./workflows/generate.ts").then(({ generate }) => generate),
    summary: "write workflows, Action and rulesets"
  },
  check: {
    load: () => import("./workflows/check.ts").then(({ check }) => check),
    summary: "are they as this version writes them?"
  }
}

const NAMES = Object.keys(VERBS).join(", ")

const run = Effect.fn("workflows")(function* (given: Given) {
  const [name] = given.names
  return yield* refuse(
    `${name === undefined ? "workflows alone does nothing" : `workflows has no verb ${JSON.stringify(name)}`}; ` +
      `right behind it comes one of: ${NAMES}`
  )
})

export const workflows: Verb = {
  description: "Workflows for GitHub: the batch pipeline, the buttons that stop and roll back, checks and alerts.",
  examples: ["batchbrake workflows generate", "batchbrake workflows check"],
  options: {},
  run,
  takesNames: true,
  usage: "VERB …",
  verbs: VERBS
}
