import { strict as assert } from "node:assert"
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as FirstTrip from "@batchbrake/core/forecast/FirstTrip"
import * as Forecast from "@batchbrake/core/forecast/Forecast"
import * as OpenTime from "@batchbrake/core/forecast/OpenTime"
import * as OperatingCurve from "@batchbrake/core/forecast/OperatingCurve"
import { steadyWithin, trippedBy } from "@batchbrake/core/forecast/RunLength"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import { MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { policyOf, ruleUpTo, seeded } from "./rules.ts"

/** The share of the time in which the real breaker is not closed, over evenly spaced runs that claim and report at once. */
const lived = (policy: BreakerPolicy, passRate: number, pace: OpenTime.Pace, runs: number): number => {
  const [chance, gap] = [seeded(11), WEEK / pace.runsPerWeek]
  let state: BreakerState = initial
  let open = 0
  for (let run = 0; run < runs; run++) {
    const at = run * gap
    const outcomes = Array.from({ length: pace.attemptsPerRun }, () => (chance() < passRate ? "P" : "F")).join("")
    const { _tag } = Breaker.permission(state, at)
    if (_tag === "ProbeDue") state = Breaker.claim(policy, state, { recentProbes: [], runKey: "run" }, at)
    const standing = { grantedGeneration: state.generation, runKey: "run" }
    if (_tag !== "CoolingDown")
      state = Breaker.settle(policy, state, standing, { closed: outcomes, probe: outcomes }, at).state
    if (state.state !== "closed") open++
  }
  return open / runs
}

const HOURLY = { attemptsPerRun: 5, runsPerWeek: 168 }

describe("What a policy comes to in numbers (SPEC.md FO)", () => {
  it.each<[string, Partial<BreakerPolicy>, number, OpenTime.Pace]>([
    ["by default", {}, 0.6, HOURLY],
    ["with a cool-down that ends between two runs", { coolDownMillis: 100 * MINUTE }, 0.6, HOURLY],
    ["with probes of several", { closeAfter: 4, probeAttempts: 2 }, 0.7, HOURLY],
    ["with growing cool-downs", { coolDownCapMillis: 720 * MINUTE, coolDownMultiplier: 2 }, 0.6, HOURLY],
    [
      "with a long cool-down and single attempts",
      { coolDownMillis: 160 * MINUTE, coolDownMultiplier: 3, window: 5 },
      0.5,
      { attemptsPerRun: 1, runsPerWeek: 336 }
    ]
  ])("[FO6] the expected open time is what the real breaker has in the long run, %s", (_, changed, passRate, pace) => {
    const policy = policyOf({ window: 10, ...changed, minimumAttempts: changed.window ?? 10 })
    const run = FirstTrip.of(policy).fromEmpty(passRate).estimate
    const [found, expected] = [lived(policy, passRate, pace, 120_000), OpenTime.share(policy, passRate, pace, run)]
    assert.ok(
      Math.abs(found - expected) < (policy.coolDownMultiplier > 1 ? 0.02 : 0.01),
      `found ${found}, expected ${expected}`
    )
  })

  it("[FO6] a breaker that never trips is never open, and one that nothing closes is always", () => {
    const policy = policyOf({})
    const trip = FirstTrip.of(policy)
    assert.equal(OpenTime.share(policy, 1, HOURLY, trip.fromEmpty(1).estimate), 0)
    assert.equal(OpenTime.share(policy, 0, HOURLY, trip.fromEmpty(0).estimate), 1)
  })

  it("[FO7] the lower the success rate, the likelier a trip, the sooner it is noticed, the longer it is open", () => {
    fc.assert(
      fc.property(ruleUpTo(10), (rule) => {
        const forecast = Forecast.of("npm", { breaker: policyOf(rule), slo: 0.98 }, HOURLY)
        const levels = [...forecast.levels].sort((left, right) => right.rate - left.rate)
        levels.slice(1).forEach((level, index) => {
          const before = levels[index]
          assert.ok(before !== undefined)
          const rises = (
            key: "tripWithin100" | "tripWithinWeek" | "steadyTripWithin100" | "steadyTripWithinWeek" | "openHours"
          ): void =>
            assert.ok((level[key]?.estimate ?? 0) >= (before[key]?.estimate ?? 0) - 1e-6, `${key} at ${level.rate}`)
          rises("tripWithin100")
          rises("tripWithinWeek")
          rises("steadyTripWithin100")
          rises("steadyTripWithinWeek")
          assert.ok(level.attemptsToTrip.estimate <= before.attemptsToTrip.estimate * (1 + 1e-6))
          assert.ok(
            (level.attemptsToDetect?.estimate ?? 0) <=
              (before.attemptsToDetect?.estimate ?? Number.POSITIVE_INFINITY) * (1 + 1e-6)
          )
        })
      }),
      { numRuns: 40 }
    )
  })

  it("[FO7] the default breaker: known values, once computed by all 2^10 windows", () => {
    const { levels, states } = Forecast.of("npm", { breaker: policyOf({}), slo: 0.98 }, HOURLY)
    assert.equal(states, 252)
    const at = (rate: number) => levels.find((level) => level.rate === rate)
    // Nothing passes any more: of the ten attempts in the window six must be failures; nine or ten were passes.
    assert.ok(Math.abs((at(0)?.attemptsToDetect?.estimate ?? 0) - 5.9) < 0.2, JSON.stringify(at(0)))
    assert.equal(at(0)?.attemptsToTrip.estimate, 10)
    assert.equal(levels[0]?.rate, 0.98)
    assert.equal(at(1)?.attemptsToDetect, undefined)
    assert.equal(levels[0]?.attemptsToDetect, undefined)
  })

  it("[FO10] a trip in the long run is what follows once the window is full, also where 100 attempts do not fill one", () => {
    for (const window of [10, 20, 150]) {
      const rule = policyOf({ minimumAttempts: window, thresholdMillionths: 800_000, window })
      const trip = FirstTrip.of(rule)
      for (const rate of [0.95, 0.8, 0.7]) {
        const { high, low } = trip.fromEmpty(rate)
        const late = 40 * window
        // Of what has not tripped by then, so much trips in the next attempts, as many as whole cycles are.
        for (const run of [low, high]) {
          const attempts = 100 * run.cycle.length
          const left = 1 - trippedBy(run, late)
          if (left < 1e-9) continue
          const next = (trippedBy(run, late + attempts) - trippedBy(run, late)) / left
          assert.ok(Math.abs(next - steadyWithin(run, attempts)) < 1e-6, `${window} ${rate}: ${next}`)
        }
      }
    }
    const { levels } = Forecast.of(
      "npm",
      { breaker: policyOf({ minimumAttempts: 150, window: 150 }), slo: 0.98 },
      HOURLY
    )
    const at = (rate: number) => levels.find((level) => level.rate === rate)
    assert.equal(at(0.3)?.tripWithin100.high, 0)
    assert.ok((at(0.3)?.steadyTripWithin100.low ?? 0) > 0.9)
    assert.equal(at(1)?.steadyTripWithin100.high, 0)
    assert.equal(OperatingCurve.of("npm", policyOf({ minimumAttempts: 150, window: 150 })).points[0]?.stays, 0)
  })

  it("[FO7] an estimate lies within its bounds, and without a pace nothing is said a week", () => {
    for (const window of [10, 60]) {
      const { levels } = Forecast.of(
        "npm",
        { breaker: policyOf({ minimumAttempts: 20 > window ? 5 : 20, window }), slo: 0.9 },
        undefined
      )
      for (const level of levels) {
        const { attemptsToDetect, attemptsToTrip, openHours, steadyTripWithin100, tripWithin100, tripWithinWeek } =
          level
        assert.equal(openHours, undefined)
        assert.equal(tripWithinWeek, undefined)
        assert.equal(level.steadyTripWithinWeek, undefined)
        for (const range of [attemptsToTrip, tripWithin100, steadyTripWithin100, attemptsToDetect ?? attemptsToTrip]) {
          assert.ok(range.low <= range.estimate && range.estimate <= range.high)
        }
      }
    }
  })
})

describe("The operating characteristic (SPEC.md FO)", () => {
  const tags = (text: string): ReadonlyArray<string> =>
    [...text.matchAll(/<(\/?[a-z]+)[^<>]*?(\/?)>/g)].map(([, name, end]) => `${name}${end}`)

  it("[FO8] is the chain's answer at each rate, rising from 0 to 1", () => {
    const { points } = OperatingCurve.of("npm", policyOf({}))
    const trip = FirstTrip.of(policyOf({}))
    for (const { rate, stays } of points)
      assert.equal(stays, 1 - Math.min(1, steadyWithin(trip.fromEmpty(rate).estimate, 100)))
    assert.deepEqual([points[0]?.stays, points.at(-1)?.stays], [0, 1])
    points.slice(1).forEach(({ stays }, index) => {
      assert.ok(stays >= (points[index]?.stays ?? 0) - 1e-9)
    })
  })

  it("[FO8] a long name is cut where it would run into another, and is whole in the description", () => {
    const { points } = OperatingCurve.of("npm", policyOf({}))
    const name = "ecosystem, ".repeat(9).slice(0, -2)
    const text = OperatingCurve.svg([
      { name, points },
      { name: "npm", points }
    ])
    assert.ok(text.includes(`>${name.slice(0, 31)}…</text>`) && text.includes(`: ${name}, npm</desc>`))
    assert.ok(OperatingCurve.svg([{ name: name.slice(0, 72), points }]).includes(`>${name.slice(0, 72)}</text>`))
  })

  it("[FO8] as SVG is well-formed whatever a name holds, and readable on dark ground", () => {
    const curve = OperatingCurve.of("npm", policyOf({}))
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("</svg><script>", "a&b\"'<", "]]>", "\u0000")),
          { maxLength: 7, minLength: 1 }
        ),
        (names) => {
          const text = OperatingCurve.svg(names.map((name) => ({ ...curve, name })))
          const open: Array<string> = []
          for (const tag of tags(text)) {
            if (tag.endsWith("/")) continue
            if (tag.startsWith("/")) assert.equal(open.pop(), tag.slice(1))
            else open.push(tag)
          }
          assert.deepEqual(open, [])
          assert.ok(!/<script|&(?!#\d+;)/.test(text))
          assert.ok(!/(?!\n)\p{Cc}|\p{Cs}/u.test(text))
          assert.ok(text.includes("prefers-color-scheme:dark") && text.startsWith("<svg xmlns="))
        }
      )
    )
  })
})
