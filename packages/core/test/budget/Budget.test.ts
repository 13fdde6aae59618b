import { strict as assert } from "node:assert"
import * as Budget from "@batchbrake/core/budget/Budget"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import type { Reservation } from "@batchbrake/core/budget/Reservation"
import type { BudgetPolicy } from "@batchbrake/core/policy/Policy"
import * as BudgetArbitrary from "@batchbrake/core/testing/BudgetArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, WEEK } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const NOW = MONDAY + 2 * DAY + 5 * HOUR
const PLATFORMS = ["macos", "linux", "windows", "constructor", "valueof"]

const state = BudgetArbitrary.budget(NOW)
const sum = (held: ReadonlyArray<{ readonly minutes: Minutes.Minutes }>, platform: string): number =>
  held.reduce((total, one) => total + Minutes.of(one.minutes, platform), 0)
const counts = (count: (platform: string) => number): ReadonlyArray<number> => PLATFORMS.map(count)

/** The platform's calendar: the first weekday's midnight at or before an instant. */
const weekOf = (instant: number, weekStartsOn: number): number => {
  const date = new Date(instant)
  return Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate() - ((((date.getUTCDay() + 6) % 7) + 7 - weekStartsOn) % 7)
  )
}

const reservation = (minutes: Minutes.Minutes, expiresAt: number, runKey = "run"): Reservation => ({
  admittedAt: NOW,
  author: "ci",
  batch: undefined,
  batchSize: 1,
  ecosystem: "npm",
  expiresAt,
  generation: 0,
  kind: "run",
  maxAttempts: 1,
  minutes,
  probeRecipes: [],
  runKey,
  unknown: {}
})

const policyOf = (cap: number, line: number, reserve = 0, sampleAt = line): BudgetPolicy => ({
  caps: { macos: cap },
  pauseAtMillionths: line,
  reserve: { macos: reserve },
  sampleAtMillionths: sampleAt,
  weekStartsOn: 0
})

const spent = (macos: number): Budget.BudgetState => ({
  ...Budget.initial,
  used: { linux: 0, macos },
  weekStart: MONDAY
})

describe("Budget (SPEC.md BU)", () => {
  it("[BU2] [BU10] platforms stand in the order of their names, whatever order the policy has", () => {
    const caps = { macos: 10, arm: 10, linux: 10 }
    const policy = { ...policyOf(10, 900_000, 0, 800_000), caps, reserve: { macos: 2, arm: 1 } }
    assert.deepEqual(Object.entries(Budget.reserveOf(policy)), [
      ["arm", 1],
      ["linux", 0],
      ["macos", 2]
    ])
    const all = { ...spent(9), used: { macos: 9, arm: 9, linux: 9 } }
    for (const platforms of [Budget.samplingPlatforms, Budget.pausedPlatforms, Budget.refusedBy]) {
      assert.deepEqual(platforms(policy, all), ["arm", "linux", "macos"])
    }
  })

  it("[BU10] a flag that says already what the minutes say leaves the budget as it is, and costs no write", () => {
    const policy = policyOf(10, 900_000, 0, 800_000)
    for (const [macos, samplingActive] of [
      [7, false],
      [8, true]
    ] as const) {
      const right = { ...spent(macos), samplingActive }
      assert.equal(Budget.withSampling(policy, right), right)
      assert.deepEqual(Budget.withSampling(policy, { ...right, samplingActive: !samplingActive }), right)
      assert.equal(Budget.advance(policy, right, NOW), right)
    }
    assert.equal(Budget.initial.samplingActive, false)
  })

  it("grants stand in the order of their holders, whatever order they were given in", () => {
    const [first, second] = ["a", "b"].map((runKey) => reservation({}, NOW, runKey))
    assert.ok(first && second)
    const both = Budget.reserve(Budget.reserve(Budget.initial, second), first)
    assert.deepEqual(both, Budget.reserve(Budget.reserve(Budget.initial, first), second))
    assert.deepEqual(both.reservations, [first, second])
  })

  it("[BU1] [BU6] [BU9] [BU13] what time alone does to the minutes is what the calendar says", () => {
    const later = fc.oneof(
      fc.integer({ max: 10 * DAY, min: 0 }),
      fc.integer({ max: 500 * WEEK, min: 0 }),
      fc.constantFrom(0, 1)
    )
    fc.assert(
      fc.property(PolicyArbitrary.budget, state, later, (policy, before, after) => {
        const now = NOW + after
        const thisWeek = weekOf(now, policy.weekStartsOn)
        const isNew = before.weekStart !== undefined && before.weekStart < thisWeek
        const ended = before.reservations.filter(({ expiresAt }) => expiresAt <= now)
        const counted = isNew ? ended.filter(({ expiresAt }) => expiresAt >= thisWeek) : ended
        const advanced = Budget.advance(policy, before, now)
        assert.deepEqual(
          counts((platform) => Minutes.of(advanced.used, platform)),
          counts((platform) => (isNew ? 0 : Minutes.of(before.used, platform)) + sum(counted, platform))
        )
        assert.deepEqual(
          advanced.reservations,
          before.reservations.filter((held) => !ended.includes(held))
        )
        assert.deepEqual(
          new Set(advanced.expired.map(({ ecosystem, runKey }) => `${ecosystem} ${runKey}`)),
          new Set(
            [...(isNew ? [] : before.expired), ...counted].map(({ ecosystem, runKey }) => `${ecosystem} ${runKey}`)
          )
        )
        for (const { ecosystem, expiresAt, minutes, runKey } of counted) {
          const over = advanced.expired.find((one) => one.ecosystem === ecosystem && one.runKey === runKey)
          assert.deepEqual([over?.expiredAt, over?.minutes], [expiresAt, minutes])
        }
        assert.equal(advanced.weekStart, isNew || before.weekStart === undefined ? thisWeek : before.weekStart)
      }),
      { numRuns: 500 }
    )
  })

  it("[BU1] advancing in steps is advancing at once, and twice to one instant is once", () => {
    const step = fc.oneof(fc.integer({ max: 3 * DAY, min: 0 }), fc.integer({ max: 3 * WEEK, min: 0 }))
    fc.assert(
      fc.property(PolicyArbitrary.budget, state, step, step, (policy, given, first, second) => {
        const before = { ...given, weekStart: given.weekStart ?? MONDAY }
        const once = Budget.advance(policy, before, NOW + first + second)
        const steps = Budget.advance(policy, Budget.advance(policy, before, NOW + first), NOW + first + second)
        assert.deepEqual(steps, once)
        assert.deepEqual(Budget.advance(policy, once, NOW + first + second), once)
      }),
      { numRuns: 500 }
    )
  })

  it("[BU1] the week rolls over at its first instant and not one millisecond before, also after years", () => {
    const policy = policyOf(1000, 950_000)
    const used = (now: number): number => Minutes.of(Budget.advance(policy, spent(700), now).used, "macos")
    assert.equal(used(MONDAY + WEEK - 1), 700)
    assert.equal(used(MONDAY + WEEK), 0)
    for (const weeks of [2, 52, 53, 520]) {
      const advanced = Budget.advance(policy, spent(700), MONDAY + weeks * WEEK + DAY)
      assert.deepEqual(advanced.used, {})
      assert.equal(advanced.weekStart, MONDAY + weeks * WEEK)
    }
  })

  it("[BU1] a published file without a week keeps its usage, and has the week from then on", () => {
    const published = { ...spent(700), weekStart: undefined }
    const advanced = Budget.advance(policyOf(1000, 950_000), published, NOW)
    assert.deepEqual([advanced.used, advanced.weekStart], [{ linux: 0, macos: 700 }, MONDAY])
    assert.deepEqual(Budget.advance(policyOf(1000, 950_000), advanced, NOW + WEEK).used, {})
  })

  it("[BU3] [BU17] a grant is refused by the platforms that the lines say, in exact arithmetic", () => {
    fc.assert(
      fc.property(PolicyArbitrary.budget, state, (policy, budget) => {
        const refusing = Object.entries(policy.caps)
          .filter(([platform, cap]) => {
            const before = BigInt(Minutes.of(budget.used, platform) + sum(budget.reservations, platform))
            const after = before + BigInt(Minutes.of(policy.reserve, platform))
            const line = BigInt(cap) * BigInt(policy.pauseAtMillionths)
            return before * 1_000_000n >= line || after * 1_000_000n > line
          })
          .map(([platform]) => platform)
        assert.deepEqual(Budget.refusedBy(policy, budget), refusing.sort())
      }),
      { numRuns: 500 }
    )
  })

  it("[BU3] exactly at the line after adding is admitted, one minute more is not, and at the line nothing is", () => {
    const given = fc.tuple(
      fc.integer({ max: 100_000, min: 1 }),
      fc.oneof(fc.constantFrom(950_000, 800_000, 70_000, 1_000_000), fc.integer({ max: 1_000_000, min: 1 })),
      fc.integer({ max: 60, min: 0 })
    )
    fc.assert(
      fc.property(given, ([cap, line, reserve]) => {
        const product = BigInt(cap) * BigInt(line)
        const atLine = Number(product / 1_000_000n)
        const isWhole = product % 1_000_000n === 0n
        const refuses = (used: number): boolean =>
          Budget.refusedBy(policyOf(cap, line, reserve), spent(used)).length > 0
        // The greatest use that leaves room: below the line, and not past it with the reserve.
        const room = Math.min(atLine - reserve, isWhole ? atLine - 1 : atLine)
        if (room >= 0) assert.ok(!refuses(room))
        assert.ok(refuses(Math.max(0, room + 1)))
      }),
      { numRuns: 1000 }
    )
  })

  it.each([
    [700, 0.95, 665],
    [100, 0.07, 7],
    [1000, 0.95, 950],
    [1000, 0.8, 800],
    [5000, 0.95, 4750],
    [300, 0.29, 87],
    [2900, 0.07, 203],
    [1_000_000_000, 0.999999, 999_999_000]
  ])("[BU17] the line of %d at %d is exactly %d minutes", (cap, share, line) => {
    const millionths = Math.round(share * 1_000_000)
    for (const pauseOrSample of [Budget.pausedPlatforms, Budget.samplingPlatforms]) {
      assert.deepEqual(pauseOrSample(policyOf(cap, millionths), spent(line)), ["macos"])
      assert.deepEqual(pauseOrSample(policyOf(cap, millionths), spent(line - 1)), [])
    }
    assert.deepEqual(Budget.refusedBy(policyOf(cap, millionths, 1), spent(line - 1)), [])
    assert.deepEqual(Budget.refusedBy(policyOf(cap, millionths, 2), spent(line - 1)), ["macos"])
  })

  it("[BU17] a line between two minutes is passed by the greater one", () => {
    const policy = policyOf(10, 950_000, 0)
    assert.deepEqual(Budget.refusedBy(policy, spent(9)), [])
    assert.deepEqual(Budget.refusedBy(policy, spent(10)), ["macos"])
    assert.deepEqual(Budget.refusedBy(policyOf(10, 950_000, 1), spent(9)), ["macos"])
    assert.deepEqual(Budget.samplingPlatforms(policy, spent(9)), [])
    assert.deepEqual(Budget.samplingPlatforms(policy, spent(10)), ["macos"])
  })

  it("[BU10] sampling is active exactly when some cap's line is reached by what is spent and reserved", () => {
    fc.assert(
      fc.property(PolicyArbitrary.budget, state, (policy, budget) => {
        const isReached = Object.entries(policy.caps).some(
          ([platform, cap]) =>
            BigInt(Minutes.of(budget.used, platform) + sum(budget.reservations, platform)) * 1_000_000n >=
            BigInt(cap) * BigInt(policy.sampleAtMillionths)
        )
        assert.equal(Budget.withSampling(policy, budget).samplingActive, isReached)
        assert.equal(Budget.samplingPlatforms(policy, budget).length > 0, isReached)
      }),
      { numRuns: 500 }
    )
  })

  it("[BU10] minutes of a platform without a cap start no sampling, and reserved minutes do like spent ones", () => {
    const policy = policyOf(100, 950_000, 0, 800_000)
    assert.deepEqual(Budget.samplingPlatforms(policy, { ...spent(0), used: { linux: 9_999_999, macos: 79 } }), [])
    const held = (minutes: number): Budget.BudgetState =>
      Budget.reserve(spent(40), reservation({ macos: minutes }, NOW + HOUR))
    assert.deepEqual(Budget.samplingPlatforms(policy, held(39)), [])
    assert.deepEqual(Budget.samplingPlatforms(policy, held(40)), ["macos"])
  })

  it("[BU5] [BU6] [BU7] a live grant is settled at what is stated, else at its reservation or at nothing", () => {
    const stated = fc.oneof(fc.constantFrom(undefined, {}), BudgetArbitrary.minutes(100))
    fc.assert(
      fc.property(
        state,
        BudgetArbitrary.minutes(60),
        stated,
        fc.constantFrom("costs the reservation", "costs nothing"),
        (budget, own, actual, silent) => {
          const held = Budget.reserve(budget, reservation(own, NOW + HOUR, "mine"))
          const settled = Budget.settle(held, "npm", "mine", actual, silent, true)
          const isSilent = actual === undefined || Object.keys(actual).length === 0
          const added = isSilent ? (silent === "costs the reservation" ? own : {}) : actual
          assert.deepEqual(settled.reservations, budget.reservations)
          assert.deepEqual(
            counts((platform) => Minutes.of(settled.used, platform)),
            counts((platform) => Minutes.of(budget.used, platform) + Minutes.of(added, platform))
          )
          assert.deepEqual({ ...settled, used: 0 }, { ...budget, used: 0 })
        }
      ),
      { numRuns: 300 }
    )
  })

  it("[BU6] a completion that states an empty record states no minutes at all", () => {
    const held = Budget.reserve(spent(0), reservation({ macos: 20 }, NOW + HOUR))
    assert.deepEqual(Budget.settle(held, "npm", "run", {}, "costs the reservation", true).used, { linux: 0, macos: 20 })
    assert.deepEqual(Budget.settle(held, "npm", "run", { linux: 0 }, "costs the reservation", true).used, {
      linux: 0,
      macos: 0
    })
  })

  it("[BU8] a late completion replaces what its expiry assumed, and only once", () => {
    fc.assert(
      fc.property(state, BudgetArbitrary.minutes(60), BudgetArbitrary.minutes(100), (budget, own, actual) => {
        const week = { ...budget, weekStart: MONDAY }
        const policy = policyOf(1000, 950_000)
        const expired = Budget.advance(policy, Budget.reserve(week, reservation(own, NOW, "mine")), NOW)
        const late = Budget.settle(expired, "npm", "mine", actual, "costs the reservation", true)
        const without = Budget.advance(policy, week, NOW)
        assert.deepEqual(
          counts((platform) => Minutes.of(late.used, platform)),
          counts((platform) => Minutes.of(without.used, platform) + Minutes.of(actual, platform))
        )
        assert.deepEqual(late.expired, without.expired)
        assert.equal(Budget.settle(late, "npm", "mine", actual, "costs the reservation", true), late)
        const silent = Budget.settle(expired, "npm", "mine", undefined, "costs the reservation", true)
        assert.deepEqual(silent.used, expired.used)
      }),
      { numRuns: 300 }
    )
  })

  it("[BU8] late completions correct to the same minutes in any order, also after a correction by hand", () => {
    const change = fc.integer({ max: 50, min: -2000 })
    fc.assert(
      fc.property(
        state,
        change,
        fc.array(BudgetArbitrary.minutes(100), { maxLength: 3, minLength: 3 }),
        (given, macos, actuals) => {
          const budget = Budget.adjust(given, { macos })
          const reports = budget.expired.map((over, index) => ({ over, stated: actuals[index] ?? {} }))
          const settle = (from: Budget.BudgetState, { over, stated }: (typeof reports)[number]): Budget.BudgetState =>
            Budget.settle(from, over.ecosystem, over.runKey, stated, "costs the reservation", true)
          assert.deepEqual(reports.reduce(settle, budget).used, [...reports].reverse().reduce(settle, budget).used)
        }
      ),
      { numRuns: 300 }
    )
  })

  it("[BU8] two late completions after minutes were taken back by hand end the same, whichever comes first", () => {
    const over = (runKey: string) => ({ ecosystem: "npm", expiredAt: NOW, minutes: { macos: 20 }, runKey, unknown: {} })
    const budget = Budget.adjust({ ...spent(40), expired: [over("a"), over("b")] }, { macos: -35 })
    const settle = (from: Budget.BudgetState, runKey: string, macos: number): Budget.BudgetState =>
      Budget.settle(from, "npm", runKey, { macos }, "costs the reservation", true)
    const left = settle(settle(budget, "a", 30), "b", 0)
    assert.deepEqual(settle(settle(budget, "b", 0), "a", 30).used, left.used)
    assert.equal(Minutes.of(left.used, "macos"), 30)
  })

  it("[BU14] a correction by hand changes the minutes by what it says, never below zero, and nothing else", () => {
    const change = fc.dictionary(fc.constantFrom(...PLATFORMS), fc.integer({ max: 2000, min: -2000 }), {
      noNullPrototype: true
    })
    fc.assert(
      fc.property(state, change, (budget, minutes) => {
        const adjusted = Budget.adjust(budget, minutes)
        assert.deepEqual(
          counts((platform) => Minutes.of(adjusted.used, platform)),
          counts((platform) => Math.max(0, Minutes.of(budget.used, platform) + Minutes.of(minutes, platform)))
        )
        assert.deepEqual({ ...adjusted, expired: [], used: 0 }, { ...budget, expired: [], used: 0 })
        assert.equal(adjusted.expired.length, budget.expired.length)
        assert.ok(PLATFORMS.every((platform) => sum(adjusted.expired, platform) <= Minutes.of(adjusted.used, platform)))
      }),
      { numRuns: 300 }
    )
  })

  it("[BU14] a correction that leaves enough spent leaves what ended grants were counted for", () => {
    fc.assert(
      fc.property(state, BudgetArbitrary.minutes(100), (budget, more) => {
        assert.deepEqual(Budget.adjust(budget, more).expired, budget.expired)
      })
    )
  })
})
