import { strict as assert } from "node:assert"
import type { Json } from "@batchbrake/core/json/Json"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import { cut } from "@batchbrake/core/sli/WholeDays"
import { runReport } from "@batchbrake/core/testing/ReportArbitrary"
import { FULL, MIDNIGHT } from "@batchbrake/core/testing/SampleRuns"
import { DAY, MINUTE, startOfDay } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

/** The paths of what is wrong with a report; empty for a good one. */
const faultsOf = (value: Json): ReadonlyArray<string> => {
  const read = RunReportJson.fromJson(value)
  return Result.isFailure(read) ? read.failure.map(({ path }) => path) : []
}
const good = RunReportJson.toJson(FULL)
const result = (more: Record<string, Json>): Json => ({
  ...good,
  attempts: { failed: 0, passed: 1, skipped: 0 },
  results: [{ recipe: "a", status: "passed", ...more }],
  weighted: { failed: 0, passed: 1 }
})

describe("The report of a run", () => {
  it("[ME3] comes back from its JSON as it was", () => {
    fc.assert(
      fc.property(runReport(MIDNIGHT), (report) => {
        const read = RunReportJson.parse(JSON.stringify(RunReportJson.toJson(report)))
        assert.deepEqual(Result.isSuccess(read) ? read.success : read.failure, report)
      })
    )
  })

  it("[ME3] is the same one when it is handed in later, and another one when it says anything else", () => {
    fc.assert(
      fc.property(runReport(MIDNIGHT), fc.nat(DAY), (report, later) => {
        const digest = RunReportJson.digestOf(report)
        assert.equal(RunReportJson.digestOf({ ...report, completedAt: report.completedAt + later }), digest)
        const others: ReadonlyArray<Partial<RunReport>> = [
          { batch: `${report.batch}x` },
          { minutes: { ...report.minutes, other: 1 } },
          { attempts: { ...report.attempts, passed: report.attempts.passed + 1 } }
        ]
        for (const other of others) assert.notEqual(RunReportJson.digestOf({ ...report, ...other }), digest)
      })
    )
  })

  it.each<[string, Json, string]>([
    ["completed before it started", { ...good, started_at: "2026-11-23T05:00:00.124Z" }, "started_at"],
    ["a negative count", { ...good, attempts: { failed: -1, passed: 1, skipped: 0 } }, "attempts.failed"],
    ["half an attempt", { ...good, attempts: { failed: 0.5, passed: 1, skipped: 0 } }, "attempts.failed"],
    ["too many attempts", { ...good, attempts: { failed: 0, passed: 100_001, skipped: 0 } }, "attempts.passed"],
    [
      "passes that results do not add up to",
      { ...good, attempts: { failed: 1, passed: 2, skipped: 1 } },
      "attempts.passed"
    ],
    [
      "failures that results do not add up to",
      { ...good, attempts: { failed: 0, passed: 1, skipped: 1 } },
      "attempts.failed"
    ],
    [
      "skips that results do not add up to",
      { ...good, attempts: { failed: 1, passed: 1, skipped: 2 } },
      "attempts.skipped"
    ],
    [
      "estimates that are fewer than none together",
      { ...good, results: [], attempts: { failed: 1, passed: 1, skipped: 0 }, weighted: { failed: 10, passed: -11 } },
      "weighted.passed"
    ],
    [
      "an estimate of failures where none failed",
      { ...good, results: [], attempts: { failed: 0, passed: 1, skipped: 0 }, weighted: { failed: 1, passed: 1 } },
      "weighted.failed"
    ],
    [
      "an estimate of nothing at all",
      { ...good, results: [], attempts: { failed: 0, passed: 0, skipped: 1 }, weighted: { failed: 0, passed: 1 } },
      "weighted.passed"
    ],
    ["weights that results do not add up to", { ...good, weighted: { failed: 10, passed: 3 } }, "weighted.passed"],
    ["an ecosystem of 10,000 characters", { ...good, ecosystem: "x".repeat(10_000) }, "ecosystem"],
    ["an ecosystem that is SQL", { ...good, ecosystem: "npm'; DROP TABLE batch_runs; --" }, "ecosystem"],
    ["a run key with a line end", { ...good, run_key: "a\nb" }, "run_key"],
    ["a platform that is no name", { ...good, minutes: { "Mac OS": 1 } }, 'minutes["Mac OS"]'],
    ["minutes below zero", { ...good, minutes: { macos: -1 } }, "minutes.macos"],
    ["a time that is none", { ...good, completed_at: "yesterday" }, "completed_at"],
    ["no time", { ...good, completed_at: null }, "completed_at"],
    ["an unknown key", { ...good, weigth: 1 }, "weigth"],
    ["an unknown status", result({ status: "maybe" }), "results[0].status"],
    [
      "a recipe twice",
      {
        ...good,
        results: [
          { recipe: "a", status: "passed" },
          { recipe: "a", status: "passed" }
        ],
        attempts: { failed: 0, passed: 1, skipped: 0 }
      },
      "results[1].recipe"
    ],
    ["a recipe without a name", result({ recipe: "" }), "results[0].recipe"],
    ["a text with U+0000", result({ message: "a\u0000b" }), "results[0].message"],
    ["half a character", result({ category: "\ud800" }), "results[0].category"],
    ["a message that is a book", result({ message: "x".repeat(2001) }), "results[0].message"],
    ["a weight below zero", result({ weight: -1 }), "results[0].weight"],
    ["a weight of zero", result({ weight: 0 }), "results[0].weight"],
    ["a weight of less than itself", result({ weight: 0.999 }), "results[0].weight"],
    ["a weight past all bounds", result({ weight: 1e10 }), "results[0].weight"],
    ["a duration below zero", result({ duration_seconds: -1 }), "results[0].duration_seconds"]
  ])("[ME4] with %s is refused, and the place is named", (_, value, path) => {
    assert.ok(faultsOf(value).includes(path), `${faultsOf(value)} lacks ${path}`)
  })

  it("[ME4] with 32 platforms is taken, and with 33 refused", () => {
    const platforms = (count: number): Json => ({
      ...good,
      attempts: { failed: 0, passed: 1, skipped: 0 },
      minutes: { "platform-0": 1 },
      results: Array.from({ length: count }, (_, place) => ({
        platform: `platform-${place}`,
        recipe: "a",
        status: "passed"
      })),
      weighted: { failed: 0, passed: 1 }
    })
    assert.deepEqual([faultsOf(platforms(32)), faultsOf(platforms(33))], [[], ["results"]])
  })

  it("[ME4] with bounds that are just kept is taken", () => {
    const ended = { ...good, started_at: good.completed_at ?? null }
    for (const value of [
      good,
      ended,
      result({ message: "x".repeat(2000) }),
      result({ weight: 1, duration_seconds: 0 })
    ])
      assert.deepEqual(faultsOf(value), [])
  })

  it("[ME4] of a clock that runs more than five minutes ahead gives itself away; behind, it may be a late one", () => {
    const ahead = (by: number): number => RunReportJson.aheadOf(FULL, FULL.completedAt - by).length
    assert.deepEqual([ahead(5 * MINUTE), ahead(5 * MINUTE + 1), ahead(-DAY)], [0, 1, 0])
  })

  it("[ME4] damaged anywhere is refused or still a good one, and never fails otherwise", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<Json>(-1, 1e300, "", null, [], {}, "\u0000", "x".repeat(10_000))
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good)), odd, (key, value) => {
        const read = RunReportJson.fromJson({ ...good, [key]: value as Json })
        if (Result.isSuccess(read)) assert.deepEqual(RunReportJson.faultsOf(read.success), [])
        else assert.ok(read.failure.every(({ expected }) => expected !== ""))
      })
    )
  })
})

describe("The sums of a run", () => {
  const counted = ({ failed, passed, skipped }: ReturnType<typeof RunSums.add>): number =>
    failed.count + passed.count + skipped

  it("[ME1] count each recipe once for all platforms, and each result once for its own", () => {
    fc.assert(
      fc.property(runReport(MIDNIGHT), (report) => {
        const sums = RunSums.sumsOf(report)
        const { failed, passed, skipped } = report.attempts
        const all = sums.get(RunSums.ALL) ?? RunSums.none
        assert.deepEqual([all.passed.count, all.failed.count, all.skipped], [passed, failed, skipped])
        assert.equal(all.vacuousRuns, passed + failed === 0 ? 1 : 0)
        const named = report.results.filter(({ platform }) => platform !== undefined).length
        const platforms = [...sums].filter(([platform]) => platform !== RunSums.ALL)
        assert.equal(
          platforms.reduce((sum, [, totals]) => sum + counted(totals), 0),
          named
        )
        const timed = report.results.filter(({ durationSeconds }) => durationSeconds !== undefined).length
        assert.equal(
          all.latency.reduce((sum, count) => sum + count, 0),
          timed
        )
      })
    )
  })

  it("[ME1] of a recipe that failed in a sample take the failures it stands for from the passes", () => {
    const all = RunSums.sumsOf(FULL).get(RunSums.ALL) ?? RunSums.none
    assert.deepEqual(all.failed, { count: 1, weight: 10, weightSquared: 150 })
    assert.deepEqual(all.passed, { count: 1, weight: 2.5 - 9, weightSquared: 6.25 + 3 * 81 })
  })

  it("[ME1] of bare counts take every weight as equal", () => {
    const bare: RunReport = {
      ...FULL,
      attempts: { failed: 0, passed: 4, skipped: 0 },
      results: [],
      weighted: { failed: 0, passed: 10 }
    }
    const all = RunSums.sumsOf(bare).get(RunSums.ALL) ?? RunSums.none
    assert.deepEqual(all.passed, { count: 4, weight: 10, weightSquared: 25 })
  })
})

describe("A span", () => {
  it("[ME1] is cut into whole days and two ends, without a gap and without an overlap", () => {
    const instant = fc.oneof(
      fc.integer({ max: MIDNIGHT + 4 * DAY, min: MIDNIGHT - DAY }),
      fc.integer({ max: 4, min: -1 }).map((day) => MIDNIGHT + day * DAY)
    )
    fc.assert(
      fc.property(instant, instant, (from, until) => {
        const { days, ends } = cut({ from, until })
        const [first, last] = ends
        const length = (part: { from: number; until: number }): number => Math.max(0, part.until - part.from)
        assert.equal(length(first) + length(days) + length(last), Math.max(0, until - from))
        assert.equal(days.from % DAY, 0)
        assert.equal(days.until % DAY, 0)
        // No whole day is left to the ends, of which runs would have to be read, and may have been pruned.
        for (const end of ends) assert.ok(startOfDay(end.from + DAY - 1) + DAY > end.until)
        if (length(days) > 0)
          assert.deepEqual([first.from, first.until, last.from, last.until], [from, days.from, days.until, until])
      })
    )
  })
})
