/**
 * Recorded runs, decided anew under one policy: by the breaker and the budget themselves, without the ledger and the
 * control file around them, so that a million attempts take about a second. A test holds it against decide and reduce.
 *
 * A run is admitted and reports at the time of its report. What took place keeps the outcomes on record. One that was
 * never made is followed with everything that it may have come to: any number of attempts up to a limit, in any order. Of
 * a run with bare counts that is more than a probe takes, each choice of attempts is. The answers are bounds over these.
 */
import * as Attempts from "../breaker/Attempts.ts"
import * as BreakerState from "../breaker/BreakerState.ts"
import * as Policy from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import type { Run } from "./History.ts"
import * as Outcomes from "./Outcomes.ts"
import * as Spending from "./Spending.ts"
import * as Tally from "./Tally.ts"
import * as Unmade from "./Unmade.ts"

/** When a breaker tripped; `certain` if it did whatever the unknown outcomes were. */
export interface Trip {
  readonly at: EpochMillis
  readonly certain: boolean
}

export interface Course {
  readonly tally: Tally.Bounds
  readonly trips: ReadonlyArray<Trip>
  /** Where its breaker cooled down, as far as that is certain. */
  readonly held: ReadonlyArray<Spending.Held>
  /** From here on the outcomes on record do not decide alone. */
  readonly uncertainFrom: EpochMillis | undefined
  /** From here on there are more ways than are followed: the bounds are the widest that are possible. */
  readonly lostFrom: EpochMillis | undefined
}

export interface Replayed {
  readonly courses: ReadonlyMap<string, Course>
  /** By run: what became of it, as bits of {@link Branch}. */
  readonly decisions: Uint8Array
  /** Where the budget held every ecosystem, as far as that is certain. */
  readonly held: ReadonlyArray<Spending.Held>
}

export interface Terms {
  readonly unit: Outcomes.Unit
  /** The most attempts that a run of an ecosystem may have had that was never made. */
  readonly limits: ReadonlyMap<string, number>
  /** The end of the record. */
  readonly end: EpochMillis
}

const limitOf = ({ limits }: Terms, { ecosystem }: Run): number => limits.get(ecosystem) ?? 1

interface Moving {
  readonly own: Policy.EcosystemPolicy | undefined
  branches: ReadonlyArray<Branch.Branch>
  at: EpochMillis
  trips: Array<Trip>
  held: Array<Spending.Held>
  uncertainFrom: EpochMillis | undefined
  lostFrom: EpochMillis | undefined
}

const passTime = (moving: Moving, at: EpochMillis): void => {
  const millis = at - moving.at
  moving.at = at
  for (const { state, tally } of moving.branches) {
    if (moving.lostFrom !== undefined) tally.high.openMillis += millis
    else if (state.state !== "closed") Tally.add(tally, "openMillis", millis)
  }
}

/** Nothing is known any more: each run may have been anything. */
const widen = ({ tally }: Branch.Branch, attempts: number, made: boolean, minutes: number): void => {
  for (const key of [
    "trips",
    "closings",
    "probes",
    "wastedProbes",
    "runsAdmitted",
    "runsHeld",
    "heldByBudget"
  ] as const) {
    tally.high[key]++
  }
  tally.high.attemptsAdmitted += attempts
  if (made) tally.high.attemptsRefused += attempts
  tally.high.minutes += minutes
}

interface Turn {
  readonly next: ReadonlyArray<Branch.Branch>
  readonly mask: number
  readonly tripped: number
  /** Whether every way uses all the minutes on record. */
  readonly isWhole: boolean
}

/** One run against every way in which its breaker may stand. */
const turn = (
  policy: Policy.Policy,
  own: Policy.EcosystemPolicy,
  moving: Moving,
  run: Run,
  says: Spending.Says,
  terms: Terms
): Turn => {
  const next: Array<Branch.Branch> = []
  const asked: Array<Unmade.Asked> = []
  const made = run.made ? Outcomes.ofRecorded(policy, run, own, terms.unit) : undefined
  let [mask, tripped, isWhole] = [0, 0, run.made]
  for (const branch of moving.branches) {
    const decision = Branch.decisionOf(own.breaker, branch.state, run.at)
    const isHeld = decision === Branch.HELD
    const mayAdmit = !isHeld && says.admits
    if (isHeld || says.refuses) {
      const held = mayAdmit ? { ...branch, tally: Tally.copy(branch.tally) } : branch
      next.push(Branch.hold(held, made?.attempts ?? 0, !isHeld))
      mask |= isHeld ? Branch.HELD : Branch.HELD_BY_BUDGET
    }
    if (mayAdmit) asked.push({ branch, decision })
  }
  const afters =
    made === undefined
      ? Unmade.admit(own.breaker, asked, Outcomes.ofUnmade(policy, run, own, terms.unit, limitOf(terms, run)), run.at)
      : asked.flatMap(({ branch, decision }) => {
          if (Branch.isCut(own.breaker, decision, made.attempts)) isWhole = false
          return Branch.admit(own.breaker, branch, decision, made, run.at)
        })
  for (const { became, branch } of afters) {
    if (became === Branch.TRIPPED) tripped++
    mask |= became
    next.push(branch)
  }
  return { isWhole, mask, next, tripped }
}

const note = (moving: Moving, { next, tripped }: Turn, at: EpochMillis): void => {
  if (tripped > 0) moving.trips.push({ at, certain: tripped === next.length })
  const [only] = moving.branches
  if (moving.branches.length !== 1 || moving.own?.breaker.mode !== "enforce") return
  const { opensAt, state } = only?.state ?? BreakerState.initial
  if (state === "open" && opensAt !== undefined && opensAt > at && opensAt !== moving.held.at(-1)?.to) {
    moving.held.push({ from: at, to: opensAt })
  }
}

const begin = (policy: Policy.Policy, run: Run): Moving => ({
  at: run.at,
  branches: [{ state: BreakerState.initial, tally: Tally.certain(), worst: undefined }],
  lostFrom: undefined,
  own: Policy.ecosystemOf(policy, run.ecosystem),
  held: [],
  trips: [],
  uncertainFrom: undefined
})

const LOST = Branch.ADMITTED | Branch.HELD | Branch.HELD_BY_BUDGET

/** Follows one run. Answers what was decided about it. */
const follow = (policy: Policy.Policy, moving: Moving, spending: Spending.Spending, run: Run, terms: Terms): number => {
  const { own } = moving
  const [first] = moving.branches
  if (first === undefined) return 0
  if (own === undefined) {
    const { failed, passed } = Attempts.tally(run.attempts)
    Branch.hold(first, run.made ? passed + failed : 0, false)
    return Branch.HELD
  }
  const minutes = Spending.minutesOf(policy, run)
  if (moving.lostFrom !== undefined) {
    const { failed, passed } = Attempts.tally(run.attempts)
    widen(first, run.made ? passed + failed : limitOf(terms, run), run.made, Spending.total(minutes))
    Spending.add(spending, LOST, false, minutes)
    return LOST
  }
  const done = turn(policy, own, moving, run, Spending.ask(policy, spending, run.at), terms)
  moving.branches = Branch.merge(own.breaker, done.next, run.at)
  if (Branch.areTooMany(moving.branches)) moving.branches = Branch.blur(own.breaker, moving.branches, run.at)
  note(moving, done, run.at)
  Spending.add(spending, done.mask, done.isWhole, minutes)
  Spending.ask(policy, spending, run.at)
  if (done.next.length > 1) moving.uncertainFrom ??= run.at
  if (moving.branches.length > Branch.MOST) {
    const tally = moving.branches.map((branch) => branch.tally).reduce(Tally.either)
    moving.branches = [{ state: BreakerState.initial, tally: Tally.copy(tally), worst: undefined }]
    moving.lostFrom = run.at
  }
  return done.mask
}

/** Replays runs, which are in the order of their time, under a policy. */
export const replay = (policy: Policy.Policy, runs: ReadonlyArray<Run>, terms: Terms): Replayed => {
  const courses = new Map<string, Moving>()
  const decisions = new Uint8Array(runs.length)
  const spending = Spending.begin()
  for (const [index, run] of runs.entries()) {
    Spending.passTime(policy, spending, run.at)
    const moving = courses.get(run.ecosystem) ?? begin(policy, run)
    courses.set(run.ecosystem, moving)
    passTime(moving, run.at)
    decisions[index] = follow(policy, moving, spending, run, terms)
  }
  const ended = [...courses]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, moving]) => {
      passTime(moving, Math.max(terms.end, moving.at))
      const { held, lostFrom, trips, uncertainFrom } = moving
      const tally = moving.branches.map((branch) => branch.tally).reduce(Tally.either)
      return [name, { held, lostFrom, tally, trips, uncertainFrom }] as const
    })
  return { courses: new Map(ended), decisions, held: spending.held }
}
