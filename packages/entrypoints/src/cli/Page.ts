/** What a verb says to people: lines and tables, laid out for the width and the colours of where they are read. */
import { plainLine } from "@batchbrake/core/control/plainLine"

export type Colour = "green" | "red" | "yellow" | "bold"
export type Cell = { readonly text: string; readonly colour?: Colour }
export interface Table {
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string | Cell>>
}
/** A file, such as a picture or a comment, that is printed as it stands: it is not for this page's width. */
export interface Verbatim {
  readonly verbatim: string
}
export type Line = string | Cell | Table | Verbatim

/** How wide a page is, and whether it may have colours. */
export interface Paper {
  readonly columns: number
  readonly colours: boolean
}

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39]
}
/** The last column of a table is not made narrower than this to fit a page. */
const NARROWEST = 40
const GAP = "  "

const cellOf = (cell: string | Cell): Cell => (typeof cell === "string" ? { text: cell } : cell)

const paint = (text: string, colour: Colour | undefined, { colours }: Paper): string =>
  colour === undefined || !colours || text === ""
    ? text
    : `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`

/** What stands in back-quotes is to be copied, so it stays in one piece. */
const WORD = /[^\s`]*`[^`]*`[^\s`]*|\S+/g

/** Breaks a plain text into lines, between words. */
export const wrap = (text: string, width: number, word = WORD): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const part of text.match(word) ?? []) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + part.length <= width) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(part)
  }
  return lines.length === 0 ? [""] : lines
}

const sentence = (line: string | Cell, paper: Paper): ReadonlyArray<string> => {
  const { colour, text } = cellOf(line)
  const indent = /^ */.exec(text)?.[0] ?? ""
  return wrap(plainLine(text), paper.columns - indent.length - GAP.length).map(
    (part, index) => `${indent}${index === 0 || part === "" ? "" : GAP}${paint(part, colour, paper)}`
  )
}

/**
 * Columns as wide as their widest cell; the last one takes what is left of the page, over several lines if need be, and
 * stands below the others where too little is left.
 */
const grid = ({ head, rows }: Table, paper: Paper): ReadonlyArray<string> => {
  const all = [
    head.map((text): Cell => ({ colour: "bold", text })),
    ...rows.map((row) => row.map(cellOf).map((cell): Cell => ({ ...cell, text: plainLine(cell.text) })))
  ]
  const last = head.length - 1
  const widths = head.slice(0, last).map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)))
  const before = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  const longest = Math.max(...all.map((row) => row[last]?.text.length ?? 0))
  const isBelow = longest > NARROWEST && paper.columns - before < NARROWEST
  const indent = isBelow ? GAP + GAP : " ".repeat(before)
  return all.flatMap((row, index) => {
    const front = widths
      .map((width, column) => {
        const { colour, text } = row[column] ?? { text: "" }
        return paint(text, colour, paper) + " ".repeat(width - text.length) + GAP
      })
      .join("")
    const { colour, text } = row[last] ?? { text: "" }
    const lines = wrap(text, Math.max(NARROWEST, paper.columns - indent.length)).map((part) =>
      paint(part, colour, paper)
    )
    // The title of the last column stays on its line: it fits, or nothing would.
    const [first = "", ...others] = isBelow && index > 0 ? ["", ...lines] : lines
    return [front + first, ...others.map((line) => indent + line)].map((line) => line.trimEnd())
  })
}

/** The page as text. Nothing that a person or a file put into a line can break out of it. */
export const render = (lines: ReadonlyArray<Line>, paper: Paper): string =>
  lines
    .flatMap((line) => {
      if (typeof line === "string") return sentence(line, paper)
      if ("verbatim" in line) return [line.verbatim.replace(/\n$/, "")]
      return "head" in line ? grid(line, paper) : sentence(line, paper)
    })
    .map((line) => `${line}\n`)
    .join("")
