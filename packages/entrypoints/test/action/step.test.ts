import { strict as assert } from "node:assert"
import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { controlText, eventsOn, tip } from "../support/ControlBranch.ts"
import { commandsIn } from "../support/runner/RunnerFile.ts"
import { bundlePath, runAction, runBehind, type StepEnded } from "../support/runner/startAction.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

/** The first to come makes the bundles. */
const LONG_MILLIS = 90_000
const LARGEST_BYTES = 1_500_000

describe("The Action's step (SPEC.md AC)", () => {
  let workshop: Workshop
  beforeEach(async () => {
    workshop = await openWorkshop(["cask", "npm"])
  }, LONG_MILLIS)
  afterEach(() => workshop.dispose())

  const startOf = (more: NodeJS.ProcessEnv = {}) => ({
    cwd: workshop.clone,
    environment: {
      ...workshop.environment,
      GITHUB_ACTOR: "octocat",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_RUN_ID: "4711",
      GITHUB_WORKSPACE: workshop.clone,
      ...more
    },
    temporary: workshop.directory
  })
  const step = (inputs: Record<string, string>, more?: NodeJS.ProcessEnv): Promise<StepEnded> =>
    runAction(inputs, startOf(more))
  const reservations = (): ReadonlyArray<unknown> => JSON.parse(controlText(workshop)).budget.reservations ?? []

  it("[AC4] a gate with a claim gives a matrix of those that may run, and what it claimed", async () => {
    const { exitCode, log, outputs, state, summary } = await step({ claim: "true", command: "gate" })
    assert.equal(exitCode, 0, log)
    assert.equal(outputs.get("can_proceed"), "true")
    assert.deepEqual(JSON.parse(outputs.get("ecosystems") ?? ""), ["cask", "npm"])
    const { include } = JSON.parse(outputs.get("matrix") ?? "")
    assert.deepEqual(
      include.map(({ batch_size, decision, ecosystem, run_key }: Record<string, unknown>) => [
        ecosystem,
        decision,
        run_key,
        batch_size
      ]),
      [
        ["cask", "run", "4711-1", 25],
        ["npm", "run", "4711-1", 25]
      ]
    )
    assert.deepEqual(JSON.parse(outputs.get("claims") ?? ""), [
      { ecosystem: "cask", run_key: "4711-1" },
      { ecosystem: "npm", run_key: "4711-1" }
    ])
    assert.equal(state.get("run"), "4711-1")
    assert.match(summary, /\| npm \| run \| 25 \| - \| - \| the breaker is closed \|/)
    assert.equal(reservations().length, 2)
    assert.equal(eventsOn(workshop).at(-1)?.author, "octocat")
  })

  it("[AC4] what is on hold is left out of the matrix, with a warning that says why", async () => {
    await workshop.expecting(0, ["pause", "npm", "--reason", "bad checksums"])
    const { exitCode, log, outputs } = await step({ claim: "true", command: "gate" })
    assert.equal(exitCode, 0, log)
    assert.deepEqual(JSON.parse(outputs.get("ecosystems") ?? ""), ["cask"])
    const [warning] = commandsIn(log)
    assert.equal(warning?.command, "warning")
    assert.equal(warning?.properties.title, "npm is on hold")
    assert.match(warning?.message ?? "", /bad checksums/)
  })

  it.each<readonly [string, Record<string, string>, (own: Workshop) => void]>([
    ["the remote is gone", {}, ({ clone, git }) => git(clone, "remote", "set-url", "origin", "/nowhere/at.git")],
    ["there is no policy", {}, ({ clone, git }) => git(clone, "rm", "-q", "batch-policy.json")],
    ["an input is wrong", { ecosystems: "NPM!" }, () => undefined],
    ["an input is not the gate's", { reason: "x" }, () => undefined],
    ["the claims of a start by hand are too many", { "by-hand": "true", limit: "6" }, () => undefined]
  ])("[AC3] a gate holds, in its outputs and by its end, when %s", async (_, inputs, spoil) => {
    spoil(workshop)
    const { exitCode, log, outputs } = await step({ claim: "true", command: "gate", ...inputs })
    assert.notEqual(exitCode, 0)
    assert.equal(outputs.get("can_proceed"), "false")
    assert.equal(outputs.get("ecosystems"), "[]")
    assert.equal(outputs.get("claims"), "[]")
    assert.ok(commandsIn(log).some(({ command }) => command === "error"))
    assert.equal(reservations().length, 0)
  })

  it("[AC3] a gate that is killed while it asks has said no before", async () => {
    const program = join(workshop.directory, "bin")
    mkdirSync(program)
    // The first git that the gate starts ends it.
    writeFileSync(join(program, "git"), "#!/bin/sh\nkill -9 $PPID\n")
    chmodSync(join(program, "git"), 0o755)
    const { outputs, state } = await step(
      { claim: "true", command: "gate" },
      { PATH: `${program}:${process.env.PATH}` }
    )
    assert.equal(outputs.get("can_proceed"), "false")
    assert.equal(outputs.get("ecosystems"), "[]")
    assert.equal(state.get("run"), "4711-1")
  })

  it("[AC8] behind a job that failed the claim is given back, once", async () => {
    const inputs = { claim: "true", command: "gate" }
    const { state } = await step(inputs)
    assert.equal(reservations().length, 2)
    const behind = await runBehind(inputs, state, startOf())
    assert.equal(behind.exitCode, 0, behind.log)
    assert.equal(reservations().length, 0)
    const after = tip(workshop)
    await runBehind(inputs, state, startOf())
    assert.equal(tip(workshop), after)
  })

  it("[AC8] behind a job that recorded nothing is written, and another job's claim of the same key stays", async () => {
    const inputs = { claim: "true", command: "gate", ecosystems: "npm" }
    const { state } = await step(inputs)
    await step({ claim: "true", command: "gate", ecosystems: "cask" })
    const recorded = await step({ command: "record", ecosystems: "npm", failed: "0", passed: "3" })
    assert.equal(recorded.exitCode, 0, recorded.log)
    const before = tip(workshop)
    const behind = await runBehind(inputs, state, startOf())
    assert.equal(behind.exitCode, 0)
    assert.equal(tip(workshop), before)
    assert.equal(reservations().length, 1)
  })

  it("[AC8] a step that claimed nothing gives nothing back, and a store out of reach fails no job a second time", async () => {
    const asked = await step({ command: "gate" })
    assert.equal(asked.state.get("run"), undefined)
    const inputs = { claim: "true", command: "gate" }
    const { state } = await step(inputs)
    workshop.git(workshop.clone, "remote", "set-url", "origin", "/nowhere/at.git")
    const behind = await runBehind(inputs, state, startOf())
    assert.equal(behind.exitCode, 0)
    assert.match(commandsIn(behind.log)[0]?.message ?? "", /ends with its lease/)
  })

  it("[AC8] options that the gate alone knows are not handed on to what gives back", async () => {
    const inputs = { claim: "true", command: "gate", options: "--exit-code" }
    const { state } = await step(inputs)
    assert.equal(reservations().length, 2)
    const behind = await runBehind(inputs, state, startOf())
    assert.deepEqual([commandsIn(behind.log), reservations()], [[], []], behind.log)
  })

  it.each(["[]", ","])(
    "[AC14] a list that names none, %s, lets nothing run and is refused by orders",
    async (ecosystems) => {
      const before = tip(workshop)
      const gate = await step({ claim: "true", command: "gate", ecosystems })
      assert.equal(gate.exitCode, 0, gate.log)
      assert.deepEqual([gate.outputs.get("can_proceed"), gate.outputs.get("ecosystems")], ["false", "[]"])
      assert.equal(reservations().length, 0)
      for (const order of [{ command: "pause", reason: "x" }, { command: "resume" }]) {
        const refused = await step({ ...order, ecosystems })
        assert.equal(refused.exitCode, 1)
        assert.match(commandsIn(refused.log)[0]?.message ?? "", /^ecosystems: names none/)
      }
      assert.equal(tip(workshop), before)
    }
  )

  it("[AC1] metrics-prune is the verb of that name", async () => {
    const { exitCode, log, outputs } = await step({ command: "metrics-prune" })
    assert.equal(exitCode, 0, log)
    assert.equal(outputs.get("removed"), "0")
  })

  it("[AC9] the Action is one file of less than 1.5 MB that runs alone", async () => {
    assert.ok(statSync(bundlePath()).size < LARGEST_BYTES)
    const alone = join(workshop.directory, "alone")
    mkdirSync(alone)
    const bundle = join(alone, "batchbrake.cjs")
    copyFileSync(bundlePath(), bundle)
    const { exitCode, log, outputs } = await runAction({ command: "gate" }, startOf(), bundle)
    assert.equal(exitCode, 0, log)
    assert.equal(outputs.get("can_proceed"), "true")
  })

  it("[AC10] what a person starts is one ecosystem, and no more recipes than asked for", async () => {
    const inputs = { "by-hand": "true", claim: "true", command: "gate" }
    const { outputs } = await step({ ...inputs, ecosystems: "npm", limit: "5" })
    const [{ batch_size, max_attempts }] = JSON.parse(outputs.get("matrix") ?? "").include
    assert.deepEqual([batch_size, max_attempts], [5, 5])
    const [held] = JSON.parse(controlText(workshop)).budget.reservations
    assert.deepEqual([held.batch_size, held.max_attempts, held.limit], [5, 5, 5])
    for (const wrong of [
      { ecosystems: "npm cask", limit: "5" },
      { ecosystems: "npm", limit: "6" },
      { limit: "1" },
      { ecosystems: "npm" }
    ]) {
      const refused = await step({ ...inputs, ...wrong })
      assert.equal(refused.exitCode, 1)
      assert.equal(refused.outputs.get("can_proceed"), "false")
    }
  })

  it("[WF1] [LI12] the reports of a matrix are recorded at once, and who reported nothing gives its grant back", async () => {
    const { outputs } = await step({ claim: "true", command: "gate" })
    const reports = join(workshop.clone, "reports/report-npm")
    mkdirSync(reports, { recursive: true })
    const failed = Array.from({ length: 10 }, (_, place) => JSON.stringify({ recipe: `r${place}`, status: "failed" }))
    writeFileSync(join(reports, "results.jsonl"), failed.join("\n"))
    writeFileSync(join(reports, "minutes.txt"), "linux=2.5\n$(touch owned)=1\n")
    const before = eventsOn(workshop).length
    const recorded = await step({ claims: outputs.get("claims") ?? "", command: "record", reports: "reports" })
    assert.equal(recorded.exitCode, 0, recorded.log)
    assert.equal(recorded.outputs.get("recorded"), '["npm"]')
    const events = eventsOn(workshop).slice(before)
    assert.deepEqual(
      events.map(({ ecosystem, type }) => [ecosystem, type]),
      [
        ["cask", "RunAbandoned"],
        ["npm", "RunCompleted"]
      ]
    )
    assert.deepEqual(events[1]?.minutes, { linux: 3 })
    assert.match(commandsIn(recorded.log)[0]?.message ?? "", /npm: tripped/)
    assert.match(recorded.summary, /\| npm \| 0 passed, 10 failed, 0 skipped \| open \|/)
    assert.equal(reservations().length, 0)
  })

  it("[AC12] what does not fit into a matrix gives its grant back in one commit", async () => {
    const many = Object.fromEntries(Array.from({ length: 260 }, (_, place) => [`e${place}`, {}]))
    const budget = { caps: { linux: 1_000_000, macos: 1_000_000 } }
    workshop.write("many.json", JSON.stringify({ budget, ecosystems: many, version: 1 }))
    const { exitCode, log, outputs } = await step({ claim: "true", command: "gate", policy: "many.json" })
    assert.equal(exitCode, 0, log)
    assert.equal(JSON.parse(outputs.get("claims") ?? "").length, 256)
    assert.equal(JSON.parse(outputs.get("matrix") ?? "").include.length, 256)
    assert.equal(reservations().length, 256)
  })

  it("[AC11] no token is printed when the remote that has one in its address cannot be reached", async () => {
    workshop.git(workshop.clone, "remote", "set-url", "origin", "http://x-access-token:s3cr3t-t0ken@127.0.0.1:9/r.git")
    const inputs = { claim: "true", command: "gate" }
    const first = await step(inputs)
    const behind = await runBehind(inputs, first.state, startOf())
    for (const { log, outputs, summary } of [first, behind]) {
      assert.doesNotMatch(log + summary + [...outputs.values()].join(), /s3cr3t/)
    }
    assert.match(first.log, /::error/)
  })
})
