/** The field types that more than one file shares: names, counts, instants, fractions. */
import * as Schema from "effect/Schema"
import * as Instant from "../time/Instant.ts"

/** With the `u` flag, since without it a pattern is left out of the JSON Schema. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/u

/** Whether a text may name an ecosystem, or a platform. */
export const isName = (text: string): boolean => NAME.test(text)

/** The name of an ecosystem or of a platform. */
export const Name = Schema.String.check(
  Schema.isPattern(NAME, { expected: "a name of 1 to 64 characters from a-z 0-9 . _ -, a letter or digit first" })
)

/** What identifies a run within its ecosystem. Printable, so that it fits a commit trailer. */
export const RunKey = Schema.String.check(
  Schema.isPattern(/^[!-~](?:[ -~]{0,198}[!-~])?$/u, { expected: "1 to 200 printable ASCII characters" })
)

export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { expected: "a whole number, 0 or more" }))
export const Positive = Schema.Int.check(Schema.isGreaterThan(0, { expected: "a whole number, 1 or more" }))
/** A leap year: the longest lease or cool-down, so that no deadline leaves the range of four-digit years. */
export const LONGEST_MINUTES = 527_040
/** Minutes of a lease or a cool-down. */
export const Duration = Schema.Int.check(
  Schema.isBetween({ maximum: LONGEST_MINUTES, minimum: 1 }, { expected: "whole minutes, from 1 to 527040 (366 days)" })
)
export const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0, { expected: "a number, 0 or more" }))

const MILLION = 1_000_000

/** A part of one, in at most six decimals, so that it is exact as a number of millionths. */
export const Fraction = Schema.Finite.check(
  Schema.makeFilter((value: number) => value >= 0 && value <= 1 && Math.round(value * MILLION) / MILLION === value, {
    expected: "a number from 0 to 1 with at most six decimals",
    toJsonSchema: () => ({ maximum: 1, minimum: 0 })
  })
)

/** A fraction as millionths, an integer: comparisons on either side of exactly 80 % come out right. */
export const toMillionths = (fraction: number): number => Math.round(fraction * MILLION)

const INSTANT = "\\d{4}-\\d{2}-\\d{2}(?:[Tt]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d{2}:\\d{2}))?"

/** An RFC 3339 instant, kept as text in the file; a bare date is its first moment in UTC. */
export const InstantText = Schema.String.check(
  Schema.makeFilter((text: string) => Instant.parse(text) !== undefined, {
    expected: "an RFC 3339 instant such as 2026-11-23T04:52:27Z",
    toJsonSchema: () => ({ pattern: `^${INSTANT}$` })
  })
)

/** The same, where the published shape writes an empty string for "none". */
export const InstantOrEmpty = Schema.String.check(
  Schema.makeFilter((text: string) => text === "" || Instant.parse(text) !== undefined, {
    expected: 'an RFC 3339 instant such as 2026-11-23T04:52:27Z, or "" for none',
    toJsonSchema: () => ({ pattern: `^(?:${INSTANT})?$` })
  })
)
