/** Takes metrics away that are past their retention, where there is a store of metrics outside. */
import { act, checkOut, expression, job, type Mapping, METRICS, queued, renderWorkflow } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const prune = (plan: Plan): Mapping =>
  job(plan, {
    // Without D1 the figures of a run are gone with its machine, and there is nothing to take away.
    if: expression("vars.BATCHBRAKE_D1_DATABASE != ''"),
    minutes: 30,
    name: "Prune",
    permissions: { contents: "read" },
    steps: [
      checkOut(plan, "keeps its token"),
      act(plan, { env: METRICS, name: "Take away what is past its retention" }, { command: "metrics-prune" })
    ]
  })

export const retention = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-retention"),
    jobs: { prune: prune(plan) },
    name: "Batchbrake retention",
    on: { schedule: [{ cron: plan.retention_schedule }], workflow_dispatch: {} }
  })
