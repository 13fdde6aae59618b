/** The step: inputs in, the same command line as everywhere, and outputs, summary and annotations out. */
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { isObject, type JsonObject } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"
import { argumentsOf } from "./ActionCommand.ts"
import { boundsOf } from "./boundsOf.ts"
import { collectReports } from "./collectReports.ts"
import { fitMatrix } from "./fitMatrix.ts"
import { HELD, ofGate } from "./gateOutcome.ts"
import { type InputFault, type Inputs, read, valueOf, variableOf } from "./Input.ts"
import { ofJudged } from "./judgedOutcome.ts"
import * as Markdown from "./Markdown.ts"
import { type Outcome, ofAnswer, ofReports } from "./Outcome.ts"
import { annotate, runCommand, type Step, saveState, writeOutputs, writeSummary } from "./Step.ts"
import { inert } from "./WorkflowCommand.ts"

const FAILED = 1

const refuse = async (step: Step, faults: ReadonlyArray<InputFault>): Promise<number> => {
  annotate(
    step,
    faults.map(({ input, message }) => ({ message: `${input}: ${message}`, severity: "error", title: "batchbrake" }))
  )
  const rows = faults.map(({ input, message }) => [input, message])
  await writeSummary(
    step,
    `${Markdown.heading("batchbrake: nothing was run")}${Markdown.table(["Input", "Fault"], rows)}\n`
  )
  return FAILED
}

/** The answer on stdout; anything else there is no answer. */
const answerOf = (stdout: string): JsonObject => {
  try {
    const answer: unknown = JSON.parse(stdout)
    if (isObject(answer)) return answer
  } catch {
    // Said below.
  }
  return { error: { code: "internal", message: "the command gave no answer that can be read; please report it" } }
}

/** The directory that the command runs in: the clone. */
export const directoryOf = (step: Step, inputs: Inputs): string =>
  resolve(step.environment.GITHUB_WORKSPACE ?? ".", valueOf(inputs, "repository") ?? ".")

/** The key of this workflow's runs, unless one is named: the same for all ecosystems, so that one commit gives all back. */
const withRunKey = (step: Step, name: string, inputs: Inputs): Inputs => {
  const wants = inputs.has("claim") || (name === "record" && !inputs.has("reports"))
  const { GITHUB_RUN_ATTEMPT: attempt, GITHUB_RUN_ID: id } = step.environment
  const key = valueOf(inputs, "run") ?? (id === undefined || id === "" ? undefined : `${id}-${attempt ?? "1"}`)
  return key === undefined || !wants ? inputs : new Map([...inputs, ["run", [key]]])
}

/** Before anything is claimed: an end that comes in between finds what there may be to give back. */
const rememberClaim = (step: Step, inputs: Inputs): Promise<void> =>
  inputs.has("claim")
    ? saveState(step, [
        ["run", valueOf(inputs, "run") ?? ""],
        ["ecosystems", (inputs.get("ecosystems") ?? []).join(" ")],
        ["policy", valueOf(inputs, "policy") ?? ""],
        ["remote", valueOf(inputs, "remote") ?? ""],
        ["signed", valueOf(inputs, "signed") ?? ""],
        ["repository", valueOf(inputs, "repository") ?? ""],
        ["options", (inputs.get("options") ?? []).join("\n")]
      ])
    : Promise.resolve()

/** The answer as a file, for scripts: what comes by the environment has an end at 128 KiB. */
const keepAnswer = (step: Step, answer: string): ReadonlyArray<readonly [string, string]> => {
  const directory = step.environment.RUNNER_TEMP ?? ""
  if (directory === "") return []
  const path = join(directory, `batchbrake-${step.random()}.json`)
  writeFileSync(path, answer, { flag: "wx" })
  return [["file", path]]
}

const outcomeOf = (name: string, inputs: Inputs, answer: JsonObject): Outcome => {
  if (name === "gate") return ofGate(answer)
  if (name === "batch-judge" || inputs.has("judge")) return ofJudged(name, answer)
  return name === "record" && inputs.has("reports") ? ofReports(answer) : ofAnswer(name, answer)
}

interface Prepared {
  readonly args: ReadonlyArray<string>
  readonly input: string
}

/** The command line, and what goes with it. */
const prepare = (step: Step, name: string, inputs: Inputs): Result.Result<Prepared, ReadonlyArray<InputFault>> => {
  const args = argumentsOf(name, inputs)
  if (Result.isFailure(args)) return Result.fail(args.failure)
  const beyond = boundsOf(inputs)
  if (beyond.length > 0) return Result.fail(beyond)
  const reports = valueOf(inputs, "reports")
  const claims = valueOf(inputs, "claims")
  if (reports === undefined && claims === undefined) {
    return Result.succeed({ args: args.success, input: "" })
  }
  if (reports === undefined || claims === undefined) {
    const input = reports === undefined ? "reports" : "claims"
    return Result.fail([{ input, message: "is missing: `reports` and `claims` go together" }])
  }
  const lines = collectReports(resolve(step.environment.GITHUB_WORKSPACE ?? ".", reports), claims)
  return Result.isFailure(lines)
    ? Result.fail([{ input: "claims", message: lines.failure }])
    : Result.succeed({ args: [...args.success, "--reports=-"], input: lines.success })
}

/** Of a gate's answer what a matrix can hold; the grants of the others are given back in one commit. */
const fitted = async (
  step: Step,
  inputs: Inputs,
  args: ReadonlyArray<string>,
  answer: JsonObject
): Promise<JsonObject> => {
  const turn = Number(step.environment.GITHUB_RUN_NUMBER ?? "0")
  const { answer: own, left } = fitMatrix(answer, Number.isSafeInteger(turn) && turn > 0 ? turn : 0)
  const run = valueOf(inputs, "run")
  if (left.length === 0 || !inputs.has("claim") || run === undefined) return own
  const shared = args.filter((word) => /^--(?:policy|remote|local|signed)(?:=|$)/.test(word))
  const giving = ["abandon", `--run=${run}`, ...left.map((name) => `--ecosystem=${name}`), ...shared]
  const { stderr } = await runCommand(step, giving, { directory: directoryOf(step, inputs) })
  step.print(inert(stderr, step.random()))
  return own
}

/** A gate that is asked about nothing: nothing may run, and nothing is wrong. */
const allowNothing = async (step: Step): Promise<number> => {
  const { outputs, summary } = ofGate({ ecosystems: [] })
  await writeOutputs(step, outputs)
  await writeSummary(step, summary)
  return 0
}

const perform = async (step: Step, name: string, inputs: Inputs): Promise<number> => {
  const prepared = prepare(step, name, inputs)
  if (Result.isFailure(prepared)) return refuse(step, prepared.failure)
  const { args, input } = prepared.success
  if (name === "gate" && inputs.get("ecosystems")?.length === 0) return allowNothing(step)
  await rememberClaim(step, inputs)
  const printed = await runCommand(step, args, { directory: directoryOf(step, inputs), input })
  const said = answerOf(printed.stdout)
  const answer = name === "gate" ? await fitted(step, inputs, args, said) : said
  const outcome = outcomeOf(name, inputs, answer)
  step.print(inert(printed.stderr, step.random()))
  annotate(step, outcome.annotations)
  await writeOutputs(step, outcome.outputs)
  await writeOutputs(step, keepAnswer(step, outcome.outputs.get("json") ?? ""))
  await writeSummary(step, outcome.summary)
  return printed.exitCode
}

/** Runs the step; answers its exit code. A gate has said no before it is asked anything. */
export const runStep = async (step: Step): Promise<number> => {
  const name = (step.environment[variableOf("command")] ?? "").trim()
  await writeOutputs(step, [["node", step.node]])
  if (name === "gate") await writeOutputs(step, HELD)
  const inputs = read(step.environment)
  if (Result.isFailure(inputs)) return refuse(step, inputs.failure)
  return perform(step, name, withRunKey(step, name, inputs.success))
}
