/** `alerts --issues` and `audit --issues` against a forge on the loopback. */
import { strict as assert } from "node:assert"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { commitByHand, controlText, editByHand } from "../support/ControlBranch.ts"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

interface Said {
  readonly action: string
  readonly address: string
  readonly number: number
  readonly condition: string
}

const issuesIn = (answer: Json): ReadonlyArray<Said> => (Array.isArray(answer.issues) ? answer.issues : [])
const actions = (answer: Json): ReadonlyArray<string> =>
  issuesIn(answer).map(({ action, condition, number }) => `${action} #${number} ${condition}`)
const openedAt = (answer: Json): ReadonlyArray<unknown> =>
  Array.isArray(answer.alerts) ? answer.alerts.map((alert) => Object(alert).opened_at) : []

describe("Verbs that keep issues (SPEC.md IS)", () => {
  let workshop: Workshop
  let forge: ForgeServer
  const environment = (more: NodeJS.ProcessEnv = {}) => ({
    GITHUB_API_URL: forge.url,
    GITHUB_REPOSITORY: "octo/registry",
    GITHUB_TOKEN: FORGE_TOKEN,
    ...more
  })
  const json = (exitCode: number, ...args: ReadonlyArray<string>): Promise<Json> =>
    workshop.json(exitCode, args, { environment: environment() })
  const start = Math.floor(Date.now() / 1000) * 1000
  /** Within the minutes that a look may be ahead of the clock. */
  const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString().replace(".000", "")
  /** A new machine: the clone is as it was, and what it remembered is gone. */
  const forget = (): void => rmSync(join(workshop.clone, ".git/batchbrake"), { force: true, recursive: true })

  beforeAll(async () => {
    forge = await serveForge()
    workshop = await openWorkshop(["npm"])
    await workshop.expecting(0, ["record", "--ecosystem=npm", "--run=1", "--passed=4", "--failed=6"])
  })
  afterAll(async () => {
    await forge.close()
    workshop.dispose()
  })

  it("[IS7] an alert stands since its issue says, on a machine that remembers nothing", async () => {
    const first = await json(0, "alerts", "--issues", "--at", at(10))
    assertShape(SHAPES.alerts, first)
    assert.deepEqual([actions(first), openedAt(first)], [["opened #1 breaker-open"], [at(10)]])
    forget()
    const second = await json(0, "alerts", "--issues", "--at", at(70))
    assert.deepEqual([actions(second), openedAt(second)], [["unchanged #1 breaker-open"], [at(10)]])
    assert.deepEqual(second.changes, [])
    forget()
    const [{ address } = { address: "" }] = issuesIn(second)
    const told = await workshop.expecting(0, ["alerts", "--issues", "--at", at(80)], { environment: environment() })
    assert.match(told.stdout, new RegExp(`^critical +high +within 4 h +${at(10)} +breaker-open `, "m"))
    assert.ok(!told.stdout.includes(address))
    const [issue] = forge.issues.all()
    assert.equal(issue?.title, "batchbrake: breaker-open npm")
    assert.match(issue?.body ?? "", new RegExp(`^- Since: ${at(10)}$`, "m"))
    assert.deepEqual(issue?.labels, [{ name: "batchbrake-alert" }])
    // Without the issues the same machine would say that it began just now.
    forget()
    assert.deepEqual(openedAt(await json(0, "alerts", "--at", at(90))), [at(90)])
  })

  it("[IS10] a forge that is away hides no alert: they are printed, it is named, and the end is 4", async () => {
    forge.break(422)
    const answer = await json(4, "alerts", "--issues", "--at", at(100), "--exit-code")
    assertShape(SHAPES.alerts, answer)
    assert.equal(openedAt(answer).length, 1)
    assert.deepEqual([answer.issues, Object(answer.error).code], [[], "forge-refused"])
    const args = ["alerts", "--issues", "--at", at(110)]
    const { stderr, stdout } = await workshop.expecting(4, args, { environment: environment() })
    assert.match(stdout, /^critical +high .* breaker-open /m)
    assert.match(stdout.replace(/\s+/g, " "), /the issues are not as they should be: .* refused to list issues/)
    assert.ok(!`${stdout}${stderr}`.includes(FORGE_TOKEN))
    forge.break(undefined)
    // A book that begins later than the issue gives way to it.
    const back = await json(1, "alerts", "--issues", "--at", at(120), "--exit-code")
    assert.deepEqual([actions(back), openedAt(back)], [["updated #1 breaker-open"], [at(10)]])
  })

  it("[IS1] [IS11] an issue is closed when the alert is over, whatever is shown; what people wrote stays", async () => {
    await workshop.expecting(0, ["reset", "npm", "--reason=mended"])
    forge.issues.put({
      body: "What I saw",
      html_url: "x",
      labels: [{ name: "batchbrake-alert" }],
      number: 2,
      title: "Mine"
    })
    const closed = await json(0, "alerts", "--issues", "--ecosystem", "cask", "--at", at(130))
    assert.deepEqual(actions(closed), ["closed #1 breaker-open"])
    assert.deepEqual(
      forge.issues.all().map(({ state }) => state),
      ["closed", "open"]
    )
    assert.equal(forge.issues.all()[1]?.body, "What I saw")
    const told = await workshop.expecting(0, ["alerts", "--issues", "--at", at(140)], { environment: environment() })
    assert.match(told.stdout, /^no alerts$/m)
  })

  it("[IS13] an edit by hand is found, told by one issue, and over once somebody stood for it", async () => {
    assert.deepEqual(await json(0, "audit", "--issues", "--at", at(145)), { findings: [], issues: [], notices: [] })
    editByHand(workshop, (control) => {
      control.budget = { ...Object(control.budget), week_start: "2020-01-06T00:00:00Z" }
    })
    const found = await json(1, "audit", "--issues", "--at", at(145))
    assertShape(SHAPES.audit, found)
    assert.deepEqual(actions(found), ["opened #3 hand-edit"])
    assert.match(forge.issues.all()[2]?.body ?? "", /^`the control file was loosened by hand at budget\.week_start: /)
    // The same issue is the alert's: there is no second one.
    const looked = await json(0, "alerts", "--issues", "--at", at(150))
    assert.ok(actions(looked).some((action) => /^(?:unchanged|updated) #3 hand-edit$/.test(action)))
    const told = await workshop.expecting(1, ["audit", "--issues", "--at", at(155)], { environment: environment() })
    assert.match(told.stdout, /^budget\.week_start was loosened by hand since the last event$/m)
    forge.break(422)
    const away = await json(4, "audit", "--issues", "--at", at(155))
    assert.deepEqual([Object(away.findings).length, Object(away.error).code], [1, "forge-refused"])
    forge.break(undefined)
    await workshop.expecting(0, ["audit", "--adopt", "--reason", "r"])
    assert.deepEqual(actions(await json(0, "audit", "--issues", "--at", at(160))), ["closed #3 hand-edit"])
  })

  it("[IS13] a control file that cannot be read has that issue too, and the audit ends as it would", async () => {
    const before = controlText(workshop)
    commitByHand(workshop, "{ no JSON")
    const unreadable = await json(2, "audit", "--issues", "--at", at(155))
    assertShape(SHAPES.audit, unreadable)
    assert.equal(Object(unreadable.error).code, "control-unreadable")
    assert.deepEqual(actions(unreadable), ["opened #4 hand-edit"])
    const told = await workshop.expecting(2, ["audit", "--issues", "--at", at(155)], { environment: environment() })
    assert.match(told.stdout + told.stderr, /batch-control\.json/)
    // Changed and nothing loosened: no finding, and the alert still stands.
    commitByHand(workshop, before)
    const other = await workshop.expecting(0, ["audit", "--issues", "--at", at(158)], { environment: environment() })
    assert.match(other.stdout, /^changed by hand, and nothing was loosened: the next event takes it over$/m)
    assert.match(other.stdout, /^issue updated: /m)
    commitByHand(workshop, `${before}\n`)
    assert.deepEqual(actions(await json(0, "audit", "--issues", "--at", at(160))), ["closed #4 hand-edit"])
  })

  it("[IS14] what would keep issues from being kept at all is said before any look, by its name", async () => {
    const asked = forge.requests.length
    for (const [args, more, says] of [
      [["alerts", "--issues"], { GITHUB_TOKEN: "" }, /GITHUB_TOKEN is missing, and GH_TOKEN too: issues need a token/],
      [["audit", "--issues"], { GITHUB_REPOSITORY: "octo" }, /GITHUB_REPOSITORY: found "octo"/],
      [["alerts", "--issues", "--local"], {}, /--local has no forge: leave --issues out/],
      [["alerts", "--label=ours"], {}, /--label goes with --issues/],
      [["alerts", "--issues", "--label=a,b"], {}, /--label: found "a,b", expected 1 to 50 characters/],
      [["alerts", "--issues", "--label= a"], {}, /--label: found " a"/],
      [["alerts", "--issues", `--label=${"a".repeat(51)}`], {}, /--label: found/],
      [["audit", "--issues", "--adopt", "--reason=r"], {}, /--adopt and --issues exclude each other/]
    ] as const) {
      const ended = await workshop.expecting(2, args, { environment: environment(more) })
      assert.match(ended.stderr, says)
    }
    assert.equal(forge.requests.length, asked)
    const long = `--label=${"é".repeat(50)}`
    await workshop.expecting(0, ["audit", "--issues", long], { environment: environment() })
  })

  it("[IS14] verbs load the forge where it is asked, and not before", () => {
    const source = join(import.meta.dirname, "../../src/cli")
    const seen = new Set<string>()
    const follow = (path: string): void => {
      if (seen.has(path) || !existsSync(path)) return
      seen.add(path)
      const imports = readFileSync(path, "utf8").matchAll(/^(?:import|export) (?!type )[\s\S]*?from "([^"]+)"/gm)
      for (const [, from = ""] of imports) {
        assert.ok(!from.includes("adapters-github"), `${relative(source, path)} loads ${from}`)
        if (from.startsWith(".")) follow(join(dirname(path), from))
      }
    }
    for (const verb of ["alerts", "audit"]) follow(join(source, "verb", `${verb}.ts`))
    assert.ok(seen.has(join(source, "issues.ts")))
    assert.throws(() => follow(join(source, "forge.ts")), /loads @batchbrake\/adapters-github/)
  })
})
