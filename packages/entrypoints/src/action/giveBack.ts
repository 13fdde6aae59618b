/** Behind a job that failed or was cancelled: what the step claimed is given back, so that no probe hangs. */
import { resolve } from "node:path"
import { OF_EVERY_VERB } from "../cli/Given.ts"
import { abandon } from "../cli/verb/abandon.ts"
import { annotate, runCommand, type Step } from "./Step.ts"
import { inert } from "./WorkflowCommand.ts"

/** What the step put by, by the runner's own way to hand it on. */
const stateOf = ({ environment }: Step, name: string): string => environment[`STATE_${name}`] ?? ""

/** What the gate alone knows, such as `--exit-code`, would have the whole call refused. */
const isKnown = (option: string): boolean => {
  const name = /^--([a-z-]+)/.exec(option)?.[1] ?? ""
  return [OF_EVERY_VERB, abandon.options].some((options) => Object.hasOwn(options, name))
}

/**
 * Gives back what stands under the step's run key. What was recorded meanwhile is no grant any more, so there is nothing
 * to give back and nothing is written. Never fails the job a second time: the lease ends by itself.
 */
export const giveBack = async (step: Step): Promise<number> => {
  const run = stateOf(step, "run")
  if (run === "") return 0
  const option = (name: string): ReadonlyArray<string> =>
    stateOf(step, name) === "" ? [] : [`--${name}=${stateOf(step, name)}`]
  const ecosystems = stateOf(step, "ecosystems")
    .split(" ")
    .filter((name) => name !== "")
  const args = [
    "abandon",
    `--run=${run}`,
    ...ecosystems.map((name) => `--ecosystem=${name}`),
    ...option("policy"),
    ...option("remote"),
    ...(stateOf(step, "signed") === "" ? [] : ["--signed"]),
    ...stateOf(step, "options").split("\n").filter(isKnown)
  ]
  const directory = resolve(step.environment.GITHUB_WORKSPACE ?? ".", stateOf(step, "repository") || ".")
  const { exitCode, stderr, stdout } = await runCommand(step, args, { directory })
  step.print(inert(stdout, step.random()))
  if (exitCode !== 0) {
    const message = `the grant of ${run} was not given back, and ends with its lease: ${stderr.trim()}`
    annotate(step, [{ message, severity: "warning", title: "batchbrake" }])
  }
  return 0
}
