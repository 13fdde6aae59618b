/** The Action's commands: each is a verb of the command line, and which inputs become which of its words. */
import * as Result from "effect/Result"
import { INPUTS, type InputFault, type InputName, type Inputs } from "./Input.ts"

export interface ActionCommand {
  /** The verb. */
  readonly verb: ReadonlyArray<string>
  /** Inputs that become options of the same name; `ecosystems` becomes `--ecosystem`, once each. */
  readonly options: ReadonlyArray<InputName>
  /** Inputs that become words of their own, behind `--`. */
  readonly names?: ReadonlyArray<InputName>
  readonly needs?: ReadonlyArray<InputName>
  /** Inputs that the Action itself answers. */
  readonly own?: ReadonlyArray<InputName>
  /** Options that a workflow always wants. */
  readonly always?: ReadonlyArray<string>
}

/** Every command takes these. */
const OF_EVERY_COMMAND: ReadonlyArray<InputName> = ["policy", "remote", "signed", "options"]
const OWN_OF_EVERY_COMMAND: ReadonlyArray<InputName> = ["command", "repository"]

/** One table: a new verb is a line here. */
export const COMMANDS: Readonly<Record<string, ActionCommand>> = {
  gate: {
    own: ["by-hand"],
    options: ["ecosystems", "batch", "run", "claim", "candidates", "limit", "landing"],
    verb: ["gate"]
  },
  record: {
    own: ["reports", "claims"],
    options: ["ecosystems", "run", "batch", "results", "passed", "failed", "skipped", "minutes", "started", "jobs"],
    verb: ["record"]
  },
  abandon: { needs: ["run"], options: ["run", "ecosystems", "minutes"], verb: ["abandon"] },
  "batch-open": { needs: ["ecosystems"], options: ["ecosystems"], verb: ["batch", "open"] },
  "batch-seal": {
    names: ["batch"],
    needs: ["batch", "base", "head"],
    options: ["base", "head"],
    verb: ["batch", "seal"]
  },
  "batch-proposed": {
    names: ["batch"],
    needs: ["batch", "pull-request"],
    options: ["pull-request"],
    verb: ["batch", "proposed"]
  },
  "batch-judge": { names: ["batch"], options: ["red-only"], verb: ["batch", "judge"] },
  "batch-merged": { names: ["batch"], options: ["commit", "head"], verb: ["batch", "merged"] },
  sli: { options: ["ecosystems"], verb: ["sli"] },
  alerts: { options: ["ecosystems", "issues"], verb: ["alerts"] },
  audit: { options: ["issues"], verb: ["audit"] },
  rollback: {
    always: ["--yes"],
    names: ["batch"],
    needs: ["batch", "reason"],
    options: ["reason", "on-changed", "undo", "pr"],
    verb: ["rollback"]
  },
  pause: {
    needs: ["reason"],
    options: ["ecosystems", "reason", "category", "incident", "until", "auto-resume", "judge"],
    verb: ["pause"]
  },
  resume: { options: ["ecosystems", "everything"], verb: ["resume"] },
  "metrics-prune": { options: [], verb: ["metrics", "prune"] },
  version: { options: [], verb: ["--version"] }
}

export const commandNamed = (name: string): ActionCommand | undefined =>
  Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined

const known = Object.keys(COMMANDS).join(", ")

/** The options that inputs become where their names differ. */
const NAMED: Partial<Readonly<Record<InputName, string>>> = { ecosystems: "ecosystem", limit: "max-attempts" }

/** A value is always behind an equals sign: whatever it begins with, it is no option. */
const optionsOf = (input: InputName, values: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (input === "options") return values
  if (INPUTS[input].shape === "flag") return [`--${input}`]
  const option = NAMED[input] ?? input
  return values.map((value) => `--${option}=${value}`)
}

const OPTION = /^--[a-z][a-z-]*(?:=.*)?$/s

const faultsOf = (
  name: string,
  { names = [], needs = [], options, own = [] }: ActionCommand,
  inputs: Inputs
): ReadonlyArray<InputFault> => {
  const takes = [...options, ...names, ...own, ...OF_EVERY_COMMAND, ...OWN_OF_EVERY_COMMAND]
  const strange = (inputs.get("options") ?? []).filter((option) => !OPTION.test(option))
  return [
    ...needs
      .filter((input) => !inputs.has(input))
      .map((input): InputFault => ({ input, message: `is missing: \`command: ${name}\` cannot do without it` })),
    ...[...inputs.keys()]
      .filter((input) => !takes.includes(input))
      .map((input): InputFault => ({ input, message: `is of no use to \`command: ${name}\`: leave it out` })),
    // The gate answers that nothing may run; anywhere else no name would come to mean every one.
    ...(name !== "gate" && inputs.get("ecosystems")?.length === 0
      ? [{ input: "ecosystems" as const, message: "names none: leave it out, or name one" }]
      : []),
    ...strange.map(
      (option): InputFault => ({
        input: "options",
        message: `found ${JSON.stringify(option)}, expected --NAME or --NAME=VALUE, one a line`
      })
    )
  ]
}

/** The command line that a command and its inputs come to. `--json` is always there: the Action reads the answer. */
export const argumentsOf = (
  name: string,
  inputs: Inputs
): Result.Result<ReadonlyArray<string>, ReadonlyArray<InputFault>> => {
  const command = commandNamed(name)
  if (command === undefined) {
    const message = `found ${JSON.stringify(name)}, expected one of: ${known}`
    return Result.fail([{ input: "command", message }])
  }
  const faults = faultsOf(name, command, inputs)
  if (faults.length > 0) return Result.fail(faults)
  const { always = [], names = [], options, verb } = command
  const words = names.flatMap((input) => inputs.get(input) ?? [])
  return Result.succeed([
    ...verb,
    ...[...options, ...OF_EVERY_COMMAND].flatMap((input) => {
      const values = inputs.get(input)
      return values === undefined ? [] : optionsOf(input, values)
    }),
    ...always,
    "--json",
    ...(words.length === 0 ? [] : ["--", ...words])
  ])
}
