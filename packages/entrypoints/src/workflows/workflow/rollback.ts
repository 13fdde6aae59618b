/** The button that takes a batch out again: a pull request with one commit. Works while everything is stopped. */
import { act, CHECK, checkOut, expression, job, type Mapping, queued, renderWorkflow, script, TOKEN } from "../Part.ts"
import type { Plan } from "../Plan.ts"

/** No stop holds the removal of a batch; and what the workflow's own token opens gets no check from elsewhere. */
const allow: Mapping = script(
  { if: expression("steps.rollback.outputs.commit != ''"), name: "Say that it may land" },
  { COMMIT: expression("steps.rollback.outputs.commit"), GH_TOKEN: expression("github.token") },
  [
    'gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$COMMIT" \\',
    `  -f state=success -f context=${CHECK} -f description="a rollback waits for no gate"`
  ]
)

const takeOut = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 15,
    name: "Roll back",
    permissions: {
      contents: { note: "the rollback's branch, and its entry on the control branch", value: "write" },
      "pull-requests": { note: "opens the pull request", value: "write" },
      statuses: { note: "says that it may land", value: "write" }
    },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { env: { GITHUB_TOKEN: TOKEN }, id: "rollback", name: "Make the rollback, and open its pull request" },
        {
          command: "rollback",
          batch: expression("inputs.batch"),
          reason: expression("inputs.reason"),
          "on-changed": expression("inputs.on_changed"),
          undo: expression("inputs.undo"),
          pr: true
        }
      ),
      allow
    ]
  })

export const rollback = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-rollback"),
    jobs: { rollback: takeOut(plan) },
    name: "Batchbrake rollback",
    on: {
      workflow_dispatch: {
        inputs: {
          batch: { description: "The batch, by its ID", required: true, type: "string" },
          reason: { description: "Why; kept in the log", required: true, type: "string" },
          on_changed: {
            description: "What was changed since: leave it, merge, or put it back",
            required: true,
            type: "choice",
            default: "skip",
            options: ["skip", "three-way", "force"]
          },
          undo: { description: "Take its newest rollback out again instead", type: "boolean", default: false }
        }
      }
    }
  })
