import { strict as assert } from "node:assert"
import { afterEach, beforeEach, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

/** Seconds after midnight of a Monday. */
const at = (minute: number, second = 0): ReadonlyArray<string> => [
  "--at",
  new Date(Date.UTC(2026, 0, 5, 0, minute, second)).toISOString()
]
const LOCAL = ["--local", "--ecosystem", "npm"]

describe("A breaker, through the command", () => {
  let workshop: Workshop
  const claim = async (run: string, ...when: ReadonlyArray<string>) =>
    Object((await workshop.json(0, ["gate", ...LOCAL, "--claim", "--run", run, ...when])).ecosystems)[0]
  const record = (run: string, passed: number, failed: number, ...more: ReadonlyArray<string>): Promise<Json> =>
    workshop.json(0, ["record", ...LOCAL, "--run", run, "--passed", `${passed}`, "--failed", `${failed}`, ...more])
  const noticed = ({ notices }: Json): ReadonlyArray<string> =>
    Object(notices).map(({ code }: { readonly code: string }) => code)
  const state = ({ breaker }: Json): string => Object(breaker).state
  beforeEach(async () => {
    workshop = await openWorkshop()
    await workshop.expecting(0, ["init", ...LOCAL, ...at(0)])
  })
  afterEach(() => workshop.dispose())

  it("opens at a rate strictly below the threshold, holds until one hour after, exclusive, and then gives one probe", async () => {
    assert.equal(state(await record("half", 5, 5, ...at(0))), "closed")
    const tripped = await record("worse", 0, 1, ...at(10))
    assert.equal(state(tripped), "open")
    assert.ok(noticed(tripped).includes("breaker-opened"))
    const early = await claim("early", ...at(69, 59))
    assert.deepEqual(
      [early.decision, early.reasons[0].code, early.retry_at],
      ["hold", "cooling-down", "2026-01-05T01:10:00Z"]
    )
    const probe = await claim("probe", ...at(70))
    assert.deepEqual([probe.decision, probe.max_attempts], ["probe", 1])
    assert.equal((await claim("second", ...at(70))).reasons[0].code, "probe-live")
    assert.equal((await claim("late", ...at(99, 59))).reasons[0].code, "probe-live")
    assert.equal((await claim("next", ...at(100))).decision, "probe")
  })

  it("closes on a passing probe, reopens on a failing one, and stays half-open on a vacuous or abandoned one", async () => {
    await record("bad", 0, 10, ...at(0))
    await claim("vacuous", ...at(60))
    const vacuous = await record("vacuous", 0, 0, ...at(61))
    assert.deepEqual([state(vacuous), noticed(vacuous)], ["half-open", ["vacuous"]])
    await claim("given-back", ...at(62))
    await workshop.expecting(0, ["abandon", "--local", "--run", "given-back", ...at(63)])
    await claim("failing", ...at(64))
    const reopened = await record("failing", 0, 1, ...at(65))
    assert.deepEqual([state(reopened), Object(reopened.breaker).opens_at], ["open", "2026-01-05T02:05:00Z"])
    await claim("passing", ...at(125))
    assert.equal(state(await record("passing", 1, 0, ...at(126))), "closed")
    assert.equal((await claim("ordinary", ...at(127))).decision, "run")
  })

  it("is not moved by a result of an older generation, whose minutes count all the same", async () => {
    await claim("slow", ...at(0))
    await record("bad", 0, 10, ...at(1))
    const late = await record("slow", 10, 0, "--minutes", "macos=7", ...at(2))
    assert.equal(late.applied, true)
    assert.ok(noticed(late).includes("fenced"))
    assert.equal(state(late), "open")
    const { control } = await workshop.json(0, ["status", "--local", ...at(3)])
    assert.equal(Object(control).budget.macos_minutes_used, 7)
  })

  it("is not moved by an unclaimed result while open, nor by one after its grant was given back", async () => {
    await claim("back", ...at(0))
    await workshop.expecting(0, ["abandon", "--local", "--run", "back", ...at(1)])
    await record("bad", 0, 10, ...at(2))
    for (const run of ["unclaimed", "back"]) {
      const refused = await record(run, 10, 0, ...at(70))
      assert.equal(refused.applied, false)
      assert.ok(noticed(refused).includes("not-admitted"))
      assert.equal(state(refused), "open")
    }
  })

  it("answers the key of a live grant with hold once a trip has fenced it", async () => {
    const before = await claim("long", ...at(0))
    assert.equal(before.decision, "run")
    await record("bad", 0, 10, ...at(1))
    assert.equal((await claim("long", ...at(2))).reasons[0].code, "fenced")
  })

  it("is closed by a reset from open, and the reset says that it may run", async () => {
    await record("bad", 0, 10, ...at(0))
    await workshop.expecting(0, ["reset", "npm", "--local", "--reason", "over", ...at(1)])
    const { breaker, decision } = await workshop.json(0, ["explain", "npm", "--local", ...at(2)])
    assert.deepEqual([decision, Object(breaker).state, Object(breaker).window ?? ""], ["run", "closed", ""])
  })

  it("names the recipes to probe, another one each time", async () => {
    await record("bad", 0, 10, ...at(0))
    const probed: Array<string> = []
    for (const [index, minute] of [60, 90, 120].entries()) {
      const args = ["gate", ...LOCAL, "--claim", "--run", `probe-${index}`, "--candidates", "-", ...at(minute)]
      const { ecosystems } = await workshop.json(0, args, { stdin: "a.rb\nb.rb\nc.rb\n" })
      probed.push(...Object(ecosystems)[0].grant.probe_recipes)
    }
    assert.deepEqual(probed.sort(), ["a.rb", "b.rb", "c.rb"])
  })
})
