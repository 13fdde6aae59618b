import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import { recordPullRequest } from "@batchbrake/core/program/recordPullRequest"
import * as Effect from "effect/Effect"
import { namedBatch } from "../../batches.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, required } from "../../Given.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("batch proposed")(function* (given: Given, world: World) {
  const name = yield* namedBatch(given, "batch proposed")
  const address = yield* required(given, "pull-request", "the address of the pull request")
  const { store, ...origin } = yield* settingOfStop(given, world)
  const which = given.flag("rollback") ? "rollback" : "batch"
  const { applied, manifest } = yield* recordPullRequest(origin, name, which, address).pipe(Effect.provide(store))
  return {
    exitCode: EXIT.done,
    json: { ...BatchJson.summary(manifest), applied, pull_request: address, proposes: which },
    text: [
      `${manifest.id}: ${applied ? "" : "known already: "}${which === "batch" ? "" : "its rollback is "}asked for by ${address}`
    ]
  }
})

export const proposed: Verb = {
  description:
    "Remember the pull request that asks for a batch, or for its newest rollback. A later one takes its place.",
  examples: [
    "batchbrake batch proposed 2026-01-05-001 --pull-request https://forge.example/o/r/pull/7",
    "batchbrake batch proposed 2026-01-05-001 --rollback --pull-request https://forge.example/o/r/pull/9"
  ],
  options: {
    "pull-request": { help: "its address", type: "string", value: "URL" },
    rollback: { help: "it asks for the newest rollback of the batch", type: "boolean" }
  },
  run,
  takesNames: true,
  usage: "ID --pull-request URL [--rollback]"
}
