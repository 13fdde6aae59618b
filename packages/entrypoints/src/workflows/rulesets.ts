/**
 * Rules for branches, as files that the repository's settings can import (Settings, Rules, Rulesets, "Import a ruleset").
 * Source of the shape: "Create a repository ruleset" in GitHub's REST documentation.
 */
import { CHECK } from "./Part.ts"
import type { Plan } from "./Plan.ts"

const ruleset = (name: string, branch: string, rules: ReadonlyArray<object>): string =>
  `${JSON.stringify(
    {
      name,
      target: "branch",
      enforcement: "active",
      conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
      bypass_actors: [],
      rules
    },
    null,
    2
  )}\n`

/** Nobody rewrites the log or takes it away; the workflows only ever add to it. */
export const controlRuleset = ({ control_branch }: Plan): string =>
  ruleset("batchbrake: the log is only added to", control_branch, [{ type: "deletion" }, { type: "non_fast_forward" }])

/** What lands comes by pull request with a green check, and the policy with its owners' consent. */
export const contentRuleset = ({ content_branch }: Plan): string =>
  ruleset("batchbrake: what lands is judged", content_branch, [
    { type: "deletion" },
    { type: "non_fast_forward" },
    {
      type: "pull_request",
      parameters: {
        allowed_merge_methods: ["merge", "squash", "rebase"],
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: true,
        require_last_push_approval: false,
        required_approving_review_count: 0,
        required_review_thread_resolution: false
      }
    },
    {
      type: "required_status_checks",
      parameters: {
        required_status_checks: [{ context: CHECK }],
        strict_required_status_checks_policy: false
      }
    }
  ])
