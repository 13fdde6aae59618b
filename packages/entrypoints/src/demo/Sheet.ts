/** Tables for a terminal: padded columns, and colours where a person looks. */

export type Colour = "red" | "green" | "yellow" | "dim"

export interface Cell {
  readonly text: string
  readonly colour: Colour
}

const CODES: Readonly<Record<Colour, string>> = { dim: "2", green: "32", red: "31", yellow: "33" }

/** Whether to colour: only on a terminal, and not where the reader said no. */
export const wantsColours = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && (process.env.NO_COLOR ?? "") === ""

const textOf = (cell: string | Cell): string => (typeof cell === "string" ? cell : cell.text)

/** One line of columns; the last one is not padded. A cell is padded before it is coloured. */
export const line = (cells: ReadonlyArray<string | Cell>, widths: ReadonlyArray<number>, colours: boolean): string =>
  cells
    .map((cell, column) => {
      const width = column === cells.length - 1 ? 0 : (widths[column] ?? 0)
      const padded = textOf(cell).padEnd(width)
      return colours && typeof cell !== "string" ? `\u001b[${CODES[cell.colour]}m${padded}\u001b[0m` : padded
    })
    .join("  ")
    .trimEnd()

/** A table as wide as its widest cells. Numbers stand to the right. */
export const sheet = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)))
  const isNumber = (text: string): boolean => /^[\d,.]+( \S+)?$|^-$/.test(text)
  const aligned = rows.map((row) =>
    row.map((cell, column) => (isNumber(cell) ? cell.padStart(widths[column] ?? 0) : cell))
  )
  return [head, ...aligned].map((row) => line(row, widths, false)).join("\n")
}
