import * as Effect from "effect/Effect"
import { type Given, refuse } from "../Given.ts"
import type { Entry, Verb } from "../Verb.ts"

const VERBS: Readonly<Record<string, Entry>> = {
  check: {
    load: () => import("./policy/check.ts").then(({ check }) => check),
    summary: "is it sound? shape, reach of every limit, and the laws"
  },
  explain: {
    load: () => import("./policy/explain.ts").then(({ explain }) => explain),
    summary: "how often its breakers trip falsely, and how soon they notice"
  },
  backtest: {
    load: () => import("./policy/backtest.ts").then(({ backtest }) => backtest),
    summary: "what another policy would have done with recorded attempts"
  },
  simulate: {
    load: () => import("./policy/simulate.ts").then(({ simulate }) => simulate),
    summary: "policies in worlds where things go wrong"
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
