/**
 * One way in which a breaker may stand during a replay. There is one while every outcome is on record, and more from
 * the first attempts on that a policy would have made and nobody has; ways that can no longer be told apart are one.
 */
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Doubt from "./Doubt.ts"
import * as OutcomeChain from "./OutcomeChain.ts"
import * as Tally from "./Tally.ts"

export interface Branch {
  readonly state: BreakerState
  /** Where its window is not known to the attempt: see {@link Doubt}. */
  readonly worst: string | undefined
  readonly tally: Tally.Bounds
}

/** What a run on record came to. */
export interface Outcomes {
  /** The counted attempts as a closed breaker takes them. */
  readonly closed: string
  /** What a probe may have met of them, asked only of one: one text where that is known. */
  readonly probes: () => ReadonlyArray<string>
  readonly attempts: number
  readonly minutes: number
}

/** Where admitting a run leads, and what became of it. */
export interface After {
  readonly branch: Branch
  readonly became: number
}

/** What became of a run, as a bit each, so that several possibilities are one number. */
export const RAN = 1
export const TRIPPED = 2
export const PROBED = 4
export const CLOSED = 8
export const HELD = 16
export const HELD_BY_BUDGET = 32
/** All in which it was admitted. `RAN` and `PROBED` are without a trip and a close. */
export const ADMITTED = RAN | TRIPPED | PROBED | CLOSED

/**
 * How many failures lie how far back, in passes; those that no trip can have a part of any more are the same as none.
 * Before the window is full its length matters too, and with a minimum below the window so does each of its attempts.
 */
const patternOf = (policy: BreakerPolicy, window: string, passesToForget: number): string => {
  const isFull = window.length >= policy.window
  if (!isFull && policy.minimumAttempts < policy.window) return window
  let pattern = isFull ? "" : `${window.length}: `
  let passes = 0
  for (let index = window.length - 1; index >= 0 && passes < passesToForget; index--) {
    if (window[index] === "F") pattern += `${passes} `
    else passes++
  }
  return pattern
}

/** The part of the past that lengthens later cool-downs. */
export const growthOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis): string => {
  const { closedAt, openedAt, trips } = state
  if (policy.coolDownMultiplier === 1 || policy.coolDownCapMillis <= policy.coolDownMillis) return ""
  const level = Breaker.coolDown(policy, trips + 1) >= policy.coolDownCapMillis ? "most" : String(trips)
  if (state.state !== "closed") return `${level} ${openedAt ?? ""}`
  if (closedAt === undefined || openedAt === undefined) return level
  const forgivenAt = closedAt + (closedAt - openedAt)
  return at >= forgivenAt ? "forgiven" : `${level} ${forgivenAt}`
}

/** Names all that later decisions can depend on: two states of one name go on alike. See {@link OutcomeChain}. */
export const keyOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis, worst?: string): string => {
  const growth = growthOf(policy, state, at)
  if (worst !== undefined) return `d ${state.window ?? ""} ${worst} ${growth}`
  switch (state.state) {
    case "closed": {
      const passes = policy.window - OutcomeChain.mostFailures(policy)
      return `c ${patternOf(policy, state.window ?? "", passes)} ${growth}`
    }
    case "open":
      return `o ${state.opensAt ?? ""} ${growth}`
    case "half-open":
      return `h ${state.halfOpenSuccesses} ${growth}`
  }
}

/** Not admitted: its attempts are refused. */
export const hold = (branch: Branch, attempts: number, byBudget: boolean): Branch => {
  Tally.add(branch.tally, "runsHeld", 1)
  Tally.add(branch.tally, "attemptsRefused", attempts)
  if (byBudget) Tally.add(branch.tally, "heldByBudget", 1)
  return branch
}

const RUN_KEY = "replayed"
const RECENT: ReadonlyArray<string> = []

const settled = (policy: BreakerPolicy, state: BreakerState, closed: string, probe: string, at: EpochMillis) =>
  Breaker.settle(policy, state, { grantedGeneration: state.generation, runKey: RUN_KEY }, { closed, probe }, at).state

/** What the gate would say of a run, the budget aside. */
export const decisionOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis): number => {
  const { _tag } = Breaker.permission(state, at)
  if (_tag === "ProbeDue") return PROBED
  return _tag === "Run" || policy.mode === "observe" ? RAN : HELD
}

/** A probe that met these counted attempts. The tally is changed in place. */
export const probe = (policy: BreakerPolicy, branch: Branch, outcomes: string, at: EpochMillis): After => {
  const { tally } = branch
  const asked = Breaker.claim(policy, branch.state, { recentProbes: RECENT, runKey: RUN_KEY }, at)
  const state = settled(policy, asked, outcomes, outcomes, at)
  Tally.add(tally, "probes", 1)
  if (state.state === "open" || outcomes === "") Tally.add(tally, "wastedProbes", 1)
  if (state.state === "closed") Tally.add(tally, "closings", 1)
  return { became: state.state === "closed" ? CLOSED : PROBED, branch: { state, tally, worst: undefined } }
}

/** Whether a run is more than a probe takes: then which of its attempts were probed, and its minutes, are not known. */
export const isCut = (policy: BreakerPolicy, decision: number, attempts: number): boolean =>
  decision === PROBED && attempts > policy.probeAttempts

const probed = (policy: BreakerPolicy, branch: Branch, run: Outcomes, at: EpochMillis): ReadonlyArray<After> => {
  const isPart = isCut(policy, PROBED, run.attempts)
  const made = isPart ? policy.probeAttempts : run.attempts
  const ways = run.probes()
  return ways.map((outcomes) => {
    const tally = isPart || ways.length > 1 ? Tally.copy(branch.tally) : branch.tally
    Tally.add(tally, "runsAdmitted", 1)
    Tally.add(tally, "attemptsAdmitted", made)
    if (isPart) {
      Tally.add(tally, "attemptsRefused", run.attempts - made)
      Tally.addBetween(tally, "minutes", 0, run.minutes)
    } else Tally.add(tally, "minutes", run.minutes)
    return probe(policy, { ...branch, tally }, outcomes, at)
  })
}

/** A run on record that is admitted, and reports at once: where that may lead. Changes the tally in place. */
export const admit = (
  policy: BreakerPolicy,
  branch: Branch,
  decision: number,
  run: Outcomes,
  at: EpochMillis
): ReadonlyArray<After> => {
  if (decision === PROBED) return probed(policy, branch, run, at)
  const { state, tally, worst } = branch
  Tally.add(tally, "runsAdmitted", 1)
  Tally.add(tally, "attemptsAdmitted", run.attempts)
  Tally.add(tally, "minutes", run.minutes)
  if (worst === undefined || state.state !== "closed") {
    const next = settled(policy, state, run.closed, run.closed, at)
    if (state.state !== "closed" || next.state === "closed") {
      return [{ became: RAN, branch: { state: next, tally, worst: undefined } }]
    }
    Tally.add(tally, "trips", 1)
    return [{ became: TRIPPED, branch: { state: next, tally, worst: undefined } }]
  }
  const { stays, trips } = Doubt.take(policy, { state, worst }, run.closed, at)
  const tripped = trips === undefined || stays === undefined ? tally : Tally.copy(tally)
  if (trips !== undefined) Tally.add(tripped, "trips", 1)
  return [
    ...(stays === undefined ? [] : [{ became: RAN, branch: { ...Doubt.settled(stays), tally } }]),
    ...(trips === undefined ? [] : [{ became: TRIPPED, branch: { state: trips, tally: tripped, worst: undefined } }])
  ]
}

/** Joins ways that stand alike. */
export const merge = (
  policy: BreakerPolicy,
  branches: ReadonlyArray<Branch>,
  at: EpochMillis
): ReadonlyArray<Branch> => {
  if (branches.length < 2) return branches
  const joined = new Map<string, Branch>()
  for (const branch of branches) {
    const key = keyOf(policy, branch.state, at, branch.worst)
    const known = joined.get(key)
    joined.set(key, known === undefined ? branch : { ...known, tally: Tally.either(known.tally, branch.tally) })
  }
  return [...joined.values()]
}

/** More ways than this are not followed. */
export const MOST = 2048

/** More windows in doubt than this are joined: they are slow to follow, and know little. */
const MOST_DOUBTFUL = 64

/** Whether ways have to be joined by {@link blur} to be followed. */
export const areTooMany = (branches: ReadonlyArray<Branch>): boolean =>
  branches.length > MOST ||
  (branches.length > MOST_DOUBTFUL && branches.filter(({ worst }) => worst !== undefined).length > MOST_DOUBTFUL)

/** Closed ways whose windows have one length become one: less is known then, and there are few of them. */
export const blur = (
  policy: BreakerPolicy,
  branches: ReadonlyArray<Branch>,
  at: EpochMillis
): ReadonlyArray<Branch> => {
  const joined = new Map<string, Branch>()
  for (const branch of branches) {
    const { state, tally } = branch
    if (state.state !== "closed") {
      joined.set(keyOf(policy, state, at), branch)
      continue
    }
    const key = `${state.window?.length ?? 0} ${growthOf(policy, state, at)}`
    const known = joined.get(key)
    const either = known === undefined ? tally : Tally.either(known.tally, tally)
    joined.set(key, { ...Doubt.join(known ?? branch, branch), tally: either })
  }
  return [...joined.values()]
}
