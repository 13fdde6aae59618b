/** What the gate still lets through becomes a batch, a branch and a pull request. */
import {
  act,
  CHECK,
  COMMAND,
  checkOut,
  expression,
  job,
  LABEL,
  locate,
  type Mapping,
  NODE,
  script,
  TOKEN
} from "../../Part.ts"
import type { Plan } from "../../Plan.ts"
import { REPORTS, reports } from "./reports.ts"

const CHANGED = expression("steps.changes.outputs.ecosystems != '[]'")
const ASKED = expression("steps.again.outputs.can_proceed == 'true'")
/** From here on a batch is begun: something is fit to be one. */
const FIT = expression("steps.apply.outputs.tree != ''")

const REMEDY = "run that ecosystem again, by the form or with the next schedule"

/** What was cut on its way is nobody's batch, and neither is a change whose results nobody has. */
const collect: Mapping = script(
  { id: "changes", name: "See who changed something" },
  {
    CLAIMS: expression("needs.gate.outputs.claims"),
    RECORDED: expression("needs.record.outputs.recorded"),
    REPORTS
  },
  [
    "changed=() left=()",
    "leave_out() {",
    '  echo "::error title=$ecosystem is left out::$1"',
    '  left+=("$ecosystem")',
    "}",
    "while IFS= read -r ecosystem; do",
    '  patch="$REPORTS/report-$ecosystem/changes.patch"',
    '  id="$REPORTS/report-$ecosystem/changes.id"',
    '  if [ ! -e "$patch" ] && [ ! -e "$id" ]; then continue; fi',
    '  if [ -L "$patch" ] || [ ! -f "$patch" ] || [ ! -f "$id" ] || [ "$(git hash-object --no-filters "$patch")" != "$(head --bytes=100 "$id")" ]; then',
    `    leave_out "its changes were cut on their way here: ${REMEDY}"`,
    '  elif [ ! -s "$patch" ]; then',
    "    continue",
    `  elif jq -e --arg name "$ecosystem" 'index($name) != null' <<< "$RECORDED" > /dev/null; then`,
    '    changed+=("$ecosystem")',
    "  else",
    `    leave_out "its results are not on record, as the job Record says: ${REMEDY}"`,
    "  fi",
    `done < <(jq -r '.[].ecosystem' <<< "$CLAIMS")`,
    `echo "ecosystems=$(jq -cn '$ARGS.positional' --args "\${changed[@]}")" >> "$GITHUB_OUTPUT"`,
    `echo "left=\${left[*]}" >> "$GITHUB_OUTPUT"`
  ]
)

const BATCH = expression("steps.open.outputs.id")
const ECOSYSTEMS = expression("steps.apply.outputs.ecosystems")

/** The one who commits, in a clone that has no name for anybody. */
const AUTHOR: ReadonlyArray<string> = [
  "export GIT_AUTHOR_NAME='github-actions[bot]' GIT_COMMITTER_NAME='github-actions[bot]'",
  "export GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'",
  'export GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"'
]

/**
 * What a read-only job handed in is never written out as files: this clone runs the Action with a token, and a patch may
 * well be of the Action. Each goes into an index of its own, beside the one of the clone, from which the batch's commit
 * is made. What steers workflows or brakes ends all of it. What does not apply to those before it, or is no content, is
 * left out by name before a batch is begun: a sealing that is refused would leave an open one behind.
 */
const apply = ({ policy }: Plan): Mapping =>
  script(
    { id: "apply", if: ASKED, name: "Apply the changes to an index of their own" },
    {
      ECOSYSTEMS: expression("steps.again.outputs.ecosystems"),
      LEFT: expression("steps.changes.outputs.left"),
      NODE,
      POLICY: policy,
      REPORTS
    },
    [
      ...AUTHOR,
      'export GIT_INDEX_FILE="$RUNNER_TEMP/batch.index"',
      "git read-tree HEAD",
      "shopt -s nocasematch",
      "fit=() left=($LEFT)",
      "leave_out() {",
      '  echo "::error title=$ecosystem is left out::$1"',
      '  left+=("$ecosystem")',
      '  git read-tree "$before"',
      "}",
      "while IFS= read -r ecosystem; do",
      "  before=$(git write-tree)",
      '  if ! git apply --cached "$REPORTS/report-$ecosystem/changes.patch" 2> "$RUNNER_TEMP/apply.txt"; then',
      "    # Paths are anybody's words: nothing among them is a command of the log.",
      `    mute="stop_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"`,
      '    echo "::stop-commands::$mute"',
      `    sed 's/^/git: /' "$RUNNER_TEMP/apply.txt"`,
      '    echo && echo "::$mute::"',
      `    leave_out "its changes do not apply to the content branch\${fit[*]:+ with those of \${fit[*]}}: ${REMEDY}"`,
      "    continue",
      "  fi",
      "  tree=$(git write-tree)",
      '  if [ "$tree" = "$before" ]; then continue; fi',
      '  git diff-tree -r -z --name-only --no-renames "$before" "$tree" > "$RUNNER_TEMP/paths"',
      "  while IFS= read -r -d '' path; do",
      '    case "$path" in .github | .github/* | batch-policy.json | .gitmodules)',
      '      echo "::error::the changes of $ecosystem touch workflows, brakes or policy: nothing of this run is proposed"',
      "      exit 1",
      "    esac",
      '  done < "$RUNNER_TEMP/paths"',
      "  status=0",
      '  trial=$(git commit-tree -p HEAD -m "Trial" "$tree")',
      `  ${COMMAND} batch check --base=HEAD --head="$trial" --policy="$POLICY" --json > "$RUNNER_TEMP/check.json" || status=$?`,
      `  said=$(jq -r '.refusal.message // .error.message // ""' "$RUNNER_TEMP/check.json" | tr -d '\r\n')`,
      '  case "$status" in',
      '    0) fit+=("$ecosystem") ;;',
      `    1) leave_out "\${said//%/%25}" ;;`,
      "    *)",
      `      echo "::error::nobody can tell whether the changes of $ecosystem are content: \${said//%/%25}"`,
      "      exit 1",
      "      ;;",
      "  esac",
      `done < <(jq -r '.[]' <<< "$ECOSYSTEMS")`,
      `if [ "\${#fit[@]}" -eq 0 ]; then`,
      '  echo "::error::nothing of this run is fit to be proposed: what is left out says why"',
      "  exit 1",
      "fi",
      "{",
      `  echo "ecosystems=$(jq -cn '$ARGS.positional' --args "\${fit[@]}")"`,
      `  echo "left=\${left[*]}"`,
      '  echo "tree=$(git write-tree)"',
      '} >> "$GITHUB_OUTPUT"'
    ]
  )

const commit: Mapping = script(
  { id: "commit", if: FIT, name: "Commit the batch" },
  { BATCH, ECOSYSTEMS, TREE: expression("steps.apply.outputs.tree") },
  [
    ...AUTHOR,
    `named=$(jq -r 'join(", ")' <<< "$ECOSYSTEMS")`,
    'commit=$(git commit-tree -p HEAD -m "Batch $BATCH" -m "Ecosystems: $named" "$TREE")',
    'echo "commit=$commit" >> "$GITHUB_OUTPUT"'
  ]
)
const COMMIT = expression("steps.commit.outputs.commit")

const ask = ({ content_branch }: Plan): Mapping =>
  script(
    { id: "pull", name: "Open the pull request", if: FIT },
    {
      BATCH,
      COMMIT,
      CONTENT_BRANCH: content_branch,
      ECOSYSTEMS,
      GH_TOKEN: TOKEN,
      LEFT: expression("steps.apply.outputs.left"),
      STATUS_TOKEN: expression("github.token")
    },
    [
      'git push --quiet origin "$COMMIT:refs/heads/batch/$BATCH"',
      "# Before there is a pull request: the check of its policy, of the same name, is green where no policy is changed.",
      'GH_TOKEN="$STATUS_TOKEN" gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$COMMIT" \\',
      `  -f state=pending -f context=${CHECK} -f description="the gate is asked before it lands"`,
      `gh label create ${LABEL} --force --color 1d76db --description "brings a batch, or takes one out"`,
      `body="Batch $BATCH of $(jq -r 'join(", ")' <<< "$ECOSYSTEMS"). Lands when the check ${CHECK} is green."`,
      'if [ -n "$LEFT" ]; then body="$body Left out, as the run says why: $LEFT."; fi',
      'address=$(gh pr create --base "$CONTENT_BRANCH" --head "batch/$BATCH" \\',
      `  --title "Batch $BATCH" --body "$body" --label ${LABEL})`,
      'echo "address=$address" >> "$GITHUB_OUTPUT"',
      'echo "head=$COMMIT" >> "$GITHUB_OUTPUT"'
    ]
  )

export const propose = (plan: Plan): Mapping =>
  job(plan, {
    // The report of one may have failed its job, and the job that records; what is on record decides about the others. Where
    // failed jobs alone are run again nothing was granted, and what this run made may have landed, and been taken out again.
    if: expression(
      "!cancelled() && needs.gate.outputs.attempt == github.run_attempt && " +
        "needs.record.outputs.recorded != '' && needs.record.outputs.recorded != '[]'"
    ),
    minutes: 15,
    name: "Propose",
    needs: ["gate", "record"],
    outputs: {
      address: expression("steps.pull.outputs.address"),
      batch: expression("steps.open.outputs.id"),
      ecosystems: ECOSYSTEMS,
      head: expression("steps.pull.outputs.head")
    },
    permissions: {
      contents: { note: "the batch's branch, and its manifest on the control branch", value: "write" },
      "pull-requests": { note: "opens the pull request", value: "write" },
      statuses: { note: "keeps it from landing before the gate was asked", value: "write" }
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
      locate(plan, { if: ASKED }),
      apply(plan),
      act(
        plan,
        { id: "open", if: FIT, name: "Give out the batch's ID" },
        { command: "batch-open", ecosystems: ECOSYSTEMS }
      ),
      commit,
      act(
        plan,
        { if: FIT, name: "Seal the batch" },
        { command: "batch-seal", batch: BATCH, base: `origin/${plan.content_branch}`, head: COMMIT }
      ),
      ask(plan),
      act(
        plan,
        { if: FIT, name: "Remember the pull request" },
        { command: "batch-proposed", batch: BATCH, "pull-request": expression("steps.pull.outputs.address") }
      )
    ]
  })
