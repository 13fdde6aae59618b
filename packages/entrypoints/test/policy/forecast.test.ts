import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, it } from "vitest"
import { script } from "../support/Command.ts"
import { FORECAST_SHAPES } from "../support/ForecastShape.ts"
import { assertShape } from "../support/Shape.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const hour = (index: number): string => new Date(Date.UTC(2026, 0, 5, index)).toISOString()
const line = (index: number, passed: number, failed: number, more: object = {}): string =>
  JSON.stringify({ at: hour(index), ecosystem: "npm", failed, passed, ...more })
/** The command is bundled first, on whatever machine this is. */
const PATIENCE_MILLIS = 120_000
const POLICY = { ecosystems: { npm: {}, pypi: {} }, version: 1 }

describe("The forecasts of a policy on the command line", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "pypi"])
    workshop.write("proposed.json", JSON.stringify({ ...POLICY, breaker: { threshold: 0.8 } }))
    workshop.write(
      "history.jsonl",
      [line(0, 9, 1), line(1, 7, 3), line(2, 10, 0), line(3, 0, 0, { held: true }), line(4, 2, 8)].join("\n")
    )
    for (const [run, ...counts] of [
      ["one", "--passed", "9", "--failed", "1"],
      ["two", "--passed", "7", "--failed", "3"]
    ]) {
      await workshop.expecting(0, ["gate", "--claim", "--ecosystem", "npm", "--run", run ?? ""])
      await workshop.expecting(0, ["record", "--ecosystem", "npm", "--run", run ?? "", ...counts])
    }
  }, PATIENCE_MILLIS)
  afterAll(() => workshop.dispose())

  it("[FO9] explain knows no pace from two reports in one moment, and says where it looked", async () => {
    const found = await workshop.json(0, ["policy", "explain", "--ecosystem", "pypi"])
    assertShape(FORECAST_SHAPES.explain, found)
    assert.equal(found.pace_from, "the log of batch-control")
    const { stdout } = await workshop.expecting(0, ["policy", "explain", "--ecosystem", "pypi"])
    assert.match(stdout, /nothing is known of its pace from the log of batch-control/)
  })

  it("[FO9] explain takes the pace from a file or from the command line, and needs no control branch", async () => {
    const stated = ["--runs-per-week", "168", "--attempts-per-run", "5"]
    const found = await workshop.json(0, ["policy", "explain", ...stated, "--remote", "nowhere"])
    assertShape(FORECAST_SHAPES.explain, found)
    assert.match(JSON.stringify(found), /"pace":\{"attempts_per_run":5,"runs_per_week":168\}/)
    const recorded = await workshop.json(0, ["policy", "explain", "--history", "history.jsonl"])
    assert.match(JSON.stringify(recorded), /"pace":\{"attempts_per_run":10,"runs_per_week":126\}/)
    const local = await workshop.json(0, ["policy", "explain", "--local"])
    assert.equal(local.pace_from, "no control branch")
    const away = await workshop.expecting(0, ["policy", "explain", "--remote", "nowhere"])
    assert.match(away.stdout, /from batch-control on nowhere, which is\s+out\s+of\s+reach\s+\(/)
    for (const wrong of [
      stated.slice(0, 2),
      ["--runs-per-week", "0", "--attempts-per-run", "5"],
      ["--ecosystem", "nmp"]
    ])
      await workshop.expecting(2, ["policy", "explain", ...wrong])
  })

  it("[FO8] explain writes the curve where it is told to, or prints it", async () => {
    const found = await workshop.json(0, ["policy", "explain", "--svg", "curve.svg", "--history", "history.jsonl"])
    assertShape(FORECAST_SHAPES.explain, found)
    assert.equal(found.svg, "curve.svg")
    assert.match(workshop.read("curve.svg"), /^<svg [\s\S]*<\/svg>\n$/)
    const { stdout } = await workshop.expecting(0, ["policy", "explain", "--svg", "-", "--history", "history.jsonl"])
    assert.equal(stdout, workshop.read("curve.svg"))
    await workshop.expecting(2, ["policy", "explain", "--svg", "nowhere/curve.svg", "--history", "history.jsonl"])
  })

  it("[BT11] backtest reads the control branch's log by default", async () => {
    const found = await workshop.json(0, ["policy", "backtest", "--to", "proposed.json"])
    assertShape(FORECAST_SHAPES.backtest, found)
    const { history } = Object(found)
    assert.deepEqual([history.runs, history.attempts, history.name], [2, 20, "the log of batch-control"])
    assert.match(String(found.summary), /trips? instead of/)
  })

  it("[BT11] and a file, to whose rules it adds bounds for what was never made", async () => {
    const args = ["policy", "backtest", "--to", "proposed.json", "--history", "history.jsonl"]
    const found = await workshop.json(0, args)
    assertShape(FORECAST_SHAPES.backtest, found)
    const { first_divergence, total } = Object(found)
    assert.deepEqual(first_divergence, {
      at: hour(1).replace(".000", ""),
      ecosystem: "npm",
      new: ["run and trip"],
      old: ["run"]
    })
    assert.deepEqual([total.old.trips, total.new.trips.low], [{ high: 1, low: 1 }, 2])
    const { stdout } = await workshop.expecting(0, args)
    assert.match(stdout, /^npm +old +1 /m)
    assert.match(stdout, /^first difference: npm at 2026-01-05T01:00:00Z: run, then run and trip$/m)
  })

  it("[BT11] and refuses a record without a run, a line that it cannot read and a policy that is none", async () => {
    workshop.write("empty.jsonl", "\n")
    workshop.write("broken.jsonl", `${line(0, 1, 1)}\n{"at":"now"}\n`)
    const to = ["policy", "backtest", "--to", "proposed.json"]
    const refused = await workshop.json(2, [...to, "--history", "empty.jsonl"])
    assert.deepEqual(Object(refused.error).code, "input-unreadable")
    const broken = await workshop.json(2, [...to, "--history", "broken.jsonl"])
    assert.match(Object(broken.error).message, /broken\.jsonl: line 2/)
    const lost = await workshop.json(2, ["policy", "backtest", "--to", "nowhere.json"])
    assert.match(Object(lost.error).message, /^--to nowhere\.json: there is no such file/)
    await workshop.expecting(2, ["policy", "backtest"])
    await workshop.expecting(2, [...to, "--old-unit", "batches"])
  })

  it("[BT11] names the key of a line that it does not know, and counts the runs that no policy knows", async () => {
    const to = ["policy", "backtest", "--to", "proposed.json", "--history"]
    workshop.write("misspelt.jsonl", `${line(0, 1, 1)}\n{"at":"2026-01-05T00:00:00Z","ecosystem":"npm","pased":3}\n`)
    const misspelt = await workshop.json(2, [...to, "misspelt.jsonl"])
    assert.match(Object(misspelt.error).message, /misspelt\.jsonl: line 2, pased: found the unknown key "pased"/)
    workshop.write("strange.jsonl", [line(0, 1, 0), line(1, 1, 0, { ecosystem: "cargo" })].join("\n"))
    const strange = await workshop.json(0, [...to, "strange.jsonl"])
    assertShape(FORECAST_SHAPES.backtest, strange)
    assert.deepEqual(Object(strange.history).unknown_ecosystems, { cargo: 1 })
    const { stdout } = await workshop.expecting(0, [...to, "strange.jsonl"])
    assert.match(stdout, /^No policy knows cargo \(1 run\): refused by each, in all\.$/m)
    // Nothing tripped, so there is no heading for it.
    assert.ok(!/^trips:/m.test(stdout))
    workshop.write("single.jsonl", line(0, 1, 0))
    assert.match((await workshop.expecting(0, [...to, "single.jsonl"])).stdout, / 1 attempt from /)
  })

  it("[FO10] a mean that is large is a number and not never", async () => {
    workshop.write("wide.json", JSON.stringify({ ...POLICY, breaker: { threshold: 0.3, window: 20 } }))
    const found = await workshop.json(0, [
      "policy",
      "explain",
      "--policy",
      "wide.json",
      "--ecosystem",
      "npm",
      "--local"
    ])
    const level = (rate: number) =>
      Object(found.ecosystems)[0].levels.find((each: { rate: number }) => each.rate === rate)
    assert.ok(level(0.99).attempts_to_trip.estimate > 1e15)
    assert.equal(level(1).attempts_to_trip.estimate, null)
    workshop.write("wider.json", JSON.stringify({ ...POLICY, breaker: { window: 150 } }))
    const explain = ["policy", "explain", "--policy", "wider.json", "--ecosystem", "npm", "--local"]
    const { stdout } = await workshop.expecting(0, explain)
    assert.match(stdout, /^99 % +0 % +< 1e-9 % +- +> 1e18 /m)
    assert.match(stdout, /^100 % +0 % +0 % +- +never /m)
  })

  it("[BT8] backtest --markdown prints the comment and nothing else", async () => {
    const { stdout } = await workshop.expecting(0, [
      ...["policy", "backtest", "--to", "proposed.json", "--history", "history.jsonl", "--markdown"]
    ])
    const lines = stdout.split("\n")
    assert.match(
      lines[0] ?? "",
      /^### .* on 5 recorded runs, whatever up to 25 attempts of the held run would have come to: /
    )
    assert.ok(lines.length < 60 && lines.every((text) => text === text.trimEnd()))
  })

  it("[SI1] [SI5] simulate prints the same twice, and its speed beside the answer", async () => {
    const args = ["policy", "simulate", "--to", "proposed.json", "--weeks", "1", "--world", "collapse", "--seed", "s"]
    const [one, other] = [await workshop.expecting(0, args), await workshop.expecting(0, args)]
    assert.equal(one.stdout, other.stdout)
    // Its speed goes to stderr, whoever reads that, and never into the answer.
    assert.match(one.stderr, /^batchbrake: 2 weeks simulated(?:, [\d,]+ a minute)?$/m)
    assert.ok(!/a minute/.test(one.stdout) && !/simulated/.test(one.stdout))
    const found = await workshop.json(0, args)
    assertShape(FORECAST_SHAPES.simulate, found)
    assert.deepEqual(found, await workshop.json(0, args))
    assert.notDeepEqual(found, await workshop.json(0, [...args.slice(0, -1), "t"]))
    await workshop.expecting(2, ["policy", "simulate", "--world", "utopia"])
    await workshop.expecting(2, ["policy", "simulate", "--weeks", "0"])
    await workshop.expecting(2, ["policy", "simulate", "--ecosystem", "nmp"])
  })

  it.each(["policy explain", "policy backtest", "policy simulate"])(
    "has usage, every option and examples that work as they stand, for %s",
    async (verb) => {
      const programs = join(workshop.directory, "programs")
      mkdirSync(programs, { recursive: true })
      const program = join(programs, "batchbrake")
      writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${script()}' "$@"\n`)
      chmodSync(program, 0o755)
      workshop.write("attempts.jsonl", line(0, 1, 1))
      const env = { ...workshop.environment, PATH: `${programs}${delimiter}${workshop.environment.PATH}` }
      const { stdout } = await workshop.expecting(0, [...verb.split(" "), "--help"])
      assert.match(stdout, new RegExp(`^Usage: batchbrake ${verb}`, "m"))
      const [, examples = ""] = stdout.split("\nExamples:\n")
      const lines = examples.split("\n").filter((text) => text.startsWith("  batchbrake"))
      assert.ok(lines.length > 1)
      for (const example of lines) {
        const shown = await promisify(execFile)("sh", ["-ec", example], { cwd: workshop.clone, env })
        assert.notEqual(shown.stdout, "", example)
      }
    }
  )
})
