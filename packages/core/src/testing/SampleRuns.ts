/** Runs to try a metrics store with, and what they come to when they are counted one by one. */
import type { Span } from "../port/MetricsStore.ts"
import type { RecipeResult, RunReport } from "../sli/RunReport.ts"
import * as RunSums from "../sli/RunSums.ts"
import type { Totals } from "../sli/Totals.ts"
import { DAY, HOUR } from "../time/Instant.ts"

/** 2026-11-23T00:00:00Z, a midnight. */
export const MIDNIGHT = 1_795_392_000_000
/** From 1970 to 2100. */
export const ALWAYS: Span = { from: 0, until: 4_102_444_800_000 }

/** A result of a recipe, without anything that need not be said. */
export const result = (
  recipe: string,
  status: RecipeResult["status"],
  more: Partial<RecipeResult> = {}
): RecipeResult => ({
  category: undefined,
  durationSeconds: undefined,
  message: undefined,
  platform: undefined,
  recipe,
  status,
  weight: 1,
  ...more
})

/** A report of three passed and one failed, in counts. */
export const report = (runKey: string, completedAt: number, more: Partial<RunReport> = {}): RunReport => ({
  attempts: { failed: 1, passed: 3, skipped: 0 },
  batch: undefined,
  completedAt,
  ecosystem: "npm",
  minutes: {},
  results: [],
  runKey,
  startedAt: undefined,
  weighted: undefined,
  ...more
})

/** A report with results on two platforms, weights, durations and minutes on a third. */
export const FULL = report("4711-1-npm", MIDNIGHT + 5 * HOUR + 123, {
  attempts: { failed: 1, passed: 1, skipped: 1 },
  batch: "2026-11-23-001",
  minutes: { linux: 7, macos: 13, windows: 2 },
  results: [
    result("a", "passed", { durationSeconds: 1, platform: "linux" }),
    result("a", "failed", {
      category: "network",
      durationSeconds: 90.5,
      message: "timed\nout",
      platform: "macos",
      weight: 10
    }),
    result("b", "passed", { durationSeconds: 4000, platform: "linux", weight: 2.5 }),
    result("c", "skipped", { platform: "macos" })
  ],
  startedAt: MIDNIGHT + 4 * HOUR,
  weighted: { failed: 10, passed: -6.5 }
})

/** In the order of the keys. */
export const entriesOf = <A>(map: ReadonlyMap<string, A>): ReadonlyArray<readonly [string, A]> =>
  [...map].sort(([left], [right]) => (left < right ? -1 : 1))

/** Sums of weights come in any order, and so may differ in their last digits. */
const rounded = (totals: Totals): unknown => {
  const round = (value: number): number => Number(value.toPrecision(12))
  const each = ({ count, weight, weightSquared }: Totals["passed"]): unknown => [
    count,
    round(weight),
    round(weightSquared)
  ]
  const { failed, latency, minutes, passed, runs, skipped, vacuousRuns } = totals
  return [runs, vacuousRuns, each(passed), each(failed), skipped, latency, entriesOf(new Map(Object.entries(minutes)))]
}
/** Totals as values that can be compared. */
export const plain = (all: ReadonlyMap<string, Totals>): unknown =>
  entriesOf(all).map(([name, sums]) => [name, rounded(sums)])

/** What a list of reports comes to in a span, counted one by one. */
export const expectedTotals = (
  reports: ReadonlyArray<RunReport>,
  { from, until }: Span
): ReadonlyMap<string, Totals> => {
  const sums = new Map<string, Map<string, Totals>>()
  for (const each of reports) {
    if (each.completedAt < from || each.completedAt >= until) continue
    const platforms = sums.get(each.ecosystem) ?? new Map<string, Totals>()
    sums.set(each.ecosystem, platforms)
    for (const [platform, totals] of RunSums.sumsOf(each))
      platforms.set(platform, RunSums.add(platforms.get(platform) ?? RunSums.none, totals))
  }
  return RunSums.together(sums)
}

/** Runs on four days, some at midnight to the millisecond, of two ecosystems and three platforms, vacuous ones too. */
export const MANY: ReadonlyArray<RunReport> = Array.from({ length: 48 }, (_, index) => {
  const offsets = [0, -1, 1, 2 * HOUR, 13 * HOUR + 7, DAY - 1]
  const ecosystem = index % 3 === 0 ? "homebrew" : "npm"
  const completedAt = MIDNIGHT + Math.floor(index / 12) * DAY + (offsets[index % 6] ?? 0)
  if (index % 7 === 0) {
    const attempts = { failed: 0, passed: 0, skipped: 2 }
    return report(`run-${index}`, completedAt, { attempts, ecosystem, minutes: { linux: index } })
  }
  const results = Array.from({ length: (index % 5) + 1 }, (_unused, place) =>
    result(`recipe-${place}`, place % 3 === 0 ? "failed" : "passed", {
      durationSeconds: (index * 37 + place * 101) % 4000,
      ...(place === 0 ? {} : { platform: place % 2 === 0 ? "macos" : "linux" }),
      weight: 1 + (index % 4) / 3
    })
  )
  const failed = results.filter(({ status }) => status === "failed").length
  const attempts = { failed, passed: results.length - failed, skipped: 0 }
  return report(`run-${index}`, completedAt, { attempts, ecosystem, minutes: { macos: index % 4 }, results })
})

/** Spans with ends at, before and after midnight, empty ones and one that runs backwards. */
export const SPANS: ReadonlyArray<Span> = [
  ALWAYS,
  { from: MIDNIGHT, until: MIDNIGHT + DAY },
  { from: MIDNIGHT + 1, until: MIDNIGHT + DAY },
  { from: MIDNIGHT - 1, until: MIDNIGHT + 2 * DAY + 1 },
  { from: MIDNIGHT + 2 * HOUR, until: MIDNIGHT + 3 * DAY + 2 * HOUR },
  { from: MIDNIGHT + DAY - 2 * HOUR, until: MIDNIGHT + DAY + 2 * HOUR },
  { from: MIDNIGHT + 2 * HOUR, until: MIDNIGHT + 2 * HOUR + 1 },
  { from: MIDNIGHT + 3 * HOUR, until: MIDNIGHT + 3 * HOUR },
  { from: MIDNIGHT + 2 * DAY, until: MIDNIGHT }
]

/** A text that is hostile to whoever builds SQL, or a page, out of texts. */
export const SQL = `'); DROP TABLE batch_runs; --" \\ %s ?1 \u202e grün 漢字 😀`
