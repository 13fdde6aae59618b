/**
 * What every metrics store promises, as checks that any test framework can run: each needs a store of its own that is
 * empty, and succeeds, or fails saying what was broken.
 */
import * as Effect from "effect/Effect"
import type { Ingested } from "../port/MetricsStore.ts"
import type { RunReport } from "../sli/RunReport.ts"
import type { Totals } from "../sli/Totals.ts"
import { outward } from "../sli/WholeDays.ts"
import { DAY, HOUR, MINUTE } from "../time/Instant.ts"
import { failsWith, same } from "./Contract.ts"
import { check, type MetricsCheck } from "./MetricsCheck.ts"
import { restoring } from "./RestoreChecks.ts"
import {
  ALWAYS,
  entriesOf,
  expectedTotals,
  FULL,
  MANY,
  MIDNIGHT,
  plain,
  report,
  result,
  SPANS,
  SQL
} from "./SampleRuns.ts"

const STORED: ReadonlyArray<Ingested> = ["stored"]

const intake: ReadonlyArray<MetricsCheck> = [
  check("An empty store answers with nothing", function* (store) {
    yield* same("totals", plain(yield* store.totals(ALWAYS)), [])
    yield* same("platforms", entriesOf(yield* store.platformTotals(ALWAYS)), [])
    yield* same("runs", yield* store.runs({ ecosystem: undefined, limit: 10, span: ALWAYS }), [])
    yield* same("nothing handed in", yield* store.ingest([]), [])
  }),
  check("A run comes back as it was handed in, to the millisecond", function* (store) {
    yield* same("the intake", yield* store.ingest([FULL]), STORED)
    const [row] = yield* store.runs({ ecosystem: "npm", limit: 10, span: ALWAYS })
    const { attempts, batch, completedAt, ecosystem, minutes, runKey, startedAt } = FULL
    const { failed, passed, skipped } = attempts
    yield* same(
      "the row",
      [
        row?.runKey,
        row?.ecosystem,
        row?.batch,
        row?.startedAt,
        row?.completedAt,
        row?.passed,
        row?.failed,
        row?.skipped
      ],
      [runKey, ecosystem, batch, startedAt, completedAt, passed, failed, skipped]
    )
    yield* same("its minutes", entriesOf(new Map(Object.entries(row?.minutes ?? {}))), Object.entries(minutes))
  }),
  check("A run that is handed in twice counts once, also where it was completed at another time", function* (store) {
    yield* store.ingest([FULL])
    const again = [FULL, { ...FULL, completedAt: FULL.completedAt + 2 * DAY }]
    yield* same("the second intake", yield* store.ingest(again), ["known", "known"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
  }),
  check("A run that says something else under a known key is left out", function* (store) {
    yield* store.ingest([FULL])
    const other = report(FULL.runKey, FULL.completedAt)
    yield* same("the intake", yield* store.ingest([other]), ["conflict"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
  }),
  check("A key belongs to its ecosystem: another one may use the same", function* (store) {
    const both = [report("shared", MIDNIGHT), report("shared", MIDNIGHT, { ecosystem: "crates.io" })]
    yield* same("the intake", yield* store.ingest(both), ["stored", "stored"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals(both, ALWAYS)))
  }),
  check("Doubles within one intake count once", function* (store) {
    const [one, other] = [report("twice", MIDNIGHT), report("twice", MIDNIGHT, { batch: "2026-11-23-002" })]
    yield* same("the intake", yield* store.ingest([one, one, other]), ["stored", "known", "conflict"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([one], ALWAYS)))
  }),
  check("Of those who hand the same run in at once, one stores it and it counts once", function* (store) {
    const writers = Array.from({ length: 4 }, () => store.ingest([FULL]))
    const answers = (yield* Effect.all(writers, { concurrency: "unbounded" })).flat()
    yield* same("the answers", [...answers].sort(), ["known", "known", "known", "stored"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
  }),
  check("An unusable run is refused, and nothing that came with it is stored", function* (store) {
    const good = report("good", MIDNIGHT)
    const bad: ReadonlyArray<Partial<RunReport>> = [
      { startedAt: MIDNIGHT + MINUTE },
      { attempts: { failed: -1, passed: 1, skipped: 0 } },
      { attempts: { failed: 0.5, passed: 1, skipped: 0 } },
      { attempts: { failed: 0, passed: 2, skipped: 0 }, results: [result("a", "passed")] },
      { attempts: { failed: 0, passed: 1, skipped: 0 }, results: [result("a", "passed"), result("a", "passed")] },
      { weighted: { failed: Number.NaN, passed: 3 } },
      { ecosystem: "x".repeat(10_000) },
      { ecosystem: "npm'; DROP TABLE batch_runs; --" },
      { minutes: { macos: -1 } },
      { completedAt: Number.NaN },
      { runKey: "a\nb" }
    ]
    for (const each of bad) yield* failsWith("the intake", store.ingest([good, { ...good, ...each }]), "RunUnusable")
    yield* same("totals", plain(yield* store.totals(ALWAYS)), [])
  })
]

const sums: ReadonlyArray<MetricsCheck> = [
  check("Totals are exact for every span, at its first instant and before its last", function* (store) {
    yield* store.ingest(MANY)
    for (const span of SPANS) {
      const totals = plain(yield* store.totals(span))
      yield* same(`totals from ${span.from} to ${span.until}`, totals, plain(expectedTotals(MANY, span)))
    }
  }),
  check("A platform's totals count what was tried on it", function* (store) {
    yield* store.ingest([FULL])
    const platforms = (yield* store.platformTotals(ALWAYS)).get("npm") ?? new Map<string, Totals>()
    const counts = entriesOf(platforms).map(([name, { failed, minutes, passed, skipped, vacuousRuns }]) => [
      ...[name, passed.count, failed.count, skipped, vacuousRuns],
      minutes[name]
    ])
    yield* same("the platforms", counts, [
      ["linux", 2, 0, 0, 0, 7],
      ["macos", 0, 1, 1, 0, 13],
      ["windows", 0, 0, 0, 1, 2]
    ])
    yield* same("a weight", platforms.get("macos")?.failed, { count: 1, weight: 10, weightSquared: 100 })
  }),
  check("Runs are listed newest first, by ecosystem, within a span, and no more than asked for", function* (store) {
    yield* store.ingest(MANY)
    const span = { from: MIDNIGHT + 1, until: MIDNIGHT + 2 * DAY }
    const listed = yield* store.runs({ ecosystem: "npm", limit: 1000, span })
    const times = MANY.filter(({ ecosystem }) => ecosystem === "npm").map(({ completedAt }) => completedAt)
    const within = times.filter((at) => at >= span.from && at < span.until).sort((left, right) => right - left)
    yield* same(
      "their times",
      listed.map(({ completedAt }) => completedAt),
      within
    )
    yield* same("the first", (yield* store.runs({ ecosystem: "npm", limit: 2, span })).length, 2)
    const all = yield* store.runs({ ecosystem: undefined, limit: 1000, span: ALWAYS })
    yield* same("all", all.length, MANY.length)
  }),
  check("Text that is SQL stays text", function* (store) {
    const results = [result(SQL, "failed", { category: SQL, message: SQL })]
    const attempts = { failed: 1, passed: 0, skipped: 0 }
    const hostile = report("' OR 1=1 --", MIDNIGHT, { attempts, batch: SQL, results })
    yield* same("the intake", yield* store.ingest([hostile]), STORED)
    const [row] = yield* store.runs({ ecosystem: "npm", limit: 1, span: ALWAYS })
    yield* same("the row", [row?.runKey, row?.batch], [hostile.runKey, SQL])
    yield* same("a name that is SQL", yield* store.runs({ ecosystem: SQL, limit: 1, span: ALWAYS }), [])
    yield* store.swapAlerts(0, SQL)
    yield* same("the alerts", yield* store.alerts, { text: SQL, version: 1 })
  }),
  check("A run of thousands of results is stored whole", function* (store) {
    const message = "x".repeat(1000)
    const results = Array.from({ length: 2500 }, (_, place) =>
      result(`recipes/${place}`, place % 2 === 0 ? "failed" : "passed", { message, platform: "linux" })
    )
    const large = report("large", MIDNIGHT, { attempts: { failed: 1250, passed: 1250, skipped: 0 }, results })
    yield* same("the intake", yield* store.ingest([large]), STORED)
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([large], ALWAYS)))
  })
]

const upkeep: ReadonlyArray<MetricsCheck> = [
  check("Pruning takes runs of earlier days and leaves what they came to", function* (store) {
    yield* store.ingest(MANY)
    const horizon = MIDNIGHT + DAY
    const old = MANY.filter(({ completedAt }) => completedAt < horizon)
    yield* same("what went", yield* store.prune(horizon + 5 * HOUR), old.length)
    yield* same("what went again", yield* store.prune(horizon), 0)
    const left = yield* store.runs({ ecosystem: undefined, limit: 1000, span: ALWAYS })
    yield* same("what stays", left.length, MANY.length - old.length)
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals(MANY, ALWAYS)))
  }),
  check("A span whose single runs are gone is counted to whole days, and says from when", function* (store) {
    yield* store.ingest(MANY)
    yield* same("before any pruning", yield* store.horizon, undefined)
    const horizon = MIDNIGHT + 2 * DAY
    yield* store.prune(horizon + HOUR)
    yield* same("the horizon", yield* store.horizon, horizon)
    yield* store.prune(MIDNIGHT)
    yield* same("the horizon, which never moves back", yield* store.horizon, horizon)
    const moments = [-HOUR, 0, HOUR, DAY, DAY + 1, 2 * DAY - 1, 2 * DAY, 2 * DAY + HOUR, 3 * DAY + HOUR]
    for (const from of moments.map((after) => MIDNIGHT + after)) {
      for (const until of moments.map((after) => MIDNIGHT + after)) {
        const whole = outward({ from, until }, horizon)
        const totals = plain(yield* store.totals({ from, until }))
        yield* same(`totals from ${from} to ${until}`, totals, plain(expectedTotals(MANY, whole)))
      }
    }
  }),
  check("What was pruned is not counted again, and a later run is taken in", function* (store) {
    yield* store.ingest(MANY)
    yield* store.prune(MIDNIGHT + DAY)
    const old = MANY.filter(({ completedAt }) => completedAt < MIDNIGHT + DAY)
    const answers = new Set(yield* store.ingest(old))
    yield* same("the intake of pruned ones", [...answers], ["too-old"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals(MANY, ALWAYS)))
    yield* same("one before", yield* store.ingest([report("before", MIDNIGHT + DAY - 1)]), ["too-old"])
    yield* same("one at the horizon", yield* store.ingest([report("at", MIDNIGHT + DAY)]), STORED)
  }),
  check("Alerts are written over by who read the last version, and by nobody else", function* (store) {
    yield* same("at first", yield* store.alerts, { text: "", version: 0 })
    yield* same("a version that never was", yield* store.swapAlerts(3, "x"), false)
    yield* same("the first", yield* store.swapAlerts(0, "one"), true)
    yield* same("the first again", yield* store.swapAlerts(0, "two"), false)
    const writers = ["a", "b", "c"].map((text) => store.swapAlerts(1, text))
    const answers = yield* Effect.all(writers, { concurrency: "unbounded" })
    yield* same("how many of three won", answers.filter((won) => won).length, 1)
    const { text, version } = yield* store.alerts
    yield* same("what stands", [version, text], [2, ["a", "b", "c"][answers.indexOf(true)]])
  })
]

/** All checks. Each runs against a fresh store. */
export const metricsStoreContract: ReadonlyArray<MetricsCheck> = [...intake, ...sums, ...upkeep, ...restoring]
