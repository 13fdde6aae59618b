/** Checks on commits, and the jobs of runs. */
import type { Job } from "@batchbrake/core/budget/JobMinutes"
import type { Check, Forge } from "@batchbrake/core/port/Forge"
import { parse } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import { lookFor, reading, writing } from "./Operation.ts"

type Service = Forge["Service"]

const CHECK = writing("set a check", "checks: write, which only tokens of an App have")
const JOBS = reading("read the jobs of a run", "actions: read")

/** Which checks are ours: an App's token may update only what the same App made. */
const OURS = "batchbrake"

const CheckRun = Schema.Struct({ external_id: Schema.NullOr(Schema.String), id: Schema.Int, name: Schema.String })
const CheckRuns = Schema.Struct({ check_runs: Schema.Array(CheckRun), total_count: Schema.Int })

const said = ({ address, summary, title, verdict }: Check) => ({
  ...(verdict === "pending" ? { status: "in_progress" } : { conclusion: verdict, status: "completed" }),
  ...(address === undefined ? {} : { details_url: address }),
  output: { summary, title }
})

/** `checks: write`, which the token of a workflow can have and a person's cannot. */
const setCheck = Effect.fn("OctokitForge.setCheck")(function* (client: Client, check: Check) {
  const { check_runs: known } = yield* client.send(lookFor(CHECK), {
    answer: CheckRuns,
    isRepeatable: true,
    parameters: { check_name: check.name, filter: "latest", per_page: 100, ref: check.commit },
    route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs"
  })
  const ours = known.find(({ external_id, name }) => external_id === OURS && name === check.name)
  yield* ours === undefined
    ? client.send(CHECK, {
        answer: CheckRun,
        isRepeatable: false,
        parameters: { ...said(check), external_id: OURS, head_sha: check.commit, name: check.name },
        route: "POST /repos/{owner}/{repo}/check-runs"
      })
    : client.send(CHECK, {
        answer: CheckRun,
        isRepeatable: true,
        parameters: { ...said(check), check_run_id: ours.id },
        route: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}"
      })
})

const JobRun = Schema.Struct({
  completed_at: Schema.NullOr(Schema.String),
  conclusion: Schema.NullOr(Schema.String),
  labels: Schema.Array(Schema.String),
  name: Schema.String,
  run_attempt: Schema.optionalKey(Schema.Int),
  runner_id: Schema.NullOr(Schema.Int),
  started_at: Schema.NullOr(Schema.String),
  status: Schema.String,
  steps: Schema.optionalKey(Schema.Array(Schema.Unknown))
})
type JobRun = typeof JobRun.Type
const JobRuns = Schema.Struct({ jobs: Schema.Array(JobRun), total_count: Schema.Int })

/** The platform that a label of a machine names: `macos-15-xlarge`, `ubuntu-latest`, `self-hosted` beside `Linux`. */
const PLATFORMS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^macos/i, "macos"],
  [/^(?:ubuntu|linux)/i, "linux"],
  [/^windows/i, "windows"]
]

const platformOf = (labels: ReadonlyArray<string>): string | undefined =>
  PLATFORMS.find(([shape]) => labels.some((label) => shape.test(label)))?.[1]

/** GitHub gives a job a start before any machine took it; one that was skipped or cancelled in the queue took none. */
const hasBegun = ({ conclusion, runner_id, status, steps }: JobRun): boolean =>
  (status === "in_progress" || status === "completed") &&
  conclusion !== "skipped" &&
  ((runner_id ?? 0) !== 0 || (steps ?? []).length > 0)

const jobOf = (job: JobRun): Job => ({
  completedAt: job.completed_at === null ? undefined : parse(job.completed_at),
  name: job.name,
  platform: platformOf(job.labels),
  startedAt: hasBegun(job) && job.started_at !== null ? parse(job.started_at) : undefined
})

/** `actions: read`, for a private repository. */
const jobsOf = Effect.fn("OctokitForge.jobsOf")(function* (client: Client, run: number, attempt: number) {
  const jobs: Array<JobRun> = []
  for (let page = 1; ; page++) {
    const answer = yield* client.send(JOBS, {
      answer: JobRuns,
      isRepeatable: true,
      parameters: { attempt_number: attempt, page, per_page: 100, run_id: run },
      route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs"
    })
    jobs.push(...answer.jobs)
    if (answer.jobs.length === 0 || jobs.length >= answer.total_count) break
  }
  // A job that passed in an earlier attempt was paid for there.
  return jobs.filter((job) => (job.run_attempt ?? attempt) === attempt).map(jobOf)
})

/** The part of the forge that is about runs and what they say on commits. */
export const runsOn = (client: Client): Pick<Service, "setCheck" | "jobsOf"> => ({
  jobsOf: ({ attempt, run }) => client.bounded(JOBS, jobsOf(client, run, attempt)),
  setCheck: (check) => client.bounded(CHECK, setCheck(client, check))
})
