import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import type { Manifest, Rollback } from "@batchbrake/core/batch/Manifest"
import { confirmHead } from "@batchbrake/core/program/confirmHead"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import type { Origin } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { counted, namedBatch } from "../../batches.ts"
import { contentOf } from "../../content.ts"
import { EXIT } from "../../Failure.ts"
import { type Given, refuse, required } from "../../Given.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

interface Confirmed {
  readonly applied: boolean
  readonly manifest: Manifest
  readonly rollback: Rollback | undefined
}

/** What is confirmed: the batch that is named, or the one that a pull request's head belongs to. */
const confirmation = Effect.fn("confirmation")(function* (given: Given, origin: Origin) {
  const head = given.text("head")
  if (head !== undefined) {
    if (given.names.length > 0) return yield* refuse("--head finds the batch: leave its name out, or --head")
    return yield* confirmHead(origin, head, given.text("commit"))
  }
  const name = yield* namedBatch(given, "batch merged")
  const commit = yield* required(given, "commit", "the commit that brought the batch onto the content branch")
  return { ...(yield* confirmMerge(origin, name, commit)), rollback: undefined }
})

const textOf = ({ applied, manifest: { id, merged }, rollback }: Confirmed): ReadonlyArray<string> => {
  if (rollback !== undefined) return [`${id}: ${rollback.commit} rolls it back, and is on record: nothing to confirm`]
  const differs = merged?.differs.map(({ path }) => path) ?? []
  const outside = merged?.outside ?? []
  return [
    `${id}: ${applied ? "merged" : "merged already"} with ${merged?.commit}`,
    ...(differs.length === 0
      ? []
      : [`  ${counted(differs.length, "path")} not as sealed, recorded as merged: ${differs.join(", ")}`]),
    ...(outside.length === 0 ? [] : [`  came along outside the content, no part of the batch: ${outside.join(", ")}`])
  ]
}

const run = Effect.fn("batch merged")(function* (given: Given, world: World) {
  const { store: _, ...origin } = yield* settingOfStop(given, world)
  const confirmed: Confirmed = yield* confirmation(given, origin).pipe(
    Effect.provide(contentOf(given, world, origin.policy))
  )
  const { applied, manifest, rollback } = confirmed
  return {
    exitCode: EXIT.done,
    json: {
      ...BatchJson.summary(manifest),
      applied,
      confirms: rollback === undefined ? "batch" : "rollback",
      differs: manifest.merged?.differs.map(({ path }) => path) ?? [],
      outside: manifest.merged?.outside ?? []
    },
    text: textOf(confirmed)
  }
})

export const merged: Verb = {
  description:
    "Confirm the commit that brought a batch onto the content branch, by merge, squash or rebase, and record what differs. " +
    "The head of a rollback's pull request is known too; being on record, it changes nothing.",
  examples: [
    "batchbrake batch merged 2026-01-05-001 --commit origin/main",
    'batchbrake batch merged --head "$(git rev-parse work)" --commit origin/main'
  ],
  options: {
    commit: {
      help: "the commit on the content branch; of a rebase the last one. Optional with --head",
      type: "string",
      value: "REV"
    },
    head: {
      help: "in place of the ID: the whole commit that its pull request asked for",
      type: "string",
      value: "SHA"
    }
  },
  run,
  takesNames: true,
  usage: "ID --commit REV | --head SHA [--commit REV]"
}
