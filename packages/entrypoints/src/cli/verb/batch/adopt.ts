import type { Criterion } from "@batchbrake/core/batch/Adoption"
import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import { type Adopted, adoptBatches } from "@batchbrake/core/program/adoptBatches"
import * as Effect from "effect/Effect"
import { batchTable, counted, shortened } from "../../batches.ts"
import { contentOf } from "../../content.ts"
import { namedEcosystems } from "../../decide.ts"
import { EXIT, type InputUnusable } from "../../Failure.ts"
import { type Given, refuse } from "../../Given.ts"
import { reasonOf } from "../../input.ts"
import { ecosystemOption } from "../../order.ts"
import type { Line } from "../../Page.ts"
import { settingOf } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const patternOf = (text: string): Effect.Effect<RegExp, InputUnusable> =>
  Effect.catch(Effect.try({ catch: (cause) => reasonOf(cause), try: () => new RegExp(text) }), (reason) =>
    refuse(`--match: ${reason}`)
  )

/** Which commits are meant: one of the three ways to tell. */
const criterionOf = Effect.fn("criterionOf")(function* (given: Given) {
  const [match, trailer, commits] = [given.text("match"), given.text("trailer"), given.texts("commit")]
  const ways = [match, trailer, commits[0]].filter((way) => way !== undefined)
  if (ways.length !== 1) return yield* refuse("give one of --match REGEX, --trailer KEY and --commit REV")
  const criterion: Criterion =
    match !== undefined
      ? { _tag: "Subject", pattern: yield* patternOf(match) }
      : trailer !== undefined
        ? { _tag: "Trailer", key: trailer }
        : { _tag: "Commits", commits }
  return criterion
})

const textOf = ({ batches, fresh, skipped }: Adopted, dryRun: boolean): ReadonlyArray<Line> => [
  ...(batches.length === 0 ? [] : [batchTable(batches)]),
  `${counted(fresh.length, "batch", "batches")} ${dryRun ? "would be adopted" : "adopted"}, ` +
    `${batches.length - fresh.length} on record before, ${counted(skipped.length, "commit")} skipped`,
  ...skipped.map(({ commit, message, subject }) => `  ${shortened(commit)} ${subject}: skipped: ${message}`)
]

const run = Effect.fn("batch adopt")(function* (given: Given, world: World) {
  const criterion = yield* criterionOf(given)
  const ecosystems = yield* namedEcosystems(given)
  const dryRun = given.flag("dry-run")
  const { store: _, ...origin } = yield* settingOf(given, world)
  const adopted = yield* adoptBatches(origin, { criterion, dryRun, ecosystems }).pipe(
    Effect.provide(contentOf(given, world, origin.policy))
  )
  return {
    exitCode: EXIT.done,
    json: {
      batches: adopted.batches.map(BatchJson.summary),
      fresh: adopted.fresh,
      skipped: adopted.skipped.map(({ code, commit, message, subject }) => ({ commit, subject, code, message })),
      dry_run: dryRun
    },
    text: textOf(adopted, dryRun)
  }
})

export const adopt: Verb = {
  description:
    "Take commits of the content branch over as batches. Each gets a fresh ID of its day; older names become aliases.",
  examples: [
    "batchbrake batch adopt --match 'add batch (?<alias>\\S+) recipes' --dry-run",
    "batchbrake batch adopt --trailer Batch-Id --ecosystem npm",
    "batchbrake batch adopt --commit origin/main --ecosystem npm --dry-run"
  ],
  options: {
    commit: { help: "this very commit; may be repeated", multiple: true, type: "string", value: "REV" },
    "dry-run": { help: "show what would be adopted, write nothing", type: "boolean" },
    ecosystem: { ...ecosystemOption, help: "what they are about (default: what each commit's name says)" },
    match: {
      help: "commits whose subject matches; groups named alias and ecosystem are kept",
      type: "string",
      value: "REGEX"
    },
    trailer: { help: "commits with this trailer; its value becomes the alias", type: "string", value: "KEY" }
  },
  run,
  takesNames: false,
  usage: "(--match REGEX | --trailer KEY | --commit REV…) [--ecosystem E]… [--dry-run]"
}
