/** Starts the bundled Action as the runner does: inputs and files by the environment, and a second time behind the job. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { script } from "../Command.ts"
import { readAssignments } from "./RunnerFile.ts"

/** The file that `build.ts` makes. */
export const bundlePath = (): string => join(dirname(script()), "../dist/action/batchbrake.cjs")

export interface StepEnded {
  readonly exitCode: number | null
  /** stdout and stderr. */
  readonly log: string
  readonly outputs: ReadonlyMap<string, string>
  readonly state: ReadonlyMap<string, string>
  readonly summary: string
}

export interface StepStart {
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  /** A directory for the step's files. */
  readonly temporary: string
}

const FILES = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"]
const LONGEST_MILLIS = 60_000

/** Runs any program as a step. */
export const runProgram = (
  program: string,
  args: ReadonlyArray<string>,
  { cwd, environment, temporary }: StepStart
): Promise<StepEnded & { readonly exported: ReadonlyMap<string, string> }> => {
  const directory = mkdtempSync(join(temporary, "step-"))
  const files = Object.fromEntries(FILES.map((name) => [name, join(directory, name)]))
  for (const path of Object.values(files)) writeFileSync(path, "")
  const child = spawn(program, args, { cwd, env: { ...environment, ...files }, timeout: LONGEST_MILLIS })
  const parts: Array<Buffer> = []
  child.stdout.on("data", (chunk: Buffer) => parts.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => parts.push(chunk))
  child.stdin.end()
  const read = (name: string): string => readFileSync(files[name] ?? "", "utf8")
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (exitCode) =>
      resolve({
        exitCode,
        exported: readAssignments(read("GITHUB_ENV")),
        log: Buffer.concat(parts).toString("utf8"),
        outputs: readAssignments(read("GITHUB_OUTPUT")),
        state: readAssignments(read("GITHUB_STATE")),
        summary: read("GITHUB_STEP_SUMMARY")
      })
    )
  })
}

const inputVariables = (inputs: Readonly<Record<string, string>>): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))

/** Runs the Action's step; `bundle` where it is not the one that was built. */
export const runAction = (
  inputs: Readonly<Record<string, string>>,
  start: StepStart,
  bundle = bundlePath()
): Promise<StepEnded> =>
  runProgram(process.execPath, [bundle], {
    ...start,
    environment: { ...start.environment, ...inputVariables(inputs) }
  })

/** Runs what comes behind the job, with the state that the step put by. */
export const runBehind = (
  inputs: Readonly<Record<string, string>>,
  state: ReadonlyMap<string, string>,
  start: StepStart,
  bundle = bundlePath()
): Promise<StepEnded> => {
  const variables = [...state].map(([name, value]) => [`STATE_${name}`, value] as const)
  const environment = { ...start.environment, ...Object.fromEntries(variables) }
  return runAction(inputs, { ...start, environment }, bundle)
}
