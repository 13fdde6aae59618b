/** What the workflows of a repository are made for: settings of their own, and what the policy says. */
import { decodeWith, type Fault } from "@batchbrake/core/json/Fault"
import type { Json } from "@batchbrake/core/json/Json"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { fittingMinutes, LEAST_COMMAND_MINUTES, leaseFaults } from "./lease.ts"

/** A name that means itself in YAML, in a shell's word and in an expression. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/u
const Plain = Schema.String.check(Schema.isPattern(PLAIN, { expected: "letters, digits and . _ / + -" }))
/** A `+` in a branch would stand for a repetition where a workflow filters by branches. */
const BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/u
const Branch = Schema.String.check(Schema.isPattern(BRANCH, { expected: "letters, digits and . _ / -" }))
const Cron = Schema.String.check(
  Schema.isPattern(/^[0-9*,/A-Z-]+(?: [0-9*,/A-Z-]+){4}$/u, { expected: "five fields, such as 17 * * * *" })
)
const Minutes = Schema.Int.check(
  Schema.isBetween({ maximum: 360, minimum: LEAST_COMMAND_MINUTES }, { expected: "whole minutes from 5 to 360" })
)

/** Off the full hour, when everybody's schedules run, and off the schedules beside it. */
const AUDIT_SCHEDULE = "32 * * * *"

const File = Schema.Struct({
  version: Schema.Literal(1),
  /** Where batches land: the policy's, where it says. */
  content_branch: Branch,
  /** When full batches run. */
  batch_schedule: Cron,
  /** When objectives are looked at. */
  alerts_schedule: Cron,
  /** When the control branch is looked at for edits by hand. Settings that were written before there was one have none. */
  audit_schedule: Cron.pipe(Schema.withDecodingDefaultKey(Effect.succeed(AUDIT_SCHEDULE))),
  /** When what is past its retention is taken away. */
  retention_schedule: Cron,
  /** Where every job runs. */
  runner: Plain,
  /** How long one ecosystem's command may take. */
  command_minutes: Minutes,
  /** How many of them run at once. */
  at_once: Schema.Int.check(
    Schema.isBetween({ maximum: 256, minimum: 1 }, { expected: "a whole number from 1 to 256" })
  ),
  merge: Schema.Literals(["squash", "merge", "rebase"]),
  /** Whether the rules of the control branch demand signed commits: then the platform makes them. */
  signed: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "WorkflowSettings" })

export type Settings = typeof File.Type

/** Off the full hour, when everybody's schedules run; a command's minutes fit the leases of a policy that names none. */
export const DEFAULTS: Settings = {
  version: 1,
  content_branch: "main",
  batch_schedule: "17 * * * *",
  alerts_schedule: "42 * * * *",
  audit_schedule: AUDIT_SCHEDULE,
  retention_schedule: "23 3 * * 1",
  runner: "ubuntu-24.04",
  command_minutes: 14,
  at_once: 20,
  merge: "squash"
}

export const decodeSettings: (value: Json) => Result.Result<Settings, ReadonlyArray<Fault>> = decodeWith(File, "closed")

export interface Plan extends Settings {
  readonly control_branch: string
  /** The policy of the content branch, as the command takes it: never a pull request's own. */
  readonly policy: string
}

/** Settings for a repository that has none: as the policy says, else on the branch that the remote calls its own. */
export const startingSettings = (policy: Policy, remoteBranch: string): Settings => ({
  ...DEFAULTS,
  command_minutes: fittingMinutes(policy, DEFAULTS.at_once),
  content_branch: policy.contentBranch ?? remoteBranch
})

/** The plan for a repository: settings and policy have to agree. */
export const planOf = (settings: Settings, policy: Policy): Result.Result<Plan, ReadonlyArray<Fault>> => {
  const branch = settings.content_branch
  const odd = [
    { name: "content_branch", value: branch },
    { name: "control_branch", value: policy.controlBranch }
  ].filter(({ value }) => !BRANCH.test(value))
  const faults: ReadonlyArray<Fault> = [
    ...odd.map(({ name, value }) => ({
      expected: "letters, digits and . _ / -, since it stands in workflows",
      found: JSON.stringify(value),
      path: name
    })),
    ...(policy.contentBranch === undefined || policy.contentBranch === branch
      ? []
      : [
          {
            expected: `${JSON.stringify(policy.contentBranch)}, as content_branch of batch-policy.json says: change one of the two`,
            found: JSON.stringify(branch),
            path: "content_branch"
          }
        ]),
    ...leaseFaults(policy, settings)
  ]
  return faults.length > 0
    ? Result.fail(faults)
    : Result.succeed({
        ...settings,
        content_branch: branch,
        control_branch: policy.controlBranch,
        policy: `origin/${branch}:batch-policy.json`
      })
}
