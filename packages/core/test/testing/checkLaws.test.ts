import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlFile } from "@batchbrake/core/control/ControlFile"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import { checkLaws } from "@batchbrake/core/testing/checkLaws"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import { all, fold, HELD, isTrue, type Law, law, nothing, UNTRIED } from "@batchbrake/core/testing/laws/Law"
import { LAWS } from "@batchbrake/core/testing/laws/laws"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { log, reached } from "@batchbrake/core/testing/ReachedArbitrary"
import { tellFile } from "@batchbrake/core/testing/tellFile"
import { printed, readable } from "@batchbrake/core/testing/WorldArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const policy = decoded(Policy.starter(["npm", "homebrew"]))

/** Untrue: that nothing is ever done. */
const nothingHappens = law(
  { name: "nothing happens", rules: [], says: "no event is ever applied" },
  ({ ecosystems, now }) => EventArbitrary.history(ecosystems, now, 20),
  (events) => events,
  ({ control, policy }, events) =>
    all([
      HELD,
      ...events.map((event) => {
        const outcome = reduce(policy, control, event)
        return isTrue("it is not applied", !(Result.isSuccess(outcome) && outcome.success.applied))
      })
    ])
)

const alone = decoded(Policy.starter(["npm"]))

/** A law of the control file as it stands; true or not. */
const ofFiles = (says: string, holds: (file: ControlFile) => boolean): Law =>
  law(
    { name: says, rules: [], says },
    () => nothing,
    () => [],
    ({ control }) => isTrue(says, holds(control.file))
  )

const neverTried = law(
  { name: "never tried", rules: [], says: "nothing" },
  () => nothing,
  () => [],
  () => UNTRIED
)

const UNTRUTHS: Readonly<Record<string, (file: ControlFile) => boolean>> = {
  "no breaker is half-open": ({ breakers }) => Object.values(breakers).every(({ state }) => state !== "half-open"),
  "nothing is paused": ({ pauses }) => Object.keys(pauses).length === 0
}

describe("The laws (SPEC.md RC)", () => {
  it("[RC13] hold under every policy, in worlds that events led to as in those that only an edit explains", () => {
    fc.assert(
      fc.property(PolicyArbitrary.policy, fc.nat(), (any, seed) => {
        for (const { counterexample, law: asked } of checkLaws(any, { runs: 2, seed })) {
          assert.equal(counterexample, undefined, `${asked.name}: ${counterexample?.because}`)
        }
      }),
      { numRuns: 15 }
    )
  })

  it("[RC13] each have something to say under the policy that init writes", () => {
    for (const { law: asked, runs, tried } of checkLaws(policy, { runs: 60, seed: 7 })) {
      assert.equal(runs, 60)
      assert.ok(tried > 0, asked.name)
    }
  })

  it("[RC14] a broken one is told as the smallest course of events, the same for the same seed", () => {
    const asking = { laws: [nothingHappens], runs: 100, seed: 7 }
    const [asked] = checkLaws(policy, asking)
    const { because, story } = asked?.counterexample ?? { because: "", story: [] }
    assert.equal(because, "not so: it is not applied")
    const events = story.slice(story.findIndex((line) => line.endsWith("  now")) + 1)
    assert.equal(events.length, 1, story.join("\n"))
    assert.match(events[0] ?? "", /^\d{4}-\d\d-\d\dT\S+Z {2}.+: done/)
    assert.deepEqual(checkLaws(policy, asking), [asked])
  })

  it("[RC14] a time limit ends the trying, and leaves each law a case that it speaks of", () => {
    for (const any of [policy, alone]) {
      const asked = checkLaws(any, { budgetMillis: 1, runs: 1_000_000, seed: 7 })
      assert.equal(asked.length, LAWS.length)
      for (const { counterexample, law: each, tried, untried } of asked)
        assert.deepEqual([counterexample, tried > 0, untried], [undefined, true, undefined], each.name)
    }
  })

  it("[RC17] one without a case that it speaks of is not said to have held, and why is said", () => {
    const [asked] = checkLaws(policy, { laws: [{ ...neverTried, speaksOf: "a blue moon" }], runs: 30, seed: 7 })
    assert.deepEqual([asked?.tried, asked?.untried], [0, "none of 30 cases had a blue moon"])
    const stopped = decoded({ ...Policy.starter(["npm"]), budget: { pause_at: 0, sample_at: 0 } })
    const untried = checkLaws(stopped, { runs: 20, seed: 7 }).filter((each) => each.untried !== undefined)
    assert.ok(untried.some(({ law: each }) => each.name === "live"))
    assert.ok(untried.every(({ tried }) => tried === 0))
  })

  it("[RC17] one that takes two ecosystems is tried with a second like the first", () => {
    const [asked] = checkLaws(alone, {
      laws: LAWS.filter(({ name }) => name === "commuting reports"),
      runs: 20,
      seed: 7
    })
    assert.deepEqual([asked?.runs, asked?.tried, asked?.untried], [20, 20, undefined])
  })

  it.each(Object.entries(UNTRUTHS))("[RC18] that %s is refuted by a past, in a few lines", (says, holds) => {
    const [asked] = checkLaws(policy, { laws: [ofFiles(says, holds)], runs: 100, seed: 7 })
    const { story } = asked?.counterexample ?? { story: [] }
    assert.equal(story[0], "the control branch begins, and then:")
    assert.ok(story.length <= 15, story.join("\n"))
  })

  it("[RC18] what only an edit explains is told by what is not as in a fresh file", () => {
    const known = ofFiles("every field is known", ({ unknown }) => Object.keys(unknown).length === 0)
    const [asked] = checkLaws(policy, { laws: [known], runs: 100, seed: 7 })
    const { story } = asked?.counterexample ?? { story: [] }
    assert.match(story[0] ?? "", /^the control file is, .* but for:$/)
    assert.ok(story.length <= 5, story.join("\n"))
    fc.assert(
      fc.property(readable(policy), ({ control }) => {
        const lines = tellFile(control.file)
        assert.ok(lines.length <= 9 && lines.every((line) => line.length < 300))
      })
    )
    assert.deepEqual(tellFile(Control.initial.file), [])
  })

  it("[RC14] a policy without an ecosystem has nothing that could be asked about", () => {
    assert.deepEqual(checkLaws(decoded({ ecosystems: {}, version: 1 }), { runs: 1, seed: 7 }), [])
  })
})

describe("What events can lead to (SPEC.md RC)", () => {
  it("[RC15] a world that was reached is what its past folds to", () => {
    let busy = 0
    fc.assert(
      fc.property(reached(policy), (world) => {
        const past = world.past ?? []
        assert.equal(printed(fold(policy, Control.initial, past)), printed(world.control))
        assert.ok(past.every(({ at }) => at <= world.now))
        if (past.length > 8) busy++
      })
    )
    assert.ok(busy > 10, `only ${busy} worlds had a past`)
  })

  it("[RC15] and an event log that is made up reads back as one", () => {
    fc.assert(
      fc.property(log(policy), (messages) => {
        for (const message of messages) assert.ok(Result.isSuccess(ControlLog.parse(message)), message)
      }),
      { numRuns: 30 }
    )
  })
})
