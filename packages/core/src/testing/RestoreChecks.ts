/** What every metrics store promises of runs that were restored from the control branch. */
import type { RunReport } from "../sli/RunReport.ts"
import { DAY, HOUR } from "../time/Instant.ts"
import { same } from "./Contract.ts"
import { check, type MetricsCheck } from "./MetricsCheck.ts"
import { ALWAYS, entriesOf, expectedTotals, FULL, MANY, MIDNIGHT, plain, report, result } from "./SampleRuns.ts"

/** As the control branch has it. */
const withoutResults = (full: RunReport): RunReport => ({ ...full, results: [] })

/** A weight next to which small ones are rounded away. */
const HEAVY = report("heavy", MIDNIGHT + HOUR, {
  attempts: { failed: 0, passed: 2, skipped: 0 },
  results: [result("a", "passed", { platform: "linux", weight: 9e8 }), result("b", "passed", { weight: 1e8 })],
  weighted: { failed: 0, passed: 1e9 }
})

export const restoring: ReadonlyArray<MetricsCheck> = [
  check("A restored run gives way to its own report, and the sums are those of the report alone", function* (store) {
    const all = [...MANY, FULL, HEAVY]
    const restored = all.map(withoutResults)
    yield* same("what was restored", [...new Set(yield* store.restore(restored))], ["stored"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals(restored, ALWAYS)))
    const expected = all.map(({ results }) => (results.length === 0 ? "known" : "stored"))
    yield* same("the intake", yield* store.ingest(all), expected)
    for (const span of [
      ALWAYS,
      { from: MIDNIGHT, until: MIDNIGHT + DAY },
      { from: MIDNIGHT + 1, until: MIDNIGHT + DAY }
    ])
      yield* same("totals then", plain(yield* store.totals(span)), plain(expectedTotals(all, span)))
    const linux = (yield* store.platformTotals(ALWAYS)).get("npm")?.get("linux")?.passed
    const counted = expectedTotals(all, ALWAYS)
    yield* same("a platform has its results", (linux?.count ?? 0) > 0 && counted.size > 0, true)
    yield* same("runs", (yield* store.runs({ ecosystem: undefined, limit: 1000, span: ALWAYS })).length, all.length)
    yield* same("the same again", [...new Set(yield* store.ingest(all))], ["known"])
    yield* same("totals still", plain(yield* store.totals(ALWAYS)), plain(expectedTotals(all, ALWAYS)))
  }),
  check("It does so with what else its report says, at the time that was restored", function* (store) {
    yield* store.restore([{ ...withoutResults(FULL), batch: undefined, minutes: { windows: 1 }, startedAt: undefined }])
    yield* same("the intake", yield* store.ingest([{ ...FULL, completedAt: FULL.completedAt + 2 * DAY }]), ["stored"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
    const [row] = yield* store.runs({ ecosystem: "npm", limit: 1, span: ALWAYS })
    yield* same(
      "the row",
      [row?.batch, row?.startedAt, row?.completedAt, entriesOf(new Map(Object.entries(row?.minutes ?? {})))],
      [FULL.batch, FULL.startedAt, FULL.completedAt, Object.entries(FULL.minutes)]
    )
  }),
  check("It does so too where its report states a time from before what was pruned", function* (store) {
    yield* store.prune(MIDNIGHT)
    yield* store.restore([withoutResults(FULL)])
    const early = { ...FULL, completedAt: MIDNIGHT - DAY, startedAt: undefined }
    yield* same("the intake", yield* store.ingest([early]), ["stored"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
  }),
  check("It does not give way to other counts, nor twice, nor does a report give way to it", function* (store) {
    const restored = withoutResults(FULL)
    yield* store.restore([restored])
    const other = { ...FULL, attempts: { failed: 1, passed: 2, skipped: 0 }, results: [], weighted: undefined }
    yield* same("other counts", yield* store.ingest([other]), ["conflict"])
    yield* same("restored again", yield* store.restore([restored, other]), ["known", "conflict"])
    yield* same("its own", yield* store.ingest([FULL]), ["stored"])
    yield* same("another one", yield* store.ingest([{ ...FULL, batch: "2026-11-23-999" }]), ["conflict"])
    yield* same("restored over it", yield* store.restore([restored, other]), ["known", "conflict"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([FULL], ALWAYS)))
    const [counts, more] = [report("counts", MIDNIGHT), report("counts", MIDNIGHT, { batch: "2026-11-23-001" })]
    yield* store.restore([counts])
    yield* same("a report that says the same", yield* store.ingest([counts, more]), ["known", "conflict"])
  }),
  check("What was pruned is not restored, and no report takes its place", function* (store) {
    yield* store.restore([withoutResults(FULL)])
    yield* store.prune(FULL.completedAt + DAY)
    yield* same("restored", yield* store.restore([withoutResults(FULL)]), ["too-old"])
    yield* same("the report", yield* store.ingest([FULL]), ["too-old"])
    yield* same("totals", plain(yield* store.totals(ALWAYS)), plain(expectedTotals([withoutResults(FULL)], ALWAYS)))
  })
]
