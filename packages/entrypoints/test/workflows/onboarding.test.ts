/** The check of a pull request where its base has nothing to check with, or not all of it. */
import { strict as assert } from "node:assert"
import { readdirSync } from "node:fs"
import { afterAll, beforeAll, describe, it } from "vitest"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import { pullReferences } from "../support/runner/pullReferences.ts"
import { commandsIn } from "../support/runner/RunnerFile.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 90_000
const POLICY = { content: ["recipes/**"], ecosystems: { npm: {} }, version: 1 }

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

describe.skipIf(!hasJq)("A pull request before batchbrake is there (SPEC.md LI; needs the program jq)", () => {
  let github: GitHub
  /** Commits of the content branch: without anything, with a policy, with policy and Action. */
  let [bare, withPolicy, whole] = ["", "", ""]
  let number = 0
  beforeAll(async () => {
    github = await openGitHub(["npm"])
    const { clone, git } = github.workshop
    const commits = git(clone, "rev-list", "--reverse", "HEAD").split("\n")
    ;[bare, withPolicy, whole] = [commits[0] ?? "", commits[1] ?? "", commits.at(-1) ?? ""]
  }, LONG_MILLIS)
  afterAll(() => github.workshop.dispose())

  /** The check of a pull request whose program and Action are not what they seem; the content branch stands where told. */
  const check = async (
    at: { readonly base: string; readonly main: string; readonly from?: string },
    policy: unknown,
    from = "octo/registry"
  ): Promise<RunEnded> => {
    const { clone, git, remote, write } = github.workshop
    number++
    git(clone, "checkout", "-q", "-f", "-B", `proposal-${number}`, at.from ?? whole)
    write(".github/batchbrake/batchbrake.cjs", 'require("node:fs").writeFileSync("owned", "")')
    write(".github/batchbrake/batch.sh", "touch owned")
    if (policy === undefined) git(clone, "rm", "-q", "-f", "--ignore-unmatch", "batch-policy.json")
    else write("batch-policy.json", JSON.stringify(policy))
    git(clone, "add", "--all")
    git(clone, "commit", "-q", "-m", "Propose")
    const reference = pullReferences(github.workshop, number, at.main)
    git(remote, "update-ref", "refs/heads/main", at.main)
    const payload = { pull_request: { base: { sha: at.base }, head: { repo: { full_name: from } }, number } }
    const run = await github.dispatch("policy", { event: "pull_request", payload, revision: reference })
    assert.ok(
      !readdirSync(github.workshop.directory, { recursive: true }).some((name) => String(name).endsWith("owned"))
    )
    return run
  }
  const ranTheCommand = (run: RunEnded): boolean => run.jobs.get("check")?.ran.includes("Find the command") === true

  it.each(["octo/registry", "mallory/registry"])(
    "[LI11] the first one is green, says that nothing is in force yet, and runs nothing of its own, from %s",
    async (from) => {
      const run = await check({ base: bare, main: bare }, POLICY, from)
      assert.deepEqual(resultsOf(run), { check: "success", comment: "skipped" }, run.log)
      assert.ok(!ranTheCommand(run))
      const [said] = commandsIn(run.log)
      assert.deepEqual([said?.command, said?.properties.title], ["notice", "batchbrake"])
      assert.match(said?.message ?? "", /^nothing is in force yet: main has no \.github\/batchbrake to check with/)
      assert.match(run.jobs.get("check")?.summary ?? "", /^### batchbrake: nothing is in force yet\n/)
    },
    LONG_MILLIS
  )

  it(
    "[LI11] where a policy is there and nothing to check with, it is said, and a policy is not taken away",
    async () => {
      const at = { base: withPolicy, main: withPolicy }
      const changed = await check(at, POLICY)
      assert.deepEqual(resultsOf(changed), { check: "success", comment: "skipped" }, changed.log)
      assert.match(changed.log, /::notice title=batchbrake::nothing is in force yet/)
      const gone = await check(at, undefined)
      assert.equal(resultsOf(gone).check, "failure", gone.log)
      assert.match(gone.log, /::error::batch-policy\.json would be gone/)
    },
    LONG_MILLIS
  )

  it(
    "[LI11] one whose base is from before is checked by what the content branch has now",
    async () => {
      for (const base of [bare, withPolicy]) {
        const wrong = await check({ base, main: whole }, { ...POLICY, slo: 9 })
        assert.equal(resultsOf(wrong).check, "failure", wrong.log)
        assert.match(wrong.jobs.get("check")?.summary ?? "", /slo: found 9/)
        assert.ok(ranTheCommand(wrong))
      }
    },
    LONG_MILLIS
  )

  it(
    "[LI11] a first policy beside an Action that is there is checked, without a backtest",
    async () => {
      const { clone, git } = github.workshop
      git(clone, "checkout", "-q", "-f", "-B", "without", whole)
      git(clone, "rm", "-q", "batch-policy.json")
      git(clone, "commit", "-q", "-m", "Nothing in force")
      const without = git(clone, "rev-parse", "HEAD")
      git(clone, "push", "-q", "origin", "HEAD:refs/heads/without")
      const at = { base: without, from: without, main: without }
      const first = await check(at, POLICY)
      assert.deepEqual(resultsOf(first), { check: "success", comment: "success" }, first.log)
      assert.match(first.jobs.get("check")?.summary ?? "", /\nNo backtest: there is no policy in force yet\.\n/)
      const none = await check(at, undefined)
      assert.deepEqual(resultsOf(none), { check: "success", comment: "skipped" }, none.log)
    },
    LONG_MILLIS
  )

  it(
    "[LI16] one from before the policy that is in force, and that leaves it alone, changes nothing of it",
    async () => {
      const { clone, git, write } = github.workshop
      for (const from of [bare, withPolicy]) {
        number++
        git(clone, "checkout", "-q", "-f", "-B", `proposal-${number}`, from)
        write("README.md", "words")
        git(clone, "add", "README.md")
        git(clone, "commit", "-q", "-m", "Words")
        const revision = pullReferences(github.workshop, number, whole)
        git(github.workshop.remote, "update-ref", "refs/heads/main", whole)
        const payload = {
          pull_request: { base: { sha: from }, head: { repo: { full_name: "octo/registry" } }, number }
        }
        const run = await github.dispatch("policy", { event: "pull_request", payload })
        assert.deepEqual(resultsOf(run), { check: "success", comment: "skipped" }, `${revision}: ${run.log}`)
        assert.equal(run.jobs.get("check")?.outputs.changed, "false")
      }
    },
    LONG_MILLIS
  )
})
