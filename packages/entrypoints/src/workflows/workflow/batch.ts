/** Gate with claim, a matrix of the user's own command, record, seal, pull request, the gate again, merge. */
import { MOST_BY_HAND } from "../../action/boundsOf.ts"
import {
  act,
  CHECK,
  checkOut,
  expression,
  HOME,
  job,
  LABEL,
  type Mapping,
  METRICS,
  queued,
  renderWorkflow,
  script,
  TOKEN
} from "../Part.ts"
import { pinned } from "../PinnedAction.ts"
import type { Plan } from "../Plan.ts"

const REPORTS = expression("runner.temp") + "/reports"
const BY_HAND = expression("github.event_name == 'workflow_dispatch'")

const gate = (plan: Plan): Mapping =>
  job(plan, {
    minutes: 10,
    name: "Gate",
    outputs: {
      can_proceed: expression("steps.gate.outputs.can_proceed"),
      claims: expression("steps.gate.outputs.claims"),
      matrix: expression("steps.gate.outputs.matrix")
    },
    permissions: { contents: { note: "the grant is written to the control branch", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { id: "gate", name: "Ask what may run, and take the grant" },
        {
          command: "gate",
          claim: true,
          ecosystems: expression("inputs.ecosystem"),
          limit: expression("inputs.size"),
          "by-hand": BY_HAND
        }
      )
    ]
  })

const generate = (plan: Plan): Mapping =>
  job(plan, {
    if: expression("needs.gate.outputs.can_proceed == 'true'"),
    minutes: plan.command_minutes,
    name: `Generate ${expression("matrix.ecosystem")}`,
    needs: "gate",
    permissions: { contents: { note: "the command of the repository's own has no more than this", value: "read" } },
    steps: [
      checkOut(plan, "keeps no token"),
      script(
        { name: "Make and validate recipes" },
        {
          BATCHBRAKE_ATTEMPTS: expression("matrix.max_attempts"),
          BATCHBRAKE_DECISION: expression("matrix.decision"),
          BATCHBRAKE_ECOSYSTEM: expression("matrix.ecosystem"),
          BATCHBRAKE_PROBE_RECIPES: expression("matrix.probe_recipes"),
          BATCHBRAKE_RECIPES: expression("matrix.batch_size"),
          BATCHBRAKE_RUN: expression("matrix.run_key"),
          BATCHBRAKE_SAMPLING: expression("matrix.sampling")
        },
        [
          'report="$RUNNER_TEMP/report"',
          'mkdir -p "$report"',
          'export BATCHBRAKE_RESULTS="$report/results.jsonl"',
          "started=$SECONDS status=0",
          `bash ${HOME}/batch.sh || status=$?`,
          "# A started minute is a minute, whatever came of it; jobs on other platforms add lines of their own.",
          `echo "linux=$(((SECONDS - started) / 60 + 1))" >> "$report/minutes.txt"`,
          'exit "$status"'
        ]
      ),
      script({ name: "Keep what changed" }, {}, [
        "git add --all",
        'git diff --cached --binary > "$RUNNER_TEMP/report/changes.patch"'
      ]),
      {
        name: "Hand in the report",
        if: expression("always()"),
        uses: pinned("actions/upload-artifact"),
        with: {
          name: `report-${expression("matrix.ecosystem")}`,
          path: `${expression("runner.temp")}/report`,
          "if-no-files-found": "ignore",
          "retention-days": 1
        }
      }
    ],
    strategy: {
      "fail-fast": false,
      "max-parallel": plan.at_once,
      matrix: expression("fromJSON(needs.gate.outputs.matrix)")
    }
  })

const reports: Mapping = {
  name: "Take the reports in",
  uses: pinned("actions/download-artifact"),
  with: { pattern: "report-*", path: REPORTS }
}

/** A step that is taken whatever happened before. */
const whatever = (step: Mapping): Mapping => ({ ...step, if: expression("always()") })

const record = (plan: Plan): Mapping =>
  job(plan, {
    // Also when the run was cancelled, and its steps too: whoever reported nothing gives its grant back here.
    if: expression("always() && needs.gate.outputs.can_proceed == 'true'"),
    minutes: 15,
    name: "Record",
    needs: ["gate", "generate"],
    permissions: { contents: { note: "all reports are one commit on the control branch", value: "write" } },
    steps: [
      whatever(checkOut(plan, "keeps its token")),
      whatever(reports),
      whatever(
        act(
          plan,
          { env: METRICS, name: "Record every report in one commit" },
          { command: "record", claims: expression("needs.gate.outputs.claims"), reports: REPORTS }
        )
      )
    ]
  })

const CHANGED = expression("steps.changes.outputs.ecosystems != '[]'")
const OPENED = expression("steps.again.outputs.can_proceed == 'true'")

const collect: Mapping = script(
  { id: "changes", name: "See who changed something" },
  { CLAIMS: expression("needs.gate.outputs.claims"), REPORTS },
  [
    "changed=()",
    "while IFS= read -r ecosystem; do",
    '  if [ -s "$REPORTS/report-$ecosystem/changes.patch" ]; then changed+=("$ecosystem"); fi',
    `done < <(jq -r '.[].ecosystem' <<< "$CLAIMS")`,
    `echo "ecosystems=$(jq -cn '$ARGS.positional' --args "\${changed[@]}")" >> "$GITHUB_OUTPUT"`
  ]
)

const ALLOWED = expression("steps.again.outputs.ecosystems")
const BATCH = expression("steps.open.outputs.id")

const apply: Mapping = script({ name: "Apply the changes", if: OPENED }, { ECOSYSTEMS: ALLOWED, REPORTS }, [
  "while IFS= read -r ecosystem; do",
  '  git apply --index "$REPORTS/report-$ecosystem/changes.patch" || {',
  '    echo "::error::the changes of $ecosystem do not fit those of the others"',
  "    exit 1",
  "  }",
  `done < <(jq -r '.[]' <<< "$ECOSYSTEMS")`
])

const commit: Mapping = script({ name: "Commit the batch", if: OPENED }, { BATCH, ECOSYSTEMS: ALLOWED }, [
  'git switch --quiet --create "batch/$BATCH"',
  `named=$(jq -r 'join(", ")' <<< "$ECOSYSTEMS")`,
  "git -c user.name='github-actions[bot]' \\",
  "  -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \\",
  '  commit --quiet --message "Batch $BATCH" --message "Ecosystems: $named"'
])

const ask = ({ content_branch }: Plan): Mapping =>
  script(
    { id: "pull", name: "Open the pull request", if: OPENED },
    { BATCH, CONTENT_BRANCH: content_branch, ECOSYSTEMS: ALLOWED, GH_TOKEN: TOKEN },
    [
      'git push --quiet origin "HEAD:refs/heads/batch/$BATCH"',
      `gh label create ${LABEL} --force --color 1d76db --description "brings a batch, or takes one out"`,
      `body="Batch $BATCH of $(jq -r 'join(", ")' <<< "$ECOSYSTEMS"). Lands when the check ${CHECK} is green."`,
      'address=$(gh pr create --base "$CONTENT_BRANCH" --head "batch/$BATCH" \\',
      `  --title "Batch $BATCH" --body "$body" --label ${LABEL})`,
      'echo "address=$address" >> "$GITHUB_OUTPUT"',
      'echo "head=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"'
    ]
  )

const propose = (plan: Plan): Mapping =>
  job(plan, {
    // The report of one may have failed its job; what is on record decides about the others.
    if: expression("!cancelled() && needs.record.result == 'success'"),
    minutes: 15,
    name: "Propose",
    needs: ["gate", "record"],
    outputs: {
      address: expression("steps.pull.outputs.address"),
      batch: expression("steps.open.outputs.id"),
      ecosystems: expression("steps.again.outputs.ecosystems"),
      head: expression("steps.pull.outputs.head")
    },
    permissions: {
      contents: { note: "the batch's branch, and its manifest on the control branch", value: "write" },
      "pull-requests": { note: "opens the pull request", value: "write" }
    },
    steps: [
      checkOut(plan, "keeps its token"),
      reports,
      collect,
      act(
        plan,
        { id: "again", if: CHANGED, name: "Leave out what tripped or was stopped" },
        { command: "gate", ecosystems: expression("steps.changes.outputs.ecosystems") }
      ),
      apply,
      act(
        plan,
        { id: "open", if: OPENED, name: "Give out the batch's ID" },
        { command: "batch-open", ecosystems: expression("steps.again.outputs.ecosystems") }
      ),
      commit,
      act(
        plan,
        { if: OPENED, name: "Seal the batch" },
        { command: "batch-seal", batch: BATCH, base: `origin/${plan.content_branch}`, head: "HEAD" }
      ),
      ask(plan),
      act(
        plan,
        { if: OPENED, name: "Remember the pull request" },
        { command: "batch-proposed", batch: BATCH, "pull-request": expression("steps.pull.outputs.address") }
      )
    ]
  })

const HEAD = expression("needs.propose.outputs.head")
const ADDRESS = expression("needs.propose.outputs.address")

/** Only where the gate lets every ecosystem of the batch through is its commit fit to land. */
const judge: Mapping = script(
  { id: "judge", name: "Say whether it may land" },
  {
    ALLOWED: expression("steps.again.outputs.ecosystems"),
    GH_TOKEN: expression("github.token"),
    HEAD,
    WANTED: expression("needs.propose.outputs.ecosystems")
  },
  [
    "state=failure",
    `if [ "$(jq -c 'sort' <<< "$ALLOWED")" = "$(jq -c 'sort' <<< "$WANTED")" ]; then state=success; fi`,
    'gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$HEAD" \\',
    `  -f state="$state" -f context=${CHECK} -f description="the gate was asked right before landing"`,
    'echo "state=$state" >> "$GITHUB_OUTPUT"'
  ]
)

const merge = ({ merge }: Plan): Mapping =>
  script(
    { id: "merge", if: expression("steps.judge.outputs.state == 'success'"), name: "Merge" },
    { ADDRESS, GH_TOKEN: TOKEN, HEAD },
    [
      `gh pr merge "$ADDRESS" --${merge} --match-head-commit "$HEAD" || {`,
      '  echo "::warning::not merged now; it lands once its checks and reviews are there"',
      `  gh pr merge "$ADDRESS" --${merge} --auto --match-head-commit "$HEAD"`,
      "  exit 0",
      "}",
      `echo "commit=$(gh pr view "$ADDRESS" --json mergeCommit --jq .mergeCommit.oid)" >> "$GITHUB_OUTPUT"`
    ]
  )

const land = (plan: Plan): Mapping =>
  job(plan, {
    if: expression("!cancelled() && needs.propose.result == 'success' && needs.propose.outputs.address != ''"),
    minutes: 10,
    name: "Land",
    needs: "propose",
    permissions: {
      contents: { note: "merges, and confirms it on the control branch", value: "write" },
      "pull-requests": { note: "merges", value: "write" },
      statuses: { note: "says whether the commit may land", value: "write" }
    },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { id: "again", name: "Ask the gate again" },
        { command: "gate", ecosystems: expression("needs.propose.outputs.ecosystems") }
      ),
      judge,
      merge(plan),
      act(
        plan,
        { if: expression("steps.merge.outputs.commit != ''"), name: "Confirm the merge" },
        {
          command: "batch-merged",
          batch: expression("needs.propose.outputs.batch"),
          commit: expression("steps.merge.outputs.commit")
        }
      )
    ]
  })

/** Full batches run on the schedule only: the form takes one ecosystem and few recipes, so nobody spends the budget by pressing. */
export const batch = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-batch"),
    jobs: {
      gate: gate(plan),
      generate: generate(plan),
      record: record(plan),
      propose: propose(plan),
      land: land(plan)
    },
    name: "Batchbrake batch",
    on: {
      schedule: [{ cron: plan.batch_schedule }],
      workflow_dispatch: {
        inputs: {
          ecosystem: { description: "The one ecosystem to run", required: true, type: "string" },
          size: {
            description: "How many recipes at most",
            required: true,
            type: "choice",
            default: "1",
            options: Array.from({ length: MOST_BY_HAND }, (_, place) => String(place + 1))
          }
        }
      }
    }
  })
