import { strict as assert } from "node:assert"
import * as Week from "@batchbrake/core/budget/Week"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { DAY, WEEK } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const weekday = fc.integer({ max: 6, min: 0 })

/** The platform's calendar, one day back at a time. Its Sunday is 0, ours is 6. */
const byCalendar = (instant: number, weekStartsOn: number): number => {
  const date = new Date(instant)
  date.setUTCHours(0, 0, 0, 0)
  while ((date.getUTCDay() + 6) % 7 !== weekStartsOn) date.setUTCDate(date.getUTCDate() - 1)
  return date.getTime()
}

describe("Week (SPEC.md TI)", () => {
  it("[TI5] a week starts at the last midnight UTC of the first weekday", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofCalendar, weekday, (instant, weekStartsOn) => {
        assert.equal(Week.startOf(instant, weekStartsOn), byCalendar(instant, weekStartsOn))
      }),
      { numRuns: 1000 }
    )
  })

  it("[TI5] a week contains its instants, and the next one starts where it ends", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofCalendar, weekday, (instant, weekStartsOn) => {
        const [start, next] = [Week.startOf(instant, weekStartsOn), Week.nextAfter(instant, weekStartsOn)]
        assert.ok(start <= instant && instant < next)
        assert.equal(next - start, WEEK)
        assert.equal(Week.startOf(next, weekStartsOn), next)
        assert.equal(Week.startOf(next - 1, weekStartsOn), start)
        assert.equal(Week.startOf(start, weekStartsOn), start)
      }),
      { numRuns: 1000 }
    )
  })

  it("[TI5] a week that starts on Monday goes over the end of a year and over a leap day", () => {
    const start = (text: string): string => new Date(Week.startOf(Date.parse(text), 0)).toISOString().slice(0, 10)
    assert.equal(start("2026-12-31T23:59:59.999Z"), "2026-12-28")
    assert.equal(start("2027-01-03T23:59:59.999Z"), "2026-12-28")
    assert.equal(start("2027-01-04T00:00:00Z"), "2027-01-04")
    assert.equal(start("2024-03-01T00:00:00Z"), "2024-02-26")
    assert.equal(new Date(Week.startOf(Date.UTC(1970, 0, 1), 6)).getTime(), -4 * DAY)
  })
})
