/** What a step takes from the runner, and how it answers. */
import { appendFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { command, type Printed } from "../cli/command.ts"
import type { World } from "../cli/World.ts"
import type { Environment } from "./Input.ts"
import { type Annotation, annotation, assignments, inert } from "./WorkflowCommand.ts"

/** All that a step takes from outside. */
export interface Step {
  readonly environment: Environment
  readonly nowMillis: () => number
  /** The program that runs this one. */
  readonly node: string
  /** Hexadecimal digits, 96 bits of them. */
  readonly random: () => string
  readonly print: (text: string) => void
}

const append = async ({ environment }: Step, variable: string, text: string): Promise<void> => {
  const path = environment[variable]
  if (path !== undefined && path !== "" && text !== "") await appendFile(path, text)
}

export const writeOutputs = (step: Step, values: Iterable<readonly [string, string]>): Promise<void> =>
  append(step, "GITHUB_OUTPUT", assignments(values, step.random))

export const saveState = (step: Step, values: Iterable<readonly [string, string]>): Promise<void> =>
  append(step, "GITHUB_STATE", assignments(values, step.random))

export const writeSummary = (step: Step, text: string): Promise<void> => append(step, "GITHUB_STEP_SUMMARY", text)

const MOST_ANNOTATIONS = 10

/** The platform keeps ten annotations of a severity a step; the log has them all. */
export const annotate = (step: Step, annotations: ReadonlyArray<Annotation>): void => {
  for (const severity of ["error", "warning", "notice"] as const) {
    const own = annotations.filter((one) => one.severity === severity)
    for (const one of own.slice(0, MOST_ANNOTATIONS)) step.print(annotation(one))
    const left = own.slice(MOST_ANNOTATIONS)
    step.print(inert(left.map(({ message, title }) => `${severity}: ${title}: ${message}\n`).join(""), step.random()))
  }
}

/** Settings of the runner's that the command itself would act on: here the step answers. */
const ANSWERED_HERE = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]

const worldOf = (step: Step, directory: string, input: string): World => ({
  announce: () => () => undefined,
  confirm: undefined,
  directory,
  environment: { ...step.environment, ...Object.fromEntries(ANSWERED_HERE.map((name) => [name, undefined])) },
  nowMillis: step.nowMillis,
  paper: { colours: false, columns: 110 },
  random: step.random,
  readInput: () => Promise.resolve(new TextEncoder().encode(input)),
  say: () => undefined,
  tell: () => undefined,
  userName: () => "workflow"
})

/** Runs the command line in a directory of the workspace; `input` is what its standard input would be. */
export const runCommand = (
  step: Step,
  args: ReadonlyArray<string>,
  place: { readonly directory: string; readonly input?: string }
): Promise<Printed> =>
  Effect.runPromise(command(args, () => "vendored", worldOf(step, place.directory, place.input ?? "")))
