/** Every file that a repository is given, by its path below the directory of the forge's files. */
import { BUNDLE, renderAction } from "../action/renderAction.ts"
import type { Plan, Settings } from "./Plan.ts"
import { contentRuleset, controlRuleset } from "./rulesets.ts"
import { WORKFLOWS } from "./table.ts"

export const SETTINGS_FILE = "batchbrake/workflows.json"

/** Whether a path below the directory looks like a workflow of ours. */
export const isOurs = (path: string): boolean => /^workflows\/batchbrake-[a-z-]+\.yml$/.test(path)

/** Ours: compared by `workflows check`, written over by `workflows generate`. */
export const generatedFiles = (plan: Plan, bundle: string): ReadonlyMap<string, string> =>
  new Map([
    ...Object.entries(WORKFLOWS).map(([name, render]): [string, string] => [
      `workflows/batchbrake-${name}.yml`,
      render(plan)
    ]),
    ["batchbrake/action.yml", renderAction()],
    [`batchbrake/${BUNDLE}`, bundle],
    ["batchbrake/rulesets/content-branch.json", contentRuleset(plan)],
    ["batchbrake/rulesets/control-branch.json", controlRuleset(plan)]
  ])

const COMMAND_OF_YOURS = `#!/usr/bin/env bash
# Makes and validates the recipes of one ecosystem. This file is yours: it is written once, and never again.
#
#   BATCHBRAKE_ECOSYSTEM      which one
#   BATCHBRAKE_RECIPES        at most so many recipes
#   BATCHBRAKE_ATTEMPTS       at most so many validations
#   BATCHBRAKE_DECISION       run, or probe: then only the recipes of BATCHBRAKE_PROBE_RECIPES, a JSON array
#   BATCHBRAKE_SAMPLING       a JSON object: the part of the recipes to validate, by platform
#   BATCHBRAKE_RESULTS        the file to write results to as they come, one JSON line each:
#                             {"recipe": "recipes/a.rb", "status": "passed"}   passed, failed or skipped
#
# What it leaves changed in the work tree, committed or not, is the batch. Leave no recipe there that failed. When it fails,
# nothing that it changed is kept, and the results that it wrote count; where it writes no result nothing is proposed.
set -euo pipefail

echo "write your command into .github/batchbrake/batch.sh" >&2
exit 1
`

/** The user's: written where they are not there. */
export const startingFiles = (settings: Settings): ReadonlyMap<string, string> =>
  new Map([
    [SETTINGS_FILE, `${JSON.stringify(settings, null, 2)}\n`],
    ["batchbrake/batch.sh", COMMAND_OF_YOURS]
  ])

/** How a file differs from what it should be. */
export interface Difference {
  readonly code: "missing" | "differs" | "surplus"
  readonly path: string
  readonly message: string
}

const shown = (line: string | undefined): string => {
  if (line === undefined) return "the end of the file"
  const text = JSON.stringify(line)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

const differs = (path: string, found: string, expected: string): Difference => {
  const [own, other] = [found.split("\n"), expected.split("\n")]
  const at = other.findIndex((line, place) => line !== own[place])
  const place = at < 0 ? other.length : at
  // Of a program that was packed into few lines no line says anything.
  const message = path.endsWith(".cjs")
    ? "is another build of the Action than this one"
    : `line ${place + 1}: found ${shown(own[place])}, expected ${shown(other[place])}`
  return { code: "differs", message, path }
}

/** Compares what is there with what should be there. */
export const differences = (
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>
): ReadonlyArray<Difference> => [
  ...[...expected].flatMap(([path, text]): ReadonlyArray<Difference> => {
    const own = found.get(path)
    if (own === undefined) return [{ code: "missing", message: "is not there", path }]
    return own === text ? [] : [differs(path, own, text)]
  }),
  ...[...found.keys()]
    .filter((path) => isOurs(path) && !expected.has(path))
    .map((path): Difference => ({ code: "surplus", message: "is no workflow of this version: take it away", path }))
]
