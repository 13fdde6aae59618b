/**
 * Instants as integers: milliseconds since 1970-01-01T00:00:00Z, without leap seconds, always UTC.
 * The core never reads a clock and never uses `Date`; text becomes an integer here and nowhere else.
 */

/** Milliseconds since the Unix epoch. An integer; the range is that of four-digit years. */
export type EpochMillis = number

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four-digit years can write. */
export const EARLIEST: EpochMillis = -62_167_219_200_000
export const LATEST: EpochMillis = 253_402_300_799_999

/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
 * Source of the formula: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
const daysFromCivil = (year: number, month: number, day: number): number => {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The inverse of {@link daysFromCivil}; same source, civil_from_days. */
const civilFromDays = (days: number): { readonly year: number; readonly month: number; readonly day: number } => {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { day, month, year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0) }
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d)))?$/

/**
 * Reads an RFC 3339 instant, or a bare `YYYY-MM-DD`, which means midnight UTC. Digits past the millisecond are cut.
 * `undefined` for anything else: no such day, hour 24, a leap second, a time without an offset, white space.
 */
export const parse = (text: string): EpochMillis | undefined => {
  const found = SHAPE.exec(text)
  if (found === null) return undefined
  const part = (index: number): number => Number(found[index] ?? "0")
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return undefined
  const milliseconds = Number((found[7] ?? "").padEnd(3, "0").slice(0, 3))
  const offset = (found[8] === "-" ? -1 : 1) * (part(9) * HOUR + part(10) * MINUTE)
  const local = daysFromCivil(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + milliseconds
  const instant = local - offset
  return instant < EARLIEST || instant > LATEST ? undefined : instant
}

const digits = (value: number, width: number): string => String(value).padStart(width, "0")

/** `2026-11-23`: the UTC date of an instant. */
export const formatDate = (instant: EpochMillis): string => {
  const { day, month, year } = civilFromDays(Math.floor(instant / DAY))
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
}

/** `2026-11-23T04:52:27Z`; milliseconds are written only where there are any. The inverse of {@link parse}. */
export const format = (instant: EpochMillis): string => {
  const ofDay = instant - Math.floor(instant / DAY) * DAY
  const [hour, minute, second] = [
    Math.floor(ofDay / HOUR),
    Math.floor(ofDay / MINUTE) % 60,
    Math.floor(ofDay / SECOND) % 60
  ]
  const fraction = ofDay % SECOND === 0 ? "" : `.${digits(ofDay % SECOND, 3)}`
  return `${formatDate(instant)}T${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}${fraction}Z`
}

/** Monday is 0, Sunday is 6. */
export const dayOfWeek = (instant: EpochMillis): number => {
  const days = Math.floor(instant / DAY) + 3
  return days - Math.floor(days / 7) * 7
}

/** The last midnight UTC at or before an instant. */
export const startOfDay = (instant: EpochMillis): EpochMillis => Math.floor(instant / DAY) * DAY
