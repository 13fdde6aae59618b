/** Instants for properties. */
import * as fc from "fast-check"
import { DAY, EARLIEST, type EpochMillis, HOUR, LATEST, MINUTE, parse, SECOND } from "../time/Instant.ts"

/** Every instant between two, both included. */
export const between = (from: EpochMillis, to: EpochMillis): fc.Arbitrary<EpochMillis> =>
  fc.integer({ max: to, min: from })

const at = (text: string): EpochMillis => parse(text) ?? 0

/** The moments around which calendars go wrong: ends of years, leap days, century years, the two ends of the range. */
const EDGES = [
  EARLIEST,
  at("0000-02-29"),
  at("1582-10-15"),
  at("1900-03-01"),
  at("1970-01-01"),
  at("2000-02-29"),
  at("2024-02-29"),
  at("2027-01-01"),
  at("2100-03-01"),
  at("9999-12-31"),
  LATEST
]

const nearEdge: fc.Arbitrary<EpochMillis> = fc
  .tuple(fc.constantFrom(...EDGES), fc.integer({ max: 2, min: -2 }), fc.constantFrom(1, SECOND, MINUTE, HOUR, DAY))
  .map(([edge, steps, unit]) => Math.min(LATEST, Math.max(EARLIEST, edge + steps * unit)))

/** Any instant of a four-digit year, the awkward ones often. */
export const ofCalendar: fc.Arbitrary<EpochMillis> = fc.oneof(between(EARLIEST, LATEST), nearEdge)

/** The years in which the generated states and events take place: 2026 to 2035. */
export const FIRST_EVENT = at("2026-01-01")
export const LAST_EVENT = at("2035-12-31")

/** An instant at which an event may happen. */
export const ofEvent: fc.Arbitrary<EpochMillis> = fc.oneof(
  between(FIRST_EVENT, LAST_EVENT),
  between(0, Math.floor((LAST_EVENT - FIRST_EVENT) / MINUTE)).map((minutes) => FIRST_EVENT + minutes * MINUTE)
)

/** Offsets from some instant, on both sides, from a millisecond to a few weeks; the small ones often. */
export const offset: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(-1, 0, 1),
  fc.integer({ max: 3 * HOUR, min: -3 * HOUR }),
  fc.integer({ max: 40 * DAY, min: -40 * DAY })
)
