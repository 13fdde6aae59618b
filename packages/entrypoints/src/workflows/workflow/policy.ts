/**
 * What a pull request would make of the policy. The check runs for every pull request, since a required check that does
 * not run keeps everything from landing. What is checked comes from the pull request as a file; what checks it, and the
 * policy that is in force, come from its base. No step has more than a right to read, but for the comment, which a
 * pull request from a fork does not get.
 */

import { CHECK, COMMAND, expression, HOME, job, locate, type Mapping, NODE, renderWorkflow, script } from "../Part.ts"
import { pinned } from "../PinnedAction.ts"
import type { Plan } from "../Plan.ts"

const base: Mapping = {
  name: "Check out the base",
  uses: pinned("actions/checkout"),
  with: { ref: expression("github.event.pull_request.base.sha"), "persist-credentials": true }
}

/**
 * The pull request that brings Batchbrake in has a base without it, and an older one may have a base from before: then the
 * newest content branch is taken. Where that has none either nothing is in force yet, and nothing of the head is run
 * instead.
 */
const find = ({ content_branch }: Plan): Mapping =>
  script({ id: "base", name: "See what there is to check with" }, { CONTENT_BRANCH: content_branch }, [
    `acts() { [ -f ${HOME}/action.yml ]; }`,
    "if ! acts || [ ! -f batch-policy.json ]; then",
    '  git fetch --quiet --no-tags --depth=1 origin "refs/heads/$CONTENT_BRANCH"',
    "  git checkout --quiet --detach FETCH_HEAD",
    "fi",
    "if acts; then",
    '  echo "action=true" >> "$GITHUB_OUTPUT"',
    "else",
    `  echo "::notice title=batchbrake::nothing is in force yet: $CONTENT_BRANCH has no ${HOME} to check with, and nothing of this pull request is run"`,
    "  {",
    '    echo "### batchbrake: nothing is in force yet"',
    "    echo",
    `    echo "$CONTENT_BRANCH has no ${HOME} yet, so there is nothing to check this pull request with, and nothing of it was run."`,
    '    echo "Pull requests are checked once it is there. A policy that comes along is checked by the command: batchbrake policy check"',
    '  } >> "$GITHUB_STEP_SUMMARY"',
    '  echo "action=false" >> "$GITHUB_OUTPUT"',
    "fi"
  ])

const compare: Mapping = script(
  { id: "compare", name: "Take the policy out of the pull request" },
  { ACTION: expression("steps.base.outputs.action"), NUMBER: expression("github.event.pull_request.number") },
  [
    "# What merging would make, and what it would be without: an older branch that leaves the policy alone changes nothing.",
    'git fetch --quiet --no-tags --depth=2 origin "refs/pull/$NUMBER/merge" || {',
    '  echo "::error::there is no merge of this pull request to check: resolve its conflicts, then push"',
    "  exit 1",
    "}",
    'has() { git cat-file -e "$1:batch-policy.json" 2> /dev/null; }',
    'if has FETCH_HEAD^1; then git show FETCH_HEAD^1:batch-policy.json > "$RUNNER_TEMP/current.json"; fi',
    "changed=false",
    "if has FETCH_HEAD; then",
    '  git show FETCH_HEAD:batch-policy.json > "$RUNNER_TEMP/proposed.json"',
    '  if ! cmp --silent "$RUNNER_TEMP/current.json" "$RUNNER_TEMP/proposed.json"; then changed=true; fi',
    "elif has FETCH_HEAD^1; then",
    '  echo "::error::batch-policy.json would be gone: every gate would hold"',
    "  exit 1",
    "fi",
    "# Without a command there is nothing to say about a change.",
    'if [ "$ACTION" != true ]; then changed=false; fi',
    'echo "changed=$changed" >> "$GITHUB_OUTPUT"'
  ]
)

const CHANGED = expression("steps.compare.outputs.changed == 'true'")

/** Four spaces before each line: shown as it is, whatever is in it. The backtest is made to be a comment. */
const REPORT: ReadonlyArray<string> = [
  "status=0",
  `${COMMAND} policy check "$RUNNER_TEMP/proposed.json" > "$RUNNER_TEMP/check.txt" 2>&1 || status=$?`,
  'if [ ! -f "$RUNNER_TEMP/current.json" ]; then',
  '  echo "No backtest: there is no policy in force yet." > "$RUNNER_TEMP/backtest.md"',
  `elif ! ${COMMAND} policy backtest --policy="$RUNNER_TEMP/current.json" --to="$RUNNER_TEMP/proposed.json" --markdown \\`,
  '  > "$RUNNER_TEMP/backtest.md" 2> "$RUNNER_TEMP/backtest.txt"; then',
  `  { echo "No backtest:"; echo; sed 's/^/    /' "$RUNNER_TEMP/backtest.txt"; } > "$RUNNER_TEMP/backtest.md"`,
  "fi",
  `{ echo "What this policy would do:"; echo; sed 's/^/    /' "$RUNNER_TEMP/check.txt"; echo; cat "$RUNNER_TEMP/backtest.md"; } \\`,
  '  > "$RUNNER_TEMP/report.md"',
  `cat "$RUNNER_TEMP/report.md" >> "$GITHUB_STEP_SUMMARY"`,
  `delimiter="report_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"`,
  `{ echo "report<<$delimiter"; head --bytes=60000 "$RUNNER_TEMP/report.md"; echo; echo "$delimiter"; } >> "$GITHUB_OUTPUT"`,
  'exit "$status"'
]

const check = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 15,
    name: CHECK,
    outputs: {
      changed: expression("steps.compare.outputs.changed"),
      report: expression("steps.report.outputs.report")
    },
    permissions: { contents: "read" },
    steps: [
      base,
      find(plan),
      compare,
      locate(plan, { if: expression("steps.base.outputs.action == 'true'") }),
      script({ id: "report", if: CHANGED, name: "Check and backtest it" }, { NODE }, REPORT)
    ]
  })

const comment = (plan: Plan): Mapping =>
  job(plan, {
    if: expression(
      "!cancelled() && needs.check.outputs.changed == 'true' && github.event.pull_request.head.repo.full_name == github.repository"
    ),
    minutes: 5,
    name: "Comment",
    needs: "check",
    permissions: { "pull-requests": { note: "one comment, edited with each push", value: "write" } },
    steps: [
      script(
        { name: "Say what the policy would do" },
        {
          GH_REPO: expression("github.repository"),
          GH_TOKEN: expression("github.token"),
          NUMBER: expression("github.event.pull_request.number"),
          REPORT: expression("needs.check.outputs.report")
        },
        [
          "# Found by its mark and its author: what anybody else wrote stays as it is.",
          "marker='<!-- batchbrake: policy -->'",
          `printf '%s\\n' "$marker" "$REPORT" > "$RUNNER_TEMP/comment.md"`,
          'own=$(gh api --paginate "repos/$GH_REPO/issues/$NUMBER/comments" \\',
          `  --jq ".[] | select(.user.login == \\"github-actions[bot]\\" and (.body | startswith(\\"$marker\\"))) | .id" | sed -n 1p)`,
          'if [ -n "$own" ]; then',
          '  gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$own" -F body=@"$RUNNER_TEMP/comment.md"',
          "else",
          '  gh api --silent --method POST "repos/$GH_REPO/issues/$NUMBER/comments" -F body=@"$RUNNER_TEMP/comment.md"',
          "fi"
        ]
      )
    ]
  })

export const policy = (plan: Plan): string =>
  renderWorkflow({
    concurrency: {
      group: `batchbrake-policy-${expression("github.event.pull_request.number")}`,
      "cancel-in-progress": true
    },
    jobs: { check: check(plan), comment: comment(plan) },
    name: "Batchbrake policy",
    on: { pull_request: { branches: [plan.content_branch] } }
  })
