/** What a bench says: figures, and claims that a figure meets or misses. */

export interface Figure {
  readonly bench: string
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What the figure does and does not compare. */
  readonly note: string
}

export interface Claim {
  readonly bench: string
  readonly text: string
  readonly met: boolean
}

export interface Outcome {
  readonly figures: ReadonlyArray<Figure>
  readonly claims: ReadonlyArray<Claim>
}

/** The middle of some numbers; of an even count the upper one. */
export const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** Runs every case once a round, so that whatever else the machine does falls on all alike. Answers each one's figures. */
export const interleaved = async <K extends string>(
  rounds: number,
  cases: Readonly<Record<K, () => number | Promise<number>>>
): Promise<Readonly<Record<K, ReadonlyArray<number>>>> => {
  const names = Object.keys(cases) as Array<K>
  const taken = Object.fromEntries(names.map((name): [string, Array<number>] => [name, []])) as Record<K, Array<number>>
  for (let round = 0; round < rounds; round++) for (const name of names) taken[name].push(await cases[name]())
  return taken
}

/** Milliseconds that something takes. */
export const timed = async (work: () => unknown): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}
