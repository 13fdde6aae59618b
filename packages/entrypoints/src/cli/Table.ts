/** Tables and colours for people. */

export type Cell = { readonly text: string; readonly colour?: Colour }
export type Colour = "green" | "red" | "yellow" | "dim" | "bold"

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39]
}

/** Colours a text where colours are wanted. */
export const paint = (text: string, colour: Colour | undefined, colours: boolean): string =>
  colour === undefined || !colours ? text : `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`

const cellOf = (cell: string | Cell): Cell => (typeof cell === "string" ? { text: cell } : cell)

/** Columns as wide as their widest cell, two spaces apart; the last one as long as it is. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | Cell>>,
  colours: boolean
): string => {
  const all = [head.map((text): Cell => ({ colour: "bold", text })), ...rows.map((row) => row.map(cellOf))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)))
  return all
    .map((row) =>
      row
        .map(({ colour, text }, column) => {
          const padding = column === row.length - 1 ? "" : " ".repeat(Math.max(0, (widths[column] ?? 0) - text.length))
          return paint(text, colour, colours) + padding
        })
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
