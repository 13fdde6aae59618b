/**
 * Recorded runs, decided anew under one policy: by the breaker and the budget themselves, without the ledger and the
 * control file around them, so that a million attempts take about a second. A test holds it against decide and reduce.
 *
 * A run is admitted and reports at the time of its report. What took place keeps the outcomes on record. For one that
 * was never made every outcome is followed: nothing counted, or any number of failures among as many attempts as the
 * ecosystem's runs usually have, spread evenly as bare counts are. The answers are bounds over all of these.
 */
import * as Attempts from "../breaker/Attempts.ts"
import * as BreakerState from "../breaker/BreakerState.ts"
import * as Policy from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import type { Run } from "./History.ts"
import * as Spending from "./Spending.ts"
import * as Tally from "./Tally.ts"

/** What an attempt is: as recorded, or each run as one, failed where fewer than half of its counted attempts passed. */
export type Unit = "attempts" | "runs"

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
  readonly unit: Unit
  /** Attempts that a run of an ecosystem usually has. */
  readonly sizes: ReadonlyMap<string, number>
  /** The end of the record. */
  readonly end: EpochMillis
}

/** More ways than this are not followed. */
const MOST_BRANCHES = 4096

interface Moving {
  readonly own: Policy.EcosystemPolicy | undefined
  branches: ReadonlyArray<Branch.Branch>
  at: EpochMillis
  trips: Array<Trip>
  held: Array<Spending.Held>
  uncertainFrom: EpochMillis | undefined
  lostFrom: EpochMillis | undefined
}

const asRun = (outcomes: string): string => {
  if (outcomes === "") return ""
  let failed = 0
  for (let index = 0; index < outcomes.length; index++) if (outcomes[index] === "F") failed++
  return failed * 2 > outcomes.length ? "F" : "P"
}

const outcomesOf = (attempts: Attempts.Attempts, own: Policy.EcosystemPolicy, unit: Unit): Branch.Outcomes => {
  const ignored = own.breaker.ignoreCategories
  const closed = Attempts.counted(attempts, ignored)
  const { failed, passed } = Attempts.tally(attempts)
  if (unit === "attempts") {
    return { attempts: passed + failed, closed, probe: Attempts.countedForProbe(attempts, ignored) }
  }
  const whole = asRun(closed)
  return { attempts: passed + failed, closed: whole, probe: whole }
}

const UNMADE: Attempts.BareCounts = { failed: 0, passed: 0, skipped: 0 }

/** Everything that a run may have come to. */
const possibilities = (run: Run, own: Policy.EcosystemPolicy, terms: Terms): ReadonlyArray<Branch.Outcomes> => {
  if (run.made) return [outcomesOf(run.attempts, own, terms.unit)]
  const size = terms.sizes.get(run.ecosystem) ?? 1
  const tallies = Array.from({ length: size + 1 }, (_, failed) => ({ failed, passed: size - failed, skipped: 0 }))
  return [UNMADE, ...tallies].map((attempts) => outcomesOf(attempts, own, terms.unit))
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
const widen = ({ tally }: Branch.Branch, attempts: number, minutes: number): void => {
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
  tally.high.attemptsRefused += attempts
  tally.high.minutes += minutes
}

interface Turn {
  readonly next: ReadonlyArray<Branch.Branch>
  readonly mask: number
  readonly tripped: number
}

/** One run against every way in which its breaker may stand. */
const turn = (
  policy: Policy.Policy,
  own: Policy.EcosystemPolicy,
  moving: Moving,
  run: Run,
  says: Spending.Says,
  ways: ReadonlyArray<Branch.Outcomes>
): Turn => {
  const next: Array<Branch.Branch> = []
  const recorded = run.made ? (ways[0]?.attempts ?? 0) : 0
  const minutes = Spending.total(Spending.minutesOf(policy, run))
  let [mask, tripped] = [0, 0]
  for (const branch of moving.branches) {
    const decision = Branch.decisionOf(own.breaker, branch.state, run.at)
    const isHeld = decision === Branch.HELD
    const mayAdmit = !isHeld && says.admits
    const mayHold = isHeld || says.refuses
    if (mayHold) {
      const held = mayAdmit ? { ...branch, tally: Tally.copy(branch.tally) } : branch
      next.push(Branch.hold(held, recorded, !isHeld))
      mask |= isHeld ? Branch.HELD : Branch.HELD_BY_BUDGET
    }
    if (!mayAdmit) continue
    for (const way of ways) {
      const from = ways.length > 1 ? { ...branch, tally: Tally.copy(branch.tally) } : branch
      const after = Branch.admit(own.breaker, from, decision, way, run.at)
      const { tally } = after.branch
      if (run.made) Tally.add(tally, "minutes", minutes)
      else tally.high.minutes += minutes
      if (after.became === Branch.TRIPPED) tripped++
      mask |= after.became
      next.push(after.branch)
    }
  }
  return { mask, next, tripped }
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
  branches: [{ state: BreakerState.initial, tally: Tally.certain() }],
  lostFrom: undefined,
  own: Policy.ecosystemOf(policy, run.ecosystem),
  held: [],
  trips: [],
  uncertainFrom: undefined
})

const LOST = Branch.ADMITTED | Branch.HELD

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
  const ways = possibilities(run, own, terms)
  if (moving.lostFrom !== undefined) {
    widen(first, ways.at(-1)?.attempts ?? 0, Spending.total(minutes))
    Spending.add(spending, LOST, false, minutes)
    return LOST
  }
  const done = turn(policy, own, moving, run, Spending.ask(policy, spending, run.at), ways)
  moving.branches = Branch.merge(own.breaker, done.next, run.at)
  note(moving, done, run.at)
  Spending.add(spending, done.mask, run.made, minutes)
  Spending.ask(policy, spending, run.at)
  if (done.next.length > 1) moving.uncertainFrom ??= run.at
  if (moving.branches.length > MOST_BRANCHES) {
    const tally = moving.branches.map((branch) => branch.tally).reduce(Tally.either)
    moving.branches = [{ state: BreakerState.initial, tally: Tally.copy(tally) }]
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
