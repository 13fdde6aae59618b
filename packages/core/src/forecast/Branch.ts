/**
 * One way in which a breaker may stand during a replay. There is one while every outcome is on record, and more from
 * the first attempts on that a policy would have made and nobody has; ways that can no longer be told apart are one.
 */
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as OutcomeChain from "./OutcomeChain.ts"
import * as Tally from "./Tally.ts"

export interface Branch {
  readonly state: BreakerState
  readonly tally: Tally.Bounds
}

/** The counted attempts of a run as the two states meet them, and how many attempts there were. */
export interface Outcomes {
  readonly closed: string
  readonly probe: string
  readonly attempts: number
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
const growthOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis): string => {
  const { closedAt, openedAt, trips } = state
  if (policy.coolDownMultiplier === 1 || policy.coolDownCapMillis <= policy.coolDownMillis) return ""
  const level = Breaker.coolDown(policy, trips + 1) >= policy.coolDownCapMillis ? "most" : String(trips)
  if (state.state !== "closed") return `${level} ${openedAt ?? ""}`
  if (closedAt === undefined || openedAt === undefined) return level
  const forgivenAt = closedAt + (closedAt - openedAt)
  return at >= forgivenAt ? "forgiven" : `${level} ${forgivenAt}`
}

/** Names all that later decisions can depend on: two states of one name go on alike. See {@link OutcomeChain}. */
export const keyOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis): string => {
  const growth = growthOf(policy, state, at)
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

const settled = (policy: BreakerPolicy, state: BreakerState, outcomes: Outcomes, at: EpochMillis): BreakerState =>
  Breaker.settle(policy, state, { grantedGeneration: state.generation, runKey: RUN_KEY }, outcomes, at).state

/** What the gate would say of a run, the budget aside. */
export const decisionOf = (policy: BreakerPolicy, state: BreakerState, at: EpochMillis): number => {
  const { _tag } = Breaker.permission(state, at)
  if (_tag === "ProbeDue") return PROBED
  return _tag === "Run" || policy.mode === "observe" ? RAN : HELD
}

/** A run that is admitted, and reports at once: where that leads, and what became of it. Changes the tally in place. */
export const admit = (
  policy: BreakerPolicy,
  branch: Branch,
  decision: number,
  outcomes: Outcomes,
  at: EpochMillis
): { readonly branch: Branch; readonly became: number } => {
  const { state, tally } = branch
  const isProbe = decision === PROBED
  const made = isProbe ? Math.min(outcomes.attempts, policy.probeAttempts) : outcomes.attempts
  Tally.add(tally, "runsAdmitted", 1)
  Tally.add(tally, "attemptsAdmitted", made)
  if (made < outcomes.attempts) Tally.add(tally, "attemptsRefused", outcomes.attempts - made)
  const asked = isProbe ? Breaker.claim(policy, state, { recentProbes: RECENT, runKey: RUN_KEY }, at) : state
  const next = settled(policy, asked, outcomes, at)
  const after = { state: next, tally }
  if (isProbe) {
    Tally.add(tally, "probes", 1)
    if (next.state === "open" || outcomes.probe === "") Tally.add(tally, "wastedProbes", 1)
    if (next.state !== "closed") return { became: PROBED, branch: after }
    Tally.add(tally, "closings", 1)
    return { became: CLOSED, branch: after }
  }
  if (state.state !== "closed" || next.state === "closed") return { became: RAN, branch: after }
  Tally.add(tally, "trips", 1)
  return { became: TRIPPED, branch: after }
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
    const key = keyOf(policy, branch.state, at)
    const known = joined.get(key)
    joined.set(key, known === undefined ? branch : { ...known, tally: Tally.either(known.tally, branch.tally) })
  }
  return [...joined.values()]
}
