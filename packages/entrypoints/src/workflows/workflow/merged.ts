/** Confirms a batch that somebody, or the platform, merged: the pipeline confirms only what it merged itself. */
import { act, checkOut, expression, job, type Mapping, queued, renderWorkflow } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const confirm = (plan: Plan): Mapping =>
  job(plan, {
    // A fork's pull request is no batch, whatever its branch is called, and its token could not write.
    if: expression(
      "github.event.pull_request.merged && github.event.pull_request.head.repo.full_name == github.repository && " +
        "(startsWith(github.event.pull_request.head.ref, 'batch/') || startsWith(github.event.pull_request.head.ref, 'rollback/'))"
    ),
    minutes: 10,
    name: "Confirm",
    permissions: { contents: { note: "the confirmation is written to the control branch", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { name: "Find the batch by its head, and confirm the merge" },
        {
          command: "batch-merged",
          head: expression("github.event.pull_request.head.sha"),
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
