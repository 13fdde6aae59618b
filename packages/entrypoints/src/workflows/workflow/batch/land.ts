/** The gate is asked once more, right before the merge; what it says is the commit's check. */
import { act, CHECK, checkOut, expression, job, type Mapping, script, TOKEN } from "../../Part.ts"
import type { Plan } from "../../Plan.ts"

const HEAD = expression("needs.propose.outputs.head")
const ADDRESS = expression("needs.propose.outputs.address")

const WANTED = expression("needs.propose.outputs.ecosystems")

/** Only where the gate lets every ecosystem of the batch through is its commit fit to land. */
const judge: Mapping = script(
  { id: "judge", name: "Say whether it may land" },
  { ALLOWED: expression("steps.again.outputs.ecosystems"), GH_TOKEN: expression("github.token"), HEAD, WANTED },
  [
    "state=failure",
    `if [ "$(jq -c 'sort' <<< "$ALLOWED")" = "$(jq -c 'sort' <<< "$WANTED")" ]; then state=success; fi`,
    'gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$HEAD" \\',
    `  -f state="$state" -f context=${CHECK} -f description="the gate was asked before landing"`,
    'echo "state=$state" >> "$GITHUB_OUTPUT"'
  ]
)

const SAME = "steps.last.outputs.ecosystems == steps.again.outputs.ecosystems"

/**
 * The gate is asked once more behind the green check. A stop that was recorded before is seen here, also if this check
 * was said over the red one of the stop; one that is recorded later turns it red behind us, and a red check lands nothing.
 */
const takeBack: Mapping = script(
  {
    if: expression("always() && steps.judge.outputs.state == 'success' && steps.merge.outputs.commit == ''"),
    name: "Take the green check back"
  },
  { ADDRESS, GH_TOKEN: expression("github.token"), HEAD, SAME: expression(SAME) },
  [
    "# Green for longer than this job it would land without the gate, whatever tripped meanwhile.",
    'state=failure description="stopped right before landing"',
    'if [ "$SAME" = true ]; then',
    '  state=pending description="not merged; the workflow stop can judge it again"',
    `  echo "::warning::not merged: $ADDRESS stays open; once its reviews and checks are there, run 'Batchbrake stop and resume' with 'judge open batches', and merge it"`,
    "fi",
    'gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$HEAD" \\',
    `  -f state="$state" -f context=${CHECK} -f description="$description"`
  ]
)

const merge = ({ merge }: Plan): Mapping =>
  script(
    { id: "merge", if: expression(`steps.judge.outputs.state == 'success' && ${SAME}`), name: "Merge" },
    { ADDRESS, GH_TOKEN: TOKEN, HEAD },
    [
      "# What is not merged is told, and its check taken back, by the next step, which is also taken when this one is ended.",
      `gh pr merge "$ADDRESS" --${merge} --match-head-commit "$HEAD" || exit 0`,
      `echo "commit=$(gh pr view "$ADDRESS" --json mergeCommit --jq .mergeCommit.oid)" >> "$GITHUB_OUTPUT"`
    ]
  )

export const land = (plan: Plan): Mapping =>
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
      act(plan, { id: "again", name: "Ask the gate again" }, { command: "gate", ecosystems: WANTED, landing: true }),
      judge,
      act(
        plan,
        {
          id: "last",
          if: expression("steps.judge.outputs.state == 'success'"),
          name: "Ask once more, behind the green check"
        },
        { command: "gate", ecosystems: WANTED, landing: true }
      ),
      merge(plan),
      takeBack,
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
