/** What a matrix cost, by the forge's own account, also where jobs were killed: the pipeline as it is generated. */
import { strict as assert } from "node:assert"
import { afterEach, describe, it } from "vitest"
import { controlText, eventsOn } from "../support/ControlBranch.ts"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub, plans } from "../support/runner/GitHub.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 60_000
const MINUTE = 60_000
let open: GitHub | undefined
afterEach(() => open?.workshop.dispose())

const resultOf = ({ jobs }: RunEnded, id: string): unknown => jobs.get(id)?.result
const grantsOf = ({ workshop }: GitHub): ReadonlyArray<unknown> =>
  JSON.parse(controlText(workshop)).budget.reservations ?? []
/** `RunCompleted npm linux=8` of the newest record. */
const recorded = ({ workshop }: GitHub): ReadonlyArray<string> =>
  eventsOn(workshop)
    .filter(({ type }) => type === "RunCompleted" || type === "RunAbandoned")
    .map(({ ecosystem, minutes, type }) => `${type} ${ecosystem} ${JSON.stringify(minutes ?? {})}`)

/** Each job of the matrix as long as is said, in minutes, when the record asks. */
const lasting = (
  github: GitHub,
  lengths: Readonly<Record<string, number>>,
  conclusions: Readonly<Record<string, string>> = {}
): void => {
  github.api.watch = ({ path }) => {
    if (!path.endsWith("/jobs")) return
    for (const [attempt, rows] of github.api.jobs) {
      const longer = rows.map((row) => {
        const ecosystem = row.name.replace("Generate ", "")
        const [minutes, conclusion = row.conclusion] = [lengths[ecosystem], conclusions[ecosystem]]
        const end = new Date(Date.parse(row.started_at) + (minutes ?? 0) * MINUTE).toISOString()
        return minutes === undefined ? row : { ...row, completed_at: end, conclusion }
      })
      github.api.jobs.set(attempt, longer)
    }
  }
}

const WORK = "Make and validate recipes"
const EIGHT = ["cargo", "cask", "conda", "gem", "go", "homebrew", "npm", "pypi"]

describe.skipIf(!hasJq)("The minutes of a matrix (SPEC.md JU; needs the program jq)", () => {
  it(
    "[JU11] [JU13] of eight jobs each costs what it took: killed before a report, cut within one, timed out, or well",
    async () => {
      const github = await openGitHub(EIGHT)
      open = github
      github.plan({
        cask: ["r0 passed", "r1 cut"],
        conda: ["r0 costly"],
        gem: ["r0 crash"],
        go: ["r0 passed", "r1 passed", "r2 cut-quiet"],
        npm: ["r0 passed", "r1 cut-quiet"]
      })
      lasting(github, { cask: 3.5, conda: 5, gem: 2, go: 61, homebrew: 9 }, { go: "timed_out" })
      const run = await github.dispatch("batch", {
        event: "schedule",
        // One dies with its machine: nothing is handed in. Another's time is over: what always runs hands in what is there.
        kills: (job, step) => job === "generate homebrew" && step === WORK
      })
      assert.equal(resultOf(run, "record"), "failure", run.log)
      assert.deepEqual(recorded(github), [
        'RunCompleted cargo {"linux":1}',
        'RunCompleted cask {"linux":4}',
        'RunCompleted conda {"linux":91}',
        'RunAbandoned gem {"linux":2}',
        'RunCompleted go {"linux":61}',
        'RunAbandoned homebrew {"linux":9}',
        // Its job says that it ended well, so nobody knows what its last line would have said.
        'RunAbandoned npm {"linux":1}',
        'RunCompleted pypi {"linux":1}'
      ])
      assert.deepEqual(grantsOf(github), [])
      assert.equal(JSON.parse(controlText(github.workshop)).budget.linux_minutes_used, 170)
      assert.match(
        run.log,
        /::warning title=batchbrake%3A results-cut::cask |::warning title=batchbrake: results-cut::cask /
      )
      assert.match(run.log, /::error title=[^:]*npm::results: line 2/)
      // Recorded again, by a run of the failed jobs, it is the same report: nothing is written.
      const before = eventsOn(github.workshop).length
      const kept = new Map([...run.jobs].filter(([id]) => id === "gate" || id === "generate"))
      const again = await github.dispatch("batch", { attempt: "2", event: "schedule", kept, reports: run.reports })
      assert.equal(eventsOn(github.workshop).length, before, again.log)
      assert.doesNotMatch(again.log, /conflict/)
    },
    LONG_MILLIS
  )

  it(
    "[JU11] [WF31] jobs that are cancelled cost what they took, and one that never started nothing",
    async () => {
      const github = await openGitHub(["cask", "npm"])
      open = github
      lasting(github, { cask: 4, npm: 6 })
      github.api.fault = () => {
        const [[attempt = "", rows = []] = []] = [...github.api.jobs]
        const queued = rows.map((row) => (row.name === "Generate npm" ? { ...row, runner_id: 0 } : row))
        github.api.jobs.set(attempt, queued)
        return undefined
      }
      const run = await github.dispatch("batch", {
        before: async (job, step) => job === "generate" && step === WORK,
        event: "schedule"
      })
      assert.deepEqual(recorded(github), ['RunAbandoned cask {"linux":4}', "RunAbandoned npm {}"], run.log)
    },
    LONG_MILLIS
  )

  it(
    "[JU12] a forge that does not answer the record keeps nothing off it; a right that is missing is named",
    async () => {
      const github = await openGitHub(["npm"])
      open = github
      // Nothing changed, so nothing is proposed: the record is what is looked at.
      github.plan({ npm: plans.failing(1) })
      github.api.fault = ({ path }) =>
        path.endsWith("/jobs") ? { body: { message: "Resource not accessible" }, status: 403 } : undefined
      const run = await github.dispatch("batch", { event: "schedule" })
      assert.equal(resultOf(run, "record"), "success", run.log)
      assert.deepEqual(recorded(github), ['RunCompleted npm {"linux":1}'])
      assert.match(run.log, /::warning title=batchbrake(?::|%3A) minutes-unmeasured::.*actions: read/)
    },
    LONG_MILLIS
  )
})
