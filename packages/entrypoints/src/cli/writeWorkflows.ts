/** Writes the workflows, the Action and the rulesets; what is the user's only where it is not there. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { differences, startingFiles } from "../workflows/generateFiles.ts"
import type { Given } from "./Given.ts"
import type { World } from "./World.ts"
import { expectedFiles, foundFiles, writeWhole } from "./workflowFiles.ts"

export interface Wrote {
  readonly directory: string
  readonly contentBranch: string
  /** Why it is that one. */
  readonly because: string
  /** Paths below the directory. */
  readonly written: ReadonlyArray<string>
  /** Ours, and no workflow of this version: not written, and not taken away either. */
  readonly surplus: ReadonlyArray<string>
}

export const writeWorkflows = Effect.fn("writeWorkflows")(function* (given: Given, world: World) {
  const expected = yield* expectedFiles(given, world)
  const { because, directory, files, plan, settings } = expected
  const found = differences(files, yield* foundFiles(expected))
  const starting = [...startingFiles(settings)].filter(([path]) => !existsSync(join(directory, path)))
  const wanting = new Set(found.filter(({ code }) => code !== "surplus").map(({ path }) => path))
  const writing = [...starting, ...[...files].filter(([path]) => wanting.has(path))]
  for (const [path, text] of writing) yield* writeWhole(join(directory, path), text)
  const wrote: Wrote = {
    because,
    contentBranch: plan.content_branch,
    directory,
    surplus: found.filter(({ code }) => code === "surplus").map(({ path }) => path),
    written: writing.map(([path]) => path)
  }
  return wrote
})
