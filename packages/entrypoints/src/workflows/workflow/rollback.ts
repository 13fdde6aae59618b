/** The button that takes a batch out again: a pull request with one commit. Works while everything is stopped. */
import { act, checkOut, expression, job, LABEL, type Mapping, queued, renderWorkflow, script, TOKEN } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const MADE = expression("steps.rollback.outputs.branch != ''")

const open = ({ content_branch }: Plan): Mapping =>
  script(
    { id: "pull", if: MADE, name: "Open the pull request" },
    {
      BATCH: expression("steps.rollback.outputs.id"),
      BRANCH: expression("steps.rollback.outputs.branch"),
      CONTENT_BRANCH: content_branch,
      GH_TOKEN: TOKEN,
      REASON: expression("inputs.reason")
    },
    [
      `address=$(gh pr list --state open --head "$BRANCH" --json url --jq '.[0].url // empty')`,
      'if [ -z "$address" ]; then',
      "  # Indented, a reason is shown as it was typed.",
      `  printf 'Takes batch %s out again.\\n\\n' "$BATCH" > "$RUNNER_TEMP/body.md"`,
      `  printf '%s\\n' "$REASON" | sed 's/^/    /' >> "$RUNNER_TEMP/body.md"`,
      `  gh label create ${LABEL} --force --color 1d76db --description "brings a batch, or takes one out"`,
      '  address=$(gh pr create --base "$CONTENT_BRANCH" --head "$BRANCH" \\',
      `    --title "Roll back batch $BATCH" --body-file "$RUNNER_TEMP/body.md" --label ${LABEL})`,
      "fi",
      'echo "address=$address" >> "$GITHUB_OUTPUT"'
    ]
  )

const takeOut = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 15,
    name: "Roll back",
    permissions: {
      contents: { note: "the rollback's branch, and its entry on the control branch", value: "write" },
      "pull-requests": { note: "opens the pull request", value: "write" }
    },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { id: "rollback", name: "Make the rollback" },
        {
          command: "rollback",
          batch: expression("inputs.batch"),
          reason: expression("inputs.reason"),
          "on-changed": expression("inputs.on_changed"),
          undo: expression("inputs.undo")
        }
      ),
      open(plan),
      act(
        plan,
        { if: MADE, name: "Remember the pull request" },
        {
          command: "batch-proposed",
          batch: expression("steps.rollback.outputs.id"),
          "pull-request": expression("steps.pull.outputs.address"),
          options: "--rollback"
        }
      )
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
