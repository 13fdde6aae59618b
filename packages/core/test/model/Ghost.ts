/**
 * What an onlooker with a notebook knows: which run was granted what and until when, what it reported, and what that must
 * have cost. It shares no code with the reducer, and judges it.
 */
import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"

export const RESERVE = 40
/** What a run says that it used: one that passed more than it reserved, one that failed as much, an empty one nothing. */
export const MINUTES = { F: 40, P: 50, V: undefined } as const
export type Word = keyof typeof MINUTES

export const ECOSYSTEMS = ["npm", "cask"] as const
export type Ecosystem = (typeof ECOSYSTEMS)[number]

export interface GhostRun {
  readonly phase: "waiting" | "running" | "ended" | "gone"
  readonly ecosystem: Ecosystem | undefined
  readonly kind: "run" | "probe"
  readonly generation: number
  readonly until: number
  /** The lease was over when an event was applied: nothing of the run can be on time any more. */
  readonly isExpired: boolean
  /** Minutes on the account of this week; `undefined` while they are reserved. */
  readonly charged: number | undefined
  /** The week of its expiry is over. */
  readonly isOverWeek: boolean
  readonly word: Word | "abandoned" | undefined
}

export const waiting: GhostRun = {
  charged: 0,
  ecosystem: undefined,
  generation: 0,
  isExpired: false,
  isOverWeek: false,
  kind: "run",
  phase: "waiting",
  until: 0,
  word: undefined
}

/** A grant that was held at an instant runs out at its end, and costs what it reserved. */
export const at = (run: GhostRun, instant: number, weekBegan: number): GhostRun => {
  const holds = run.charged === undefined
  const expired = holds && instant >= run.until ? { ...run, charged: RESERVE, isExpired: true } : run
  return expired.until < weekBegan && expired.phase !== "waiting" && expired.charged !== undefined
    ? { ...expired, charged: 0, isOverWeek: true }
    : expired
}

export const isLiveProbe = (run: GhostRun, ecosystem: Ecosystem): boolean =>
  run.kind === "probe" && run.ecosystem === ecosystem && run.charged === undefined && !run.isExpired

const standing = ({ failures, generation, halfOpenSuccesses, opensAt, state, window }: BreakerState): string =>
  JSON.stringify([state, generation, window, failures, opensAt, halfOpenSuccesses])

/** Why a report could not have moved the breaker; `undefined` if it could. */
const excuse = (run: GhostRun, word: Word, before: BreakerState): string | undefined => {
  if (word === "V") return "a vacuous run moved the breaker"
  if (run.generation !== before.generation) return "a result of an older generation moved the breaker"
  if (run.kind === "probe" && run.isExpired) return "a probe's result after its lease moved the breaker"
  return undefined
}

/** What is wrong with what a first report did to its breaker. */
export const judgeReport = (
  run: GhostRun,
  word: Word,
  before: BreakerState,
  after: BreakerState
): string | undefined => {
  const why = excuse(run, word, before)
  if (why !== undefined) return standing(before) === standing(after) ? undefined : why
  const expected = word === "F" ? "open" : "closed"
  return after.state === expected ? undefined : `a result that counts left the breaker ${after.state}, not ${expected}`
}

/** What is wrong with any step at all. */
export const judgeEdge = (label: string, before: BreakerState, after: BreakerState): string | undefined => {
  if (before.state === "open" && after.state === "closed") return `${label} took the breaker from open to closed`
  if (after.generation < before.generation) return `${label} lowered the generation`
  if (before.state !== after.state && after.generation === before.generation)
    return `${label} changed the state and kept the generation`
  return after.state !== "closed" && (after.opensAt ?? 0) < (before.state === "closed" ? 0 : (before.opensAt ?? 0))
    ? `${label} moved a deadline backwards`
    : undefined
}
