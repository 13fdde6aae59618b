/** `action.yml`, written from the table of inputs. */
import { INPUTS, NAMES } from "./Input.ts"

/** The one file that the Action is, beside its `action.yml`. */
export const BUNDLE = "batchbrake.cjs"

const OUTPUTS: Readonly<Record<string, string>> = {
  can_proceed: "gate: true when at least one ecosystem may run",
  ecosystems: "gate: a JSON array of those that may run",
  matrix: "gate: a JSON object for `strategy.matrix`: ecosystem, decision, run_key, batch_size, max_attempts, sampling",
  claims: "gate: a JSON array of what was granted, for `record`",
  run_keys: "gate: a JSON object of run keys by ecosystem",
  batch_sizes: "gate: a JSON object of how many recipes by ecosystem",
  max_attempts: "gate: a JSON object of how many attempts by ecosystem",
  sampling: "gate: a JSON object of sampling rates by ecosystem",
  id: "batch-open, rollback: the ID of the batch",
  branch: "rollback: its branch",
  commit: "rollback, batch-merged: the commit",
  state: "batch-seal, batch-merged: what the batch is now",
  outcome: "rollback: what came of it",
  green: "batch-judge: a JSON array of the batches that may land",
  red: "batch-judge: a JSON array of those that may not",
  pull_request: "rollback: the address of its pull request",
  applied: "whether anything was changed",
  node: "the program that runs the Action: it runs the command too, where the machine's own node is too old",
  file: "the whole answer, as a file",
  json: "the whole answer"
}

const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`

/** The text of `action.yml`. */
export const renderAction = (): string =>
  [
    "# Written by `batchbrake workflows generate`. Edits are found by `batchbrake workflows check`.",
    "name: Batchbrake",
    `description: ${quoted("Asks whether a batch may run, records what came of it, and stops it")}`,
    "inputs:",
    ...NAMES.flatMap((name) => [
      `  ${name}:`,
      `    description: ${quoted(INPUTS[name].help)}`,
      `    required: ${name === "command"}`
    ]),
    "outputs:",
    ...Object.entries(OUTPUTS).flatMap(([name, help]) => [`  ${name}:`, `    description: ${quoted(help)}`]),
    "runs:",
    "  using: node24",
    `  main: ${BUNDLE}`,
    `  post: ${BUNDLE}`,
    "  post-if: failure() || cancelled()",
    ""
  ].join("\n")
