/** Confirms a batch that somebody, or the platform, merged: the pipeline confirms only what it merged itself. */
import { act, checkOut, expression, job, type Mapping, queued, renderWorkflow, script } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const confirm = (plan: Plan): Mapping =>
  job(plan, {
    // A fork's pull request is no batch, whatever its branch is called, and its token could not write.
    if: expression(
      "github.event.pull_request.merged && github.event.pull_request.head.repo.full_name == github.repository && " +
        "startsWith(github.event.pull_request.head.ref, 'batch/')"
    ),
    minutes: 10,
    name: "Confirm",
    permissions: { contents: { note: "the confirmation is written to the control branch", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      script({ id: "batch", name: "Find the batch" }, { BRANCH: expression("github.event.pull_request.head.ref") }, [
        `batch="\${BRANCH#batch/}"`,
        'if [[ "$batch" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{3,}$ ]]; then echo "id=$batch" >> "$GITHUB_OUTPUT"; fi'
      ]),
      act(
        plan,
        { if: expression("steps.batch.outputs.id != ''"), name: "Confirm the merge" },
        {
          command: "batch-merged",
          batch: expression("steps.batch.outputs.id"),
          commit: expression("github.event.pull_request.merge_commit_sha")
        }
      )
    ]
  })

export const merged = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-merged"),
    jobs: { confirm: confirm(plan) },
    name: "Batchbrake merged",
    on: { pull_request: { types: ["closed"], branches: [plan.content_branch] } }
  })
