/** The Action's inputs: what each is for, and how it is read from the environment. */
import { isName } from "@batchbrake/core/json/Field"
import * as Result from "effect/Result"

export type Environment = Readonly<Record<string, string | undefined>>

interface Input {
  readonly help: string
  readonly shape: "text" | "flag" | "names" | "lines"
}

const text = (help: string): Input => ({ help, shape: "text" })
const flag = (help: string): Input => ({ help, shape: "flag" })

/** One table: `action.yml` is written from it, and nothing else is read. */
export const INPUTS = {
  command: text("what to do; see the table of commands in docs/github.md"),
  ecosystems: {
    help: "ecosystems, separated by spaces, commas or line ends, or a JSON array of them",
    shape: "names"
  },
  batch: text("the batch, by its ID"),
  run: text("the run key (default: run id and attempt of the workflow)"),
  claim: flag("gate: take what is granted"),
  candidates: text("gate: a file of recipes at hand, one a line"),
  landing: flag("gate: ask about what is done and is to land: minutes hold nothing"),
  limit: text("gate: at most so many recipes and attempts an ecosystem"),
  "by-hand": flag("gate: a person started this: one ecosystem, and a limit of at most 5"),
  results: text("record: a file of JSON lines {recipe, status, platform?, category?, duration_seconds?, weight?}"),
  passed: text("record: how many recipes passed"),
  failed: text("record: how many recipes failed"),
  skipped: text("record: how many recipes were skipped"),
  minutes: { help: "minutes that jobs used, PLATFORM=N a line", shape: "lines" },
  started: text("record: when the run started"),
  reports: text("record: a directory with one directory report-ECOSYSTEM for each run of a matrix"),
  claims: text("record: the gate's output `claims`; whoever is in it and reports nothing gives its grant back"),
  jobs: text(
    "record: RUN/ATTEMPT whose jobs `Generate ECOSYSTEM` did the work: their minutes count where reports state fewer"
  ),
  base: text("batch-seal: where the batch's branch forked off, or the branch it is for"),
  head: text("batch-seal: the last commit of the batch's branch; batch-merged: the head of its pull request"),
  commit: text("batch-merged: the commit that brought it onto the content branch"),
  "pull-request": text("batch-proposed: the address of the pull request"),
  reason: text("pause, rollback: why; kept in the log"),
  category: text("pause: what kind of stop this is"),
  incident: text("pause: where the incident is written down"),
  until: text("pause: when it is expected to end"),
  "auto-resume": flag("pause: resume by itself at `until`"),
  judge: flag("pause: then look at the open pull requests of batches, and turn red what may not land any more"),
  "red-only": flag("batch-judge: take green back, and give none"),
  everything: flag("resume: lift every pause"),
  "on-changed": text("rollback: what was changed since: skip, three-way or force"),
  undo: flag("rollback: take the newest rollback of the batch out again"),
  pr: flag("rollback: open the pull request"),
  issues: flag("alerts, audit: keep one issue open for each that stands; the token comes by GITHUB_TOKEN"),
  options: { help: "further options of the verb, --NAME or --NAME=VALUE, one a line", shape: "lines" },
  policy: text("the policy, FILE or REV:PATH (default: batch-policy.json of the work tree)"),
  signed: flag("have GitHub make control commits, and so sign them; takes its token from GITHUB_TOKEN"),
  repository: text("the directory of the clone (default: the workspace)"),
  remote: text("the remote that has the control branch (default: origin)")
} as const satisfies Readonly<Record<string, Input>>

export type InputName = keyof typeof INPUTS

/** What an input says: always a list; a flag that is set is `["true"]`. */
export type Inputs = ReadonlyMap<InputName, ReadonlyArray<string>>

export interface InputFault {
  readonly input: InputName
  readonly message: string
}

const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name)

/** The names of all inputs, in the order of the table. */
export const NAMES: ReadonlyArray<InputName> = Object.keys(INPUTS).filter(isInput)

/** The runner's own way to hand an input on. */
export const variableOf = (input: string): string => `INPUT_${input.replaceAll(" ", "_").toUpperCase()}`

const shown = (value: string): string => {
  const quoted = JSON.stringify(value)
  return quoted.length > 60 ? `${quoted.slice(0, 60)}…` : quoted
}

const words = (value: string): ReadonlyArray<string> => {
  if (!value.startsWith("[")) return value.split(/[\s,]+/).filter((word) => word !== "")
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) ? list.map(String) : [value]
  } catch {
    return [value]
  }
}

const linesOf = (value: string): ReadonlyArray<string> =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")

const readOne = (input: InputName, value: string): Result.Result<ReadonlyArray<string>, string> => {
  switch (INPUTS[input].shape) {
    case "flag":
      if (value === "false") return Result.succeed([])
      return value === "true" ? Result.succeed([value]) : Result.fail(`found ${shown(value)}, expected true or false`)
    case "names": {
      const names = [...new Set(words(value))]
      const wrong = names.find((name) => !isName(name))
      return wrong === undefined
        ? Result.succeed(names)
        : Result.fail(`found ${shown(wrong)}, expected names of ecosystems: 1 to 64 characters from a-z 0-9 . _ - each`)
    }
    case "lines":
      return Result.succeed(linesOf(value))
    case "text":
      return value.includes("\0") ? Result.fail("found a character NUL, expected text") : Result.succeed([value])
  }
}

/** Reads what is set; an input that is empty is not there; a list of names without a name is. All faults at once. */
export const read = (environment: Environment): Result.Result<Inputs, ReadonlyArray<InputFault>> => {
  const inputs = new Map<InputName, ReadonlyArray<string>>()
  const faults: Array<InputFault> = []
  for (const input of NAMES) {
    const value = (environment[variableOf(input)] ?? "").trim()
    if (value === "") continue
    const read = readOne(input, value)
    if (Result.isFailure(read)) faults.push({ input, message: read.failure })
    // A list that names nothing is kept as that: left out it would mean all of them.
    else if (read.success.length > 0 || INPUTS[input].shape === "names") inputs.set(input, read.success)
  }
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(inputs)
}

/** The one value of an input. */
export const valueOf = (inputs: Inputs, input: InputName): string | undefined => inputs.get(input)?.[0]
