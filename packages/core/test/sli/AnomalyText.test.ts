import { strict as assert } from "node:assert"
import * as Anomaly from "@batchbrake/core/sli/Anomaly"
import * as Latency from "@batchbrake/core/sli/Latency"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import type { Totals } from "@batchbrake/core/sli/Totals"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { counted, NOW, totals } from "./figures.ts"

const look = (more: Partial<Anomaly.Seen>): Anomaly.Found =>
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
const said = (more: Partial<Anomaly.Seen>): ReadonlyArray<string> =>
  look(more).anomalies.map(({ kind, message }) => `${kind}: ${message}`)
const impossible = (more: Partial<Totals>): ReadonlyArray<string> => said({ window: totals(108, 12, more) })

const timed = (seconds: number, count: number, more: ReadonlyArray<number> = Latency.EMPTY): ReadonlyArray<number> =>
  more.map((before, bucket) => before + (bucket === Latency.bucketOf(seconds) ? count : 0))
const run = (more: Partial<Anomaly.ListedRun>): Anomaly.ListedRun => ({
  completedAt: NOW,
  failed: 0,
  passed: 1,
  runKey: "4711-1-npm",
  skipped: 0,
  startedAt: NOW - HOUR,
  ...more
})

describe("What is said of a jump", () => {
  it("is what it went from and to", () => {
    assert.deepEqual(said({ before: totals(900, 100), recent: totals(10, 10) }), [
      "rate-jump: the success rate went from 90.0 % to 50.0 % within a day"
    ])
    const before = { ...totals(90, 10), latency: timed(40, 75, timed(200, 25)) }
    const recent = { ...totals(18, 2), latency: timed(40, 2, timed(200, 18)) }
    assert.deepEqual(said({ before, recent }), [
      "duration-jump: the share of validations that take over 45 s went from 25.0 % to 90.0 % within a day"
    ])
  })

  it("counts what took longer than every bound as longer than the last one", () => {
    const before = { ...totals(90, 10), latency: timed(1e6, 100) }
    const recent = { ...totals(18, 2), latency: timed(1, 20) }
    assert.deepEqual(said({ before, recent }), [
      "duration-jump: the share of validations that take over 3600 s went from 100.0 % to 0.0 % within a day"
    ])
  })

  it("is nothing where nothing was before, and something with just the minimum before", () => {
    const recent = { ...totals(20, 0), latency: timed(40, 20) }
    const unsaid = (before: Totals) => look({ before, recent }).unsaid
    assert.deepEqual(unsaid(totals(0, 0)), ["rate-jump", "duration-jump"])
    assert.deepEqual(unsaid({ ...totals(20, 0), latency: timed(40, 20) }), [])
    assert.deepEqual(unsaid({ ...totals(20, 0), latency: timed(40, 19) }), ["duration-jump"])
    assert.deepEqual(look({ minimumAttempts: 0 }).unsaid, ["duration-jump"])
  })

  it("is none between equal rates, however little doubt is left", () => {
    const same = { attempts: 10, rate: 0.5 }
    assert.ok(!Anomaly.differ(same, same, 0))
    assert.ok(
      Anomaly.differ(same, { attempts: 10, rate: 0.6 }, 0) && Anomaly.differ({ attempts: 10, rate: 0.6 }, same, 0)
    )
  })
})

describe("What is said of impossible totals", () => {
  it.each<[string, Partial<Totals>]>([
    ["failed is -1; the weights of what was tried do not add up", { failed: counted(-1, 0), passed: counted(108) }],
    ["passed is 10.5", { passed: counted(10.5) }],
    ["22 attempts stand for 17", { passed: counted(10, 0.5) }],
    [
      "120 attempts stand for NaN; the weights of what was tried do not add up",
      { passed: { count: 108, weight: Number.NaN, weightSquared: 108 } }
    ],
    ["the weights of what was tried do not add up", { passed: { count: 108, weight: 108, weightSquared: 107 } }],
    [
      "the weights of what was tried do not add up",
      { passed: { count: 108, weight: 108, weightSquared: Number.POSITIVE_INFINITY } }
    ],
    ["skipped is -1", { skipped: -1 }],
    ["2 of 1 runs had no attempt", { runs: 1, vacuousRuns: 2 }],
    ["-1 of 1 runs had no attempt", { runs: 1, vacuousRuns: -1 }],
    ["121 runs had attempts, and there are fewer attempts", { runs: 130, vacuousRuns: 9 }],
    ["macos used -1 minutes; linux used 0.5 minutes", { minutes: { macos: -1, windows: 0, linux: 0.5 } }],
    ["the histogram of durations has a bucket that counts no attempts", { latency: [1, -1] }],
    ["the histogram of durations has a bucket that counts no attempts", { latency: [1, 0.5] }]
  ])("is: %s", (words, more) => {
    assert.deepEqual(impossible(more), [`impossible-value: ${words}`])
  })

  it.each<[string, Partial<Totals>]>([
    ["only vacuous runs", { runs: 3, vacuousRuns: 3 }],
    ["as many runs as attempts, and vacuous ones beside", { runs: 129, vacuousRuns: 9 }],
    ["platforms and buckets without anything", { latency: [0, 1], minutes: { macos: 0 } }],
    ["weights of one size", { passed: counted(108, 10) }]
  ])("is nothing of %s", (_, more) => {
    assert.deepEqual(impossible(more), [])
  })

  it("is nothing of no runs at all", () => {
    assert.deepEqual(said({ window: RunSums.none }), [])
  })

  it("is of three faults all, and of more the first three", () => {
    const faults = { minutes: { macos: -1 }, skipped: -1, vacuousRuns: -1 }
    const three = "impossible-value: skipped is -1; -1 of 1 runs had no attempt; macos used -1 minutes"
    assert.deepEqual(impossible(faults), [three])
    assert.deepEqual(impossible({ ...faults, latency: [-1] }), [`${three}; and 1 more`])
  })

  it("is of a run its key and what is wrong with it", () => {
    const wrong = [run({ completedAt: NOW + HOUR }), run({ startedAt: NOW + HOUR }), run({ failed: 0.5 })]
    assert.deepEqual(said({ runs: wrong }), [
      "impossible-value: 4711-1-npm completed in the future; 4711-1-npm completed before it started; " +
        "4711-1-npm has attempts that are no counts"
    ])
    for (const count of ["failed", "passed", "skipped"]) assert.equal(said({ runs: [run({ [count]: -1 })] }).length, 1)
    assert.deepEqual(said({ runs: [run({ failed: 0, passed: 0, skipped: 0 })] }), [])
  })
})

describe("What is said of runs", () => {
  it("that no event explains is their keys", () => {
    const words = "unexplained-run: no event of the control branch tells of a; b; c"
    assert.deepEqual(said({ unexplained: ["a", "b", "c"] }), [words])
    assert.deepEqual(said({ unexplained: ["a", "b", "c", "d", "e"] }), [`${words}; and 2 more`])
  })

  it("that never fail is how many there are, those without an attempt aside", () => {
    const words = "and never a failure: is the rate measured behind the step that drops failures?"
    const window = (runs: number, vacuousRuns: number) => totals(50, 0, { runs, vacuousRuns })
    assert.deepEqual(said({ window: window(24, 4) }), [`too-perfect: 50 attempts in 20 runs ${words}`])
    assert.deepEqual(said({ window: window(24, 5) }), [])
  })

  it("that never fail is nothing until luck is as rare as once in twenty times", () => {
    const kinds = look({ objective: 0.05, window: totals(1, 0, { runs: 20 }) }).anomalies.map(({ kind }) => kind)
    assert.ok(kinds.includes("too-perfect"))
  })
})
