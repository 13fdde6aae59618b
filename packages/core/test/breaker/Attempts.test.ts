import { strict as assert } from "node:assert"
import * as Attempts from "@batchbrake/core/breaker/Attempts"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const ignored = fc.subarray(["flaky", "network", "upstream", "constructor"])

const failuresIn = (outcomes: string): number => outcomes.replaceAll("P", "").length

describe("Attempts (SPEC.md BR)", () => {
  it("[BR6] of bare counts the i-th is a failure when floor((i+1)·failed/n) exceeds floor(i·failed/n)", () => {
    fc.assert(
      fc.property(BreakerArbitrary.bareCounts, ignored, (counts, categories) => {
        const total = counts.passed + counts.failed
        const literal = [...Array(total).keys()].map((place) =>
          Math.floor(((place + 1) * counts.failed) / total) > Math.floor((place * counts.failed) / total) ? "F" : "P"
        )
        assert.equal(Attempts.counted(counts, categories), literal.join(""))
      }),
      { numRuns: 500 }
    )
  })

  it("[BR6] a spread has every attempt once, and stretches of one length differ by at most one failure", () => {
    fc.assert(
      fc.property(BreakerArbitrary.bareCounts, fc.integer({ max: 12, min: 1 }), (counts, length) => {
        const outcomes = Attempts.counted(counts, [])
        assert.equal(outcomes.length, counts.passed + counts.failed)
        assert.equal(failuresIn(outcomes), counts.failed)
        const stretches = [...Array(Math.max(0, outcomes.length - length + 1)).keys()].map((start) =>
          failuresIn(outcomes.slice(start, start + length))
        )
        assert.ok(stretches.length === 0 || Math.max(...stretches) - Math.min(...stretches) <= 1)
      }),
      { numRuns: 500 }
    )
  })

  it("[BR6] skipped attempts are in no spread and in no order", () => {
    fc.assert(
      fc.property(BreakerArbitrary.bareCounts, BreakerArbitrary.orderedAttempts, (counts, ordered) => {
        assert.equal(Attempts.counted(counts, []), Attempts.counted({ ...counts, skipped: 0 }, []))
        assert.equal(Attempts.counted(ordered, []), ordered.results.replaceAll("S", ""))
        const { failed, passed, skipped } = Attempts.tally(ordered)
        assert.equal(failed + passed + skipped, ordered.results.length)
        assert.equal(failed, failuresIn(Attempts.counted(ordered, [])))
        assert.deepEqual(Attempts.tally(counts), counts)
      })
    )
  })

  it("[BR6] the spread of 19 of 25 passed is the published one", () => {
    assert.equal(Attempts.counted({ failed: 6, passed: 19, skipped: 3 }, []), "PPPPFPPPFPPPFPPPFPPPFPPPF".slice(0, 25))
    assert.equal(Attempts.counted({ failed: 0, passed: 0, skipped: 3 }, []), "")
    assert.equal(Attempts.counted({ failed: 2, passed: 0, skipped: 0 }, []), "FF")
    assert.equal(Attempts.counted({ failed: 1, passed: 1, skipped: 0 }, []), "PF")
  })

  it("[BR13] with bare counts a probe has its failures first, and ordered attempts stay in their order", () => {
    fc.assert(
      fc.property(
        BreakerArbitrary.bareCounts,
        BreakerArbitrary.orderedAttempts,
        ignored,
        (counts, ordered, categories) => {
          assert.equal(
            Attempts.countedForProbe(counts, categories),
            "F".repeat(counts.failed) + "P".repeat(counts.passed)
          )
          assert.equal(Attempts.countedForProbe(ordered, categories), Attempts.counted(ordered, categories))
        }
      )
    )
  })

  it("[BR26] an attempt counts unless it failed in ignored categories only", () => {
    fc.assert(
      fc.property(BreakerArbitrary.orderedAttempts, ignored, (attempts, categories) => {
        const counting = [...attempts.results].filter((letter, place) => {
          const named = Object.entries(attempts.categories).flatMap(([name, places]) =>
            places.includes(place) ? [name] : []
          )
          const isExcused = named.length > 0 && named.every((name) => categories.includes(name))
          return letter === "P" || (letter === "F" && !isExcused)
        })
        assert.equal(Attempts.counted(attempts, categories), counting.join(""))
      }),
      { numRuns: 1000 }
    )
  })

  it("[BR26] a failure without a category counts whatever is ignored, and one in an ignored category does not", () => {
    const counted = (categories: Attempts.OrderedAttempts["categories"]): string =>
      Attempts.counted({ categories, results: "F" }, ["flaky"])
    assert.equal(counted({}), "F")
    assert.equal(counted({ flaky: [0] }), "")
    assert.equal(counted({ network: [0] }), "F")
    assert.equal(counted({ flaky: [0], network: [0] }), "F")
    assert.equal(counted({ flaky: [1] }), "F")
  })

  it("[BR26] a pass counts even where a category stands beside it", () => {
    assert.equal(Attempts.counted({ categories: { flaky: [0, 1] }, results: "PFP" }, ["flaky"]), "PP")
  })
})
