/** Objectives, looked at on a schedule: one issue an alert, opened, updated and closed. */
import { act, checkOut, expression, job, type Mapping, METRICS, queued, renderWorkflow, script } from "../Part.ts"
import type { Plan } from "../Plan.ts"

const LABEL = "batchbrake-alert"

/**
 * The issues are made to agree with the alerts that stand. Where something could not be looked at nothing is closed: no
 * news is no good news.
 */
const RECONCILE: ReadonlyArray<string> = [
  `gh label create ${LABEL} --force --color b60205 --description "an alert of batchbrake"`,
  `gh issue list --state open --label ${LABEL} --limit 1000 --json number,title > "$RUNNER_TEMP/issues.json"`,
  `jq -r '.alerts[] | "batchbrake: \\(.condition) \\(.subject)"' "$ANSWER" | sort -u > "$RUNNER_TEMP/standing.txt"`,
  "while IFS= read -r title; do",
  `  jq -r --arg title "$title" '.alerts[] | select("batchbrake: \\(.condition) \\(.subject)" == $title) |`,
  `    "    \\(.message | gsub("[[:cntrl:]]"; " "))", "", "Severity: \\(.severity). Incident class: \\(.incident_class). Since \\(.opened_at)."' \\`,
  `    "$ANSWER" > "$RUNNER_TEMP/issue.md"`,
  `  number=$(jq -r --arg title "$title" '[.[] | select(.title == $title) | .number] | min // empty' "$RUNNER_TEMP/issues.json")`,
  '  if [ -z "$number" ]; then',
  `    gh issue create --title "$title" --body-file "$RUNNER_TEMP/issue.md" --label ${LABEL}`,
  "  else",
  '    gh issue edit "$number" --body-file "$RUNNER_TEMP/issue.md"',
  "  fi",
  'done < "$RUNNER_TEMP/standing.txt"',
  `if [ "$(jq '.unread | length' "$ANSWER")" -gt 0 ]; then`,
  '  echo "::warning::not everything could be looked at: no issue is closed"',
  "  exit 0",
  "fi",
  `jq -r '.[] | [.number, .title] | @tsv' "$RUNNER_TEMP/issues.json" | while IFS=$'\\t' read -r number title; do`,
  '  if ! grep --quiet --line-regexp --fixed-strings -e "$title" "$RUNNER_TEMP/standing.txt"; then',
  '    gh issue close "$number" --comment "Resolved: the condition does not stand any more."',
  "  fi",
  "done"
]

const evaluate = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 15,
    name: "Evaluate",
    permissions: { contents: "read", issues: { note: "one issue an alert", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        {
          env: METRICS,
          id: "alerts",
          name: "Look at the objectives"
        },
        { command: "alerts" }
      ),
      script(
        { name: "Open, update and close issues" },
        {
          ANSWER: expression("steps.alerts.outputs.file"),
          GH_REPO: expression("github.repository"),
          GH_TOKEN: expression("github.token")
        },
        RECONCILE
      )
    ]
  })

export const alerts = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-alerts"),
    jobs: { evaluate: evaluate(plan) },
    name: "Batchbrake alerts",
    on: { schedule: [{ cron: plan.alerts_schedule }], workflow_dispatch: {} }
  })
