/** What a verb says to people: lines and tables, laid out for the width and the colours of where they are read. */
import { plainLine } from "@batchbrake/core/control/plainLine"

export type Colour = "green" | "red" | "yellow" | "bold"
export type Cell = { readonly text: string; readonly colour?: Colour }
export interface Table {
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string | Cell>>
}
export type Line = string | Cell | Table

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
/** No column is made narrower than this to fit a page. */
const NARROWEST = 30
const GAP = "  "

const cellOf = (cell: string | Cell): Cell => (typeof cell === "string" ? { text: cell } : cell)

const paint = (text: string, colour: Colour | undefined, { colours }: Paper): string =>
  colour === undefined || !colours || text === ""
    ? text
    : `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`

/** Breaks a plain text into lines. What stands in back-quotes is to be copied, so it stays in one piece. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.match(/[^\s`]*`[^`]*`[^\s`]*|\S+/g) ?? []) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
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

/** Columns as wide as their widest cell; the last one takes what is left of the page, over several lines if need be. */
const grid = ({ head, rows }: Table, paper: Paper): ReadonlyArray<string> => {
  const all = [
    head.map((text): Cell => ({ colour: "bold", text })),
    ...rows.map((row) => row.map(cellOf).map((cell): Cell => ({ ...cell, text: plainLine(cell.text) })))
  ]
  const last = head.length - 1
  const widths = head.slice(0, last).map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)))
  const before = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  return all.flatMap((row) => {
    const front = widths.map((width, column) => {
      const { colour, text } = row[column] ?? { text: "" }
      return paint(text, colour, paper) + " ".repeat(width - text.length) + GAP
    })
    const { colour, text } = row[last] ?? { text: "" }
    return wrap(text, Math.max(NARROWEST, paper.columns - before)).map((part, index) =>
      ((index === 0 ? front.join("") : " ".repeat(before)) + paint(part, colour, paper)).trimEnd()
    )
  })
}

/** The page as text. Nothing that a person or a file put into a line can break out of it. */
export const render = (lines: ReadonlyArray<Line>, paper: Paper): string =>
  lines
    .flatMap((line) => (typeof line === "object" && "head" in line ? grid(line, paper) : sentence(line, paper)))
    .map((line) => `${line}\n`)
    .join("")
