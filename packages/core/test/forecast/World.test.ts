import { strict as assert } from "node:assert"
import * as Chance from "@batchbrake/core/forecast/Chance"
import * as Simulation from "@batchbrake/core/forecast/Simulation"
import * as World from "@batchbrake/core/forecast/World"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const CLEAR: World.Weather = { cost: 1, good: 0.99, passes: 0.995, poisoned: false }
const weather = (name: World.Name, hour: number, hours = 100): World.Weather =>
  World.WORLDS[name].weather(1, hour, hours)

/** The hours of a world that are not as all others. */
const oddHours = (name: World.Name, odd: World.Weather): ReadonlyArray<number> =>
  Array.from({ length: 100 }, (_, hour) => hour).filter((hour) => {
    const found = weather(name, hour)
    assert.deepEqual(found, found.good === CLEAR.good && found.passes === CLEAR.passes ? CLEAR : odd)
    return found !== CLEAR && JSON.stringify(found) !== JSON.stringify(CLEAR)
  })

const hours = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, index) => from + index)

describe("The worlds of a simulation (SPEC.md SI)", () => {
  it("[SI3] are what they say, hour by hour, their edges too", () => {
    for (const hour of [0, 50, 99]) {
      assert.deepEqual(weather("healthy", hour), CLEAR)
      assert.deepEqual(weather("poisoned-package", hour), { ...CLEAR, poisoned: true })
      assert.deepEqual(weather("budget-crunch", hour), { ...CLEAR, cost: 2.5 })
    }
    assert.deepEqual(oddHours("collapse", { ...CLEAR, good: 0.05 }), hours(40, 60))
    const outage = [...hours(30, 48), ...hours(70, 88)]
    assert.deepEqual(oddHours("host-outage", { ...CLEAR, passes: 0.02 }), outage)
    const good = (hour: number): number => Math.round(weather("slow-rot", hour).good * 1000) / 1000
    assert.deepEqual([0, 20, 40, 79, 80, 99].map(good), [0.99, 0.815, 0.64, 0.299, 0.99, 0.99])
  })

  it("[SI3] are flaky in about 15 of 100 hours, by the seed", () => {
    const world: World.World = World.WORLDS["flaky-upstream"]
    const flaky = (seed: number) =>
      hours(0, 1000).filter((hour) => {
        const found = world.weather(seed, hour, 1000)
        const isFlaky = Chance.at(seed, hour, 7) < 0.15
        assert.deepEqual(found, isFlaky ? { ...CLEAR, passes: 0.3 } : CLEAR)
        return isFlaky
      })
    assert.ok(Math.abs(flaky(1).length - 150) < 40)
    assert.notDeepEqual(flaky(1), flaky(2))
  })

  it("[SI3] are known by their names, and by nothing else", () => {
    assert.deepEqual(World.NAMES, [
      "healthy",
      "collapse",
      "slow-rot",
      "flaky-upstream",
      "poisoned-package",
      "host-outage",
      "budget-crunch"
    ])
    assert.ok(!World.isName("constructor") && !World.isName(""))
  })
})

describe("Chance and what is played with it (SPEC.md SI)", () => {
  it("[SI1] is the same in every release, so that figures of two can be compared", () => {
    assert.deepEqual(
      ["", "a", "ab", "seed healthy"].map(Chance.seedOf),
      [0, -2_007_595_275, 293_864_711, -1_285_265_397]
    )
    assert.deepEqual(
      [Chance.at(1), Chance.at(1, 0), Chance.at(1, 5, 7), Chance.at(-3, 0, 0, 0)],
      [1 / 2 ** 32, 0.6938463738188148, 0.4774649431928992, 0.7062669913284481]
    )
  })

  const policyWith = (more: JsonObject): Policy.Policy =>
    Result.getOrThrow(Policy.fromJson({ ...Policy.starter(["npm", "pypi"]), ...more }))
  const played = (name: World.Name, more: JsonObject = {}) => {
    const policy = policyWith(more)
    const cost = Simulation.costFor(policyWith({}), 2, 30)
    const setup = { cost, ecosystems: ["npm", "pypi"], recipes: 30, seed: "seed", weeks: 1 }
    return Result.getOrThrow(Simulation.simulate(policy, name, World.WORLDS[name], setup))
  }

  it.each<[World.Name, Simulation.Regret]>([
    [
      "poisoned-package",
      {
        badAdmitted: 417,
        badRefused: 12,
        goodAdmitted: 7983,
        goodRefused: 1668,
        minutes: 2998,
        openHours: 0,
        trips: 0
      }
    ],
    [
      "host-outage",
      { badAdmitted: 55, badRefused: 35, goodAdmitted: 6581, goodRefused: 3409, minutes: 2368, openHours: 72, trips: 4 }
    ],
    [
      "budget-crunch",
      { badAdmitted: 61, badRefused: 41, goodAdmitted: 6251, goodRefused: 3727, minutes: 5512, openHours: 0, trips: 0 }
    ]
  ])(
    "[SI1] comes to the same figures in every release: %s, with batches that are larger than may be tried",
    (name, expected) => {
      assert.deepEqual(played(name), expected)
    }
  )

  it("[SI2] spends by platform what is sampled there, and owes what is no whole minute", () => {
    assert.deepEqual(Simulation.costFor(policyWith({}), 0, 1), Simulation.costFor(policyWith({}), 1, 1))
    const caps = { linux: 1680, macos: 840 }
    const cost = Simulation.costFor(policyWith({ budget: { caps } }), 2, 5)
    assert.deepEqual(Object.keys(cost).sort(), ["linux", "macos"])
    assert.ok(Math.abs((cost.linux ?? 0) - 0.6) < 1e-12 && Math.abs((cost.macos ?? 0) - 0.3) < 1e-12)
  })

  it("[SI2] of no week is nothing", () => {
    const setup = { cost: {}, ecosystems: ["npm"], recipes: 5, seed: "", weeks: 0 }
    const nothing = {
      badAdmitted: 0,
      badRefused: 0,
      goodAdmitted: 0,
      goodRefused: 0,
      minutes: 0,
      openHours: 0,
      trips: 0
    }
    assert.deepEqual(
      Simulation.simulate(policyWith({}), "healthy", World.WORLDS.healthy, setup),
      Result.succeed(nothing)
    )
  })
})
