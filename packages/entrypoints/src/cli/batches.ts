/** What the batch verbs have in common: the name of a batch, and the table of batches. */
import type { Manifest } from "@batchbrake/core/batch/Manifest"
import { changesOf, landedIn } from "@batchbrake/core/batch/Manifest"
import * as Effect from "effect/Effect"
import type { InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import type { Cell, Table } from "./Page.ts"

/** The one name that a verb takes: an ID, or an alias. */
export const namedBatch = (given: Given, verb: string): Effect.Effect<string, InputUnusable> => {
  const [name, ...others] = given.names
  return name === undefined || others.length > 0
    ? refuse(`${verb} takes one batch, by its ID or by an alias; \`batchbrake batch list\` has them`)
    : Effect.succeed(name)
}

const COLOURS = { merged: "green", open: "yellow", "rolled-back": "red", sealed: "yellow" } as const

export const shortened = (commit: string | undefined): string => commit?.slice(0, 12) ?? "-"

const row = (manifest: Manifest): ReadonlyArray<string | Cell> => [
  manifest.id,
  { colour: COLOURS[manifest.state], text: manifest.state },
  shortened(landedIn(manifest) ?? manifest.head),
  String(changesOf(manifest).length),
  manifest.ecosystems.join(", ") || "-",
  manifest.aliases.join(", ") || "-"
]

/** One row a batch. */
export const batchTable = (manifests: ReadonlyArray<Manifest>): Table => ({
  head: ["BATCH", "STATE", "COMMIT", "PATHS", "ECOSYSTEMS", "ALIASES"],
  rows: manifests.map(row)
})

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
