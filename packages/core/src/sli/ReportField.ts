/** The fields of a run's report: what `record` takes in is what every metrics store can keep, so neither has bounds of its own. */
import * as Schema from "effect/Schema"

export const LARGEST = 1_000_000_000
/** Each platform of a run has sums of its own, which must not outgrow what a database takes at once. */
export const MOST_PLATFORMS = 32
const LONGEST_NAME = 1024
/** Characters of a failure's message that are kept. */
const LONGEST_MESSAGE = 2000

const text = (length: number, least: 0 | 1) =>
  Schema.String.check(
    Schema.makeFilter(
      (value: string) =>
        value.length >= least && value.length <= length && !value.includes("\u0000") && value.isWellFormed(),
      { expected: `${least === 0 ? "at most" : `1 to`} ${length} characters of well-formed text without U+0000` }
    )
  )

/** The name of a recipe or of a batch. */
export const LongName = text(LONGEST_NAME, 1)
/** The category of a failure; empty for none. */
export const Category = text(LONGEST_NAME, 0)
/** As it is kept: see {@link fitMessage}. */
export const Message = text(LONGEST_MESSAGE, 0)
/** Seconds, or a sum of weights. */
export const BoundedAmount = Schema.Finite.check(
  Schema.isBetween({ maximum: LARGEST, minimum: 0 }, { expected: `a number from 0 to ${LARGEST}` })
)
/** How many recipes one stands for: itself at least, or its failure would not be seen. */
export const Weight = Schema.Finite.check(
  Schema.isBetween({ maximum: LARGEST, minimum: 1 }, { expected: `a number from 1 to ${LARGEST}` })
)

/** A message as a report may hold it: no longer than is kept, and of characters that can be. */
export const fitMessage = (message: string): string =>
  message.slice(0, LONGEST_MESSAGE).replaceAll("\u0000", "\ufffd").toWellFormed()
