/** The batch pipeline as it is generated, run step by step: real git, the bundled Action, a stand-in for `gh`. */
import { strict as assert } from "node:assert"
import { readdirSync } from "node:fs"
import { afterEach, describe, it } from "vitest"
import { controlText, eventsOn } from "../support/ControlBranch.ts"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub, plans } from "../support/runner/GitHub.ts"
import { LAST } from "../support/runner/runJob.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 90_000
let open: GitHub | undefined
const begin = async (ecosystems: ReadonlyArray<string>, policy = {}): Promise<GitHub> => {
  open = await openGitHub(ecosystems, policy)
  return open
}
afterEach(() => open?.workshop.dispose())

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))
const grantsOf = ({ workshop }: GitHub): ReadonlyArray<unknown> =>
  JSON.parse(controlText(workshop)).budget.reservations ?? []
const typesOf = ({ workshop }: GitHub): ReadonlyArray<unknown> => eventsOn(workshop).map(({ type }) => type)
const commitsOf = ({ workshop: { git, remote } }: GitHub): number =>
  Number(git(remote, "rev-list", "--count", "batch-control"))
const EIGHT = ["cargo", "cask", "conda", "gem", "go", "homebrew", "npm", "pypi"]

describe.skipIf(!hasJq)("The batch pipeline (SPEC.md WF; needs the program jq)", () => {
  it(
    "[WF10] [WF11] eight at once gate, generate, record in one commit, seal, propose, ask again, merge and confirm",
    async () => {
      const github = await begin(EIGHT)
      // One trips, one ends without a report, one changes nothing: the other five land.
      github.plan({ gem: ["r0 crash"], npm: [...plans.failing(10), "r10 passed"], pypi: plans.failing(1) })
      const before = commitsOf(github)
      const run = await github.dispatch("batch", { event: "schedule" })
      assert.deepEqual(
        resultsOf(run),
        { gate: "success", generate: "failure", land: "success", propose: "success", record: "success" },
        run.log
      )
      const five = ["cargo", "cask", "conda", "go", "homebrew"]
      assert.deepEqual(
        github.onMain(),
        five.flatMap((name) => [`recipes/${name}/r0.rb`, `recipes/${name}/r1.rb`])
      )
      const written = eventsOn(github.workshop).slice(-12)
      assert.deepEqual(
        written.map(({ ecosystem, type }) => [type, ecosystem ?? ""].join(" ").trim()),
        [
          ...EIGHT.map((name) => `${name === "gem" ? "RunAbandoned" : "RunCompleted"} ${name}`),
          ...["BatchOpened", "BatchSealed", "BatchProposed", "BatchMerged"]
        ]
      )
      // One commit for eight claims, one for eight reports, four for the batch.
      assert.equal(commitsOf(github) - before, 6)
      assert.deepEqual(grantsOf(github), [])
      assert.equal(JSON.parse(controlText(github.workshop)).circuit_breaker.npm.state, "open")
      const { pulls, statuses } = github.forge()
      assert.equal(pulls.length, 1)
      assert.equal(pulls[0]?.state, "MERGED")
      assert.deepEqual(
        Object.values(statuses).map(({ context, state }) => [context, state]),
        [["batchbrake", "success"]]
      )
      assert.match(run.jobs.get("record")?.summary ?? "", /\| npm \| 0 passed, 10 failed|\| npm \| 1 passed, 10 failed/)
    },
    LONG_MILLIS
  )

  it(
    "[WF24] a patch of the Action, or of anything that is no content, is run nowhere and lands nowhere",
    async () => {
      const github = await begin(["cask", "npm"])
      github.plan({ npm: ["r0 attack"] })
      const attacked = await github.dispatch("batch", { event: "schedule" })
      assert.equal(resultsOf(attacked).propose, "failure", attacked.log)
      assert.match(attacked.log, /::error::the changes of npm touch workflows, brakes or policy/)
      assert.ok(!typesOf(github).includes("BatchOpened"))
      assert.deepEqual([github.onMain(), github.forge().pulls], [[], []])
      // With nothing else to propose no batch is begun either: none is left behind open.
      github.plan({ cask: plans.failing(1), npm: ["r0 stray"] })
      const strayed = await github.dispatch("batch", { event: "schedule", runId: "4712" })
      assert.equal(resultsOf(strayed).propose, "failure", strayed.log)
      assert.match(
        strayed.log,
        /::error title=npm is left out::these paths are not under the policy's content .*"stray\.txt"/
      )
      assert.match(strayed.log, /::error::nothing of this run is fit to be proposed/)
      assert.ok(!typesOf(github).includes("BatchOpened"))
      assert.deepEqual([github.onMain(), github.forge().pulls], [[], []])
      const { directory, git, remote } = github.workshop
      assert.ok(!readdirSync(directory, { recursive: true }).some((name) => String(name).endsWith("owned")))
      assert.equal(git(remote, "for-each-ref", "refs/heads/batch/"), "")
    },
    LONG_MILLIS
  )

  it(
    "[WF12] a stop that is pressed after the gate was asked again is seen, though its red check was said over",
    async () => {
      const github = await begin(["npm"])
      const run = await github.dispatch("batch", {
        before: async (job, step) => {
          if (job !== "land" || step !== "Say whether it may land") return
          const inputs = { order: "stop", reason: "bad checksums" }
          const stopped = await github.dispatch("stop", { event: "workflow_dispatch", inputs })
          assert.equal(resultsOf(stopped).mark, "success", stopped.log)
          assert.equal(Object.values(github.forge().statuses)[0]?.state, "failure")
        },
        event: "schedule",
        secrets: {}
      })
      assert.equal(resultsOf(run).land, "success", run.log)
      assert.ok(run.jobs.get("land")?.ran.includes("Take the green check back"))
      assert.ok(!run.jobs.get("land")?.ran.includes("Merge"))
      assert.deepEqual(github.onMain(), [])
      assert.equal(Object.values(github.forge().statuses)[0]?.state, "failure")
    },
    LONG_MILLIS
  )

  it(
    "[WF27] [WF29] what is not merged stays open and not green, also at the budget's line; running it again starts nothing",
    async () => {
      const github = await begin(["npm"], { budget: { caps: { linux: 100 } } })
      github.plan({ npm: ["r0 costly"] })
      github.change((state) => {
        state.unreviewed = true
      })
      const run = await github.dispatch("batch", { event: "schedule" })
      assert.equal(resultsOf(run).land, "success", run.log)
      assert.match(run.log, /::warning::not merged: .*judge open batches/)
      const states = () => Object.values(github.forge().statuses).map(({ state }) => state)
      assert.deepEqual([states(), github.onMain()], [["pending"], []])
      const { ecosystems = [] } = await github.workshop.json(0, ["gate"])
      assert.match(JSON.stringify(ecosystems), /budget-exhausted/)
      const judged = await github.dispatch("stop", {
        event: "workflow_dispatch",
        inputs: { order: "judge open batches" }
      })
      assert.deepEqual([resultsOf(judged).mark, states()], ["success", ["success"]], judged.log)
      const before = commitsOf(github)
      const again = await github.dispatch("batch", { attempt: "2", event: "schedule" })
      assert.equal(resultsOf(again).gate, "failure")
      assert.equal(resultsOf(again).generate, "skipped")
      const gate = run.jobs.get("gate")
      const failedOnly = {
        attempt: "2",
        event: "schedule",
        kept: new Map(gate === undefined ? [] : [["gate", gate]])
      } as const
      assert.equal(resultsOf(await github.dispatch("batch", failedOnly)).generate, "skipped")
      assert.equal(commitsOf(github), before)
    },
    LONG_MILLIS
  )

  it(
    "[WF13] a run that is cancelled gives its grants back, from the gate's job and from the matrix",
    async () => {
      const github = await begin(["cask", "npm"])
      const atGate = await github.dispatch("batch", {
        before: (job, step) => Promise.resolve(job === "gate" && step === LAST),
        event: "schedule"
      })
      assert.deepEqual(
        [atGate.jobs.get("gate")?.result, atGate.jobs.get("generate")?.result, atGate.jobs.get("record")?.result],
        ["cancelled", "skipped", "cancelled"]
      )
      assert.deepEqual(grantsOf(github), [], atGate.log)
      const early = await github.dispatch("batch", {
        before: (job, step) => Promise.resolve(job === "generate" && step === "Make and validate recipes"),
        event: "schedule",
        runId: "4712"
      })
      assert.deepEqual(
        resultsOf(early),
        { gate: "success", generate: "cancelled", land: "skipped", propose: "skipped", record: "cancelled" },
        early.log
      )
      assert.deepEqual(grantsOf(github), [])
      assert.equal(typesOf(github).filter((type) => type === "RunAbandoned").length, 4)
    },
    LONG_MILLIS
  )

  it(
    "[AC10] [WF14] [LI3] [LI5] the form takes one ecosystem and few recipes, and nothing of what is typed is run",
    async () => {
      const github = await begin(["cask", "npm"])
      const before = commitsOf(github)
      for (const inputs of [
        { ecosystem: "npm cask", size: "1" },
        { ecosystem: "", size: "1" },
        { ecosystem: "npm", size: "500" },
        { ecosystem: '["npm","cask"]', size: "1" },
        { ecosystem: "npm", size: "1\ncan_proceed=true" }
      ]) {
        const { jobs, log } = await github.dispatch("batch", { event: "workflow_dispatch", inputs })
        assert.equal(jobs.get("gate")?.result, "failure", log)
        assert.equal(jobs.get("gate")?.outputs.can_proceed, "false")
        assert.equal(jobs.get("generate")?.result, "skipped")
      }
      assert.equal(commitsOf(github), before)
      // What is typed right is the grant's own limit, and the command's: a report beyond it is noticed, and counts.
      const run = await github.dispatch("batch", {
        event: "workflow_dispatch",
        inputs: { ecosystem: "npm", size: "1" }
      })
      const claimed = eventsOn(github.workshop).find(({ type }) => type === "RunAdmitted")
      assert.deepEqual([claimed?.ecosystem, claimed?.max_attempts], ["npm", 1], run.log)
      assert.match(run.log, /::warning .*made 2 attempts where its claim asked for at most 1; all of them count/)
      assert.deepEqual([resultsOf(run).land, github.onMain().length], ["success", 2])
    },
    LONG_MILLIS
  )
})
