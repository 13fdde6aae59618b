import { strict as assert } from "node:assert"
import type { Of } from "@batchbrake/core/control/ControlEvent"
import * as Latency from "@batchbrake/core/sli/Latency"
import * as RunEvent from "@batchbrake/core/sli/RunEvent"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import type { Totals } from "@batchbrake/core/sli/Totals"
import { cut, outward } from "@batchbrake/core/sli/WholeDays"
import { FULL, MIDNIGHT, report, result } from "@batchbrake/core/testing/SampleRuns"
import { DAY, HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"

/** Sums that are all different, so that none can stand for another. */
const sums = (first: number): Totals => ({
  failed: { count: first, weight: first + 1, weightSquared: first + 2 },
  latency: Latency.EMPTY.map((_, bucket) => first + bucket),
  minutes: { macos: first },
  passed: { count: first + 3, weight: first + 4, weightSquared: first + 5 },
  runs: first + 6,
  skipped: first + 7,
  vacuousRuns: first + 8
})

describe("The sums of runs", () => {
  it("add up field by field, and to themselves with nothing", () => {
    assert.deepEqual(RunSums.add(sums(10), sums(100)), {
      failed: { count: 110, weight: 112, weightSquared: 114 },
      latency: Latency.EMPTY.map((_, bucket) => 110 + 2 * bucket),
      minutes: { macos: 110 },
      passed: { count: 116, weight: 118, weightSquared: 120 },
      runs: 122,
      skipped: 124,
      vacuousRuns: 126
    })
    assert.deepEqual(RunSums.add(RunSums.none, sums(10)), sums(10))
    assert.deepEqual(RunSums.add(sums(10), RunSums.none), sums(10))
  })

  it("are one for all platforms and one for each that has results or minutes, in the order of their names", () => {
    const found = RunSums.sumsOf({ ...FULL, minutes: { linux: 7, other: 0, windows: 2 } })
    assert.deepEqual([...found.keys()], ["", "linux", "macos", "windows"])
    assert.deepEqual(
      [...found.values()].map(({ minutes }) => minutes),
      [{}, { linux: 7 }, {}, { windows: 2 }]
    )
    const timed = (...buckets: ReadonlyArray<number>) =>
      Latency.EMPTY.map((_, bucket) => buckets.filter((one) => one === bucket).length)
    assert.deepEqual(found.get("linux"), {
      failed: { count: 0, weight: 0, weightSquared: 0 },
      latency: timed(0, 20),
      minutes: { linux: 7 },
      passed: { count: 2, weight: 3.5, weightSquared: 7.25 },
      runs: 1,
      skipped: 0,
      vacuousRuns: 0
    })
    assert.deepEqual(found.get("windows"), { ...RunSums.none, minutes: { windows: 2 }, runs: 1, vacuousRuns: 1 })
  })

  it("begin with platforms in order, also where results come in another one", () => {
    const results = ["windows", "linux", "macos"].map((platform) => result("a", "passed", { platform }))
    const found = RunSums.sumsOf(report("1", MIDNIGHT, { attempts: { failed: 0, passed: 1, skipped: 0 }, results }))
    assert.deepEqual([...found.keys()], [RunSums.ALL, "linux", "macos", "windows"])
  })

  it("of bare counts stand for themselves where nothing was sampled", () => {
    assert.deepEqual(RunSums.sumsOf(report("1", MIDNIGHT)).get(""), {
      ...RunSums.none,
      failed: { count: 1, weight: 1, weightSquared: 1 },
      passed: { count: 3, weight: 3, weightSquared: 3 },
      runs: 1
    })
    const none = report("1", MIDNIGHT, {
      attempts: { failed: 1, passed: 0, skipped: 2 },
      weighted: { failed: 10, passed: -9 }
    })
    assert.deepEqual(RunSums.sumsOf(none).get(""), {
      ...RunSums.none,
      failed: { count: 1, weight: 10, weightSquared: 100 },
      passed: { count: 0, weight: -9, weightSquared: 81 },
      runs: 1,
      skipped: 2
    })
  })

  it("of an ecosystem are recipes as all platforms have them, and the minutes of every platform", () => {
    const found = RunSums.together(
      new Map([
        [
          "npm",
          new Map([
            ["", { ...sums(10), minutes: {} }],
            ["linux", sums(20)],
            ["macos", { ...sums(30), minutes: { linux: 5 } }]
          ])
        ],
        ["gem", new Map([["linux", sums(40)]])]
      ])
    )
    assert.deepEqual(
      [...found],
      [
        ["npm", { ...sums(10), minutes: { linux: 5, macos: 20 } }],
        ["gem", { ...RunSums.none, minutes: { macos: 40 } }]
      ]
    )
  })
})

describe("The report of a run as the control branch has it", () => {
  const event: Of<"RunCompleted"> = {
    _tag: "RunCompleted",
    at: MIDNIGHT,
    attempts: { categories: {}, results: "PPFS" },
    author: "ci",
    ecosystem: "npm",
    runKey: "4711-1-npm"
  }
  const bare = {
    attempts: { failed: 1, passed: 2, skipped: 1 },
    batch: undefined,
    completedAt: MIDNIGHT,
    ecosystem: "npm",
    minutes: {},
    results: [],
    runKey: "4711-1-npm",
    startedAt: undefined,
    weighted: undefined
  }

  it("has what the event states, and nothing where nobody states it", () => {
    assert.deepEqual(RunEvent.reportOf(event, undefined), bare)
    const stated = {
      batch: "2026-11-23-001",
      minutes: { macos: 3 },
      startedAt: MIDNIGHT - 1,
      weighted: { failed: 1, passed: 3 }
    }
    assert.deepEqual(RunEvent.reportOf({ ...event, ...stated }, { at: MIDNIGHT - HOUR, batch: "another" }), {
      ...bare,
      ...stated
    })
  })

  it("takes beginning and batch from the claim where the event states none", () => {
    const claim = { at: MIDNIGHT - HOUR, batch: "2026-11-23-001" }
    assert.deepEqual(RunEvent.reportOf(event, claim), { ...bare, batch: claim.batch, startedAt: claim.at })
  })

  it("takes no beginning that is later than the end", () => {
    const began = (startedAt: number) => RunEvent.reportOf({ ...event, startedAt }, undefined).startedAt
    assert.deepEqual([began(MIDNIGHT), began(MIDNIGHT + 1)], [MIDNIGHT, undefined])
    assert.equal(RunEvent.reportOf(event, { at: MIDNIGHT + 1, batch: undefined }).startedAt, undefined)
  })
})

describe("A span of days", () => {
  const NOON = MIDNIGHT + 12 * HOUR

  it("whose single runs are gone goes out to the ends of its days", () => {
    const horizon = MIDNIGHT + 5 * DAY
    const of = (from: number, until: number, edge: number | undefined = horizon) => outward({ from, until }, edge)
    assert.deepEqual(of(NOON, NOON + DAY), { from: MIDNIGHT, until: MIDNIGHT + 2 * DAY })
    assert.deepEqual(of(MIDNIGHT, MIDNIGHT + DAY), { from: MIDNIGHT, until: MIDNIGHT + DAY })
    assert.deepEqual(of(NOON, MIDNIGHT + DAY + 1), { from: MIDNIGHT, until: MIDNIGHT + 2 * DAY })
    // Its own edge is within what is there.
    assert.deepEqual(of(NOON, horizon), { from: MIDNIGHT, until: horizon })
    assert.deepEqual(of(NOON, horizon + 1), { from: MIDNIGHT, until: horizon + 1 })
    assert.deepEqual(of(horizon, horizon + 1), { from: horizon, until: horizon + 1 })
    assert.deepEqual(of(horizon + 1, horizon + 2), { from: horizon + 1, until: horizon + 2 })
  })

  it("stays as it is where it is empty, or every run is there", () => {
    const span = { from: NOON, until: NOON + DAY }
    assert.deepEqual(outward(span, undefined), span)
    const edge = MIDNIGHT + 5 * DAY
    assert.deepEqual(outward({ from: NOON, until: NOON }, edge), { from: NOON, until: NOON })
    assert.deepEqual(outward({ from: NOON, until: NOON - 1 }, edge), { from: NOON, until: NOON - 1 })
    assert.deepEqual(outward({ from: NOON, until: NOON + 1 }, edge), { from: MIDNIGHT, until: MIDNIGHT + DAY })
    assert.deepEqual(outward(span, NOON), span)
    assert.deepEqual(outward(span, NOON + DAY), { from: MIDNIGHT, until: NOON + DAY })
  })

  it("across one midnight is one end and no day", () => {
    const span = { from: NOON, until: NOON + DAY }
    const [midnight, end] = [MIDNIGHT + DAY, { from: NOON + DAY, until: NOON + DAY }]
    assert.deepEqual(cut(span), { days: { from: midnight, until: midnight }, ends: [span, end] })
  })

  it("within a day is an end and no day, and of one day is that day", () => {
    assert.deepEqual(cut({ from: MIDNIGHT + 1, until: MIDNIGHT + DAY }), {
      days: { from: MIDNIGHT + DAY, until: MIDNIGHT + DAY },
      ends: [
        { from: MIDNIGHT + 1, until: MIDNIGHT + DAY },
        { from: MIDNIGHT + DAY, until: MIDNIGHT + DAY }
      ]
    })
    assert.deepEqual(cut({ from: MIDNIGHT, until: MIDNIGHT + DAY + 1 }), {
      days: { from: MIDNIGHT, until: MIDNIGHT + DAY },
      ends: [
        { from: MIDNIGHT, until: MIDNIGHT },
        { from: MIDNIGHT + DAY, until: MIDNIGHT + DAY + 1 }
      ]
    })
  })
})
