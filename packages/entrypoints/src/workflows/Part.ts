/** Parts that workflows share. */
import * as Judgement from "@batchbrake/core/batch/Judgement"
import { BUNDLE } from "../action/renderAction.ts"
import { pinned } from "./PinnedAction.ts"
import type { Plan } from "./Plan.ts"
import { render, type Yaml } from "./Yaml.ts"

/** Where the Action lies in a repository that uses it. */
export const HOME = ".github/batchbrake"
/** The command in a script: the node that the machine has may be too old, so it is the one that runs the Action. */
export const COMMAND = `"$NODE" ${HOME}/${BUNDLE}`
/** The label of every pull request that brings a batch. */
export const LABEL = "batchbrake"
/** The name under which a commit is said to be fit to land, or not. */
export const CHECK = Judgement.CHECK

export type Mapping = { readonly [key: string]: Yaml }

/** `${{ … }}`: anywhere but inside a script, where a value would become part of the program. */
export const expression = (text: string): string => `$\{{ ${text} }}`

/** A token of an app where the repository has one: pull requests that the workflow's own token opens start no workflow. */
export const TOKEN = expression("secrets.BATCHBRAKE_TOKEN || github.token")

/** Who asks first is served first, and nobody is dropped: without `queue` a third one would end the second. */
export const queued = (group: string): Mapping => ({ group, "cancel-in-progress": false, queue: "max" })

/**
 * The content branch as it is now. Its credentials stay in the clone only where a later step writes; a job that runs
 * anybody's program is given none.
 */
export const checkOut = ({ content_branch }: Plan, keeps: "keeps its token" | "keeps no token"): Mapping => ({
  name: `Check out ${content_branch}`,
  uses: pinned("actions/checkout"),
  with: { ref: content_branch, "persist-credentials": keeps === "keeps its token" }
})

/** A step of the Action. Where control commits are signed it has the job's own token, unless it is given another. */
export const act = (
  { policy, signed }: Plan,
  step: { readonly name: string; readonly id?: string; readonly if?: string; readonly env?: Mapping },
  inputs: Mapping
): Mapping => {
  const { env, ...head } = step
  const signs = signed === true && inputs.command !== "version"
  const variables = { ...(signs ? { GITHUB_TOKEN: expression("github.token") } : {}), ...env }
  return {
    ...head,
    uses: `./${HOME}`,
    ...(Object.keys(variables).length === 0 ? {} : { env: variables }),
    with: { ...inputs, policy, ...(signs ? { signed: true } : {}) }
  }
}

/** Finds the node for `COMMAND`: a script takes it from here by its environment. */
export const locate = (plan: Plan, condition: { readonly if?: string } = {}): Mapping =>
  act(plan, { id: "command", name: "Find the command", ...condition }, { command: "version" })
export const NODE = expression("steps.command.outputs.node")

/** A step of shell: all that it is told comes by its environment. */
export const script = (
  step: { readonly name: string; readonly id?: string; readonly if?: string },
  env: Mapping,
  lines: ReadonlyArray<string>
): Mapping => ({
  ...step,
  shell: "bash",
  ...(Object.keys(env).length === 0 ? {} : { env }),
  run: lines.length === 1 ? (lines[0] ?? "") : `${lines.join("\n")}\n`
})

/** Where the store of metrics is, if there is one outside. */
export const METRICS: Mapping = {
  BATCHBRAKE_D1_DATABASE: expression("vars.BATCHBRAKE_D1_DATABASE"),
  CLOUDFLARE_ACCOUNT_ID: expression("vars.CLOUDFLARE_ACCOUNT_ID"),
  CLOUDFLARE_API_TOKEN: expression("secrets.CLOUDFLARE_API_TOKEN")
}

/** What a job needs that keeps issues, and no more: their label is made with the first of them. */
export const KEEPS_ISSUES: Mapping = {
  contents: "read",
  issues: { note: "one issue for each alert that stands", value: "write" }
}
/** The job's own token, which can do what its permissions say. */
export const TOKEN_OF_JOB: Mapping = { GITHUB_TOKEN: expression("github.token") }

export interface Job {
  readonly name: string
  readonly needs?: string | ReadonlyArray<string>
  readonly if?: string
  readonly minutes: number
  /** The least that its steps need; each with the reason. */
  readonly permissions: Mapping
  readonly outputs?: Mapping
  readonly concurrency?: Mapping
  readonly strategy?: Mapping
  readonly env?: Mapping
  readonly steps: ReadonlyArray<Mapping>
}

export const job = (
  { runner }: Plan,
  { env, minutes, name, outputs, permissions, steps, strategy, ...rest }: Job
): Mapping => ({
  name,
  ...rest,
  "runs-on": runner,
  "timeout-minutes": minutes,
  permissions,
  ...(outputs === undefined ? {} : { outputs }),
  ...(strategy === undefined ? {} : { strategy }),
  ...(env === undefined ? {} : { env }),
  steps
})

export interface Workflow {
  readonly name: string
  readonly on: Mapping
  /** Where a job alone waits for others, it says so itself. */
  readonly concurrency?: Mapping
  readonly jobs: Mapping
}

const HEADER =
  "# Written by `batchbrake workflows generate`, and compared by `batchbrake workflows check`: settings stand in\n" +
  `# ${HOME}/workflows.json, and what one ecosystem's batch is made by in ${HOME}/batch.sh. Edits here are found.\n`

/** The text of a workflow. No job has any permission that it does not name. */
export const renderWorkflow = ({ concurrency, jobs, name, on }: Workflow): string =>
  HEADER + render({ name, on, permissions: {}, ...(concurrency === undefined ? {} : { concurrency }), jobs })
