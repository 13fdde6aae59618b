/** A run of a workflow: its jobs in the order of their needs, a matrix at once. */
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { PULLS_TOKEN } from "../ForgeServer.ts"
import type { Workshop } from "../Workshop.ts"
import { type Contexts, holds, valueOf } from "./Expression.ts"
import type { JobRow } from "./ForgeApi.ts"
import { type Ground, type JobEnded, type Result, runJob } from "./runJob.ts"
import { type JobFile, needsOf, readWorkflow } from "./WorkflowFile.ts"

export interface Trigger {
  readonly event: "schedule" | "workflow_dispatch" | "pull_request"
  readonly inputs?: Readonly<Record<string, string | boolean>>
  /** The event's payload. */
  readonly payload?: unknown
  /** Where the workflow is taken from, instead of the content branch: a pull request brings its own. */
  readonly revision?: string
  readonly runId?: string
  readonly attempt?: string
  /** Jobs that are not run again, as they ended. */
  readonly kept?: ReadonlyMap<string, JobEnded>
  /** What those jobs handed in: the directory of {@link RunEnded.reports}. */
  readonly reports?: string
  readonly secrets?: Readonly<Record<string, string>>
  /** The repository's variables. */
  readonly vars?: Readonly<Record<string, string>>
  /** What happens before a step; `true` cancels the run there. */
  readonly before?: (job: string, step: string) => Promise<boolean> | Promise<void>
  /** Whether the machine of a job dies at a step: nothing more runs there. */
  readonly kills?: (job: string, step: string) => boolean
  /** Whether a step fails by itself, as one does that the platform's own services let down. */
  readonly fails?: (job: string, step: string) => boolean
  /** Told of each job when it ends, with the run and its attempt, `4711/1`. */
  readonly ended?: (attempt: string, job: JobRow) => void
  readonly environment?: NodeJS.ProcessEnv
}

export interface RunEnded {
  readonly jobs: ReadonlyMap<string, JobEnded>
  /** The jobs of a matrix, each by itself. */
  readonly matrix: ReadonlyArray<JobEnded>
  readonly log: string
  /** Where what its jobs handed in lies. */
  readonly reports: string
}

const SKIPPED: JobEnded = { log: "", outputs: {}, ran: [], result: "skipped", summary: "" }

const resultOf = (results: ReadonlyArray<Result>): Result => {
  if (results.includes("cancelled")) return "cancelled"
  return results.includes("failure") ? "failure" : "success"
}

const matrixOf = (file: JobFile, contexts: Contexts, ground: Ground): ReadonlyArray<unknown> | undefined => {
  if (file.strategy === undefined) return undefined
  const value = valueOf(file.strategy.matrix, contexts, { cancelled: ground.cancelled, failed: false })
  const include: unknown = Object(value).include
  if (!Array.isArray(include) || include.length === 0) throw new Error("a matrix must have at least one entry")
  return include
}

const runMatrix = async (
  ground: Ground,
  id: string,
  file: JobFile,
  contexts: Contexts,
  entries: ReadonlyArray<unknown>
): Promise<ReadonlyArray<JobEnded>> => {
  const ended: Array<JobEnded> = []
  const waiting = [...entries]
  const worker = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      ended.push(await runJob(ground, id, file, { ...contexts, matrix: entry }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(8, file.strategy?.["max-parallel"] ?? 1) }, worker))
  return ended
}

const groundOf = (workshop: Workshop, trigger: Trigger, directory: string): Ground => ({
  artifacts: trigger.reports ?? join(directory, "artifacts"),
  before: async (job, step) => (await trigger.before?.(job, step)) === true,
  cancelled: false,
  directory,
  ended: (job) => trigger.ended?.(`${trigger.runId ?? "4711"}/${trigger.attempt ?? "1"}`, job),
  environment: {
    ...workshop.environment,
    GITHUB_ACTOR: "octocat",
    GITHUB_REPOSITORY: "octo/registry",
    GITHUB_RUN_ATTEMPT: trigger.attempt ?? "1",
    GITHUB_RUN_ID: trigger.runId ?? "4711",
    ...trigger.environment
  },
  git: workshop.git,
  fails: (job, step) => trigger.fails?.(job, step) === true,
  kills: (job, step) => trigger.kills?.(job, step) === true,
  remote: workshop.remote
})

/** Runs the text of a workflow. */
export const runWorkflow = async (workshop: Workshop, text: string, trigger: Trigger): Promise<RunEnded> => {
  const { jobs: files } = readWorkflow(text)
  const ground = groundOf(workshop, trigger, mkdtempSync(join(workshop.directory, "run-")))
  const jobs = new Map<string, JobEnded>()
  const all: Array<JobEnded> = []
  const event = trigger.payload ?? {}
  const base: Contexts = {
    github: {
      event,
      event_name: trigger.event,
      repository: "octo/registry",
      run_attempt: trigger.attempt ?? "1",
      run_id: trigger.runId ?? "4711"
    },
    inputs: trigger.inputs ?? {},
    matrix: {},
    runner: {},
    secrets: trigger.secrets ?? { BATCHBRAKE_TOKEN: PULLS_TOKEN },
    steps: {},
    vars: trigger.vars ?? {}
  }
  // The generator writes jobs in the order of their needs.
  for (const [id, file] of Object.entries(files)) {
    const kept = trigger.kept?.get(id)
    if (kept !== undefined) {
      jobs.set(id, kept)
      continue
    }
    const own = needsOf(file).map((name) => [name, jobs.get(name) ?? SKIPPED] as const)
    const needs = Object.fromEntries(own.map(([name, { outputs, result }]) => [name, { outputs, result }]))
    const contexts = { ...base, needs }
    const failed = own.some(([, { result }]) => result !== "success")
    if (!holds(file.if, contexts, { cancelled: ground.cancelled, failed })) {
      jobs.set(id, SKIPPED)
      continue
    }
    const entries = matrixOf(file, contexts, ground)
    if (entries === undefined) {
      jobs.set(id, await runJob(ground, id, file, contexts))
      continue
    }
    const ended = await runMatrix(ground, id, file, contexts, entries)
    all.push(...ended)
    jobs.set(id, {
      ...SKIPPED,
      log: ended.map(({ log }) => log).join(""),
      result: resultOf(ended.map(({ result }) => result))
    })
  }
  return {
    jobs,
    log: [...jobs].map(([id, { log, result }]) => `=== ${id}: ${result}\n${log}`).join(""),
    matrix: all,
    reports: ground.artifacts
  }
}
