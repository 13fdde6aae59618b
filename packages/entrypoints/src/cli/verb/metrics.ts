import * as Effect from "effect/Effect"
import { type Given, refuse } from "../Given.ts"
import type { Entry, Verb } from "../Verb.ts"

const VERBS: Readonly<Record<string, Entry>> = {
  migrate: {
    load: () => import("./metrics/migrate.ts").then(({ migrate }) => migrate),
    summary: "bring the store's tables forward"
  },
  push: {
    load: () => import("./metrics/push.ts").then(({ push }) => push),
    summary: "hand in the reports that wait in the spool"
  },
  prune: {
    load: () => import("./metrics/prune.ts").then(({ prune }) => prune),
    summary: "remove old runs; their sums stay"
  },
  rebuild: {
    load: () => import("./metrics/rebuild.ts").then(({ rebuild }) => rebuild),
    summary: "restore runs from the control branch"
  },
  serve: {
    load: () => import("./metrics/serve.ts").then(({ serve }) => serve),
    summary: "run the Worker here, on a database of its own"
  }
}

const NAMES = Object.keys(VERBS).join(", ")

const run = Effect.fn("metrics")(function* (given: Given) {
  const [name] = given.names
  return yield* refuse(
    `${name === undefined ? "metrics alone does nothing" : `metrics has no verb ${JSON.stringify(name)}`}; ` +
      `right behind it comes one of: ${NAMES}`
  )
})

export const metrics: Verb = {
  description:
    "The store of the reports: D1 where BATCHBRAKE_D1_DATABASE names one, else the embedded file. Advisory: no gate asks it.",
  examples: ["batchbrake metrics push", "batchbrake metrics rebuild", "batchbrake metrics prune --help"],
  options: {},
  run,
  takesNames: true,
  usage: "VERB …",
  verbs: VERBS
}
