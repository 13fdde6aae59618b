import { strict as assert } from "node:assert"
import * as Attempts from "@batchbrake/core/breaker/Attempts"
import { initial as initialBreaker } from "@batchbrake/core/breaker/BreakerState"
import { type Control, initial } from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import { decide } from "@batchbrake/core/control/Decision"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Branch from "@batchbrake/core/forecast/Branch"
import type { Run } from "@batchbrake/core/forecast/History"
import type { Unit } from "@batchbrake/core/forecast/Outcomes"
import * as Replay from "@batchbrake/core/forecast/Replay"
import * as Tally from "@batchbrake/core/forecast/Tally"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { runs } from "./histories.ts"

interface Judged {
  readonly decisions: ReadonlyArray<number>
  readonly trips: number
  readonly spent: number
}

/** The same record through the gate and the reducer, as a control branch would have it. */
const reduced = (policy: Policy.Policy, list: ReadonlyArray<Run>): Judged => {
  let control: Control = initial
  let [trips, spent] = [0, 0]
  const decisions = list.map((run, index) => {
    const { at, attempts, ecosystem, minutes } = run
    const own = { at, author: "ci", ecosystem, runKey: `run-${index}` }
    const request = { ...own, batch: undefined, candidates: [], claim: true }
    const { decision, reasons } = decide(policy, control, request, at)
    if (decision === "hold") {
      return reasons.some(({ code }) => code !== "budget-exhausted") ? Branch.HELD : Branch.HELD_BY_BUDGET
    }
    const before = breakerOf(control.file, ecosystem).state
    const events: ReadonlyArray<ControlEvent> = [
      { ...own, _tag: "RunAdmitted" },
      { ...own, _tag: "RunCompleted", attempts, ...(minutes === undefined ? {} : { minutes }) }
    ]
    for (const event of events) control = Result.getOrThrow(reduce(policy, control, event)).control
    const after = breakerOf(control.file, ecosystem).state
    if (before === "closed" && after === "open") trips++
    const stated = minutes === undefined || Object.keys(minutes).length === 0 ? policy.budget.reserve : minutes
    spent += Object.entries(stated)
      .filter(([platform]) => stated !== policy.budget.reserve || Object.hasOwn(policy.budget.caps, platform))
      .reduce((sum, [, count]) => sum + count, 0)
    if (decision === "probe") return after === "closed" ? Branch.CLOSED : Branch.PROBED
    return before === "closed" && after === "open" ? Branch.TRIPPED : Branch.RAN
  })
  return { decisions, spent, trips }
}

const terms = (list: ReadonlyArray<Run>, limits: Readonly<Record<string, number>> = {}): Replay.Terms => ({
  end: list.at(-1)?.at ?? 0,
  limits: new Map(Object.entries(limits)),
  unit: "attempts"
})

const sumOf = ({ courses }: Replay.Replayed): Tally.Bounds =>
  [...courses.values()].map(({ tally }) => tally).reduce(Tally.both, Tally.certain())

const policyWithRuns = (unmade: boolean, maxLength?: number) =>
  PolicyArbitrary.policy.chain((policy) =>
    fc.tuple(fc.constant(policy), runs([...Object.keys(policy.ecosystems), "stranger"], unmade, maxLength))
  )

/** The same with probes that take whole runs, so that it is known what they met. */
const withWholeProbes = (policy: Policy.Policy): Policy.Policy => ({
  ...policy,
  ecosystems: Object.fromEntries(
    Object.entries(policy.ecosystems).map(([name, own]) => [
      name,
      { ...own, breaker: { ...own.breaker, probeAttempts: 1000 } }
    ])
  )
})

const wholly = ([policy, list]: readonly [Policy.Policy, ReadonlyArray<Run>]) =>
  [withWholeProbes(policy), list] as const

/** A record whose held runs took place after all, each with attempts of some number and order and with some minutes. */
const lived = (list: ReadonlyArray<Run>, results: Iterator<string>, uses: Iterator<boolean>): ReadonlyArray<Run> =>
  list.map((run) => {
    if (run.made) return run
    const minutes = uses.next().value === true ? run.minutes : { linux: 0, macos: 0 }
    return { ...run, attempts: { categories: { network: [0, 2] }, results: results.next().value }, made: true, minutes }
  })

const resultsUpTo = (maxLength: number): fc.Arbitrary<Iterator<string>> =>
  fc.infiniteStream(
    fc.oneof(
      fc.string({ maxLength, unit: fc.constantFrom("P", "F") }),
      fc
        .tuple(fc.nat(maxLength), fc.nat(maxLength))
        .map(([passed, all]) => "P".repeat(passed).padEnd(all, "F").slice(0, maxLength))
    )
  )

describe("The replay of recorded runs (SPEC.md BT)", () => {
  it("[BT1] decides about each run as the gate and the reducer do, and trips as often", () => {
    fc.assert(
      fc.property(policyWithRuns(false).map(wholly), ([policy, list]) => {
        const expected = reduced(policy, list)
        const replayed = Replay.replay(policy, list, terms(list))
        assert.deepEqual([...replayed.decisions], expected.decisions)
        const { high, low } = sumOf(replayed)
        assert.deepEqual(low, high)
        assert.equal(low.trips, expected.trips)
        assert.equal(low.minutes, expected.spent)
        assert.equal(low.runsAdmitted + low.runsHeld, list.length)
        assert.equal(low.trips, [...replayed.courses.values()].flatMap(({ trips }) => trips).length)
      })
    )
  })

  const holds = (policy: Policy.Policy, list: ReadonlyArray<Run>, real: ReadonlyArray<Run>, limit: number): void => {
    const limits = Object.fromEntries(list.map(({ ecosystem }) => [ecosystem, limit]))
    const replayed = Replay.replay(policy, list, terms(list, limits))
    const { high, low } = sumOf(replayed)
    const found = reduced(policy, real)
    found.decisions.forEach((decision, index) => {
      assert.ok(
        ((replayed.decisions[index] ?? 0) & decision) !== 0,
        `${index}: ${replayed.decisions[index]} ${decision}`
      )
    })
    assert.ok(low.trips <= found.trips && found.trips <= high.trips, `trips ${low.trips} ${found.trips} ${high.trips}`)
    assert.ok(low.minutes <= found.spent && found.spent <= high.minutes, "minutes")
  }

  it("[BT2] a probe of a run that is larger takes some of its attempts and of its minutes: bounds hold both", () => {
    fc.assert(fc.property(policyWithRuns(false), ([policy, list]) => holds(policy, list, list, 0)))
    const policy = Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))
    const run = (hour: number, passed: number, failed: number): Run => ({
      at: 1_767_225_600_000 + hour * 3_600_000,
      attempts: { failed, passed, skipped: 0 },
      ecosystem: "npm",
      made: true,
      minutes: { macos: 7 }
    })
    const list = [run(0, 0, 10), run(2, 9, 1), run(3, 1, 0)]
    const { courses, decisions } = Replay.replay(policy, list, terms(list))
    const { CLOSED, HELD, PROBED, RAN, TRIPPED } = Branch
    assert.deepEqual([...decisions], [TRIPPED, PROBED | CLOSED, RAN | CLOSED])
    const tally = courses.get("npm")?.tally
    assert.deepEqual([tally?.low.wastedProbes, tally?.high.wastedProbes], [0, 1])
    assert.deepEqual([tally?.low.attemptsAdmitted, tally?.high.attemptsAdmitted], [12, 12])
    // The seven minutes of ten attempts are none to seven for one of them.
    assert.deepEqual([tally?.low.minutes, tally?.high.minutes], [14, 21])
    // All failed or all passed: one way.
    for (const [passed, failed, became] of [
      [0, 9, PROBED],
      [9, 0, CLOSED]
    ] as const) {
      const sure = [run(0, 0, 10), run(2, passed, failed), run(2.1, 1, 0)]
      assert.deepEqual(
        [...Replay.replay(policy, sure, terms(sure)).decisions],
        [TRIPPED, became, became === PROBED ? HELD : RAN]
      )
    }
  })

  it("[BT2] bounds hold whatever the attempts would have come to that were never made: any number, any order", () => {
    const LIMIT = 14
    const chances = fc.tuple(resultsUpTo(LIMIT), fc.infiniteStream(fc.boolean()))
    fc.assert(
      fc.property(policyWithRuns(true, 25), chances, ([policy, list], [results, uses]) => {
        const real = lived(list, results, uses)
        holds(policy, list, real, LIMIT)
        const whole = withWholeProbes(policy)
        const limits = Object.fromEntries(list.map(({ ecosystem }) => [ecosystem, LIMIT]))
        const { high, low } = sumOf(Replay.replay(whole, list, terms(list, limits)))
        const replayed = Replay.replay(whole, real, terms(real))
        const found = { ...sumOf(replayed).low }
        // What was never made is not counted as refused.
        real.forEach(({ attempts }, index) => {
          const isHeld = ((replayed.decisions[index] ?? 0) & Branch.ADMITTED) === 0
          const { failed, passed } = Attempts.tally(attempts)
          if (isHeld && list[index]?.made === false) found.attemptsRefused -= passed + failed
        })
        for (const key of Tally.KEYS) {
          assert.ok(low[key] <= found[key] && found[key] <= high[key], `${key}: ${low[key]} ${found[key]} ${high[key]}`)
        }
      })
    )
  })

  it("[BT2] a run of more attempts than runs usually have, or with its failures first, is within the bounds", () => {
    const policy = withWholeProbes(Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"]))))
    const run = (hour: number, results: string, made = true): Run => ({
      at: 1_767_225_600_000 + hour * 3_600_000,
      attempts: { categories: {}, results },
      ecosystem: "npm",
      made,
      minutes: { macos: 0 }
    })
    // Ten passes and then twelve failures trip; a median run of five, spread evenly, would not.
    const list = [run(0, "PPPPPPPPPP"), run(1, "PPPPP"), run(2, "", false)]
    const { courses } = Replay.replay(policy, list, terms(list, { npm: 25 }))
    assert.deepEqual(courses.get("npm")?.trips, [{ at: list[2]?.at, certain: false }])
    assert.equal(Replay.replay(policy, list, terms(list, { npm: 5 })).courses.get("npm")?.trips.length, 0)
    // The same six failures of eleven: in a row they trip, spread evenly they do not.
    const six = [run(0, "PPPPPPPPPP"), run(1, "", false)]
    assert.equal(Replay.replay(policy, six, terms(six, { npm: 6 })).courses.get("npm")?.trips.length, 1)
  })

  it("[BT2] large windows are left open place by place, and close again", () => {
    const policy = Result.getOrThrow(
      Policy.fromJson({ ...Policy.starter(["npm"]), breaker: { minimum_attempts: 20, window: 60 } })
    )
    const run = (index: number, passed: number, failed: number, made = true): Run => ({
      at: 1_767_225_600_000 + index * 60_000,
      attempts: { failed, passed, skipped: 0 },
      ecosystem: "npm",
      made,
      minutes: { macos: 0 }
    })
    const list = [run(0, 60, 0), run(1, 0, 0, false), run(2, 0, 4), run(3, 0, 8), run(4, 60, 0), run(5, 0, 31)]
    const { courses, decisions } = Replay.replay(policy, list, terms(list, { npm: 25 }))
    const { CLOSED, RAN, TRIPPED } = Branch
    const course = courses.get("npm")
    assert.equal(course?.lostFrom, undefined)
    assert.deepEqual([...decisions], [RAN, RAN, RAN, RAN | TRIPPED, RAN | Branch.HELD, TRIPPED | Branch.HELD])
    assert.ok(((decisions[5] ?? 0) & CLOSED) === 0)
    assert.equal(course?.tally.low.trips, 1)
  })

  it("[BT2] are closed again by attempts on record: a run of a whole window leaves one way only", () => {
    const policy = Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))
    const hour = 3_600_000
    const run = (index: number, passed: number, failed: number, made = true): Run => ({
      at: 1_767_225_600_000 + index * hour,
      attempts: { failed, passed, skipped: 0 },
      ecosystem: "npm",
      made,
      minutes: { macos: 0 }
    })
    const list = [run(0, 8, 0), run(1, 0, 0, false), run(3, 12, 0), run(4, 12, 0), run(5, 0, 10), run(6, 0, 5)]
    const { courses, decisions } = Replay.replay(policy, list, terms(list, { npm: 4 }))
    const course = courses.get("npm")
    // Four failures more leave the window at 8 of 12, so it cannot trip: nothing is unknown for long.
    const { PROBED, RAN, TRIPPED } = Branch
    assert.deepEqual([...decisions], [RAN, RAN, RAN, RAN, TRIPPED, PROBED])
    assert.equal(course?.uncertainFrom, list[1]?.at)
    assert.deepEqual(course?.trips, [{ at: list[4]?.at, certain: true }])
    assert.deepEqual([course?.tally.low.attemptsAdmitted, course?.tally.high.attemptsAdmitted], [43, 47])
    assert.equal(course?.tally.low.wastedProbes, 1)
  })

  it("[BT2] minutes that may have been spent can refuse a run, and need not", () => {
    const policy = Result.getOrThrow(
      Policy.fromJson({ ...Policy.starter(["npm"]), budget: { caps: { macos: 100 }, reserve: { macos: 20 } } })
    )
    const run = (index: number, macos: number, made: boolean): Run => ({
      at: 1_767_225_600_000 + index * 60_000,
      attempts: { failed: 0, passed: made ? 1 : 0, skipped: 0 },
      ecosystem: "npm",
      made,
      minutes: { macos }
    })
    // The line is at 95. Spent are 15 for certain and 75 perhaps; 20 more fit beside 15 and not beside 90.
    const list = [run(0, 60, false), run(1, 15, true), run(2, 3, true), run(3, 1, true)]
    const { courses, decisions } = Replay.replay(policy, list, terms(list))
    const { HELD_BY_BUDGET, RAN } = Branch
    assert.deepEqual([...decisions], [RAN, RAN, RAN, RAN | HELD_BY_BUDGET])
    const tally = courses.get("npm")?.tally
    assert.deepEqual([tally?.low.heldByBudget, tally?.high.heldByBudget], [0, 1])
    assert.deepEqual([tally?.low.minutes, tally?.high.minutes], [18, 79])
  })

  it("[BT2] two ways are one only where they go on alike: growing cool-downs are forgiven at their time, and not before", () => {
    const policy = Result.getOrThrow(
      Policy.fromJson({ ...Policy.starter(["npm"]), breaker: { cool_down_multiplier: 2 } })
    )
    const own = Policy.ecosystemOf(policy, "npm")?.breaker
    assert.ok(own !== undefined)
    const hour = 3_600_000
    const closed = (trips: number, open: number) => ({
      ...initialBreaker,
      closedAt: 9 * hour,
      openedAt: (9 - open) * hour,
      trips
    })
    const key = (trips: number, open: number, at: number): string => Branch.keyOf(own, closed(trips, open), at * hour)
    assert.notEqual(key(1, 2, 10), key(2, 2, 10))
    assert.notEqual(key(2, 2, 10), key(2, 3, 10))
    assert.notEqual(key(1, 2, 11 - 0.001), key(2, 2, 11 - 0.001))
    assert.equal(key(1, 2, 11), key(2, 2, 11))
    assert.equal(key(1, 2, 12), key(2, 3, 12))
    // At the cap one trip more lengthens nothing.
    assert.equal(key(6, 2, 10), key(7, 2, 10))
  })

  it("[BT1] a probe without a counted attempt is a wasted one", () => {
    const policy = Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))
    const list = [
      [0, 10],
      [0, 0],
      [1, 0]
    ].map(
      ([passed = 0, failed = 0], index): Run => ({
        at: 1_767_225_600_000 + index * 3_600_000,
        attempts: { failed, passed, skipped: 0 },
        ecosystem: "npm",
        made: true,
        minutes: { macos: 0 }
      })
    )
    const { courses, decisions } = Replay.replay(policy, list, terms(list))
    assert.deepEqual([...decisions], [Branch.TRIPPED, Branch.PROBED, Branch.CLOSED])
    const tally = courses.get("npm")?.tally.low
    assert.deepEqual([tally?.probes, tally?.wastedProbes, tally?.closings], [2, 1, 1])
  })

  it("[BT3] gives up following and says so, with the widest bounds, when there are too many ways", () => {
    const policy = Result.getOrThrow(
      Policy.fromJson({
        ...Policy.starter(["npm"]),
        breaker: {
          cool_down_cap_minutes: 9999,
          cool_down_minutes: 1,
          cool_down_multiplier: 1.1,
          threshold: 1,
          window: 1
        }
      })
    )
    const list = Array.from(
      { length: 100 },
      (_, index): Run => ({
        at: 1_767_225_600_000 + index * 600_000,
        attempts: { failed: 0, passed: index === 99 ? 1 : 0, skipped: 0 },
        ecosystem: "npm",
        made: index === 99,
        minutes: { macos: 1 }
      })
    )
    const { courses } = Replay.replay(policy, list, terms(list, { npm: 1 }))
    const course = courses.get("npm")
    assert.ok(course?.lostFrom !== undefined && course.tally.high.trips > 40 && course.tally.low.trips === 0)
  })

  it("[BT4] with runs as the unit each run is one attempt, failed where fewer than half passed", () => {
    const policy = Result.getOrThrow(
      Policy.fromJson({ ...Policy.starter(["npm"]), breaker: { threshold: 0.2, window: 5 } })
    )
    const outcomes = [
      [5, 5],
      [4, 6],
      [0, 9],
      [0, 0],
      [4, 5],
      [0, 1],
      [1, 4],
      [10, 0]
    ] as const
    const list = outcomes.map(
      ([passed, failed], index): Run => ({
        at: 1_767_225_600_000 + index * 60_000,
        attempts: { failed, passed, skipped: 0 },
        ecosystem: "npm",
        made: true,
        minutes: { macos: 0 }
      })
    )
    const trips = (unit: Unit) => Replay.replay(policy, list, { ...terms(list), unit }).courses.get("npm")?.trips
    assert.deepEqual(trips("runs"), [{ at: list[6]?.at, certain: true }])
    assert.deepEqual(trips("attempts")?.[0], { at: list[2]?.at, certain: true })
  })
})
