/** One job: its steps on a machine of its own, and what comes behind them. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parse } from "yaml"
import { PULLS_TOKEN } from "../ForgeServer.ts"
import { type Contexts, fill, holds, type Status } from "./Expression.ts"
import { type JobRow, tokenWith } from "./ForgeApi.ts"
import { runAction, runBehind, runProgram, type StepEnded } from "./startAction.ts"
import type { JobFile, StepFile } from "./WorkflowFile.ts"

export type Result = "success" | "failure" | "cancelled" | "skipped"

/** What `before` is told when all steps of a job are done, and the job is not. */
export const LAST = "what comes behind"

/** What a whole run of a workflow shares between its jobs. */
export interface Ground {
  readonly directory: string
  /** Where jobs hand in what others take. */
  readonly artifacts: string
  readonly environment: NodeJS.ProcessEnv
  readonly remote: string
  readonly git: (cwd: string, ...args: ReadonlyArray<string>) => string
  /** Told before each step; may do what people do meanwhile, and answers whether the run is cancelled then. */
  readonly before: (job: string, step: string) => Promise<boolean>
  readonly kills: (job: string, step: string) => boolean
  readonly fails: (job: string, step: string) => boolean
  readonly ended: (job: JobRow) => void
  cancelled: boolean
}

export interface JobEnded {
  readonly result: Result
  readonly outputs: Readonly<Record<string, string>>
  readonly log: string
  readonly summary: string
  /** The steps that ran, by name. */
  readonly ran: ReadonlyArray<string>
}

interface Behind {
  readonly condition: string
  readonly run: () => Promise<StepEnded>
}

/** A job on its way. */
interface Course {
  /** What the job's own token may do. */
  readonly rights: JobFile["permissions"]
  readonly runner: string
  readonly id: string
  readonly ground: Ground
  readonly contexts: Contexts
  readonly workspace: string
  readonly temporary: string
  readonly steps: Record<string, { outputs: Record<string, string>; outcome: Result }>
  readonly exported: Record<string, string>
  readonly behind: Array<Behind>
  readonly ran: Array<string>
  failed: boolean
  log: string
  summary: string
}

/** As the documentation says to make it. */
const RIGHTS_OF_SECRET = { contents: "write", "pull-requests": "write" }

const statusOf = ({ failed, ground }: Course): Status => ({ cancelled: ground.cancelled, failed })

const contextsOf = (course: Course): Contexts => ({
  ...course.contexts,
  runner: { temp: course.temporary },
  steps: course.steps
})

const filled = (course: Course, texts: StepFile["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts ?? {}).map(([name, value]) => [
      name,
      fill(String(value), contextsOf(course), statusOf(course))
    ])
  )

const ENDED: StepEnded = { exitCode: 0, log: "", outputs: new Map(), state: new Map(), summary: "" }

const checkOut = ({ ground, workspace }: Course, { ref = "main" }: Record<string, string>): StepEnded => {
  const { git, remote } = ground
  git(dirname(workspace), "init", "-q", "-b", "main", workspace)
  git(workspace, "remote", "add", "origin", `file://${remote}`)
  if (/^[0-9a-f]{40}$/.test(ref)) {
    git(workspace, "fetch", "-q", "--no-tags", "--depth=1", "origin", ref)
    git(workspace, "checkout", "-q", "--detach", "FETCH_HEAD")
  } else {
    git(workspace, "fetch", "-q", "--no-tags", "--depth=1", "origin", `+refs/heads/${ref}:refs/remotes/origin/${ref}`)
    git(workspace, "checkout", "-q", "-B", ref, `refs/remotes/origin/${ref}`)
  }
  return ENDED
}

const artifacts = ({ ground }: Course): string => ground.artifacts

const upload = (course: Course, { name = "", overwrite, path = "" }: Record<string, string>): StepEnded => {
  if (/["<>|*?\r\n\\/:]/.test(name)) throw new Error(`the platform refuses the name ${name}`)
  const place = join(artifacts(course), name)
  if (overwrite === "true") rmSync(place, { force: true, recursive: true })
  if (existsSync(place)) return { ...ENDED, exitCode: 1, log: `an artifact ${name} is there already\n` }
  if (existsSync(path)) cpSync(path, place, { recursive: true })
  return ENDED
}

const download = (course: Course, { path = "", pattern = "" }: Record<string, string>): StepEnded => {
  const front = pattern.replace(/\*$/, "")
  mkdirSync(path, { recursive: true })
  for (const name of existsSync(artifacts(course)) ? readdirSync(artifacts(course)) : []) {
    if (name.startsWith(front)) cpSync(join(artifacts(course), name), join(path, name), { recursive: true })
  }
  return ENDED
}

const startOf = (course: Course, environment: Record<string, string>) => ({
  cwd: course.workspace,
  environment: {
    ...course.ground.environment,
    ...course.exported,
    ...environment,
    GITHUB_WORKSPACE: course.workspace,
    RUNNER_TEMP: course.temporary,
    STAND_IN_RIGHTS: JSON.stringify({ [tokenWith(course.rights)]: course.rights, [PULLS_TOKEN]: RIGHTS_OF_SECRET })
  },
  temporary: course.ground.directory
})

/** The Action as it lies in the clone: what comes behind is put by before it runs, as the runner does. */
const act = async (course: Course, step: StepFile, inputs: Record<string, string>): Promise<StepEnded> => {
  const home = join(course.workspace, step.uses ?? "")
  const { runs } = parse(readFileSync(join(home, "action.yml"), "utf8"))
  const start = startOf(course, filled(course, step.env))
  const ended = await runAction(inputs, start, join(home, runs.main))
  course.behind.unshift({
    condition: runs["post-if"],
    run: () => runBehind(inputs, ended.state, start, join(home, runs.post))
  })
  return ended
}

const shell = async (course: Course, step: StepFile): Promise<StepEnded> => {
  const file = join(mkdtempSync(join(course.ground.directory, "script-")), "script.sh")
  if ((step.run ?? "").includes("${{")) throw new Error("an expression inside a script")
  writeFileSync(file, step.run ?? "")
  const start = startOf(course, filled(course, step.env))
  const ended = await runProgram("bash", ["--noprofile", "--norc", "-eo", "pipefail", file], start)
  Object.assign(course.exported, Object.fromEntries(ended.exported))
  return ended
}

const perform = (course: Course, step: StepFile): StepEnded | Promise<StepEnded> => {
  if (step.run !== undefined) return shell(course, step)
  const inputs = filled(course, step.with)
  const [action = ""] = (step.uses ?? "").split("@")
  switch (action) {
    case "actions/checkout":
      return checkOut(course, inputs)
    case "actions/download-artifact":
      return download(course, inputs)
    case "actions/upload-artifact":
      return upload(course, inputs)
    case "./.github/batchbrake":
      return act(course, step, inputs)
    default:
      throw new Error(`no such action here: ${action}`)
  }
}

const runStep = async (course: Course, step: StepFile): Promise<void> => {
  const name = step.name ?? step.id ?? "?"
  if (!holds(step.if, contextsOf(course), statusOf(course))) return
  course.ran.push(name)
  const fails = course.ground.fails(course.id, name)
  const { exitCode, log, outputs, summary } = fails ? { ...ENDED, exitCode: 1 } : await perform(course, step)
  course.log += `--- ${name}\n${log}`
  course.summary += summary
  if (exitCode !== 0) course.failed = true
  if (step.id !== undefined) {
    course.steps[step.id] = { outcome: exitCode === 0 ? "success" : "failure", outputs: Object.fromEntries(outputs) }
  }
}

/** As the platform lists it. */
const rowOf = (course: Course, name: string, startedAt: number, conclusion: Result): JobRow => ({
  completed_at: new Date().toISOString(),
  conclusion,
  labels: [course.runner],
  name: fill(name, contextsOf(course), statusOf(course)),
  run_attempt: Number(Object(course.contexts.github).run_attempt),
  runner_id: 1,
  started_at: new Date(startedAt).toISOString(),
  status: "completed"
})

const runSteps = async (course: Course, id: string, steps: JobFile["steps"]): Promise<void> => {
  const { ground } = course
  for (const step of steps) {
    const label = `${id}${named(course)}`
    if (ground.kills(label, step.name ?? "")) {
      course.failed = true
      course.behind.splice(0)
      return
    }
    if (await ground.before(id, step.name ?? "")) ground.cancelled = true
    await runStep(course, step)
  }
  if (await ground.before(id, LAST)) ground.cancelled = true
}

/** Which of a matrix: ` npm`. */
const named = ({ contexts }: Course): string => {
  const { ecosystem } = Object(contexts.matrix)
  return ecosystem === undefined ? "" : ` ${ecosystem}`
}

/** Runs a job to its end; what it says goes by `contexts`. */
export const runJob = async (ground: Ground, id: string, file: JobFile, contexts: Contexts): Promise<JobEnded> => {
  const machine = mkdtempSync(join(ground.directory, `job-${id}-`))
  const course: Course = {
    behind: [],
    contexts: { ...contexts, github: { ...Object(contexts.github), token: tokenWith(file.permissions) } },
    exported: {},
    failed: false,
    ground,
    id,
    log: "",
    ran: [],
    rights: file.permissions,
    runner: file["runs-on"],
    steps: {},
    summary: "",
    temporary: join(machine, "temp"),
    workspace: join(machine, "workspace")
  }
  for (const own of [course.temporary, course.workspace]) mkdirSync(own)
  const startedAt = Date.now()
  await runSteps(course, id, file.steps)
  for (const { condition, run } of course.behind) {
    if (!holds(condition, contextsOf(course), statusOf(course))) continue
    const { exitCode, log } = await run()
    course.log += `--- behind\n${log}`
    if (exitCode !== 0) course.failed = true
  }
  const result = ground.cancelled ? "cancelled" : course.failed ? "failure" : "success"
  ground.ended(rowOf(course, file.name, startedAt, result))
  return { log: course.log, outputs: filled(course, file.outputs), ran: course.ran, result, summary: course.summary }
}
