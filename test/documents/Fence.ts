/** A fenced block of a document. */
export interface Fence {
  readonly path: string
  /** Of the opening fence, counted from 1. */
  readonly line: number
  /** What stands behind the opening fence: a language, and words of our own. */
  readonly words: ReadonlyArray<string>
  readonly text: string
}

/** Every fenced block of a document, in order. */
export const fencesOf = (path: string, document: string): ReadonlyArray<Fence> => {
  const fences: Array<Fence> = []
  let open: { readonly line: number; readonly words: ReadonlyArray<string>; readonly lines: Array<string> } | undefined
  for (const [index, line] of document.split("\n").entries()) {
    if (open === undefined && line.startsWith("```")) {
      open = { line: index + 1, lines: [], words: line.slice(3).trim().split(/\s+/) }
    } else if (open !== undefined && line === "```") {
      fences.push({ line: open.line, path, text: open.lines.map((text) => `${text}\n`).join(""), words: open.words })
      open = undefined
    } else open?.lines.push(line)
  }
  return fences
}

/** A block that is run, and the block right behind it that shows what it prints. */
export interface Example {
  readonly run: Fence
  readonly expected: Fence | undefined
  readonly exitCode: number
}

const PRINTED = ["text", "json"]

/** The examples of a document in one language. */
export const examplesOf = (fences: ReadonlyArray<Fence>, language: string): ReadonlyArray<Example> =>
  fences.flatMap((run, index) => {
    const [spoken, ...words] = run.words
    if (spoken !== language || !words.includes("run")) return []
    const next = fences[index + 1]
    const expected = next?.words.length === 1 && PRINTED.includes(next.words[0] ?? "") ? next : undefined
    const stated = words.flatMap((word) => /^exit=(\d+)$/.exec(word)?.[1] ?? [])
    return [{ exitCode: Number(stated[0] ?? 0), expected, run }]
  })
