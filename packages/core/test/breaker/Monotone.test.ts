import { strict as assert } from "node:assert"
import * as Attempts from "@batchbrake/core/breaker/Attempts"
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import { monotoneRun } from "@batchbrake/core/testing/laws/monotone"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { keeps } from "../support/keeps.ts"

const base: BreakerPolicy = {
  closeAfter: 1,
  coolDownCapMillis: HOUR,
  coolDownMillis: HOUR,
  coolDownMultiplier: 1,
  ignoreCategories: [],
  minimumAttempts: 1,
  mode: "enforce",
  probeAttempts: 1,
  probeLeaseMillis: HOUR,
  thresholdMillionths: 500_000,
  window: 1
}

const THRESHOLDS = [0, 250_000, 333_333, 333_334, 500_000, 666_667, 750_000, 1_000_000]

const upTo = (last: number, first = 0): ReadonlyArray<number> =>
  [...Array(last - first + 1).keys()].map((index) => index + first)

/** Every text of P and F of a length. */
const texts = (length: number): ReadonlyArray<string> =>
  upTo(2 ** length - 1).map((bits) =>
    upTo(length - 1)
      .map((place) => ((bits >> place) & 1 ? "F" : "P"))
      .join("")
  )

const smallPolicies: ReadonlyArray<BreakerPolicy> = upTo(4, 1).flatMap((window) =>
  upTo(window, 1).flatMap((minimumAttempts) =>
    THRESHOLDS.map((thresholdMillionths) => ({ ...base, minimumAttempts, thresholdMillionths, window }))
  )
)

const opens = (policy: BreakerPolicy, breaker: BreakerState, attempts: Attempts.Attempts): boolean => {
  const outcomes = { closed: Attempts.counted(attempts, []), probe: Attempts.countedForProbe(attempts, []) }
  const standing = { grantedGeneration: breaker.generation, runKey: "run" }
  return Breaker.settle(policy, breaker, standing, outcomes, 1).state.state === "open"
}

const bare = (passed: number, failed: number): Attempts.BareCounts => ({ failed, passed, skipped: 0 })
const ordered = (results: string): Attempts.OrderedAttempts => ({ categories: {}, results })

const windowsOf = (policy: BreakerPolicy): ReadonlyArray<BreakerState> =>
  upTo(policy.window)
    .flatMap(texts)
    .map((window) => ({ ...initial, window }))

const probing: BreakerState = { ...initial, probe: { expiresAt: 2, runKey: "run", unknown: {} }, state: "half-open" }

describe("Breaker (SPEC.md BR)", () => {
  it("[BR31] a failure in place of a pass never saves an ordered run from its trip: every small window and run", () => {
    for (const policy of smallPolicies) {
      for (const breaker of windowsOf(policy)) {
        for (const results of upTo(5, 1).flatMap(texts)) {
          if (!opens(policy, breaker, ordered(results))) continue
          for (const place of upTo(results.length - 1)) {
            const worse = `${results.slice(0, place)}F${results.slice(place + 1)}`
            if (!opens(policy, breaker, ordered(worse))) assert.fail(`${breaker.window} ${results} ${worse}`)
          }
        }
      }
    }
  })

  it("[BR31] nor a run of bare counts: every small window, and up to fourteen attempts", () => {
    for (const policy of smallPolicies) {
      for (const breaker of windowsOf(policy)) {
        for (const total of upTo(14, 1)) {
          const trips = upTo(total).map((failed) => opens(policy, breaker, bare(total - failed, failed)))
          assert.deepEqual(
            trips,
            [...trips].sort((left, right) => Number(left) - Number(right))
          )
        }
      }
    }
  })

  it("[BR31] nor a probe, ordered or not", () => {
    for (const probeAttempts of upTo(4, 1)) {
      const policy = { ...base, closeAfter: 2, probeAttempts }
      for (const results of upTo(6, 1).flatMap(texts)) {
        for (const place of upTo(results.length - 1)) {
          const worse = `${results.slice(0, place)}F${results.slice(place + 1)}`
          assert.ok(!opens(policy, probing, ordered(results)) || opens(policy, probing, ordered(worse)))
        }
      }
      for (const total of upTo(8, 1)) {
        const trips = upTo(total).map((failed) => opens(policy, probing, bare(total - failed, failed)))
        assert.deepEqual(trips, [false, ...upTo(total - 1).map(() => true)])
      }
    }
  })

  it("[BR31] nor a run of any size under any policy", () => {
    keeps(monotoneRun, { leastTried: 500, numRuns: 2000 })
  })

  it("[BR6] 19 of 25 does not trip at 50 % with a window of ten, from nothing or behind passes; 12 of 25 does", () => {
    const policy = { ...base, minimumAttempts: 10, window: 10 }
    for (const window of ["", "PPPPPPPPPP", "PPPPPFPPPP"]) {
      assert.ok(!opens(policy, { ...initial, window }, bare(19, 6)))
      assert.ok(!opens(policy, { ...initial, window }, bare(13, 12)))
      assert.ok(opens(policy, { ...initial, window }, bare(12, 13)))
    }
    assert.ok(opens(policy, initial, ordered("FFFFFFPPPPPPPPPPPPPPPPPPP")))
  })
})
