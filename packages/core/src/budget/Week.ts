import { DAY, dayOfWeek, type EpochMillis, startOfDay } from "../time/Instant.ts"

/**
 * The start of the week that an instant is in: the last 00:00 UTC of the policy's first weekday at or before it.
 * Derived afresh each time, never by adding days to an earlier start, so that any gap rolls over once and rightly.
 */
export const startOf = (instant: EpochMillis, weekStartsOn: number): EpochMillis =>
  startOfDay(instant) - ((dayOfWeek(instant) - weekStartsOn + 7) % 7) * DAY

/** The first instant of the next week. */
export const nextAfter = (instant: EpochMillis, weekStartsOn: number): EpochMillis =>
  startOf(instant, weekStartsOn) + 7 * DAY
