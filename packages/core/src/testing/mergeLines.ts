/** A three-way merge of texts by lines, strict: changes that touch or overlap conflict. */

interface Hunk {
  /** Lines of the base that are replaced, from `start` up to `end`. */
  readonly start: number
  readonly end: number
  readonly lines: ReadonlyArray<string>
}

/** The longest common subsequence's pairs of line numbers. */
const matches = (
  left: ReadonlyArray<string>,
  right: ReadonlyArray<string>
): ReadonlyArray<readonly [number, number]> => {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  const at = (row: number, column: number): number => lengths[row]?.[column] ?? 0
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const next =
        left[row] === right[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
      lengths[row]?.splice(column, 1, next)
    }
  }
  const pairs: Array<readonly [number, number]> = []
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    if (left[row] === right[column]) pairs.push([row++, column++])
    else if (at(row + 1, column) >= at(row, column + 1)) row++
    else column++
  }
  return pairs
}

const hunksOf = (base: ReadonlyArray<string>, changed: ReadonlyArray<string>): ReadonlyArray<Hunk> => {
  const hunks: Array<Hunk> = []
  let [row, column] = [0, 0]
  for (const [left, right] of [...matches(base, changed), [base.length, changed.length] as const]) {
    if (left > row || right > column) hunks.push({ end: left, lines: changed.slice(column, right), start: row })
    ;[row, column] = [left + 1, right + 1]
  }
  return hunks
}

const touch = (left: Hunk, right: Hunk): boolean => left.start <= right.end && right.start <= left.end

const equal = (left: Hunk, right: Hunk): boolean => JSON.stringify(left) === JSON.stringify(right)

/** The merged text; `undefined`: the changes conflict. */
export const mergeLines = (base: string, ours: string, theirs: string): string | undefined => {
  const [lines, mine, other] = [base, ours, theirs].map((text) => text.split("\n")) as [string[], string[], string[]]
  const left = hunksOf(lines, mine)
  const right = hunksOf(lines, other).filter((hunk) => !left.some((own) => equal(own, hunk)))
  if (right.some((hunk) => left.some((own) => touch(own, hunk)))) return undefined
  const merged: Array<string> = []
  let at = 0
  for (const hunk of [...left, ...right].sort((first, second) => first.start - second.start)) {
    merged.push(...lines.slice(at, hunk.start), ...hunk.lines)
    at = hunk.end
  }
  return [...merged, ...lines.slice(at)].join("\n")
}
