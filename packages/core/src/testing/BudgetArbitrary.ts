/** Budgets for properties: consistent ones, with at least as much spent as the ended grants were counted for. */
import * as fc from "fast-check"
import type { BudgetState } from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import { byHolder, type Expired, type Reservation } from "../budget/Reservation.ts"
import * as Week from "../budget/Week.ts"
import { DAY, type EpochMillis, HOUR, WEEK } from "../time/Instant.ts"
import { runKey } from "./BreakerArbitrary.ts"
import { unknownFields } from "./JsonArbitrary.ts"
import { ecosystemName } from "./PolicyArbitrary.ts"

/** Minutes by platform: macOS and Linux always, as every file has them, and sometimes another. */
export const minutes = (most: number): fc.Arbitrary<Minutes.Minutes> =>
  fc.record(
    {
      constructor: fc.integer({ max: most, min: 0 }),
      linux: fc.integer({ max: most, min: 0 }),
      macos: fc.integer({ max: most, min: 0 }),
      windows: fc.integer({ max: most, min: 0 })
    },
    { requiredKeys: ["linux", "macos"], noNullPrototype: true }
  )

const reservation = (ecosystems: fc.Arbitrary<string>, now: EpochMillis): fc.Arbitrary<Reservation> =>
  fc
    .record({
      author: fc.constantFrom("bot", "ci"),
      batch: fc.option(fc.constantFrom("2026-11-23-001", "2026-11-23-1000"), { nil: undefined }),
      ecosystem: ecosystems,
      generation: fc.integer({ max: 20, min: 0 }),
      kind: fc.constantFrom("run", "probe"),
      length: fc.integer({ max: 10 * HOUR, min: 1 }),
      limit: fc.option(fc.integer({ max: 12, min: 1 }), { nil: undefined }),
      minutes: minutes(60),
      probeRecipes: fc.uniqueArray(fc.constantFrom("recipes/a.rb", "recipes/b.rb", "recipes/c.rb")),
      runKey,
      since: fc.integer({ max: 5 * HOUR, min: 0 }),
      size: fc.integer({ max: 50, min: 1 }),
      unknown: unknownFields
    })
    .map(({ length, limit, since, size, ...rest }) => ({
      ...rest,
      ...(limit === undefined ? {} : { limit }),
      admittedAt: now - since,
      batchSize: size,
      expiresAt: now - since + length,
      maxAttempts: size
    }))

const expired = (ecosystems: fc.Arbitrary<string>, now: EpochMillis): fc.Arbitrary<Expired> =>
  fc
    .record({
      ago: fc.integer({ max: 3 * DAY, min: 0 }),
      ecosystem: ecosystems,
      minutes: minutes(60),
      runKey: runKey.map((key) => `over-${key}`),
      unknown: unknownFields
    })
    .map(({ ago, ...rest }) => ({ ...rest, expiredAt: now - ago }))

const weekStart = (now: EpochMillis): fc.Arbitrary<EpochMillis | undefined> => {
  const thisWeek = Week.startOf(now, 0)
  return fc.oneof(
    { arbitrary: fc.constant<EpochMillis | undefined>(thisWeek), weight: 4 },
    { arbitrary: fc.constantFrom(undefined, thisWeek - WEEK, thisWeek - 60 * WEEK, thisWeek + WEEK), weight: 1 },
    { arbitrary: fc.integer({ max: 20, min: -20 }).map((days) => thisWeek + days * DAY), weight: 1 }
  )
}

/** What a budget can look like at an instant; its grants are those of the given ecosystems. */
export const budget = (now: EpochMillis, ecosystems: fc.Arbitrary<string> = ecosystemName): fc.Arbitrary<BudgetState> =>
  fc
    .record({
      expired: fc.uniqueArray(expired(ecosystems, now), { maxLength: 3, selector: holder }),
      extra: minutes(1000),
      reservations: fc.uniqueArray(reservation(ecosystems, now), { maxLength: 4, selector: holder }),
      samplingActive: fc.boolean(),
      unknown: unknownFields,
      weekStart: weekStart(now)
    })
    .map(({ extra, ...rest }) => ({
      ...rest,
      expired: [...rest.expired].sort(byHolder),
      reservations: [...rest.reservations].sort(byHolder),
      used: rest.expired.reduce((sum, over) => Minutes.add(sum, over.minutes), extra)
    }))

const holder = (held: { readonly ecosystem: string; readonly runKey: string }): string =>
  `${held.ecosystem} ${held.runKey}`
