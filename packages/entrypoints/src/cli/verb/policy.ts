import * as Effect from "effect/Effect"
import { type Given, refuse } from "../Given.ts"
import type { Entry, Verb } from "../Verb.ts"

const VERBS: Readonly<Record<string, Entry>> = {
  check: {
    load: () => import("./policy/check.ts").then(({ check }) => check),
    summary: "is it sound? shape, reach of every limit, and the laws"
  }
}

const NAMES = Object.keys(VERBS).join(", ")

const run = Effect.fn("policy")(function* (given: Given) {
  const [name] = given.names
  return yield* refuse(
    `${name === undefined ? "policy alone does nothing" : `policy has no verb ${JSON.stringify(name)}`}; ` +
      `right behind it comes one of: ${NAMES}`
  )
})

export const policy: Verb = {
  description: "What a policy file would do, before it is merged.",
  examples: ["batchbrake policy check --help", "batchbrake policy check batch-policy.json"],
  options: {},
  run,
  takesNames: true,
  usage: "VERB …",
  verbs: VERBS
}
