/** What stands in the way of a run: its words, and the instant at which it will be over. */
import { strict as assert } from "node:assert"
import type { Reservation } from "@batchbrake/core/budget/Reservation"
import { type ControlFile, initial, withPauses } from "@batchbrake/core/control/ControlFile"
import * as Obstacle from "@batchbrake/core/control/Obstacle"
import type { Pause } from "@batchbrake/core/control/Pause"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, WEEK } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const policyOf = (reserve: number) =>
  decoded({
    budget: { caps: { linux: 100 }, pause_at: 0.8, reserve: { linux: reserve }, sample_at: 0.5 },
    ecosystems: { npm: {} },
    version: 1
  })

const ending = (runKey: string, expiresAt: number): Reservation => ({
  admittedAt: MONDAY,
  author: "ci",
  batch: undefined,
  batchSize: 1,
  ecosystem: "npm",
  expiresAt,
  generation: 0,
  kind: "run",
  maxAttempts: 1,
  minutes: { linux: 30 },
  probeRecipes: [],
  runKey,
  unknown: {}
})

const NEXT = MONDAY + WEEK
/** When there is room again, with 80 minutes spent and these grants; in days from the next week on. */
const roomAfter = (ends: ReadonlyArray<number>, weekStart?: number): ReadonlyArray<number | undefined> => {
  const reservations = ends.map((end, index) => ending(`run-${index}`, end))
  const file: ControlFile = { ...initial, budget: { ...initial.budget, reservations, used: { linux: 80 }, weekStart } }
  return Obstacle.budgetObstacles(policyOf(30), file, MONDAY + HOUR).map(({ until }) =>
    until === undefined ? undefined : (until - NEXT) / DAY
  )
}

const paused = (scope: string, more: Partial<Pause>): ReadonlyArray<unknown> => {
  const pause: Pause = {
    at: MONDAY,
    author: "ops",
    autoResume: false,
    category: undefined,
    expectedResume: undefined,
    incidentUrl: undefined,
    reason: "full",
    unknown: {},
    ...more
  }
  return Obstacle.pauseObstacles(withPauses(initial, { [scope]: pause }), "npm").flatMap((each) => [
    each.message,
    each.until
  ])
}

describe("What stands in the way", () => {
  it("[DE7] a pause says since when, as far as that is known, and how it ends: by itself, or by which command", () => {
    const since = "npm is paused by ops since 2026-11-23T00:00:00Z: full"
    const lift = "`batchbrake resume npm` lifts it"
    const end = MONDAY + HOUR
    assert.deepEqual(paused("npm", {}), [`${since}; ${lift}`, undefined])
    assert.deepEqual(paused("npm", { at: undefined }), [`npm is paused by ops: full; ${lift}`, undefined])
    assert.deepEqual(paused("npm", { expectedResume: end }), [`${since}; ${lift}`, undefined])
    assert.deepEqual(paused("npm", { autoResume: true }), [`${since}; ${lift}`, undefined])
    assert.deepEqual(paused("npm", { autoResume: true, expectedResume: end }), [
      `${since}; it resumes by itself at 2026-11-23T01:00:00Z`,
      end
    ])
    assert.deepEqual(paused("*", { at: undefined }), [
      "everything is paused by ops: full; `batchbrake resume` lifts it",
      undefined
    ])
  })

  it("[DE7] minutes come back with the first week that has room beside the grants that reach into it", () => {
    assert.deepEqual(roomAfter([]), [0])
    // One of 30 leaves room for another; two do not, and one that ends as a week begins is of that week.
    assert.deepEqual(roomAfter([NEXT + HOUR]), [0])
    assert.deepEqual(roomAfter([NEXT, NEXT]), [7])
    assert.deepEqual(roomAfter([NEXT - 1, NEXT]), [0])
    assert.deepEqual(roomAfter([NEXT + 2 * WEEK, NEXT + WEEK + HOUR]), [14])
    assert.deepEqual(roomAfter([NEXT + 2 * WEEK, NEXT + HOUR]), [7])
    assert.deepEqual(roomAfter([NEXT + HOUR, NEXT + 2 * WEEK]), [7])
  })

  it("[DE7] and never before a week that the file says has begun, though a clock is behind it", () => {
    assert.deepEqual(roomAfter([], MONDAY), [0])
    assert.deepEqual(roomAfter([], NEXT), [7])
    assert.deepEqual(roomAfter([MONDAY + HOUR, NEXT + HOUR], NEXT + WEEK), [14])
  })

  it("[DE7] a reserve that no week has room for says so, and has no end", () => {
    const of = (reserve: number) =>
      Obstacle.budgetObstacles(policyOf(reserve), { ...initial, budget: { ...initial.budget, used: { linux: 80 } } }, 0)
    const said = (reserve: number) =>
      `linux: 80 of 100 minutes are spent or reserved and a run reserves ${reserve}, which would pass the line at 80 %; `
    assert.deepEqual(of(80), [
      { code: "budget-exhausted", message: `${said(80)}the week of 1970-01-05T00:00:00Z has room`, until: 4 * DAY }
    ])
    assert.deepEqual(of(81), [
      {
        code: "budget-exhausted",
        message: `${said(81)}no week has room for that: raise the cap or lower the reserve`,
        until: undefined
      }
    ])
  })

  it("[DE7] a decision is worth asking again at the latest of the ends, and never where one has none", () => {
    const until = (...ends: ReadonlyArray<number | undefined>) =>
      Obstacle.retryAt(ends.map((end) => ({ code: "c", message: "m", until: end })))
    assert.equal(until(), undefined)
    assert.equal(until(5), 5)
    assert.equal(until(5, 7, 6), 7)
    assert.equal(until(5, undefined, 7), undefined)
    assert.equal(until(undefined), undefined)
  })
})
