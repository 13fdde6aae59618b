/** The batch pipeline where it ends before its end, and where a part of it is run again. */
import { strict as assert } from "node:assert"
import { afterEach, describe, it } from "vitest"
import { controlText, eventsOn } from "../support/ControlBranch.ts"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub, plans } from "../support/runner/GitHub.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 90_000
const REPORTS = "Take the reports in"

describe.skipIf(!hasJq)("A pipeline that is ended, or run again (SPEC.md WF; needs the program jq)", () => {
  let open: GitHub | undefined
  const begin = async (ecosystems: ReadonlyArray<string>): Promise<GitHub> => {
    open = await openGitHub(ecosystems)
    return open
  }
  afterEach(() => open?.workshop.dispose())

  const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
    Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))
  const statesOf = (github: GitHub): ReadonlyArray<string> =>
    Object.values(github.forge().statuses).map(({ state }) => state)
  const typesOf = ({ workshop }: GitHub): ReadonlyArray<unknown> => eventsOn(workshop).map(({ type }) => type)

  it(
    "[WF32] running the failed jobs again proposes nothing: what the run made has landed, and was taken out since",
    async () => {
      const github = await begin(["gem", "npm"])
      github.plan({ gem: ["r0 crash"] })
      const run = await github.dispatch("batch", { event: "schedule" })
      assert.deepEqual([resultsOf(run).land, github.onMain().length], ["success", 2], run.log)
      const { clone, git } = github.workshop
      git(clone, "pull", "-q", "--rebase", "origin", "main")
      git(clone, "rm", "-q", "-r", "recipes/npm")
      git(clone, "commit", "-q", "-m", "Take it out")
      git(clone, "push", "-q", "origin", "HEAD:main")
      const kept = new Map([...run.jobs].filter(([id]) => id === "gate"))
      const again = await github.dispatch("batch", { attempt: "2", event: "schedule", kept, reports: run.reports })
      assert.deepEqual(
        resultsOf(again),
        { gate: "success", generate: "skipped", land: "skipped", propose: "skipped", record: "success" },
        again.log
      )
      assert.deepEqual([github.onMain(), github.forge().pulls.length], [[], 1])
    },
    LONG_MILLIS
  )

  it(
    "[WF33] the commit is not green before its pull request is there, nor behind a merge that was ended",
    async () => {
      const github = await begin(["npm"])
      const early = await github.dispatch("batch", {
        before: (job) => Promise.resolve(job === "land"),
        event: "schedule"
      })
      assert.equal(resultsOf(early).land, "cancelled", early.log)
      assert.deepEqual([statesOf(github), github.forge().pulls.length, github.onMain()], [["pending"], 1, []])
      const calls = github.forge().calls.map((words) => words.join(" "))
      const [said, asked] = [/statuses.*state=pending/, /^pr create/].map((call) =>
        calls.findIndex((line) => call.test(line))
      )
      assert.ok(said !== undefined && asked !== undefined && said >= 0 && said < asked, calls.join("\n"))

      const late = await github.dispatch("batch", {
        before: (job, step) => Promise.resolve(job === "land" && step === "Merge"),
        event: "schedule",
        runId: "4712"
      })
      assert.equal(resultsOf(late).land, "cancelled", late.log)
      assert.deepEqual([statesOf(github), github.onMain()], [["pending", "pending"], []])
    },
    LONG_MILLIS
  )

  it(
    "[WF34] reports that do not come in are not taken for none: the grants stay until the jobs that failed are run again",
    async () => {
      const github = await begin(["npm"])
      github.plan({ npm: plans.failing(10) })
      const run = await github.dispatch("batch", {
        event: "schedule",
        fails: (job, step) => job === "record" && step === REPORTS
      })
      assert.deepEqual(
        resultsOf(run),
        { gate: "success", generate: "success", land: "skipped", propose: "skipped", record: "failure" },
        run.log
      )
      assert.deepEqual(typesOf(github).slice(-1), ["RunAdmitted"])
      const kept = new Map([...run.jobs].filter(([id]) => id === "gate" || id === "generate"))
      const again = await github.dispatch("batch", { attempt: "2", event: "schedule", kept, reports: run.reports })
      assert.equal(resultsOf(again).record, "success", again.log)
      assert.equal(JSON.parse(controlText(github.workshop)).circuit_breaker.npm.state, "open")
    },
    LONG_MILLIS
  )
})
