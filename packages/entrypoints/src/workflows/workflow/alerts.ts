/** Objectives, looked at on a schedule: one issue an alert, opened, updated and closed. */
import {
  act,
  checkOut,
  job,
  KEEPS_ISSUES,
  type Mapping,
  METRICS,
  queued,
  renderWorkflow,
  TOKEN_OF_JOB
} from "../Part.ts"
import type { Plan } from "../Plan.ts"

const evaluate = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 15,
    name: "Evaluate",
    permissions: KEEPS_ISSUES,
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { env: { ...METRICS, ...TOKEN_OF_JOB }, name: "Look at the objectives, and keep an issue for each alert" },
        { command: "alerts", issues: true }
      )
    ]
  })

export const alerts = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-issues"),
    jobs: { evaluate: evaluate(plan) },
    name: "Batchbrake alerts",
    on: { schedule: [{ cron: plan.alerts_schedule }], workflow_dispatch: {} }
  })
