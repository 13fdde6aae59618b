/** Checks on commits, and the jobs of runs. */
import type { Job } from "@batchbrake/core/budget/JobMinutes"
import { plainLine } from "@batchbrake/core/control/plainLine"
import type { Check, Forge } from "@batchbrake/core/port/Forge"
import { parse } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import { reading, writing } from "./Operation.ts"

type Service = Forge["Service"]

const CHECK = writing("set a check", "statuses: write")
const JOBS = reading("read the jobs of a run", "actions: read")

/** GitHub shows so much of what is said on a commit, and refuses more. Source: the description of a commit status. */
const LONGEST_WORDS = 140

const Status = Schema.Struct({ context: Schema.String, state: Schema.String })

const fitted = (words: string): string => {
  const line = plainLine(words)
  return line.length > LONGEST_WORDS ? `${plainLine(line.slice(0, LONGEST_WORDS - 1))}…` : line
}

/**
 * `statuses: write`. A status of the commit, and no check run: the job of a workflow that has the same name makes a check
 * run, and the newer of two check runs would count, while of a status and a check run both must be green (ADR 0026).
 */
const setCheck = (client: Client, { address, commit, name, says, verdict }: Check) =>
  Effect.asVoid(
    client.send(CHECK, {
      answer: Status,
      isRepeatable: true,
      parameters: {
        context: name,
        description: fitted(says),
        sha: commit,
        state: verdict,
        ...(address === undefined ? {} : { target_url: address })
      },
      route: "POST /repos/{owner}/{repo}/statuses/{sha}"
    })
  )

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

const SUCCESSES = ["success", "neutral", "skipped"]

/** GitHub gives a job a start before any machine took it; one that was skipped or cancelled in the queue took none. */
const hasBegun = ({ conclusion, runner_id, status, steps }: JobRun): boolean =>
  (status === "in_progress" || status === "completed") &&
  conclusion !== "skipped" &&
  ((runner_id ?? 0) !== 0 || (steps ?? []).length > 0)

const jobOf = (job: JobRun): Job => ({
  completedAt: job.completed_at === null ? undefined : parse(job.completed_at),
  isSuccessful: job.conclusion === null ? undefined : SUCCESSES.includes(job.conclusion),
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
