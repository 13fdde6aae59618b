import { strict as assert } from "node:assert"
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const NOW = InstantArbitrary.FIRST_EVENT

const failuresIn = (window: string): number => window.replaceAll("P", "").length

/** The rule as it is written, in exact arithmetic. */
const shouldTrip = (policy: BreakerPolicy, window: string): boolean =>
  window.length >= policy.minimumAttempts &&
  BigInt(window.length - failuresIn(window)) * 1_000_000n < BigInt(window.length) * BigInt(policy.thresholdMillionths)

/** An unclaimed report of a closed breaker, a report of the holder otherwise. */
const report = (policy: BreakerPolicy, breaker: BreakerState, outcomes: string, at: number): BreakerState =>
  Breaker.settle(
    policy,
    breaker,
    { grantedGeneration: breaker.generation, runKey: breaker.probe?.runKey ?? "run" },
    { closed: outcomes, probe: outcomes },
    at
  ).state

const claim = (policy: BreakerPolicy, breaker: BreakerState, runKey: string, at: number): BreakerState =>
  Breaker.claim(policy, breaker, { recentProbes: [], runKey }, at)

const thresholds = { closeAfter: 1, minimumAttempts: 10, probeAttempts: 1, thresholdMillionths: 500_000, window: 10 }
const standard: BreakerPolicy = {
  ...thresholds,
  coolDownCapMillis: 24 * HOUR,
  coolDownMillis: HOUR,
  coolDownMultiplier: 1,
  ignoreCategories: [],
  mode: "enforce",
  probeLeaseMillis: 30 * MINUTE
}

const openAt = (policy: BreakerPolicy, at: number): BreakerState => ({
  ...initial,
  generation: 1,
  openedAt: at,
  opensAt: at + policy.coolDownMillis,
  state: "open",
  trips: 1
})

describe("Breaker (SPEC.md BR)", () => {
  it("[BR1] a closed breaker lets every run pass, whatever else it holds", () => {
    fc.assert(
      fc.property(BreakerArbitrary.closed(NOW), InstantArbitrary.offset, (breaker, offset) => {
        assert.deepEqual(Breaker.permission(breaker, NOW + offset), { _tag: "Run" })
      })
    )
  })

  it("[BR2] [BR3] [BR4] a closed breaker trips at the first attempt at which the rule holds, over one run or several", () => {
    const runs = fc.array(BreakerArbitrary.outcomes(12), { maxLength: 6 })
    fc.assert(
      fc.property(PolicyArbitrary.breaker, runs, (policy, reports) => {
        const taken = reports.join("")
        const windows = [...Array(taken.length).keys()].map((place) => taken.slice(0, place + 1).slice(-policy.window))
        const expected = windows.find((window) => shouldTrip(policy, window))
        let breaker: BreakerState = initial
        for (const outcomes of reports) {
          if (breaker.state === "closed") breaker = report(policy, breaker, outcomes, NOW)
        }
        assert.equal(breaker.state, expected === undefined ? "closed" : "open")
        assert.equal(breaker.window, expected ?? windows.at(-1) ?? "")
        assert.equal(breaker.failures, failuresIn(breaker.window ?? ""))
        assert.equal(breaker.lastFailure, (breaker.window ?? "").includes("F") ? NOW : breaker.lastFailure)
      }),
      { numRuns: 1000 }
    )
  })

  it("[BR2] a success rate at the threshold does not trip, and one failure more in place of a pass does", () => {
    fc.assert(
      fc.property(fc.integer({ max: 20, min: 1 }), fc.nat(), (window, choice) => {
        const passes = 1 + (choice % window)
        // Rounded up to millionths, so that the rate of `passes` is at or just below the threshold and one less is below.
        const exact = (passes * 1_000_000) / window
        const policy = { ...standard, minimumAttempts: window, thresholdMillionths: Math.floor(exact), window }
        const at = "F".repeat(window - passes) + "P".repeat(passes)
        assert.equal(report(policy, initial, at, NOW).state, "closed")
        assert.equal(report(policy, initial, `F${at.replace("P", "")}`, NOW).state, "open")
        if (!Number.isInteger(exact)) {
          assert.equal(report({ ...policy, thresholdMillionths: Math.ceil(exact) }, initial, at, NOW).state, "open")
        }
      })
    )
  })

  it("[BR2] 5 of 10 does not trip at 50 %, 4 of 10 does, in whatever order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([..."PPPPPFFFFF"], { minLength: 10 }), (letters) => {
        const half = letters.join("")
        assert.equal(report(standard, initial, half, NOW).state, "closed")
        assert.equal(report(standard, initial, half.replace("P", "F"), NOW).state, "open")
      })
    )
  })

  it("[BR2] a threshold of 0 never trips, and one of 1 at the first failure", () => {
    fc.assert(
      fc.property(BreakerArbitrary.outcomes(40), (outcomes) => {
        assert.equal(report({ ...standard, thresholdMillionths: 0 }, initial, outcomes, NOW).state, "closed")
        const strict = { ...standard, minimumAttempts: 1, thresholdMillionths: 1_000_000 }
        assert.equal(report(strict, initial, outcomes, NOW).state, outcomes.includes("F") ? "open" : "closed")
      })
    )
  })

  it("[BR2] an attempt that passes trips if it is the one that makes the minimum, and is no failure", () => {
    const before = report(standard, initial, "FFFFFFPPP", NOW)
    assert.equal(before.state, "closed")
    const after = report(standard, before, "P", NOW + HOUR)
    assert.equal(after.state, "open")
    assert.equal(after.lastFailure, NOW)
    assert.equal(after.openedAt, NOW + HOUR)
  })

  it("[BR3] one failure fewer than the minimum leaves it closed, and the next one trips", () => {
    fc.assert(
      fc.property(PolicyArbitrary.breaker, (given) => {
        const policy = { ...given, thresholdMillionths: Math.max(1, given.thresholdMillionths) }
        const before = report(policy, initial, "F".repeat(policy.minimumAttempts - 1), NOW)
        assert.equal(before.state, "closed")
        assert.equal(report(policy, before, "F", NOW).state, "open")
      })
    )
  })

  it("[BR4] a success does not clear the window, and a full window forgets its oldest attempt", () => {
    const afterNine = report(standard, initial, "PFFFFPPPP", NOW)
    assert.equal(afterNine.window, "PFFFFPPPP")
    const full = report(standard, afterNine, "F", NOW)
    assert.equal(full.window, "PFFFFPPPPF")
    assert.equal(full.state, "closed")
    assert.equal(report(standard, full, "P", NOW).window, "FFFFPPPPFP")
    assert.equal(report(standard, full, "F", NOW).state, "open")
  })

  it("[BR4] a window that a policy made smaller keeps its newest attempts", () => {
    fc.assert(
      fc.property(
        BreakerArbitrary.outcomes(30),
        BreakerArbitrary.outcome,
        fc.integer({ max: 20, min: 1 }),
        (window, outcome, size) => {
          const policy = { ...standard, minimumAttempts: size, thresholdMillionths: 0, window: size }
          assert.equal(report(policy, { ...initial, window }, outcome, NOW).window, (window + outcome).slice(-size))
        }
      )
    )
  })

  it("[BR5] what follows a trip in the same run changes nothing, its failures neither", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.breaker,
        BreakerArbitrary.outcomes(20),
        BreakerArbitrary.outcomes(20),
        (policy, outcomes, rest) => {
          const all = outcomes + rest
          const places = [...Array(all.length + 1).keys()]
          const trip = places.find((length) => report(policy, initial, all.slice(0, length), NOW).state === "open")
          if (trip !== undefined) {
            assert.deepEqual(report(policy, initial, all, NOW), report(policy, initial, all.slice(0, trip), NOW))
          }
        }
      )
    )
    const tripped = report(standard, initial, "FFFFFFFFFF", NOW)
    assert.deepEqual(report(standard, initial, "FFFFFFFFFFPPPPPPPPPPFF", NOW), tripped)
  })

  it("[BR7] an open breaker holds one millisecond before opens_at and is due at it", () => {
    fc.assert(
      fc.property(BreakerArbitrary.open(NOW), InstantArbitrary.offset, (breaker, offset) => {
        const { opensAt } = breaker
        if (opensAt === undefined) assert.equal(Breaker.permission(breaker, NOW + offset)._tag, "ProbeDue")
        else {
          const early = opensAt - 1 - Math.abs(offset)
          assert.deepEqual(Breaker.permission(breaker, early), { _tag: "CoolingDown", until: opensAt })
          assert.deepEqual(Breaker.permission(breaker, opensAt - 1), { _tag: "CoolingDown", until: opensAt })
          assert.deepEqual(Breaker.permission(breaker, opensAt), { _tag: "ProbeDue" })
          assert.deepEqual(Breaker.permission(breaker, opensAt + Math.abs(offset)), { _tag: "ProbeDue" })
        }
      })
    )
  })

  it("[BR7] a trip holds for exactly its cool-down", () => {
    fc.assert(
      fc.property(PolicyArbitrary.breaker, (given) => {
        const policy = { ...given, minimumAttempts: 1, thresholdMillionths: 1_000_000 }
        const breaker = report(policy, initial, "F", NOW)
        assert.equal(Breaker.permission(breaker, NOW + policy.coolDownMillis - 1)._tag, "CoolingDown")
        assert.equal(Breaker.permission(breaker, NOW + policy.coolDownMillis)._tag, "ProbeDue")
      })
    )
  })

  it("[BR9] [BR10] a claim holds the probe up to the end of its lease, exclusive, and is claimable again at it", () => {
    fc.assert(
      fc.property(PolicyArbitrary.breaker, BreakerArbitrary.open(NOW), (policy, breaker) => {
        const at = Math.max(NOW, breaker.opensAt ?? NOW)
        const probing = claim(policy, breaker, "run-1", at)
        const until = at + policy.probeLeaseMillis
        assert.equal(probing.state, "half-open")
        for (const instant of [at, until - 1]) {
          assert.deepEqual(Breaker.permission(probing, instant), { _tag: "ProbeLive", runKey: "run-1", until })
          assert.equal(Breaker.expire(probing, instant), probing)
        }
        assert.equal(Breaker.permission(probing, until)._tag, "ProbeDue")
        assert.deepEqual(Breaker.expire(probing, until), { ...probing, probe: undefined })
        const again = claim(policy, Breaker.expire(probing, until), "run-2", until)
        assert.equal(again.generation, probing.generation)
        assert.equal(again.probe?.runKey, "run-2")
      })
    )
  })

  it("[BR9] a claim begins its half-open state with no success, and another run's word frees no probe", () => {
    const opened = { ...openAt(standard, NOW), halfOpenSuccesses: 1 }
    const probing = claim({ ...standard, closeAfter: 2 }, opened, "run-1", NOW + HOUR)
    assert.equal(probing.halfOpenSuccesses, 0)
    assert.equal(claim(standard, { ...probing, halfOpenSuccesses: 1 }, "run-2", NOW + 2 * HOUR).halfOpenSuccesses, 1)
    assert.equal(Breaker.release(probing, "run-2"), probing)
    assert.deepEqual(Breaker.release(probing, "run-1"), { ...probing, probe: undefined })
    assert.equal(Breaker.permission(Breaker.release(probing, "run-1"), NOW + HOUR)._tag, "ProbeDue")
  })

  it("[BR10] [BR14] the holder's result counts one millisecond before the expiry and moves nothing at it", () => {
    fc.assert(
      fc.property(PolicyArbitrary.breaker, fc.constantFrom("P", "F"), (given, outcome) => {
        const policy = { ...given, closeAfter: 1 }
        const probing = claim(policy, openAt(policy, NOW), "run-1", NOW + policy.coolDownMillis)
        const until = probing.probe?.expiresAt ?? 0
        assert.equal(report(policy, probing, outcome, until - 1).state, outcome === "P" ? "closed" : "open")
        assert.deepEqual(report(policy, probing, outcome, until), { ...probing, probe: undefined })
      })
    )
  })

  it("[BR11] [BR12] [BR13] of a probe the first attempts decide: any failure reopens, enough successes close", () => {
    const policyAndState = PolicyArbitrary.breaker.chain((policy) =>
      fc.tuple(fc.constant(policy), fc.integer({ max: policy.closeAfter - 1, min: 0 }), BreakerArbitrary.outcomes(12))
    )
    fc.assert(
      fc.property(policyAndState, ([policy, successes, outcomes]) => {
        const probing = { ...claim(policy, openAt(policy, NOW), "run-1", NOW + HOUR), halfOpenSuccesses: successes }
        const after = report(policy, probing, outcomes, NOW + HOUR)
        const deciding = [...outcomes].slice(0, policy.probeAttempts)
        const total = successes + deciding.length
        if (deciding.length === 0) assert.deepEqual(after, { ...probing, probe: undefined })
        else if (deciding.includes("F")) {
          assert.equal(after.state, "open")
          assert.equal(after.halfOpenSuccesses, 0)
          assert.equal(after.trips, probing.trips + 1)
          assert.equal(after.lastFailure, NOW + HOUR)
        } else if (total >= policy.closeAfter) assert.equal(after.state, "closed")
        else assert.deepEqual(after, { ...probing, halfOpenSuccesses: total, probe: undefined })
        assert.equal(after.probe, undefined)
      }),
      { numRuns: 1000 }
    )
  })

  it("[BR11] a failure at the last deciding place reopens, and one just behind it moves nothing", () => {
    fc.assert(
      fc.property(fc.integer({ max: 8, min: 1 }), (probeAttempts) => {
        const policy = { ...standard, closeAfter: probeAttempts, probeAttempts }
        const probing = claim(policy, openAt(policy, NOW), "run-1", NOW + HOUR)
        const passes = "P".repeat(probeAttempts)
        assert.equal(report(policy, probing, `${passes}F`, NOW + HOUR).state, "closed")
        assert.equal(report(policy, probing, `${passes.slice(1)}F`, NOW + HOUR).state, "open")
      })
    )
  })

  it("[BR12] successes of several probes are summed, and one too few leaves it half-open and claimable", () => {
    fc.assert(
      fc.property(fc.integer({ max: 6, min: 2 }), (closeAfter) => {
        const policy = { ...standard, closeAfter }
        let breaker = openAt(policy, NOW)
        for (let probe = 1; probe < closeAfter; probe++) {
          breaker = report(policy, claim(policy, breaker, `run-${probe}`, NOW + HOUR), "P", NOW + HOUR)
          assert.equal(breaker.state, "half-open")
          assert.equal(Breaker.permission(breaker, NOW + HOUR)._tag, "ProbeDue")
        }
        assert.equal(report(policy, claim(policy, breaker, "last", NOW + HOUR), "P", NOW + HOUR).state, "closed")
        const reopened = report(policy, claim(policy, breaker, "last", NOW + HOUR), "F", NOW + HOUR)
        assert.equal(reopened.halfOpenSuccesses, 0)
        assert.equal(claim(policy, reopened, "next", NOW + 3 * HOUR).halfOpenSuccesses, 0)
      })
    )
  })

  it("[BR13] a failed probe starts a whole new cool-down at its report", () => {
    const probing = claim(standard, openAt(standard, NOW), "run-1", NOW + HOUR)
    const reopened = report(standard, probing, "F", NOW + HOUR + 20 * MINUTE)
    assert.equal(reopened.opensAt, NOW + 2 * HOUR + 20 * MINUTE)
    assert.equal(reopened.openedAt, NOW + HOUR + 20 * MINUTE)
  })

  it("[BR16] a run without a counted attempt changes no breaker, but frees the probe that it holds", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.breaker,
        BreakerArbitrary.readable(NOW),
        BreakerArbitrary.runKey,
        (policy, breaker, other) => {
          for (const runKey of [breaker.probe?.runKey ?? "run", other]) {
            for (const grantedGeneration of [undefined, breaker.generation, breaker.generation - 1]) {
              const standing = { grantedGeneration, runKey }
              const { state } = Breaker.settle(policy, breaker, standing, { closed: "", probe: "" }, NOW)
              assert.ok(state === breaker || (breaker.probe?.runKey === runKey && grantedGeneration !== undefined))
              assert.deepEqual({ ...state, probe: breaker.probe }, breaker)
            }
          }
        }
      )
    )
  })

  it("[BR16] a closed breaker calls a run vacuous that counts nothing, and counted one that does", () => {
    const verdictOf = (closed: string) =>
      Breaker.settle(standard, initial, { grantedGeneration: 0, runKey: "run" }, { closed, probe: "F" }, NOW).verdict
    assert.deepEqual(["", "P"].map(verdictOf), ["vacuous", "counted"])
  })

  it("[BR17] every edge raises the generation by one, and nothing else moves it, a reset apart", () => {
    const given = PolicyArbitrary.breaker.chain((policy) =>
      fc.tuple(
        fc.constant(policy),
        BreakerArbitrary.reached(policy),
        BreakerArbitrary.outcomes(12),
        fc.integer({ max: 3 * HOUR, min: 0 })
      )
    )
    fc.assert(
      fc.property(given, ([policy, { breaker, now }, outcomes, after]) => {
        const at = now + after
        const claimed = Breaker.permission(breaker, at)._tag === "ProbeDue" ? [claim(policy, breaker, "new", at)] : []
        const next = [
          report(policy, breaker, outcomes, at),
          Breaker.expire(breaker, at),
          Breaker.release(breaker, "run-1"),
          ...claimed
        ]
        for (const state of next) {
          assert.equal(state.generation, breaker.generation + (state.state === breaker.state ? 0 : 1))
        }
        assert.equal(Breaker.reset(breaker, at).generation, breaker.generation + 1)
      }),
      { numRuns: 500 }
    )
  })

  it("[BR18] a report of another generation moves nothing but the probe that it holds", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.breaker,
        BreakerArbitrary.readable(NOW),
        BreakerArbitrary.outcomes(12),
        fc.integer({ max: 5, min: 1 }),
        (policy, breaker, outcomes, behind) => {
          const standing = { grantedGeneration: breaker.generation - behind, runKey: "run" }
          const settled = Breaker.settle(policy, breaker, standing, { closed: outcomes, probe: outcomes }, NOW)
          assert.deepEqual(settled, { state: breaker, verdict: "fenced" })
        }
      )
    )
  })

  it("[BR20] an unclaimed report counts while closed and in no other state, whatever key it carries", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.breaker,
        BreakerArbitrary.readable(NOW),
        BreakerArbitrary.outcomes(12),
        BreakerArbitrary.runKey,
        (policy, breaker, outcomes, runKey) => {
          const standing = { grantedGeneration: undefined, runKey: breaker.probe?.runKey ?? runKey }
          const settled = Breaker.settle(policy, breaker, standing, { closed: outcomes, probe: outcomes }, NOW)
          if (breaker.state !== "closed") assert.deepEqual(settled, { state: breaker, verdict: "not-admitted" })
          else assert.equal(settled.verdict, outcomes === "" ? "vacuous" : "counted")
        }
      )
    )
  })

  it("[BR21] [BR23] closing and resetting clear the window and opens_at, and keep last_failure", () => {
    fc.assert(
      fc.property(BreakerArbitrary.halfOpen(NOW), (breaker) => {
        const policy = { ...standard, closeAfter: 1 }
        const probing = claim(policy, { ...breaker, halfOpenSuccesses: 0 }, "run-1", NOW)
        const closed = report(policy, probing, "P", NOW)
        for (const state of [closed, Breaker.reset(probing, NOW)]) {
          assert.equal(state.state, "closed")
          assert.equal(state.window, "")
          assert.equal(state.failures, 0)
          assert.equal(state.opensAt, undefined)
          assert.equal(state.probe, undefined)
          assert.equal(state.halfOpenSuccesses, 0)
          assert.equal(state.lastFailure, breaker.lastFailure)
          assert.equal(state.openedAt, breaker.openedAt)
          assert.deepEqual(state.unknown, breaker.unknown)
          assert.ok((state.closedAt ?? 0) >= NOW)
        }
        assert.equal(closed.trips, breaker.trips)
      })
    )
  })

  it("[BR22] failures are those in the window while closed, and stay as they were at the trip until it closes", () => {
    const given = PolicyArbitrary.breaker.chain((policy) => BreakerArbitrary.reached(policy))
    fc.assert(
      fc.property(given, ({ breaker }) => {
        assert.equal(breaker.failures, failuresIn(breaker.window ?? ""))
      }),
      { numRuns: 500 }
    )
    const tripped = report(standard, initial, "FFFFFFPPPP", NOW)
    assert.equal(tripped.failures, 6)
    const reopened = report(standard, claim(standard, tripped, "run-1", NOW + HOUR), "F", NOW + HOUR)
    assert.equal(reopened.failures, 6)
    assert.equal(reopened.window, "FFFFFFPPPP")
  })

  it("[BR23] a reset ends in closed from any state, clears the trips and raises the generation", () => {
    fc.assert(
      fc.property(BreakerArbitrary.readable(NOW), (breaker) => {
        const reset = Breaker.reset(breaker, NOW)
        assert.equal(reset.state, "closed")
        assert.equal(reset.trips, 0)
        assert.equal(reset.window, "")
        assert.equal(reset.generation, breaker.generation + 1)
        assert.deepEqual(Breaker.permission(reset, NOW), { _tag: "Run" })
      })
    )
  })

  it("[BR24] each further trip multiplies the cool-down, up to the cap and not beyond", () => {
    fc.assert(
      fc.property(PolicyArbitrary.breaker, fc.integer({ max: 12, min: 1 }), (given, failedProbes) => {
        const policy = { ...given, minimumAttempts: 1, thresholdMillionths: 1_000_000 }
        let breaker = report(policy, initial, "F", NOW)
        let expected = policy.coolDownMillis
        let at = NOW
        for (let probe = 0; probe < failedProbes; probe++) {
          assert.ok(Math.abs((breaker.opensAt ?? 0) - at - expected) <= 1)
          assert.ok((breaker.opensAt ?? 0) - at <= policy.coolDownCapMillis)
          at = breaker.opensAt ?? 0
          breaker = report(policy, claim(policy, breaker, `run-${probe}`, at), "F", at)
          expected = Math.min(policy.coolDownCapMillis, expected * policy.coolDownMultiplier)
        }
        assert.equal(breaker.trips, failedProbes + 1)
      }),
      { numRuns: 300 }
    )
  })

  it("[BR24] the cool-downs of one hour doubled up to five are 1, 2, 4, 5 and 5 hours", () => {
    const policy = { ...standard, coolDownCapMillis: 5 * HOUR, coolDownMultiplier: 2 }
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((trips) => Breaker.coolDown(policy, trips) / HOUR),
      [1, 2, 4, 5, 5]
    )
    assert.equal(Breaker.coolDown({ ...policy, coolDownMultiplier: 100 }, 100_000), 5 * HOUR)
    assert.equal(Breaker.coolDown(standard, 100_000), HOUR)
  })

  it("[BR25] trips are forgiven when it was closed as long as it was last open, and one millisecond less is too short", () => {
    const hours = fc.integer({ max: 100 * HOUR, min: 1 })
    fc.assert(
      fc.property(hours, fc.integer({ max: 6, min: 1 }), (openFor, trips) => {
        const policy = { ...standard, coolDownMultiplier: 2, minimumAttempts: 1, thresholdMillionths: 1_000_000 }
        const closedAt = NOW + openFor
        const closed: BreakerState = { ...initial, closedAt, openedAt: NOW, trips }
        const late = report(policy, closed, "F", closedAt + openFor)
        const early = report(policy, closed, "F", closedAt + openFor - 1)
        assert.equal(late.trips, 1)
        assert.equal((late.opensAt ?? 0) - (closedAt + openFor), policy.coolDownMillis)
        assert.equal(early.trips, trips + 1)
        assert.equal((early.opensAt ?? 0) - (closedAt + openFor - 1), Breaker.coolDown(policy, trips + 1))
      })
    )
  })

  it("[BR25] how long it was last open is counted from the last reopening", () => {
    const policy = { ...standard, coolDownMultiplier: 2, minimumAttempts: 1 }
    const tripped = report(policy, initial, "F", NOW)
    const reopened = report(policy, claim(policy, tripped, "a", NOW + 10 * HOUR), "F", NOW + 10 * HOUR)
    const closed = report(policy, claim(policy, reopened, "b", NOW + 12 * HOUR), "P", NOW + 12 * HOUR)
    assert.equal(closed.trips, 2)
    assert.equal(report(policy, closed, "F", NOW + 14 * HOUR).trips, 1)
    assert.equal(report(policy, closed, "F", NOW + 14 * HOUR - 1).trips, 3)
  })

  it("[BR25] a close on a clock that is behind its opening forgives nothing that the next failure would not", () => {
    fc.assert(
      fc.property(fc.integer({ max: 5 * HOUR, min: 1 }), (behind) => {
        const opened = openAt(standard, NOW)
        const probing = claim(standard, opened, "run-1", NOW + HOUR)
        for (const closed of [report(standard, probing, "P", NOW - behind), Breaker.reset(opened, NOW - behind)]) {
          assert.equal(closed.closedAt, NOW)
        }
      })
    )
  })

  it("[BR27] a published breaker without a window stands on min(failures, window) failures", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.breaker,
        fc.integer({ max: 40, min: 0 }),
        BreakerArbitrary.outcomes(25),
        (policy, failures, outcomes) => {
          const published = { ...initial, failures, window: undefined }
          const written = { ...initial, failures, window: "F".repeat(Math.min(failures, policy.window)) }
          const [left, right] = [report(policy, published, outcomes, NOW), report(policy, written, outcomes, NOW)]
          if (outcomes !== "") assert.deepEqual(left, right)
        }
      )
    )
  })

  it("[BR27] a published count of any size is taken for no more than the window", () => {
    const published = { ...initial, failures: Number.MAX_SAFE_INTEGER, window: undefined }
    assert.equal(report({ ...standard, thresholdMillionths: 0 }, published, "P", NOW).window, "FFFFFFFFFP")
  })

  it("[BR28] no report moves the deadline of an open or half-open breaker backwards, whatever its instant", () => {
    const given = PolicyArbitrary.breaker.chain((policy) =>
      fc.tuple(
        fc.constant(policy),
        BreakerArbitrary.readable(NOW),
        BreakerArbitrary.outcomes(6),
        InstantArbitrary.offset
      )
    )
    fc.assert(
      fc.property(given, ([policy, breaker, outcomes, offset]) => {
        const after = report(policy, breaker, outcomes, NOW + offset)
        if (after.state === "open") {
          assert.ok((after.opensAt ?? 0) >= (breaker.state === "closed" ? 0 : (breaker.opensAt ?? 0)))
          assert.ok((after.openedAt ?? 0) >= (breaker.openedAt ?? 0))
        }
        assert.ok((after.lastFailure ?? 0) >= (breaker.lastFailure ?? 0))
        if (breaker.state === "closed" && after.state === "open") {
          assert.ok((after.opensAt ?? 0) > NOW + offset)
        }
      }),
      { numRuns: 500 }
    )
  })

  it("[BR28] the last failure is the latest, whichever of them is reported last", () => {
    const once = report(standard, initial, "F", NOW)
    assert.deepEqual(
      [1, -1].map((later) => report(standard, once, "F", NOW + later).lastFailure),
      [NOW + 1, NOW]
    )
  })

  it("[BR28] a deadline that a published file left on a closed breaker is none", () => {
    const left = { ...initial, opensAt: NOW + 100 * HOUR }
    assert.equal(report({ ...standard, minimumAttempts: 1 }, left, "F", NOW).opensAt, NOW + HOUR)
  })
})
