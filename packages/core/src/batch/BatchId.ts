/**
 * Batch IDs: `YYYY-MM-DD-NNN`, the UTC date on which the ID was given and a number from 001, at least three digits.
 * Parsing is exact: a near miss is refused, so that no ID is ever found as the beginning of another.
 */
import * as Instant from "../time/Instant.ts"

const SHAPE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{3,9})$/

/** The two parts of an ID. */
export interface Parts {
  readonly date: string
  readonly number: number
}

/** `2026-02-06-007`, and 1000 where a day needs it. */
export const format = ({ date, number }: Parts): string => `${date}-${String(number).padStart(3, "0")}`

/** The parts of an ID; `undefined` for anything that {@link format} would not write. */
export const parse = (text: string): Parts | undefined => {
  const [, date = "", digits = ""] = SHAPE.exec(text) ?? []
  const number = Number(digits)
  if (Instant.parse(date) === undefined || number === 0) return undefined
  const parts = { date, number }
  return format(parts) === text ? parts : undefined
}

export const isBatchId = (text: string): boolean => parse(text) !== undefined

/** The date in an ID or in anything that begins like one. */
export const dateOf = (id: string): string => id.slice(0, 10)

/** By date, then by number: 1000 comes after 999. */
export const byAge = (left: string, right: string): number => {
  const [first, second] = [parse(left), parse(right)]
  if (first === undefined || second === undefined) return left < right ? -1 : left > right ? 1 : 0
  return first.date === second.date ? first.number - second.number : first.date < second.date ? -1 : 1
}

/** The next IDs of a day, given all IDs that exist: one more than the greatest number that the day has seen. */
export const following = (existing: ReadonlyArray<string>, date: string, count: number): ReadonlyArray<string> => {
  const last = existing.reduce((greatest, id) => {
    const parts = parse(id)
    return parts?.date === date ? Math.max(greatest, parts.number) : greatest
  }, 0)
  return Array.from({ length: count }, (_, index) => format({ date, number: last + 1 + index }))
}

/** Levenshtein's distance, capped by the lengths at hand: IDs and aliases are short. */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [place, letter] of [...left].entries()) {
    const next = [place + 1]
    for (let column = 1; column <= right.length; column++) {
      const substitution = (row[column - 1] ?? 0) + (right[column - 1] === letter ? 0 : 1)
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[right.length] ?? 0
}

/** Up to three of the known IDs that come nearest to one that is not known. */
export const nearest = (wanted: string, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  known
    .map((id) => ({ away: distance(wanted, id), id }))
    .sort((left, right) => left.away - right.away || byAge(right.id, left.id))
    .slice(0, 3)
    .map(({ id }) => id)
