/** What the gate still lets through becomes a batch, a branch and a pull request. */
import { act, CHECK, checkOut, expression, job, LABEL, type Mapping, script, TOKEN } from "../../Part.ts"
import type { Plan } from "../../Plan.ts"
import { REPORTS, reports } from "./reports.ts"

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

/**
 * What a read-only job handed in is never written out as files: this clone runs the Action with a token, and a patch may
 * well be of the Action. Each goes into an index of its own, beside the one of the clone, from which the batch's commit
 * is made. What steers workflows or brakes is refused here, before a batch is begun; what else the policy's content does
 * not cover is refused by the seal, before anything is pushed.
 */
const apply: Mapping = script(
  { id: "apply", if: OPENED, name: "Apply the changes to an index of their own" },
  { ECOSYSTEMS: ALLOWED, REPORTS },
  [
    'export GIT_INDEX_FILE="$RUNNER_TEMP/batch.index"',
    "git read-tree HEAD",
    "shopt -s nocasematch",
    "while IFS= read -r ecosystem; do",
    "  before=$(git write-tree)",
    '  git apply --cached "$REPORTS/report-$ecosystem/changes.patch" || {',
    '    echo "::error::the changes of $ecosystem do not fit those of the others"',
    "    exit 1",
    "  }",
    '  git diff-tree -r -z --name-only --no-renames "$before" "$(git write-tree)" > "$RUNNER_TEMP/paths"',
    "  while IFS= read -r -d '' path; do",
    '    case "$path" in .github | .github/* | batch-policy.json | .gitmodules)',
    '      echo "::error::the changes of $ecosystem touch workflows, brakes or policy: nothing of this run is proposed"',
    "      exit 1",
    "    esac",
    '  done < "$RUNNER_TEMP/paths"',
    `done < <(jq -r '.[]' <<< "$ECOSYSTEMS")`,
    'echo "tree=$(git write-tree)" >> "$GITHUB_OUTPUT"'
  ]
)

const commit: Mapping = script(
  { id: "commit", if: OPENED, name: "Commit the batch" },
  { BATCH, ECOSYSTEMS: ALLOWED, TREE: expression("steps.apply.outputs.tree") },
  [
    `named=$(jq -r 'join(", ")' <<< "$ECOSYSTEMS")`,
    "commit=$(git -c user.name='github-actions[bot]' \\",
    "  -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \\",
    '  commit-tree -p HEAD -m "Batch $BATCH" -m "Ecosystems: $named" "$TREE")',
    'echo "commit=$commit" >> "$GITHUB_OUTPUT"'
  ]
)
const COMMIT = expression("steps.commit.outputs.commit")

const ask = ({ content_branch }: Plan): Mapping =>
  script(
    { id: "pull", name: "Open the pull request", if: OPENED },
    { BATCH, COMMIT, CONTENT_BRANCH: content_branch, ECOSYSTEMS: ALLOWED, GH_TOKEN: TOKEN },
    [
      'git push --quiet origin "$COMMIT:refs/heads/batch/$BATCH"',
      `gh label create ${LABEL} --force --color 1d76db --description "brings a batch, or takes one out"`,
      `body="Batch $BATCH of $(jq -r 'join(", ")' <<< "$ECOSYSTEMS"). Lands when the check ${CHECK} is green."`,
      'address=$(gh pr create --base "$CONTENT_BRANCH" --head "batch/$BATCH" \\',
      `  --title "Batch $BATCH" --body "$body" --label ${LABEL})`,
      'echo "address=$address" >> "$GITHUB_OUTPUT"',
      'echo "head=$COMMIT" >> "$GITHUB_OUTPUT"'
    ]
  )

export const propose = (plan: Plan): Mapping =>
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
        { command: "gate", ecosystems: expression("steps.changes.outputs.ecosystems"), landing: true }
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
        { command: "batch-seal", batch: BATCH, base: `origin/${plan.content_branch}`, head: COMMIT }
      ),
      ask(plan),
      act(
        plan,
        { if: OPENED, name: "Remember the pull request" },
        { command: "batch-proposed", batch: BATCH, "pull-request": expression("steps.pull.outputs.address") }
      )
    ]
  })
