import { strict as assert } from "node:assert"
import * as Anomaly from "@batchbrake/core/sli/Anomaly"
import * as Latency from "@batchbrake/core/sli/Latency"
import type { Totals } from "@batchbrake/core/sli/Totals"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { counted, NOW, totals } from "./figures.ts"

type Seen = Parameters<typeof Anomaly.find>[0]

const find = (more: Partial<Seen>): ReadonlyArray<Anomaly.Anomaly> => look(more).anomalies
const look = (more: Partial<Seen>): Anomaly.Found =>
  Anomaly.find({
    at: NOW,
    before: totals(90, 10),
    minimumAttempts: 20,
    objective: 0.9,
    recent: totals(18, 2),
    runs: [],
    unexplained: [],
    window: totals(108, 12),
    ...more
  })
const kinds = (more: Partial<Seen>): ReadonlyArray<string> => find(more).map(({ kind }) => kind)

const run = (more: Partial<Anomaly.ListedRun> = {}): Anomaly.ListedRun => ({
  completedAt: NOW,
  failed: 0,
  passed: 1,
  runKey: "4711-1-npm",
  skipped: 0,
  startedAt: NOW - HOUR,
  ...more
})

const timed = (seconds: number, count: number): ReadonlyArray<number> =>
  Latency.EMPTY.map((_, bucket) => (bucket === Latency.bucketOf(seconds) ? count : 0))

describe("Anomaly (SPEC.md AN)", () => {
  it("[AN1] a steady ecosystem has none", () => {
    assert.deepEqual(find({}), [])
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (passed, failed) => {
        const same = totals(passed, failed)
        assert.ok(!kinds({ before: same, recent: same, window: same }).some((kind) => kind.endsWith("jump")))
      })
    )
  })

  it("[AN2] a rate that jumps within a day is flagged, up or down, once the interval of the difference leaves out 0", () => {
    assert.deepEqual(kinds({ before: totals(900, 100), recent: totals(10, 10) }), ["rate-jump"])
    assert.deepEqual(kinds({ before: totals(500, 500), recent: totals(40, 0) }), ["rate-jump"])
    assert.deepEqual(find({ before: totals(900, 100), recent: totals(15, 5) })[0]?.isLikelyOnly, true)
    assert.deepEqual(find({ before: totals(900, 100), recent: totals(10, 10) })[0]?.isLikelyOnly, false)
    assert.deepEqual(kinds({ before: totals(900, 100), recent: totals(0, 19) }), [])
    assert.deepEqual(kinds({ before: totals(900, 100), recent: totals(0, 20) }), ["rate-jump"])
  })

  it("[AN2] the difference is Newcombe's: 56 of 70 and 48 of 80 differ at 95 %, and a rate never differs from itself", () => {
    const [one, other] = [
      { attempts: 70, rate: 56 / 70 },
      { attempts: 80, rate: 48 / 80 }
    ]
    assert.ok(Anomaly.differ(one, other, 1.96) && !Anomaly.differ(one, other))
    fc.assert(
      fc.property(fc.integer({ max: 500, min: 1 }), fc.nat(500), (attempts, part) => {
        const rate = Math.min(part, attempts) / attempts
        assert.ok(!Anomaly.differ({ attempts, rate }, { attempts, rate }, 1.96))
      })
    )
  })

  it("[AN2] with fewer attempts than the minimum on either side nothing is said of jumps, and without a branch of events", () => {
    const timed20 = {
      before: { ...totals(90, 10), latency: timed(40, 20) },
      recent: { ...totals(20, 0), latency: timed(40, 20) }
    }
    assert.deepEqual(look(timed20).unsaid, [])
    assert.deepEqual(look({ ...timed20, recent: { ...totals(19, 0), latency: timed(40, 19) } }).unsaid, [
      "rate-jump",
      "duration-jump"
    ])
    assert.deepEqual(look({ ...timed20, before: { ...totals(19, 0), latency: timed(40, 20) } }).unsaid, ["rate-jump"])
    assert.deepEqual(look({ ...timed20, unexplained: undefined }).unsaid, ["unexplained-run"])
  })

  it("[AN2] validations that suddenly take longer are flagged", () => {
    const [before, recent] = [
      { ...totals(90, 10), latency: timed(40, 100) },
      { ...totals(18, 2), latency: timed(200, 20) }
    ]
    assert.deepEqual(kinds({ before, recent }), ["duration-jump"])
    assert.deepEqual(kinds({ before, recent: { ...recent, latency: timed(44, 20) } }), [])
  })

  const IMPOSSIBLE: ReadonlyArray<readonly [string, Partial<Totals>]> = [
    ["a negative count", { failed: { count: -1, weight: 0, weightSquared: 0 } }],
    ["attempts that stand for fewer items than themselves", { passed: counted(10, 0.5) }],
    [
      "weights whose squares are too small for their sum",
      { passed: { count: 108, weight: 1000, weightSquared: 1000 } }
    ],
    ["no weight at all", { passed: { count: 2, weight: Number.NaN, weightSquared: 2 } }],
    ["more vacuous runs than runs", { runs: 1, vacuousRuns: 2 }],
    ["more runs with attempts than attempts", { failed: counted(1), passed: counted(1), runs: 3 }],
    ["negative minutes", { minutes: { macos: -1 } }],
    ["half a minute", { minutes: { macos: 0.5 } }],
    ["skipped below zero", { skipped: -1 }],
    ["a histogram with a hole", { latency: [-1] }]
  ]
  it.each(IMPOSSIBLE)("[AN3] totals with %s are impossible", (_, more) => {
    assert.deepEqual(kinds({ window: totals(108, 12, more) }), ["impossible-value"])
  })

  it.each<[string, Partial<Anomaly.ListedRun>, Partial<Anomaly.ListedRun>]>([
    ["completed in the future", { completedAt: NOW + 5 * MINUTE + 1 }, { completedAt: NOW + 5 * MINUTE }],
    ["completed before it started", { startedAt: NOW + 5 * MINUTE + 1 }, { startedAt: NOW + 5 * MINUTE }],
    ["has attempts below zero", { passed: -1 }, { startedAt: undefined }]
  ])("[AN3] a run that %s is impossible, give or take five minutes of clock skew", (_, wrong, right) => {
    assert.deepEqual(kinds({ runs: [run(wrong)] }), ["impossible-value"])
    assert.deepEqual(kinds({ runs: [run(right)] }), [])
  })

  it("[AN4] runs that no event explains are flagged by their keys, the first three by name", () => {
    const [found] = find({ unexplained: ["a", "b", "c", "d"] })
    assert.equal(found?.kind, "unexplained-run")
    assert.match(found?.message ?? "", /a; b; c; and 1 more/)
  })

  it("[AN5] a rate of exactly 1 in twenty runs and in more attempts than luck explains asks where it is measured", () => {
    const perfect = (attempts: number, runs: number, objective = 0.9, failed = 0) =>
      kinds({ objective, window: { ...totals(attempts, failed), runs } }).includes("too-perfect")
    assert.ok(perfect(29, 20) && !perfect(28, 20), "0.9^29 is below 1 in 20, 0.9^28 is not")
    assert.ok(!perfect(500, 19) && perfect(500, 20))
    assert.ok(!perfect(500, 20, 0.9, 1))
    assert.ok(!perfect(100_000, 1000, 1), "an objective of 1 asks for just that")
  })
})
