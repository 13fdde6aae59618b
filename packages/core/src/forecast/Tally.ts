/** What a replay counts, as bounds: equal where the record decides it. */

export const KEYS = [
  "trips",
  "closings",
  "probes",
  "wastedProbes",
  "runsAdmitted",
  "runsHeld",
  "heldByBudget",
  "attemptsAdmitted",
  "attemptsRefused",
  "openMillis",
  "minutes"
] as const
export type Key = (typeof KEYS)[number]
export type Tally = Record<Key, number>

/** The least and the most; `certain` while both are one object, so that it is added to once. */
export interface Bounds {
  readonly low: Tally
  readonly high: Tally
}

export const nothing = (): Tally => ({
  attemptsAdmitted: 0,
  attemptsRefused: 0,
  closings: 0,
  heldByBudget: 0,
  minutes: 0,
  openMillis: 0,
  probes: 0,
  runsAdmitted: 0,
  runsHeld: 0,
  trips: 0,
  wastedProbes: 0
})

export const certain = (): Bounds => {
  const tally = nothing()
  return { high: tally, low: tally }
}

export const add = ({ high, low }: Bounds, key: Key, amount: number): void => {
  low[key] += amount
  if (high !== low) high[key] += amount
}

/** Adds something between two amounts; to bounds that are two objects. */
export const addBetween = ({ high, low }: Bounds, key: Key, least: number, most: number): void => {
  low[key] += least
  high[key] += most
}

export const copy = ({ high, low }: Bounds): Bounds => ({ high: { ...high }, low: { ...low } })

/** One way or the other, key by key. */
export const either = (left: Bounds, right: Bounds): Bounds => {
  const [low, high] = [nothing(), nothing()]
  for (const key of KEYS) {
    low[key] = Math.min(left.low[key], right.low[key])
    high[key] = Math.max(left.high[key], right.high[key])
  }
  return { high, low }
}

/** Both of two ecosystems together. */
export const both = (left: Bounds, right: Bounds): Bounds => {
  const [low, high] = [nothing(), nothing()]
  for (const key of KEYS) {
    low[key] = left.low[key] + right.low[key]
    high[key] = left.high[key] + right.high[key]
  }
  return { high, low }
}
