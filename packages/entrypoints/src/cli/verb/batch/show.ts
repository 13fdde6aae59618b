import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import type { Manifest } from "@batchbrake/core/batch/Manifest"
import { changesOf, encode } from "@batchbrake/core/batch/Manifest"
import { findBatch } from "@batchbrake/core/program/readBatches"
import * as Effect from "effect/Effect"
import { batchTable, namedBatch, shortened } from "../../batches.ts"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import type { Line } from "../../Page.ts"
import { settingOfStop } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const lifeOf = (manifest: Manifest): ReadonlyArray<string> => {
  const { adopted_from, base, by, head, merged, merged_again, opened_at, sealed_at } = manifest
  const asked = (address: string | undefined): string => (address === undefined ? "" : `, asked for by ${address}`)
  return [
    adopted_from === undefined ? `opened ${opened_at} by ${by}` : `adopted by ${by} from ${adopted_from}`,
    ...(sealed_at === undefined || adopted_from !== undefined
      ? []
      : [`sealed ${sealed_at}, from ${shortened(base)} to ${shortened(head)}${asked(manifest.pull_request)}`]),
    ...(merged === undefined ? [] : [`merged ${merged.at} with ${merged.commit}`]),
    ...merged_again.map((commit) => `merged again with ${commit}`),
    ...manifest.rollbacks.map(
      ({ at, branch, by: person, commit, pull_request, reason, undoes }) =>
        `${undoes === undefined ? "rolled back" : "put back"} ${at} by ${person} on ${branch} (${shortened(commit)})` +
        `${asked(pull_request)}: ${reason}`
    )
  ]
}

const pathsOf = (manifest: Manifest): ReadonlyArray<Line> => {
  const changes = changesOf(manifest)
  if (changes.length === 0) return []
  return [
    "",
    {
      head: ["PATH", "BEFORE", "AFTER"],
      rows: changes.map(({ after, before, path }) => [path, shortened(before?.blob), shortened(after?.blob)])
    }
  ]
}

const run = Effect.fn("batch show")(function* (given: Given, world: World) {
  const name = yield* namedBatch(given, "batch show")
  const { store } = yield* settingOfStop(given, world)
  const manifest = yield* findBatch(name).pipe(Effect.provide(store))
  return {
    exitCode: EXIT.done,
    json: { ...BatchJson.summary(manifest), manifest: JSON.parse(encode(manifest)) },
    text: [batchTable([manifest]), ...lifeOf(manifest).map((line) => `  ${line}`), ...pathsOf(manifest)]
  }
})

export const show: Verb = {
  description: "What is on record of a batch: its life, and every path with its blob before and after.",
  examples: ["batchbrake batch show 2026-01-05-001"],
  options: {},
  run,
  takesNames: true,
  usage: "ID"
}
