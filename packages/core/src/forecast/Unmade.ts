/**
 * A run that was never made, followed with everything that it may have come to: any number of attempts up to a limit, in
 * any order. Its attempts are taken one by one, and windows that go on alike are one, so that 2^n orders are a few hundred
 * states; where they are still too many, each place of the window is left open on its own (see {@link Doubt}).
 */
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import * as Doubt from "./Doubt.ts"
import * as Tally from "./Tally.ts"

export interface Limits {
  /** The most attempts that it may have had. */
  readonly attempts: number
  /** The most of them that a breaker counts: 1 where each run is one attempt. */
  readonly counted: number
  /** Whether it may have had attempts that no breaker counts. */
  readonly hasUncounted: boolean
  /** The most minutes that it may have used. */
  readonly minutes: number
}

/** A way in which it is admitted, and the decision that admits it. */
export interface Asked {
  readonly branch: Branch.Branch
  readonly decision: number
}

/** More windows than this are left open place by place. */
export const MOST_WINDOWS = 1024

/** A window that is reached after so many counted attempts at the least. */
interface Reached extends Doubt.Doubtful {
  readonly counted: number
}

interface Spread {
  readonly stays: ReadonlyArray<Reached>
  readonly trips: ReadonlyArray<Reached>
}

const OUTCOMES = ["P", "F"] as const

/** Every window that attempts can lead to, exactly; `undefined` where they are too many. */
const exactly = (
  policy: BreakerPolicy,
  from: ReadonlyArray<Doubt.Doubtful>,
  most: number,
  at: EpochMillis
): Spread | undefined => {
  const stays = new Map<string, Reached>()
  const trips = new Map<string, Reached>()
  let front = from
  for (let counted = 1; counted <= most && front.length > 0; counted++) {
    const next: Array<Reached> = []
    for (const { state } of front) {
      for (const outcome of OUTCOMES) {
        const after = Breaker.step(policy, state, outcome, at)
        const into = after.state === "closed" ? stays : trips
        const key = Branch.keyOf(policy, after, at)
        if (into.has(key)) continue
        const reached = { counted, state: after, worst: undefined }
        into.set(key, reached)
        if (into === stays) next.push(reached)
      }
    }
    if (stays.size > MOST_WINDOWS) return undefined
    front = next
  }
  return { stays: [...stays.values()], trips: [...trips.values()] }
}

/** The same with each place of the window left open: all that is possible, and more. */
const roughly = (policy: BreakerPolicy, from: ReadonlyArray<Doubt.Doubtful>, most: number, at: EpochMillis): Spread => {
  const stays = new Map<string, Reached>()
  const trips = new Map<string, Reached>()
  const keyOf = ({ state }: Doubt.Doubtful): string =>
    `${state.window?.length ?? 0} ${Branch.growthOf(policy, state, at)}`
  /** Answers the window as it is known now; `undefined` where that is nothing new. */
  const joined = (reached: Reached): Reached | undefined => {
    const key = keyOf(reached)
    const known = stays.get(key)
    const now = known === undefined ? reached : { ...Doubt.join(known, reached), counted: known.counted }
    stays.set(key, now)
    return known !== undefined && now.state.window === known.state.window && now.worst === known.worst ? undefined : now
  }
  let front: ReadonlyArray<Doubt.Doubtful> = from
  for (let counted = 1; counted <= most && front.length > 0; counted++) {
    const next = new Map<string, Reached>()
    for (const each of front) {
      const taken = Doubt.step(policy, each, "?", at)
      const now = taken.stays === undefined ? undefined : joined({ ...taken.stays, counted })
      if (now !== undefined) next.set(keyOf(now), now)
      if (taken.trips === undefined) continue
      const key = Branch.keyOf(policy, taken.trips, at)
      if (!trips.has(key)) trips.set(key, { counted, state: taken.trips, worst: undefined })
    }
    front = [...next.values()]
  }
  return { stays: [...stays.values()], trips: [...trips.values()] }
}

/** What is known of a run of so many counted attempts at the least. */
const count = (from: Tally.Bounds, counted: number, limits: Limits, isWhole = true): Tally.Bounds => {
  const tally = Tally.copy(from)
  Tally.add(tally, "runsAdmitted", 1)
  Tally.addBetween(tally, "attemptsAdmitted", counted, isWhole || limits.hasUncounted ? limits.attempts : counted)
  Tally.addBetween(tally, "minutes", 0, limits.minutes)
  return tally
}

const probed = (
  policy: BreakerPolicy,
  branch: Branch.Branch,
  whole: Limits,
  at: EpochMillis
): ReadonlyArray<Branch.After> => {
  const most = Math.min(policy.probeAttempts, whole.counted)
  const limits = { ...whole, attempts: Math.min(policy.probeAttempts, whole.attempts) }
  // A failure has the same effect wherever it comes.
  const failed: ReadonlyArray<Branch.After> =
    most === 0 ? [] : [Branch.probe(policy, { ...branch, tally: count(branch.tally, 1, limits) }, "F", at)]
  const passed = Array.from({ length: most + 1 }, (_, passes) => {
    const tally = count(branch.tally, passes, limits, false)
    return Branch.probe(policy, { ...branch, tally }, "P".repeat(passes), at)
  })
  return [...passed, ...failed]
}

/** Every way in which admitting it may lead on, from all the ways in which its breaker may stand. */
export const admit = (
  policy: BreakerPolicy,
  asked: ReadonlyArray<Asked>,
  limits: Limits,
  at: EpochMillis
): ReadonlyArray<Branch.After> => {
  const afters: Array<Branch.After> = []
  const closed: Array<Branch.Branch> = []
  for (const { branch, decision } of asked) {
    if (decision === Branch.PROBED) afters.push(...probed(policy, branch, limits, at))
    else {
      const isClosed = branch.state.state === "closed"
      if (isClosed) closed.push(branch)
      // Without a counted attempt it leaves everything as it was, and so does any run that an open breaker only watches.
      const tally = count(branch.tally, 0, limits, !isClosed)
      afters.push({ became: Branch.RAN, branch: { ...branch, tally } })
    }
  }
  if (closed.length === 0 || limits.counted === 0) return afters
  const isExact = closed.every(({ worst }) => worst === undefined)
  const spread =
    (isExact ? exactly(policy, closed, limits.counted, at) : undefined) ?? roughly(policy, closed, limits.counted, at)
  const from = closed.map(({ tally }) => tally).reduce(Tally.either)
  for (const { counted, state, worst } of spread.stays) {
    afters.push({ became: Branch.RAN, branch: { state, tally: count(from, counted, limits), worst } })
  }
  for (const { counted, state } of spread.trips) {
    const tally = count(from, counted, limits)
    Tally.add(tally, "trips", 1)
    afters.push({ became: Branch.TRIPPED, branch: { state, tally, worst: undefined } })
  }
  return afters
}
