import { strict as assert } from "node:assert"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as Instant from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const { DAY, EARLIEST, HOUR, LATEST, MINUTE } = Instant

/** Minutes before or after UTC, as an offset is written. */
const offsetMinutes = fc.integer({ max: 23 * 60 + 59, min: -(23 * 60 + 59) })

const two = (number: number): string => String(number).padStart(2, "0")
const writeOffset = (minutes: number): string =>
  `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`

/** The wall clock of a place at an instant, with its offset, as the platform's time zone database has it. */
const localText = (instant: number, timeZone: string): string => {
  const parts = new Intl.DateTimeFormat("en-GB", {
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
    month: "2-digit",
    second: "2-digit",
    timeZone,
    timeZoneName: "longOffset",
    year: "numeric"
  }).formatToParts(instant)
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? ""
  const offset = part("timeZoneName").replace("GMT", "") || "+00:00"
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}${offset}`
}

describe("Instant (SPEC.md TI)", () => {
  it("[TI1] the text of an instant reads as that instant", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofCalendar, (instant) => {
        assert.equal(Instant.parse(Instant.format(instant)), instant)
      }),
      { numRuns: 1000 }
    )
  })

  it("[TI1] the first and the last instant of the range are read and written, and one beyond is not read", () => {
    for (const instant of [EARLIEST, LATEST]) assert.equal(Instant.parse(Instant.format(instant)), instant)
    assert.equal(Instant.parse("0000-01-01T00:00:00+00:01"), undefined)
    assert.equal(Instant.parse("9999-12-31T23:59:59.999-00:01"), undefined)
    assert.equal(Instant.parse("0000-01-01T00:01:00+00:01"), EARLIEST)
    assert.equal(Instant.parse("9999-12-31T23:58:59.999-00:01"), LATEST)
  })

  it("[TI2] dates and times are the platform's", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofCalendar, (instant) => {
        const platform = new Date(instant)
        const text = platform.toISOString()
        assert.equal(Instant.format(instant), text.replace(".000Z", "Z"))
        assert.equal(Instant.parse(text), instant)
        assert.equal(Instant.formatDate(instant), text.slice(0, 10))
        assert.equal(Instant.dayOfWeek(instant), (platform.getUTCDay() + 6) % 7)
        assert.equal(Instant.startOfDay(instant), Date.parse(`${text.slice(0, 10)}T00:00:00Z`))
      }),
      { numRuns: 1000 }
    )
  })

  it("[TI2] a minute, an hour, a day and a week are the platform's", () => {
    const lengths = [MINUTE, HOUR, DAY, Instant.WEEK].map((length) => new Date(length).toISOString())
    assert.deepEqual(lengths, [
      "1970-01-01T00:01:00.000Z",
      "1970-01-01T01:00:00.000Z",
      "1970-01-02T00:00:00.000Z",
      "1970-01-08T00:00:00.000Z"
    ])
  })

  it("[TI4] the last minute of a day is read, and so is the greatest offset", () => {
    assert.equal(Instant.parse("1970-01-01T23:59:59.999+23:59"), MINUTE - 1)
    assert.equal(Instant.parse("1970-01-01T00:00:00-23:59"), DAY - MINUTE)
  })

  it("[TI2] every day of four centuries has the platform's date, and reads back", () => {
    const first = Date.UTC(1999, 11, 31)
    for (let day = 0; day < 146_100; day++) {
      const instant = first + day * DAY
      const date = Instant.formatDate(instant)
      if (date !== new Date(instant).toISOString().slice(0, 10) || Instant.parse(date) !== instant) assert.fail(date)
    }
  })

  it.each([
    ["2024-02-29", true],
    ["2023-02-29", false],
    ["2000-02-29", true],
    ["1900-02-29", false],
    ["2100-02-29", false],
    ["2024-02-30", false],
    ["2026-04-30", true],
    ["2026-04-31", false],
    ["2026-12-31", true],
    ["2026-12-32", false],
    ["2026-13-01", false],
    ["2026-00-01", false],
    ["2026-01-00", false]
  ])("[TI3] whether the day %s exists: %s", (date, exists) => {
    assert.equal(Instant.parse(`${date}T12:00:00Z`) !== undefined, exists)
    assert.equal(Instant.parse(date) !== undefined, exists)
  })

  it("[TI3] a date and time that no calendar has is refused, and every one that it has is read", () => {
    const field = (most: number) => fc.integer({ max: most, min: 0 })
    const given = fc.tuple(field(9999), field(15), field(33), field(26), field(62), field(62))
    fc.assert(
      fc.property(given, ([year, month, day, hour, minute, second]) => {
        const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`
        const date = new Date(0)
        date.setUTCFullYear(year, month - 1, day)
        date.setUTCHours(hour, minute, second)
        const exists =
          date.getUTCFullYear() === year &&
          date.getUTCMonth() === month - 1 &&
          date.getUTCDate() === day &&
          date.getUTCHours() === hour &&
          date.getUTCMinutes() === minute &&
          date.getUTCSeconds() === second
        assert.equal(Instant.parse(text), exists ? date.getTime() : undefined)
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    "2026-11-23T24:00:00Z",
    "2026-11-23T23:59:60Z",
    "2026-11-23T23:60:00Z",
    "2026-11-23T04:52:27",
    "2026-11-23 04:52:27Z",
    " 2026-11-23T04:52:27Z",
    "2026-11-23T04:52:27Z\n",
    "2026-11-23T04:52:27+24:00",
    "2026-11-23T04:52:27+01:60",
    "2026-11-23T04:52:27+0100",
    "2026-11-23T04:52:27.Z",
    "2026-11-23T04:52:27,5Z",
    "2026-11-23T04:52Z",
    "2026-1-23",
    "26-11-23",
    "+002026-11-23T04:52:27Z",
    "２０２６-11-23",
    "2026-W48-1",
    "2026-11-23T",
    ""
  ])("[TI3] the text %j is refused", (text) => {
    assert.equal(Instant.parse(text), undefined)
  })

  it("[TI3] a text is read only if the platform reads it too, and then as the same instant", () => {
    const piece = fc.constantFrom(
      "2026-11-23",
      "T",
      "t",
      " ",
      "04:52:27",
      "24:00:00",
      ".5",
      ".1234567",
      "Z",
      "z",
      "+01:00"
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join("")
        const read = Instant.parse(text)
        if (read !== undefined) assert.equal(read, Date.parse(text.toUpperCase()))
      }),
      { numRuns: 2000 }
    )
  })

  it("[TI3] digits past the millisecond are cut, not rounded", () => {
    assert.equal(Instant.parse("1970-01-01T00:00:00.9999Z"), 999)
    assert.equal(Instant.parse("1970-01-01T00:00:00.999999999Z"), 999)
    assert.equal(Instant.parse("1970-01-01T00:00:00.0019999Z"), 1)
    assert.equal(Instant.parse("1970-01-01T00:00:00.5Z"), 500)
    assert.equal(Instant.parse("1970-01-01T00:00:00.1234567890Z"), undefined)
  })

  it("[TI4] a moment written with any offset is the same instant", () => {
    const inside = InstantArbitrary.between(EARLIEST + 2 * DAY, LATEST - 2 * DAY)
    fc.assert(
      fc.property(inside, offsetMinutes, (instant, minutes) => {
        const local = Instant.format(instant + minutes * MINUTE).replace("Z", writeOffset(minutes))
        assert.equal(Instant.parse(local), instant)
      }),
      { numRuns: 1000 }
    )
  })

  it.each(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])(
    "[TI4] the wall clock of %s with its offset is the same instant all year, where clocks change too",
    (timeZone) => {
      const second = fc.integer({ max: 365 * 86_400, min: 0 }).map((seconds) => Date.UTC(2026, 0, 1) + seconds * 1000)
      // 2026: Berlin changes on 29 March and 25 October, New York on 8 March and 1 November.
      const change = fc
        .tuple(
          fc.constantFrom(
            "2026-03-29T01:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-03-08T07:00:00Z",
            "2026-11-01T06:00:00Z"
          ),
          fc.integer({ max: 7200, min: -7200 })
        )
        .map(([text, seconds]) => Date.parse(text) + seconds * 1000)
      fc.assert(
        fc.property(fc.oneof(second, change), (instant) => {
          assert.equal(Instant.parse(localText(instant, timeZone)), instant)
        }),
        { numRuns: 300 }
      )
    }
  )

  it("[TI4] the hour that a clock in Berlin shows twice is two instants, an hour apart", () => {
    const [summer, winter] = [Instant.parse("2026-10-25T02:30:00+02:00"), Instant.parse("2026-10-25T02:30:00+01:00")]
    assert.equal(winter, (summer ?? 0) + HOUR)
  })
})
