/** What a run reports: its attempts in order, or bare counts. */

/** One counted attempt: passed or failed. */
export type Outcome = "P" | "F"

/** Attempts in the order given. `results` has `P`, `F` or `S` (skipped) an attempt. */
export interface OrderedAttempts {
  readonly results: string
  /** Failure category -> places in `results`. A failure in no list has no category and always counts. */
  readonly categories: Readonly<Record<string, ReadonlyArray<number>>>
}

/** How many, in no known order. */
export interface BareCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export type Attempts = OrderedAttempts | BareCounts

const isOrdered = (attempts: Attempts): attempts is OrderedAttempts => "results" in attempts

/** More attempts than this are no run: a report that claims them would keep every replay of the log busy. */
export const MOST_ATTEMPTS = 100_000

/** How many passed, failed and were skipped, whatever a policy counts. */
export const tally = (attempts: Attempts): BareCounts => {
  if (!isOrdered(attempts)) return attempts
  const count = (letter: string): number => attempts.results.split(letter).length - 1
  return { failed: count("F"), passed: count("P"), skipped: count("S") }
}

/** Places all of whose categories the policy ignores. */
const ignoredPlaces = (attempts: OrderedAttempts, ignored: ReadonlyArray<string>): ReadonlySet<number> => {
  const named = Object.entries(attempts.categories)
  const places = (keep: (category: string) => boolean): ReadonlyArray<number> =>
    named.flatMap(([category, list]) => (keep(category) ? list : []))
  const counted = new Set(places((category) => !ignored.includes(category)))
  return new Set(places((category) => ignored.includes(category)).filter((place) => !counted.has(place)))
}

/** Of n attempts the i-th from 0 is a failure when floor((i+1)·failed/n) > floor(i·failed/n): spread evenly. */
const spread = (counts: BareCounts): string => {
  const total = counts.passed + counts.failed
  let outcomes = ""
  for (let index = 0; index < total; index++) {
    const failuresBefore = Math.floor((index * counts.failed) / total)
    outcomes += Math.floor(((index + 1) * counts.failed) / total) > failuresBefore ? "F" : "P"
  }
  return outcomes
}

/** The attempts that count, in the order in which a closed breaker takes them: a text of `P` and `F`. */
export const counted = (attempts: Attempts, ignoreCategories: ReadonlyArray<string>): string => {
  if (!isOrdered(attempts)) return spread(attempts)
  if (ignoreCategories.length === 0) return attempts.results.replaceAll("S", "")
  const ignored = ignoredPlaces(attempts, ignoreCategories)
  const counts = (letter: string, place: number): boolean => letter === "P" || (letter === "F" && !ignored.has(place))
  return [...attempts.results].filter(counts).join("")
}

/** The same for a probe: with bare counts all failures come first, since nothing says that they did not. */
export const countedForProbe = (attempts: Attempts, ignoreCategories: ReadonlyArray<string>): string =>
  isOrdered(attempts) ? counted(attempts, ignoreCategories) : "F".repeat(attempts.failed) + "P".repeat(attempts.passed)
