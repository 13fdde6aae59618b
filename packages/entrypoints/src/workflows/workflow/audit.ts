/**
 * The control branch, looked at on a schedule for what no event explains: one issue while there is an edit by hand, and a
 * red run. It cannot start with a push there: the branch holds no workflow.
 */
import { act, checkOut, job, KEEPS_ISSUES, type Mapping, queued, renderWorkflow, TOKEN_OF_JOB } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const check = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 10,
    name: "Audit",
    permissions: KEEPS_ISSUES,
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { env: TOKEN_OF_JOB, name: "Look for edits by hand, and keep an issue while there is one" },
        { command: "audit", issues: true }
      )
    ]
  })

export const audit = (plan: Plan): string =>
  renderWorkflow({
    // One group for all that keeps issues: they open none for the same thing at the same time.
    concurrency: queued("batchbrake-issues"),
    jobs: { check: check(plan) },
    name: "Batchbrake audit",
    on: { schedule: [{ cron: plan.audit_schedule }], workflow_dispatch: {} }
  })
