/**
 * What an onlooker with a notebook knows: which run was granted what and until when, what it reported, and what that must
 * have cost. It shares no code with the reducer, and judges it.
 */
import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"
import type { GhostBreaker } from "./GhostBreaker.ts"

export const RESERVE = 40
/** What a run says that it used: one that passed more than it reserved, one that failed as much, an empty one nothing. */
export const MINUTES = { F: 40, FF: 40, P: 50, V: undefined } as const
/** The attempts behind a word. */
export const RESULTS = { F: "F", FF: "FF", P: "P", V: "" } as const
export type Word = keyof typeof MINUTES

export const ECOSYSTEMS = ["npm", "cask"] as const
export type Ecosystem = (typeof ECOSYSTEMS)[number]

export interface GhostRun {
  readonly phase: "waiting" | "running" | "ended" | "gone"
  readonly ecosystem: Ecosystem | undefined
  readonly kind: "run" | "probe"
  /** How often its breaker had changed when it was granted. */
  readonly edges: number
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
  edges: 0,
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

/** Why a report cannot have moved the breaker; `undefined` if it has to count. */
export const excuse = (run: GhostRun, word: Word, noted: GhostBreaker): string | undefined => {
  if (word === "V") return "a vacuous run moved the breaker"
  if (run.edges !== noted.edges) return "a result of an older generation moved the breaker"
  if (run.kind === "probe" && run.isExpired) return "a probe's result after its lease moved the breaker"
  return undefined
}

/** What is wrong with what a report did to its breaker that may not have moved it. */
export const judgeExcused = (why: string, before: BreakerState, after: BreakerState): string | undefined =>
  standing(before) === standing(after) ? undefined : why

/** What is wrong with any step at all. */
export const judgeEdge = (label: string, before: BreakerState, after: BreakerState): string | undefined => {
  if (after.generation < before.generation) return `${label} lowered the generation`
  return before.state !== after.state && after.generation === before.generation
    ? `${label} changed the state and kept the generation`
    : undefined
}
