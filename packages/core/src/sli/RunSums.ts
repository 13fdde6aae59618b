/** What one run adds to the sums of its day: once for all platforms together, and once for each. */
import * as Minutes from "../budget/Minutes.ts"
import * as Latency from "./Latency.ts"
import { type Attempt, attemptsOf, type RecipeResult, type RunReport } from "./RunReport.ts"
import type { Counted, Totals } from "./Totals.ts"

/** The platform that stands for all of them together. */
export const ALL = ""

const NONE: Counted = { count: 0, weight: 0, weightSquared: 0 }

/** Nothing at all: what sums begin with. */
export const none: Totals = {
  failed: NONE,
  latency: Latency.EMPTY,
  minutes: Minutes.none,
  passed: NONE,
  runs: 0,
  skipped: 0,
  vacuousRuns: 0
}

const addCounted = (left: Counted, right: Counted): Counted => ({
  count: left.count + right.count,
  weight: left.weight + right.weight,
  weightSquared: left.weightSquared + right.weightSquared
})

/** Sums add up field by field. */
export const add = (left: Totals, right: Totals): Totals => ({
  failed: addCounted(left.failed, right.failed),
  latency: Latency.add(left.latency, right.latency),
  minutes: Minutes.add(left.minutes, right.minutes),
  passed: addCounted(left.passed, right.passed),
  runs: left.runs + right.runs,
  skipped: left.skipped + right.skipped,
  vacuousRuns: left.vacuousRuns + right.vacuousRuns
})

const countedOf = (items: ReadonlyArray<Attempt>, wanted: "passed" | "failed"): Counted => ({
  count: items.filter(({ status }) => status === wanted).length,
  weight: items.reduce((sum, { estimate }) => sum + estimate[wanted], 0),
  weightSquared: items.reduce((sum, { estimate }) => sum + estimate[`${wanted}Squared`], 0)
})

/** Of a sum of weights alone: as if all had been equal, which is the least that their squares can come to. */
const evenly = (count: number, weight: number): Counted => ({
  count,
  weight,
  // Failures that only a sample could find take from the passes, also where nothing passed.
  weightSquared: (weight * weight) / Math.max(1, count)
})

const latencyOf = (results: ReadonlyArray<RecipeResult>): ReadonlyArray<number> => {
  const counts = [...Latency.EMPTY]
  for (const { durationSeconds } of results) {
    if (durationSeconds === undefined) continue
    const bucket = Latency.bucketOf(durationSeconds)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return counts
}

const sumOf = (
  counted: Pick<Totals, "passed" | "failed" | "skipped">,
  results: ReadonlyArray<RecipeResult>,
  minutes: Totals["minutes"]
): Totals => ({
  ...counted,
  latency: latencyOf(results),
  minutes,
  runs: 1,
  vacuousRuns: counted.passed.count + counted.failed.count === 0 ? 1 : 0
})

const tallied = (items: ReadonlyArray<Attempt>): Pick<Totals, "passed" | "failed" | "skipped"> => ({
  failed: countedOf(items, "failed"),
  passed: countedOf(items, "passed"),
  skipped: items.filter(({ status }) => status === "skipped").length
})

const ofAll = ({ attempts, results, weighted }: RunReport): Totals =>
  sumOf(
    results.length > 0
      ? tallied(attemptsOf(results))
      : {
          failed: evenly(attempts.failed, weighted?.failed ?? attempts.failed),
          passed: evenly(attempts.passed, weighted?.passed ?? attempts.passed),
          skipped: attempts.skipped
        },
    results,
    Minutes.none
  )

/**
 * Platform -> sums; {@link ALL} counts recipes, a platform's own counts what was tried on it. Minutes stand with their
 * platform only. Results that name no platform are in {@link ALL} alone.
 */
export const sumsOf = (report: RunReport): ReadonlyMap<string, Totals> => {
  const platforms = new Set(Object.keys(report.minutes).filter((platform) => Minutes.of(report.minutes, platform) > 0))
  for (const { platform } of report.results) if (platform !== undefined) platforms.add(platform)
  return new Map([
    [ALL, ofAll(report)],
    ...[...platforms].sort().map((platform): [string, Totals] => {
      const results = report.results.filter((result) => result.platform === platform)
      const minutes = Minutes.of(report.minutes, platform)
      return [
        platform,
        sumOf(tallied(attemptsOf(results)), results, minutes === 0 ? Minutes.none : { [platform]: minutes })
      ]
    })
  ])
}

/** Ecosystem and platform -> sums, made ecosystem -> sums: recipes as {@link ALL} has them, minutes of every platform. */
export const together = (sums: ReadonlyMap<string, ReadonlyMap<string, Totals>>): ReadonlyMap<string, Totals> =>
  new Map(
    [...sums].map(([ecosystem, platforms]): [string, Totals] => {
      const minutes = [...platforms.values()].reduce((all, totals) => Minutes.add(all, totals.minutes), Minutes.none)
      return [ecosystem, { ...(platforms.get(ALL) ?? none), minutes }]
    })
  )
