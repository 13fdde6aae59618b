/** The workflows that keep issues, as they are generated: run step by step, each time on a machine that remembers nothing. */
import { strict as assert } from "node:assert"
import type { Alert } from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import { HOUR } from "@batchbrake/core/time/Instant"
import { DEFAULTS, decodeSettings } from "@batchbrake/entrypoints/workflows/Plan"
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, it } from "vitest"
import { editByHand } from "../support/ControlBranch.ts"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import { commandsIn } from "../support/runner/RunnerFile.ts"
import type { RunEnded, Trigger } from "../support/runner/runWorkflow.ts"
import { readWorkflow } from "../support/runner/WorkflowFile.ts"

const LONG_MILLIS = 90_000

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

const rightsOf = (permissions: object = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(permissions).map(([scope, right]) => [scope, String(right)]))

describe("The workflows that keep issues (SPEC.md IS)", () => {
  let github: GitHub
  let server: ForgeServer
  beforeAll(async () => {
    server = await serveForge()
    github = await openGitHub(["npm"])
    await github.workshop.expecting(0, ["record", "--ecosystem=npm", "--run=1", "--passed=4", "--failed=6"])
  }, LONG_MILLIS)
  afterAll(async () => {
    await server.close()
    github.workshop.dispose()
  })

  const fileOf = (name: string) =>
    readWorkflow(github.workshop.git(github.workshop.remote, "show", `main:.github/workflows/batchbrake-${name}.yml`))
  /** The job's own token may do what the job says, and nothing else. */
  const dispatch = (workflow: "alerts" | "audit", more: Partial<Trigger> = {}): Promise<RunEnded> => {
    const [job] = Object.values(fileOf(workflow).jobs)
    server.grant(rightsOf(job?.permissions))
    return github.dispatch(workflow, { environment: { GITHUB_API_URL: server.url }, event: "schedule", ...more })
  }
  const issues = (): ReadonlyArray<string> =>
    server.issues.all().map(({ number, state, title }) => `#${number} ${state} ${title}`)
  const sinceOf = (number: number): string =>
    /^- Since: (.*)$/m.exec(server.issues.all()[number - 1]?.body ?? "")?.[1] ?? ""
  const NPM = "batchbrake: breaker-open npm"
  const EDIT = "batchbrake: hand-edit batch-control.json"

  it(
    "[WF19] [IS7] an alert is one issue: opened once, and on every new machine since it was",
    async () => {
      const first = await dispatch("alerts")
      assert.deepEqual(resultsOf(first), { evaluate: "success" }, first.log)
      assert.deepEqual(issues(), [`#1 open ${NPM}`])
      assert.match(first.jobs.get("evaluate")?.summary ?? "", /\| issue opened \| .*breaker-open npm \|/)
      // As if that had been an hour ago.
      const [made] = server.issues.all()
      const [, key = ""] = /<!-- batchbrake-key: (\S+) -->/.exec(made?.body ?? "") ?? []
      const read = AlertIssue.read({ body: made?.body ?? "", key }, Date.now())
      if (typeof read !== "object") return assert.fail(`${read}`)
      const earlier: Alert = { ...read, openedAt: read.openedAt - HOUR, updatedAt: read.openedAt - HOUR }
      const body = `${AlertIssue.bodyOf(earlier)}\n\n<!-- batchbrake-key: ${AlertIssue.keyOf(earlier)} -->`
      server.issues.put({ body, number: 1 })
      const since = sinceOf(1)
      const second = await dispatch("alerts")
      assert.deepEqual(resultsOf(second), { evaluate: "success" }, second.log)
      assert.deepEqual([issues(), sinceOf(1)], [[`#1 open ${NPM}`], since])
    },
    LONG_MILLIS
  )

  it(
    "[IS13] [IS16] an edit of the control branch by hand is one issue and a red run, updated as it grows, and over when somebody stood for it",
    async () => {
      const clean = await dispatch("audit")
      assert.deepEqual(resultsOf(clean), { check: "success" }, clean.log)
      const edit = (field: string, value: unknown): void =>
        editByHand(github.workshop, (control) => {
          control.budget = { ...Object(control.budget), [field]: value }
        })
      edit("week_start", "2020-01-06T00:00:00Z")
      const red = await dispatch("audit")
      assert.deepEqual(resultsOf(red), { check: "failure" }, red.log)
      const [said] = commandsIn(red.log)
      assert.deepEqual(
        [said?.command, said?.properties.title, said?.message],
        ["error", "batchbrake: unexplained-edit", "budget.week_start was loosened by hand since the last event"]
      )
      assert.deepEqual(issues(), [`#1 open ${NPM}`, `#2 open ${EDIT}`])
      // What the alerts see is the same thing: no second issue.
      assert.deepEqual(resultsOf(await dispatch("alerts")), { evaluate: "success" })
      assert.deepEqual(issues(), [`#1 open ${NPM}`, `#2 open ${EDIT}`])
      const since = sinceOf(2)
      await github.workshop.expecting(0, ["audit", "--adopt", "--reason", "r"])
      const green = await dispatch("audit")
      assert.deepEqual(resultsOf(green), { check: "success" }, green.log)
      assert.deepEqual(issues(), [`#1 open ${NPM}`, `#2 closed ${EDIT}`])
      edit("week_start", "2020-01-13T00:00:00Z")
      assert.deepEqual(resultsOf(await dispatch("audit")), { check: "failure" })
      assert.deepEqual(issues().slice(1), [`#2 closed ${EDIT}`, `#3 open ${EDIT}`])
      assert.ok(sinceOf(3) > since)
      await github.workshop.expecting(0, ["audit", "--adopt", "--reason", "r"])
    },
    LONG_MILLIS
  )

  it(
    "[WF19] none is closed while something could not be looked at; then it is",
    async () => {
      await github.workshop.expecting(0, ["reset", "npm", "--reason=mended"])
      const { git, remote } = github.workshop
      const head = git(remote, "rev-parse", "refs/heads/batch-control")
      git(remote, "update-ref", "-d", "refs/heads/batch-control")
      const blind = await dispatch("alerts")
      git(remote, "update-ref", "refs/heads/batch-control", head)
      assert.deepEqual(resultsOf(blind), { evaluate: "success" }, blind.log)
      assert.ok(issues().includes(`#1 open ${NPM}`))
      assert.ok(issues().includes(`#3 open ${EDIT}`))
      const seen = await dispatch("alerts")
      assert.deepEqual(resultsOf(seen), { evaluate: "success" }, seen.log)
      assert.deepEqual(issues(), [`#1 closed ${NPM}`, `#2 closed ${EDIT}`, `#3 closed ${EDIT}`])
    },
    LONG_MILLIS
  )

  it(
    "[IS10] a token that may not keep issues fails the run by its name, and what stands is there all the same",
    async () => {
      const trip = ["record", "--ecosystem=npm", "--run=2", "--passed=0", "--failed=10"]
      await github.workshop.expecting(0, trip)
      const [job] = Object.values(fileOf("alerts").jobs)
      server.grant({ ...rightsOf(job?.permissions), issues: "read" })
      const run = await github.dispatch("alerts", {
        environment: { GITHUB_API_URL: server.url },
        event: "schedule"
      })
      assert.deepEqual(resultsOf(run), { evaluate: "failure" }, run.log)
      const errors = commandsIn(run.log).filter(({ command }) => command === "error")
      assert.equal(errors.length, 1)
      assert.match(errors[0]?.message ?? "", /refused to open an issue: 403, .*\(issues: write\)/)
      assert.ok(!run.log.includes(FORGE_TOKEN))
      assert.ok(issues().every((issue) => issue.includes(" closed ")))
    },
    LONG_MILLIS
  )

  it("[IS16] both workflows are the Action alone, with a right to issues and none to write anything else", () => {
    for (const name of ["alerts", "audit"]) {
      const { concurrency, jobs } = fileOf(name)
      assert.equal(Object(concurrency).group, "batchbrake-issues")
      const [job, ...more] = Object.values(jobs)
      assert.deepEqual([job?.permissions, more], [{ contents: "read", issues: "write" }, []])
      assert.ok(job?.steps.every(({ run }) => run === undefined))
      assert.deepEqual(job?.steps[1]?.with, { command: name, issues: true, policy: "origin/main:batch-policy.json" })
    }
  })

  it("[IS16] settings that were written before there was an audit have its schedule, and one that is none is refused", () => {
    const { audit_schedule: schedule, ...old } = DEFAULTS
    assert.deepEqual(Result.getOrThrow(decodeSettings(old)), DEFAULTS)
    assert.match(schedule, /^[1-9]\d? \* \* \* \*$/)
    const own = { ...DEFAULTS, audit_schedule: "5 4 * * 1" }
    assert.deepEqual(Result.getOrThrow(decodeSettings(own)), own)
    for (const odd of ["hourly", "$(touch owned)", ""]) {
      assert.ok(Result.isFailure(decodeSettings({ ...DEFAULTS, audit_schedule: odd })), odd)
    }
  })
})
