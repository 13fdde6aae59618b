import { strict as assert } from "node:assert"
import * as ResultLines from "@batchbrake/core/breaker/ResultLines"
import * as Estimate from "@batchbrake/core/sli/Estimate"
import { attemptsOf, type RecipeResult } from "@batchbrake/core/sli/RunReport"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import * as SuccessRate from "@batchbrake/core/sli/SuccessRate"
import type { Totals } from "@batchbrake/core/sli/Totals"
import { MIDNIGHT, report, result } from "@batchbrake/core/testing/SampleRuns"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { numbersFrom } from "./figures.ts"

interface Platform {
  readonly name: string
  /** At which its validations are kept. */
  readonly rate: number
  /** Of the recipes that pass wherever it stands behind. */
  readonly fails: number
}

const LINUX: Platform = { fails: 0, name: "linux", rate: 1 }

/** What a run reports of these results, as the metrics sum it up. */
const sumsOf = (results: ReadonlyArray<RecipeResult>): Totals => {
  const attempts = attemptsOf(results)
  const count = (status: string): number => attempts.filter((attempt) => attempt.status === status).length
  const counts = { failed: count("failed"), passed: count("passed"), skipped: count("skipped") }
  return RunSums.sumsOf(report("1", MIDNIGHT, { attempts: counts, results })).get(RunSums.ALL) ?? RunSums.none
}

const recipeOf = (next: () => number, recipe: string, platforms: ReadonlyArray<Platform>) =>
  platforms.flatMap(({ fails, name, rate }) => {
    const [isFailed, isKept] = [next() < fails, next() < rate]
    return isKept ? [result(recipe, isFailed ? "failed" : "passed", { platform: name, weight: 1 / rate })] : []
  })

/** A week of runs of 20 recipes each: most of them too small to try anything where only a tenth is tried. */
const week = (next: () => number, recipes: number, platforms: ReadonlyArray<Platform>): Totals => {
  let sums = RunSums.none
  for (let begun = 0; begun < recipes; begun += 20) {
    const results = Array.from({ length: 20 }, (_, place) => recipeOf(next, `recipe-${place}`, platforms)).flat()
    sums = RunSums.add(sums, sumsOf(results))
  }
  return sums
}

/** Passes everywhere: failures on different platforms are independent of each other here. */
const truthOf = (platforms: ReadonlyArray<Platform>): number =>
  platforms.reduce((share, { fails }) => share * (1 - fails), 1)

const sampled = (name: string, rate: number, fails: number): Platform => ({ fails, name, rate })

const simulate = (recipes: number, platforms: ReadonlyArray<Platform>) => {
  const next = numbersFrom(20_261_123)
  const [truth, weeks] = [truthOf(platforms), 250]
  let [held, sum] = [0, 0]
  for (let each = 0; each < weeks; each++) {
    const found = SuccessRate.of(week(next, recipes, platforms))
    if (found === undefined) continue
    sum += found.rate
    if (found.interval.low <= truth && truth <= found.interval.high) held++
  }
  return { bias: sum / weeks - truth, coverage: held / weeks }
}

describe("Estimate (SPEC.md SL)", () => {
  it("[SL13] on the average over what a sample may keep, it is what validating everything would have found", () => {
    const platform = fc.record({ isFailed: fc.boolean(), rate: fc.constantFrom(1, 0.5, 0.2, 0.1) })
    fc.assert(
      fc.property(fc.boolean(), fc.array(platform, { maxLength: 3 }), (failsAlways, others) => {
        let [passed, failed] = [0, 0]
        for (let kept = 0; kept < 2 ** others.length; kept++) {
          const isKept = (_: unknown, place: number): boolean => (kept >> place) % 2 === 1
          const chance = others.reduce((all, { rate }, place) => all * (isKept(rate, place) ? rate : 1 - rate), 1)
          const tried = others.filter(isKept).map(({ isFailed, rate }) => ({ isFailed, weight: 1 / rate }))
          const estimate = Estimate.of([{ isFailed: failsAlways, weight: 1 }, ...tried])
          passed += chance * estimate.passed
          failed += chance * estimate.failed
        }
        const passes = !failsAlways && others.every(({ isFailed }) => !isFailed)
        assert.ok(Math.abs(passed - (passes ? 1 : 0)) < 1e-9 && Math.abs(failed - (passes ? 0 : 1)) < 1e-9)
      })
    )
  })

  it("[SL13] on one platform, or with one weight for all, it is the plain adjusted count", () => {
    const weight = fc.integer({ max: 100, min: 1 })
    fc.assert(
      fc.property(weight, fc.array(fc.boolean(), { maxLength: 4, minLength: 1 }), (each, platforms) => {
        const estimate = Estimate.of(platforms.map((isFailed) => ({ isFailed, weight: each })))
        const [wanted, other] = platforms.includes(true)
          ? (["failed", "passed"] as const)
          : (["passed", "failed"] as const)
        assert.deepEqual([estimate[wanted], estimate[`${wanted}Squared`]], [each, each * each])
        assert.deepEqual([estimate[other], estimate[`${other}Squared`]].map(Math.abs), [0, 0])
      })
    )
    assert.deepEqual(Estimate.of([]), Estimate.NONE)
  })

  it("[SL13] where each tenth of 1,000 recipes that pass on Linux is tried on macOS and half of those fail, half pass", () => {
    const lines = Array.from({ length: 1000 }, (_, place) => [
      { platform: "linux", recipe: `recipe-${place}`, status: "passed" },
      ...(place % 10 === 0
        ? [{ platform: "macos", recipe: `recipe-${place}`, status: place % 20 === 0 ? "failed" : "passed", weight: 10 }]
        : [])
    ]).flat()
    const read = Result.getOrThrow(ResultLines.parse(lines.map((line) => JSON.stringify(line)).join("\n")))
    assert.deepEqual(read.weighted, { failed: 500, passed: 500 })
    const sums = sumsOf(read.results)
    assert.deepEqual(
      [sums.passed.weight, sums.failed.weight, sums.passed.count, sums.failed.count],
      [500, 500, 950, 50]
    )
    assert.equal(SuccessRate.of(sums)?.rate, 0.5)
    // What the control branch kept of it gives the same rate where no metrics survived.
    const attempts = { failed: 50, passed: 950, skipped: 0 }
    const restored = report("1", MIDNIGHT, { attempts, weighted: read.weighted })
    assert.deepEqual(RunReportJson.faultsOf(restored), [])
    assert.equal(SuccessRate.of(RunSums.sumsOf(restored).get(RunSums.ALL) ?? RunSums.none)?.rate, 0.5)
  })

  it("[SL13] of a single recipe that fails in the sample the passes are below 0, and are kept so: the runs add up", () => {
    const one = [result("a", "passed", { platform: "linux" }), result("a", "failed", { platform: "macos", weight: 10 })]
    const sums = sumsOf(one)
    assert.deepEqual([sums.failed.weight, sums.passed.weight, sums.passed.count], [10, -9, 0])
    assert.equal(SuccessRate.of(sums)?.rate, 0)
    assert.ok((SuccessRate.of(sums)?.interval.high ?? 0) > 0.9)
    const attempts = { failed: 1, passed: 0, skipped: 0 }
    const bare = report("1", MIDNIGHT, { attempts, weighted: { failed: 10, passed: -9 } })
    assert.deepEqual(RunReportJson.faultsOf(bare), [])
    assert.equal(RunSums.sumsOf(bare).get(RunSums.ALL)?.passed.weight, -9)
  })

  it.each<[string, number, ReadonlyArray<Platform>]>([
    ["a tenth is tried on macOS and half of it fails", 1000, [LINUX, sampled("macos", 0.1, 0.5)]],
    ["a tenth is tried on macOS and little fails", 1000, [sampled("linux", 1, 0.02), sampled("macos", 0.1, 0.05)]],
    ["a tenth is tried on macOS and much fails on either", 400, [sampled("linux", 1, 0.3), sampled("macos", 0.1, 0.3)]],
    [
      "a tenth is tried on macOS and a fifth on Windows",
      1000,
      [sampled("linux", 1, 0.05), sampled("macos", 0.1, 0.1), sampled("windows", 0.2, 0.1)]
    ]
  ])(
    "[SL6] the interval holds the truth in at least 90 of 100 simulated weeks when %s, and nothing is biased",
    (_, recipes, platforms) => {
      const { bias, coverage } = simulate(recipes, platforms)
      assert.ok(coverage >= 0.9, `${coverage}`)
      assert.ok(Math.abs(bias) < 0.015, `${bias}`)
    }
  )
})
