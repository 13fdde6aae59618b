/**
 * How much of the time a breaker is not closed, at one true success rate: a renewal process of closed and open spells
 * (the mean of what one cycle has over the mean length of a cycle; W. Feller, "An Introduction to Probability Theory",
 * volume 2, chapter XI), with a Markov chain over the consecutive trips where the cool-down grows with them.
 *
 * Runs come evenly and have equally many counted attempts; a run reports when it is admitted; budget and pauses hold
 * nothing. So a probe is the first run at or after the end of the cool-down.
 */
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import { WEEK } from "../time/Instant.ts"
import { meanSteps, type RunLength, trippedBy } from "./RunLength.ts"

/** How often an ecosystem runs, and how many counted attempts a run has (1 or more, whole). */
export interface Pace {
  readonly runsPerWeek: number
  readonly attemptsPerRun: number
}

/** Cool-downs that grow for longer than this count as the last of them. */
const MOST_LEVELS = 5000
const ROUNDS = 2000

/** Runs from a trip to the first probe, by consecutive trips; the last one stands for all that follow. */
const waits = (policy: BreakerPolicy, gap: number): ReadonlyArray<number> => {
  const all: Array<number> = []
  for (let trips = 1; trips <= MOST_LEVELS; trips++) {
    const coolDown = Breaker.coolDown(policy, trips)
    all.push(Math.max(1, Math.ceil(coolDown / gap)))
    if (coolDown >= policy.coolDownCapMillis || policy.coolDownMultiplier === 1) break
  }
  return all
}

interface Probing {
  /** The probability that half-open ends in closed and not in open again. */
  readonly closes: number
  /** Probes in a row that close. */
  readonly needed: number
  /** Runs from the first probe to the one that closes or reopens, in the mean. */
  readonly runs: number
}

const probing = (policy: BreakerPolicy, passRate: number, attemptsPerRun: number): Probing => {
  const deciding = Math.min(policy.probeAttempts, attemptsPerRun)
  const needed = Math.ceil(policy.closeAfter / deciding)
  const passes = passRate ** deciding
  let runs = 0
  for (let probe = 2; probe <= needed; probe++) runs += passes ** (probe - 1)
  return { closes: passes ** needed, needed, runs }
}

/** One cycle from the distribution of the trip count at its trip: runs not closed, and the distribution at its close. */
const cycle = (start: ReadonlyArray<number>, wait: ReadonlyArray<number>, { closes, runs }: Probing) => {
  let [carried, open] = [0, 0]
  const last = start.length - 1
  const closedAt = start.map((mass, level) => {
    const visits = (mass + carried) / (level === last ? closes : 1)
    carried = visits * (1 - closes)
    open += visits * ((wait[level] ?? 0) + runs)
    return visits * closes
  })
  return { closedAt, open }
}

/** The share of the time, 0 to 1, in which the breaker is open or half-open. */
export const share = (policy: BreakerPolicy, passRate: number, pace: Pace, run: RunLength): number => {
  const { attemptsPerRun } = pace
  const closed = meanSteps(run, attemptsPerRun)
  if (closed === Number.POSITIVE_INFINITY) return 0
  const wait = waits(policy, WEEK / pace.runsPerWeek)
  const probes = probing(policy, passRate, attemptsPerRun)
  if (probes.closes === 0) return 1
  // Earlier trips are forgiven after being closed for as long as it was last open.
  const forgiven = wait.map((runs) => 1 - trippedBy(run, (runs + probes.needed - 2) * attemptsPerRun))
  let start: ReadonlyArray<number> = wait.map((_, level) => (level === 0 ? 1 : 0))
  let { closedAt, open } = cycle(start, wait, probes)
  for (let round = 0; round < ROUNDS && wait.length > 1; round++) {
    const next = wait.map((): number => 0)
    for (const [level, mass] of closedAt.entries()) {
      const above = Math.min(level + 1, wait.length - 1)
      next[0] = (next[0] ?? 0) + mass * (forgiven[level] ?? 0)
      next[above] = (next[above] ?? 0) + mass * (1 - (forgiven[level] ?? 0))
    }
    const change = next.reduce((most, mass, level) => Math.max(most, Math.abs(mass - (start[level] ?? 0))), 0)
    start = next
    ;({ closedAt, open } = cycle(start, wait, probes))
    if (change < 1e-12) break
  }
  return open / (open + closed)
}
