/**
 * One line of plain text, whatever was typed: control characters, line ends and the marks that turn the direction of
 * writing become spaces, so that nobody's reason can look like output of ours on a terminal or in a log.
 */
export const plainLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .replace(/\p{Cs}/gu, "\ufffd")
    .trim()

const LONGEST_NAME = 64

/** A name that somebody typed and nobody knows: no more of it than tells it from others. */
export const shortName = (text: string): string =>
  text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text
