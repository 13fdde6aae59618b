import * as Effect from "effect/Effect"
import { type Given, refuse } from "../Given.ts"
import type { Entry, Verb } from "../Verb.ts"

const VERBS: Readonly<Record<string, Entry>> = {
  open: {
    load: () => import("./batch/open.ts").then(({ open }) => open),
    summary: "give out the next batch ID of the day"
  },
  check: {
    load: () => import("./batch/check.ts").then(({ check }) => check),
    summary: "could these changes be sealed as one?"
  },
  seal: {
    load: () => import("./batch/seal.ts").then(({ seal }) => seal),
    summary: "settle what a batch changes, blob by blob"
  },
  proposed: {
    load: () => import("./batch/proposed.ts").then(({ proposed }) => proposed),
    summary: "remember the pull request that asks for it, or for its rollback"
  },
  judge: {
    load: () => import("./batch/judge.ts").then(({ judge }) => judge),
    summary: "say on the open pull requests of batches whether they may land now"
  },
  merged: {
    load: () => import("./batch/merged.ts").then(({ merged }) => merged),
    summary: "confirm the commit that brought it onto the content branch"
  },
  list: {
    load: () => import("./batch/list.ts").then(({ list }) => list),
    summary: "every batch, oldest first"
  },
  show: {
    load: () => import("./batch/show.ts").then(({ show }) => show),
    summary: "what is on record of one"
  },
  adopt: {
    load: () => import("./batch/adopt.ts").then(({ adopt }) => adopt),
    summary: "take commits over that were batches before there were manifests"
  }
}

const NAMES = Object.keys(VERBS).join(", ")

const run = Effect.fn("batch")(function* (given: Given) {
  const [name] = given.names
  return yield* refuse(
    `${name === undefined ? "batch alone does nothing" : `batch has no verb ${JSON.stringify(name)}`}; ` +
      `right behind it comes one of: ${NAMES}`
  )
})

export const batch: Verb = {
  description:
    "The life of a batch: opened, sealed, proposed, merged. What is sealed can be taken out again: `batchbrake rollback`.",
  examples: ["batchbrake batch open --ecosystem npm", "batchbrake batch list", "batchbrake batch seal --help"],
  options: {},
  run,
  takesNames: true,
  usage: "VERB …",
  verbs: VERBS
}
