import { sourcesOf, type TextFile } from "./TextFile.ts"

const MOST_LINES = 250

/** Source files too long to be read in one go. */
export const findLongFiles = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  sourcesOf(files).flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, "").split("\n").length
    return lines > MOST_LINES ? [`${path} has ${lines} lines, more than ${MOST_LINES}`] : []
  })
