/** Two policies on one record: what each would have done, and where they part. */
import { ecosystemOf, type Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Branch from "./Branch.ts"
import type { History, Run } from "./History.ts"
import type { Unit } from "./Outcomes.ts"
import * as Replay from "./Replay.ts"
import * as Tally from "./Tally.ts"
import * as Unrecorded from "./Unrecorded.ts"

/** The first run about which the two decide differently, or that leads them to different states. */
export interface Divergence {
  readonly at: EpochMillis
  readonly ecosystem: string
  /** What may have become of it: `run`, `run and trip`, `probe`, `probe and close`, `hold`, `hold for the budget`, `not asked`. */
  readonly old: ReadonlyArray<string>
  readonly new: ReadonlyArray<string>
}

export interface Line {
  readonly ecosystem: string
  readonly runs: number
  /** The most attempts that a run was taken to have had that was never made. */
  readonly limit: number
  /** How many such runs there are: on record as held, or put in. */
  readonly unmade: number
  /** No policy knows it: each refuses all of it. */
  readonly isStranger: boolean
  readonly old: Replay.Course
  readonly new: Replay.Course
  readonly divergence: Divergence | undefined
}

export interface Comparison {
  readonly lines: ReadonlyArray<Line>
  readonly old: Tally.Bounds
  readonly new: Tally.Bounds
  /** The earliest of the lines' divergences. */
  readonly divergence: Divergence | undefined
  readonly runs: number
  readonly attempts: number
  /** Runs on record as held, whose outcomes nobody knows. */
  readonly held: number
  /** Runs that the record has no line of, because the old policy held them: put in for the new one at the ecosystem's pace. */
  readonly filled: number
  readonly first: EpochMillis
  readonly end: EpochMillis
}

const byEcosystem = (runs: ReadonlyArray<Run>): ReadonlyMap<string, ReadonlyArray<Run>> => {
  const lists = new Map<string, Array<Run>>()
  for (const run of runs) {
    const list = lists.get(run.ecosystem) ?? []
    list.push(run)
    lists.set(run.ecosystem, list)
  }
  return lists
}

const WORDS = [
  [Branch.RAN, "run"],
  [Branch.TRIPPED, "run and trip"],
  [Branch.PROBED, "probe"],
  [Branch.CLOSED, "probe and close"],
  [Branch.HELD, "hold"],
  [Branch.HELD_BY_BUDGET, "hold for the budget"]
] as const

const wordsOf = (mask: number): ReadonlyArray<string> =>
  mask === 0 ? ["not asked"] : WORDS.flatMap(([bit, word]) => ((mask & bit) === 0 ? [] : [word]))

const isCertain = (mask: number): boolean => (mask & (mask - 1)) === 0

/**
 * Where the two part, by ecosystem. About a run that was put in the old policy is not asked; only admitting it differs.
 * The same several possibilities are a difference, since it may be one for the one and another for the other, unless
 * both have the same rules.
 */
const divergences = (
  runs: ReadonlyArray<Run>,
  before: (run: Run, index: number) => number | undefined,
  after: Uint8Array,
  hasSameRules: (ecosystem: string) => boolean
): ReadonlyMap<string, Divergence> => {
  const found = new Map<string, Divergence>()
  const same = new Map<string, boolean>()
  for (const [index, run] of runs.entries()) {
    const { at, ecosystem } = run
    if (found.has(ecosystem)) continue
    const [old, next] = [before(run, index), after[index] ?? 0]
    if (!same.has(ecosystem)) same.set(ecosystem, hasSameRules(ecosystem))
    // What another ecosystem is decided otherwise about can reach this one by the budget alone.
    const isApart = found.size === 0 || (next & Branch.HELD_BY_BUDGET) === 0
    const agrees = old === next && (isCertain(next) || (isApart && same.get(ecosystem) === true))
    if (old === undefined ? (next & Branch.ADMITTED) !== 0 : !agrees) {
      found.set(ecosystem, { at, ecosystem, new: wordsOf(next), old: wordsOf(old ?? 0) })
    }
  }
  return found
}

/** Whether two policies have one breaker for an ecosystem, and one budget. */
const haveSameRules = (old: Policy, next: Policy, ecosystem: string): boolean => {
  const rules = (policy: Policy): string => JSON.stringify([ecosystemOf(policy, ecosystem)?.breaker, policy.budget])
  return rules(old) === rules(next)
}

const NOTHING: Replay.Course = {
  held: [],
  lostFrom: undefined,
  tally: Tally.certain(),
  trips: [],
  uncertainFrom: undefined
}

const sum = (courses: ReadonlyArray<Replay.Course>): Tally.Bounds =>
  courses.reduce((all, { tally }) => Tally.both(all, tally), Tally.certain())

/**
 * Replays a record under two policies. Where the record itself says which runs were held, those are followed with every
 * outcome under both. Where it does not, it is taken to have been made under the old policy: what that held left no
 * line, and is put in for the new one.
 */
export const compare = (policies: Unrecorded.Policies, history: History, oldUnit: Unit = "attempts"): Comparison => {
  const lists = byEcosystem(history.runs)
  const runs = Unrecorded.withMinutes(policies, lists, history.runs)
  const end = runs.at(-1)?.at ?? 0
  const limits = Unrecorded.limitsOf(policies, lists)
  const terms = { end, limits, unit: "attempts" as const }
  const old = Replay.replay(policies.old, runs, { ...terms, unit: oldUnit })
  const held = runs.filter(({ made }) => !made).length
  const filled =
    held > 0
      ? []
      : [...lists].flatMap(([name, list]) =>
          Unrecorded.fill(policies, list, [...(old.courses.get(name)?.held ?? []), ...old.held], end)
        )
  const all = filled.length === 0 ? runs : [...runs, ...filled].sort((left, right) => left.at - right.at)
  const after = Replay.replay(policies.new, all, terms)
  const places = filled.length === 0 ? undefined : new Map(runs.map((run, index) => [run, index]))
  const parted = divergences(
    all,
    (run, index) => {
      const place = places === undefined ? index : places.get(run)
      return place === undefined ? undefined : old.decisions[place]
    },
    after.decisions,
    (ecosystem) => oldUnit === "attempts" && haveSameRules(policies.old, policies.new, ecosystem)
  )
  const unmade = byEcosystem(all.filter(({ made }) => !made))
  const lines = [...old.courses.keys()].map((ecosystem) => ({
    divergence: parted.get(ecosystem),
    ecosystem,
    isStranger: [policies.old, policies.new].every((policy) => ecosystemOf(policy, ecosystem) === undefined),
    limit: limits.get(ecosystem) ?? 0,
    new: after.courses.get(ecosystem) ?? NOTHING,
    old: old.courses.get(ecosystem) ?? NOTHING,
    runs: lists.get(ecosystem)?.length ?? 0,
    unmade: unmade.get(ecosystem)?.length ?? 0
  }))
  return {
    attempts: runs.reduce((count, run) => count + Unrecorded.countOf(run), 0),
    // They are found in the order of their time.
    divergence: [...parted.values()][0],
    end,
    filled: filled.length,
    first: runs[0]?.at ?? 0,
    held,
    lines,
    new: sum(lines.map((line) => line.new)),
    old: sum(lines.map((line) => line.old)),
    runs: runs.length
  }
}
