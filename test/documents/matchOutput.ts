/** Instants, dates, hashes and absolute paths differ from run to run. */
const CHANGING: ReadonlyArray<readonly [RegExp, string]> = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<instant>"],
  [/\b\d{4}-\d\d-\d\d\b/g, "<date>"],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b/g, "<hash>"],
  [/(?<![\w./:<-])\/[\w.@-]+(?:\/[\w.@-]+)*/g, "<path>"]
]

const normalise = (text: string): string =>
  CHANGING.reduce((changed, [pattern, word]) => changed.replace(pattern, word), text).replace(/[ \t]+$/gm, "")

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/**
 * Whether a program printed what a document shows, changing parts aside. `…` stands for the rest of a line, a line of
 * `…` alone for any number of lines.
 */
export const matchesText = (printed: string, expected: string): boolean => {
  const pattern = normalise(expected)
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\n)*?" : `${line.split("…").map(escape).join(".*")}\n`))
    .join("")
  return new RegExp(`^${pattern}$`).test(`${normalise(printed).trimEnd()}\n`)
}

/** The same for one JSON document: all of it, in its order. */
export const matchesJson = (printed: string, expected: string): boolean =>
  normalise(JSON.stringify(JSON.parse(printed), null, 2)) === normalise(JSON.stringify(JSON.parse(expected), null, 2))
