import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import { checkLaws } from "@batchbrake/core/testing/checkLaws"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import { all, fold, HELD, isTrue, law } from "@batchbrake/core/testing/laws/Law"
import { LAWS } from "@batchbrake/core/testing/laws/laws"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { log, reached } from "@batchbrake/core/testing/ReachedArbitrary"
import { printed } from "@batchbrake/core/testing/WorldArbitrary"
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

  it("[RC14] a time limit ends the trying, and leaves one case at least", () => {
    const asked = checkLaws(policy, { budgetMillis: 1, runs: 1_000_000, seed: 7 })
    assert.equal(asked.length, LAWS.length)
    assert.ok(asked.every(({ counterexample, runs }) => runs >= 1 && counterexample === undefined))
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
