import { strict as assert } from "node:assert"
import * as Chance from "@batchbrake/core/forecast/Chance"
import * as Simulation from "@batchbrake/core/forecast/Simulation"
import * as World from "@batchbrake/core/forecast/World"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const ECOSYSTEMS = ["npm", "pypi"]
const policyWith = (more: JsonObject): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(ECOSYSTEMS), ...more }))
const DEFAULT = policyWith({})
/** Nothing ever trips, and no week runs out. */
const OPEN_DOOR = policyWith({ breaker: { threshold: 0 }, budget: { caps: { linux: 1_000_000, macos: 1_000_000 } } })

const setup = (more: Partial<Simulation.Setup> = {}): Simulation.Setup => ({
  cost: Simulation.costFor(DEFAULT, ECOSYSTEMS.length, 5),
  ecosystems: ECOSYSTEMS,
  recipes: 5,
  seed: "seed",
  weeks: 1,
  ...more
})

const played = (policy: Policy.Policy, world: World.Name, more: Partial<Simulation.Setup> = {}): Simulation.Regret =>
  Result.getOrThrowWith(
    Simulation.simulate(policy, world, World.WORLDS[world], setup(more)),
    ({ message }) => new Error(message)
  )

describe("The simulation of a policy (SPEC.md SI)", () => {
  it("[SI1] is the same for the same seed, and another for another", () => {
    for (const world of ["healthy", "flaky-upstream"] as const)
      assert.deepEqual(played(DEFAULT, world), played(DEFAULT, world))
    assert.notDeepEqual(played(DEFAULT, "flaky-upstream"), played(DEFAULT, "flaky-upstream", { seed: "another" }))
  })

  it.each(World.NAMES)("[SI2] counts every recipe once, and every policy meets the same ones: %s", (world) => {
    const [careful, careless] = [played(DEFAULT, world), played(OPEN_DOOR, world)]
    const good = ({ goodAdmitted, goodRefused }: Simulation.Regret): number => goodAdmitted + goodRefused
    const bad = ({ badAdmitted, badRefused }: Simulation.Regret): number => badAdmitted + badRefused
    assert.equal(good(careful) + bad(careful), 168 * 5 * 2)
    assert.deepEqual([good(careful), bad(careful)], [good(careless), bad(careless)])
    assert.deepEqual([careless.goodRefused, careless.badRefused, careless.trips], [0, 0, 0])
    assert.ok(careful.badAdmitted <= careless.badAdmitted)
  })

  it("[SI3] each world does what it says to the default policy", () => {
    const of = (world: World.Name): Simulation.Regret => played(DEFAULT, world)
    const healthy = of("healthy")
    assert.deepEqual([healthy.trips, healthy.goodRefused], [0, 0])
    assert.ok(healthy.badAdmitted < 40)
    const collapse = of("collapse")
    assert.ok(collapse.trips >= 2 && collapse.badRefused > collapse.badAdmitted)
    assert.ok(of("slow-rot").trips > 0)
    assert.ok(of("host-outage").openHours >= 30 && of("host-outage").badAdmitted < 40)
    assert.ok(of("poisoned-package").badAdmitted >= 2 * 168)
    const crunch = of("budget-crunch")
    assert.ok(crunch.trips === 0 && crunch.goodRefused > 100 && crunch.minutes <= 6000)
    assert.ok(of("flaky-upstream").minutes < healthy.minutes)
  })

  it("[SI3] an ordinary week uses about six tenths of each cap, whatever the number of ecosystems and recipes", () => {
    for (const [ecosystems, recipes] of [
      [["npm"], 1],
      [ECOSYSTEMS, 20]
    ] as const) {
      const cost = Simulation.costFor(OPEN_DOOR, ecosystems.length, recipes)
      const { minutes } = played(OPEN_DOOR, "healthy", { cost, ecosystems, recipes })
      assert.ok(Math.abs(minutes / (0.6 * 2_000_000) - 1) < 0.02, String(minutes))
    }
  })

  it("[SI3] while a poisoned package is probed others have their turn", () => {
    const strict = policyWith({ breaker: { minimum_attempts: 2, threshold: 1, window: 2 } })
    const { badAdmitted, goodAdmitted, trips } = played(strict, "poisoned-package")
    assert.ok(trips > 10 && goodAdmitted > badAdmitted)
  })

  it("[SI4] whether a recipe is good and whether its validation passes are two draws", () => {
    // Half are good, and half of those pass: a quarter of all, below the threshold. As one draw it would be half.
    const half = { says: "", weather: (): World.Weather => ({ cost: 1, good: 0.5, passes: 0.5, poisoned: false }) }
    const policy = policyWith({ breaker: { threshold: 0.3, window: 100 } })
    const { trips } = Result.getOrThrow(Simulation.simulate(policy, "half", half, setup()))
    assert.ok(trips > 0)
  })

  it("[SI4] chance is spread evenly and depends on every coordinate", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(5000), { maxLength: 4, minLength: 1 }), (text, place) => {
        const seed = Chance.seedOf(text)
        const value = Chance.at(seed, ...place)
        assert.ok(value >= 0 && value < 1 && value === Chance.at(seed, ...place))
      })
    )
    const values = Array.from({ length: 20_000 }, (_, index) =>
      Chance.at(Chance.seedOf("a"), index % 100, Math.floor(index / 100))
    )
    const buckets = Array.from(
      { length: 10 },
      (_, bucket) => values.filter((value) => Math.floor(value * 10) === bucket).length
    )
    for (const many of buckets) assert.ok(Math.abs(many - 2000) < 200, String(buckets))
    assert.ok(new Set(values).size > 19_900)
  })
})
