/** The button that stops, and the one that resumes: also from a telephone. */

import { act, checkOut, expression, job, type Mapping, renderWorkflow } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const isOrder = (order: string): string => expression(`inputs.order == '${order}'`)

const order = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 10,
    name: "Stop or resume",
    permissions: { contents: { note: "the order is written to the control branch", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { if: isOrder("stop"), name: "Stop" },
        {
          command: "pause",
          ecosystems: expression("inputs.ecosystems"),
          reason: expression("inputs.reason"),
          incident: expression("inputs.incident"),
          until: expression("inputs.until"),
          "auto-resume": expression("inputs.auto_resume")
        }
      ),
      act(
        plan,
        { if: isOrder("resume"), name: "Resume" },
        { command: "resume", ecosystems: expression("inputs.ecosystems") }
      ),
      act(
        plan,
        { if: isOrder("resume everything"), name: "Resume everything" },
        { command: "resume", everything: true }
      )
    ]
  })

/** Each open batch is judged by the gate: red, and kept from landing by itself, unless all of it may land. */
const mark = (plan: Plan): Mapping =>
  job(plan, {
    // Also when the order failed: then it is not known to stand, and what is open is judged by what does.
    if: expression("!cancelled()"),
    minutes: 15,
    name: "Mark open batches",
    needs: "order",
    // A newer order is judged instead of an older one, and no order waits for any judging.
    concurrency: { group: "batchbrake-stop", "cancel-in-progress": true },
    permissions: {
      contents: { note: "keeps pull requests from landing by themselves", value: "write" },
      "pull-requests": { note: "keeps pull requests from landing by themselves", value: "write" },
      statuses: { note: "turns the check red, or green", value: "write" }
    },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { env: { GITHUB_TOKEN: expression("github.token") }, name: "Judge every open batch" },
        // A stop gives nobody leave to land.
        { command: "batch-judge", "red-only": isOrder("stop") }
      )
    ]
  })

export const stop = (plan: Plan): string =>
  renderWorkflow({
    jobs: { order: order(plan), mark: mark(plan) },
    name: "Batchbrake stop and resume",
    on: {
      workflow_dispatch: {
        inputs: {
          order: {
            description: "What to do",
            required: true,
            type: "choice",
            default: "stop",
            options: ["stop", "resume", "resume everything", "judge open batches"]
          },
          ecosystems: { description: "Which ecosystems; empty means the pause of everything", type: "string" },
          reason: { description: "Why; needed to stop, and kept in the log", type: "string" },
          incident: { description: "Where the incident is written down", type: "string" },
          until: { description: "When it is expected to end, such as 2027-01-31T06:00:00Z", type: "string" },
          auto_resume: { description: "Resume by itself then", type: "boolean", default: false }
        }
      }
    }
  })
