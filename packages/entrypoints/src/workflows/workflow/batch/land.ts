/** The gate is asked once more, right before the merge; what it says is the commit's check. */
import { act, CHECK, checkOut, expression, job, type Mapping, script, TOKEN } from "../../Part.ts"
import type { Plan } from "../../Plan.ts"

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
