/** The job summary: a table that holds whatever was written somewhere, as text. */
import { plainLine } from "@batchbrake/core/control/plainLine"

/** A summary holds at most a mebibyte a step; a cell of this length says enough. */
const LONGEST_CELL = 600
const MOST_ROWS = 500

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/**
 * A text on one line, of which nothing is markup: no link, image, mention, code, emphasis, or border of a cell. Entities
 * and not backslashes: they mean the same in a table, and cannot be undone by a backslash before them.
 */
export const plain = (text: string): string => {
  const line = plainLine(text)
  const short = line.length > LONGEST_CELL ? `${line.slice(0, LONGEST_CELL)}…` : line
  return (
    short
      .replace(/[^\p{L}\p{N} .,:;()/=+%'…-]/gu, (mark) => ENTITIES[mark] ?? `&#${mark.codePointAt(0) ?? 0xfffd};`)
      // An address or a domain would become a link by itself.
      .replace(/\/\//g, "&#47;&#47;")
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`)
  )
}

const row = (cells: ReadonlyArray<string>): string => `| ${cells.map((cell) => plain(cell) || "-").join(" | ")} |\n`

/** A table; rows beyond what a summary can take are counted. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const left = rows.length - MOST_ROWS
  return (
    row(head) +
    `|${" --- |".repeat(head.length)}\n` +
    rows.slice(0, MOST_ROWS).map(row).join("") +
    (left > 0 ? `\nand ${left} more\n` : "")
  )
}

export const heading = (text: string): string => `### ${plain(text)}\n\n`
