/**
 * A small registry as a machine: three runs over two ecosystems that claim, report, are cancelled, crash, and say things
 * twice; a person who pauses and resumes; and a clock that jumps from deadline to deadline. All of them write through
 * compare-and-swap, and what is written is what the reducer under test makes of it.
 */
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import * as Reducer from "@batchbrake/core/control/Reducer"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { BreakerPolicy, Policy } from "@batchbrake/core/policy/Policy"
import { closedAt } from "@batchbrake/core/testing/laws/live"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, WEEK } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { MONDAY } from "../Story.ts"
import type { Machine, Step } from "./explore.ts"
import * as Ghost from "./Ghost.ts"
import { ECOSYSTEMS, type Ecosystem, type GhostRun, MINUTES, RESERVE, RESULTS, type Word } from "./Ghost.ts"
import * as GhostBreaker from "./GhostBreaker.ts"
import { keyOf, keyOfRun, onTheirWay } from "./StateKey.ts"

/** A policy, and what its runs may say. */
export interface Setting {
  readonly policy: Policy
  readonly words: ReadonlyArray<Word>
}

/** A cap of nothing would refuse every grant: these registries have no macOS. */
const setting = (breaker: JsonObject, words: ReadonlyArray<Word>): Setting => {
  const policy = decoded({
    breaker: { cool_down_minutes: 60, probe_lease_minutes: 30, ...breaker },
    budget: { caps: { linux: 130, macos: 0 }, pause_at: 0.95, reserve: { linux: RESERVE, macos: 0 } },
    ecosystems: { cask: {}, npm: {} },
    lease_minutes: 120,
    version: 1
  })
  return { policy: { ...policy, budget: { ...policy.budget, caps: { linux: 130 } } }, words }
}
/** Three grants fit into the week, unless one of them overruns. */
const LINE = 123

/** One failure trips, and one pass closes. */
export const SINGLE = setting({ window: 1 }, ["P", "F", "V"])
/** Two failures trip, in one run or in two; two passes close; each cool-down is twice the one before. */
export const DOUBLE = setting(
  { close_after: 2, cool_down_cap_minutes: 180, cool_down_multiplier: 2, minimum_attempts: 2, window: 2 },
  ["P", "F", "FF"]
)

export type Reduce = typeof Reducer.reduce

/** An event that was made and is on its way, and what its writer has read. */
interface Pending {
  readonly event: ControlEvent
  readonly read: Pick<State, "control" | "version">
}

export interface State {
  readonly control: Control.Control
  readonly version: number
  readonly now: number
  readonly runs: ReadonlyArray<GhostRun>
  readonly pending: ReadonlyArray<Pending | undefined>
  readonly pauses: number
  /** What the onlooker has noted of each breaker. */
  readonly noted: Readonly<Record<Ecosystem, GhostBreaker.GhostBreaker>>
}

const initial: State = {
  control: Control.initial,
  noted: { cask: GhostBreaker.untouched, npm: GhostBreaker.untouched },
  now: MONDAY,
  pauses: 0,
  pending: [undefined, undefined, undefined],
  runs: [Ghost.waiting, Ghost.waiting, Ghost.waiting],
  version: 0
}

const set = <A>(list: ReadonlyArray<A>, index: number, value: A): ReadonlyArray<A> =>
  list.map((old, place) => (place === index ? value : old))

type Taken = ReturnType<Step<State>["take"]>

/** What is noted of the breakers after an event, and what was wrong with it. */
interface Due {
  readonly fault: string | undefined
  readonly noted: State["noted"]
}

/** What the machine is made of, and what of it is on trial. */
export interface Parts {
  readonly reduce?: Reduce
  /** Whether the store refuses a write on a version that is no longer the newest. */
  readonly compares?: boolean
  /** How many events may be on their way at once. */
  readonly mostOnTheirWay?: number
  readonly setting?: Setting
}

export const registry = ({
  compares = true,
  mostOnTheirWay = 1,
  reduce = Reducer.reduce,
  setting: { policy, words } = SINGLE
}: Parts = {}): Machine<State> => {
  const ruleOf = (name: Ecosystem): BreakerPolicy => {
    const own = policy.ecosystems[name]
    if (own === undefined) throw new Error(`the policy of the model lacks ${name}`)
    return own.breaker
  }

  /** A write on what was read: refused when another one came between. */
  const swap = (state: State, { event, read }: Pending): Result.Result<Reducer.Reduced, unknown> | "conflict" =>
    compares && read.version !== state.version ? "conflict" : reduce(policy, read.control, event)

  const write = (state: State, index: number, pending: Pending, label: string): Taken => {
    const tried = swap(state, pending)
    // The event and its time stay what they were; only what it is reduced on is read anew.
    const outcome = tried === "conflict" ? swap(state, { ...pending, read: state }) : tried
    if (outcome === "conflict") return { fault: "a fresh write was refused", state }
    const control = Result.isSuccess(outcome) ? outcome.success.control : state.control
    const isWritten = Result.isSuccess(outcome) && outcome.success.identity !== undefined
    const weekBegan = control.file.budget.weekStart ?? 0
    const { event } = pending
    const runs = isWritten ? state.runs.map((run) => Ghost.at(run, event.at, weekBegan)) : state.runs
    const next: State = {
      ...state,
      control,
      pending: set(state.pending, index, undefined),
      runs,
      version: isWritten ? state.version + 1 : state.version
    }
    return judged(state, { ...next, runs: noted(next, index, event, isWritten) }, index, event, label)
  }

  /** The notebook after an event of a run. */
  const noted = (next: State, index: number, event: ControlEvent, isWritten: boolean): ReadonlyArray<GhostRun> => {
    const run = next.runs[index]
    if (run === undefined) return next.runs
    if (event._tag === "RunAdmitted") {
      const grant = next.control.file.budget.reservations.find(({ runKey }) => runKey === event.runKey)
      return grant === undefined || !isWritten
        ? next.runs
        : set(next.runs, index, {
            ...run,
            charged: undefined,
            ecosystem: event.ecosystem === "cask" ? "cask" : "npm",
            edges: GhostBreaker.probed(next.noted[event.ecosystem === "cask" ? "cask" : "npm"]).edges,
            kind: grant.kind,
            phase: "running",
            until: grant.expiresAt
          })
    }
    if (event._tag === "RunAbandoned") {
      const charged = isWritten ? 0 : run.charged
      return set(next.runs, index, { ...run, charged, phase: "ended", word: "abandoned" })
    }
    if (event._tag !== "RunCompleted" || !isWritten) return next.runs
    const stated = Minutes.of(event.minutes ?? { linux: RESERVE }, "linux")
    return set(next.runs, index, { ...run, charged: run.isOverWeek ? 0 : stated, phase: "ended" })
  }

  /** The grant that an event has brought, and the report that it was, if it was one. */
  const grantIn = (before: State, after: State, index: number): GhostRun | undefined =>
    before.runs[index]?.phase === "waiting" && after.runs[index]?.phase === "running" ? after.runs[index] : undefined

  /** What an event of a run has to come to, by the notebook: the breaker after it, and what would be wrong already. */
  const due = (before: State, after: State, index: number, event: ControlEvent): Due => {
    const grant = grantIn(before, after, index)
    if (grant?.ecosystem !== undefined) {
      const was = before.noted[grant.ecosystem]
      const fault = GhostBreaker.judgeGrant(was, grant.kind, event.at)
      const is = grant.kind === "probe" ? GhostBreaker.probed(was) : was
      return { fault, noted: { ...before.noted, [grant.ecosystem]: is } }
    }
    const run = before.runs[index]
    const { ecosystem, word } = run ?? {}
    const isReport = event._tag === "RunCompleted" && run?.phase === "running"
    if (!isReport || ecosystem === undefined || word === undefined || word === "abandoned") {
      return { fault: undefined, noted: before.noted }
    }
    const was = before.noted[ecosystem]
    const why = Ghost.excuse(Ghost.at(run, event.at, 0), word, was)
    if (why !== undefined) {
      const [old, young] = [before, after].map(({ control }) => breakerOf(control.file, ecosystem))
      const fault = old === undefined || young === undefined ? undefined : Ghost.judgeExcused(why, old, young)
      return { fault, noted: before.noted }
    }
    const is = GhostBreaker.reported(ruleOf(ecosystem), was, RESULTS[word], event.at)
    return { fault: undefined, noted: { ...before.noted, [ecosystem]: is } }
  }

  /** Each breaker against the notebook: the one that the event was about, and the other, which it leaves alone. */
  const judged = (before: State, after: State, index: number, event: ControlEvent, label: string): Taken => {
    const { fault, noted } = due(before, after, index, event)
    const ofBreakers = ECOSYSTEMS.flatMap((name) => {
      const [was, is] = [breakerOf(before.control.file, name), breakerOf(after.control.file, name)]
      return [GhostBreaker.judge(name, label, is, noted[name]), Ghost.judgeEdge(label, was, is)]
    })
    const state = { ...after, noted }
    const faults = [fault, ...ofBreakers, ...accounts(before, after, event)]
    return { fault: faults.find((each) => each !== undefined), state }
  }

  /** Minutes, probes, pauses and repetitions against the notebook. */
  const accounts = (before: State, after: State, event: ControlEvent): ReadonlyArray<string | undefined> => {
    const { budget, pauses } = after.control.file
    const spent = after.runs.reduce((sum, { charged }) => sum + (charged ?? 0), 0)
    const held = after.runs.filter(({ charged }) => charged === undefined).length * RESERVE
    const reserved = budget.reservations.reduce((sum, { minutes }) => sum + Minutes.of(minutes, "linux"), 0)
    const used = Minutes.of(budget.used, "linux")
    const overrun = after.runs.filter(({ charged }) => charged === MINUTES.P).length * (MINUTES.P - RESERVE)
    const stopped = Object.keys(pauses)
    const isPaused = "ecosystem" in event && (stopped.includes("*") || stopped.includes(event.ecosystem))
    const isNewGrant = event._tag === "RunAdmitted" && after.version > before.version
    const probes = ECOSYSTEMS.find((name) => after.runs.filter((run) => Ghost.isLiveProbe(run, name)).length > 1)
    return [
      used === spent ? undefined : `${used} minutes are spent, and the notebook says ${spent}`,
      reserved === held ? undefined : `${reserved} minutes are reserved, and the notebook says ${held}`,
      used + reserved <= LINE + overrun
        ? undefined
        : `${used + reserved} minutes are past the line by more than ${overrun}`,
      probes === undefined ? undefined : `two probes of ${probes} are live at once`,
      isNewGrant && isPaused ? "a claim was admitted under a pause" : undefined
    ]
  }

  const made = (state: State, event: ControlEvent): Pending => ({
    event,
    read: { control: state.control, version: state.version }
  })

  /** An event at once, or made now and written some time later: its time is that of its making. */
  const both = (
    state: State,
    index: number,
    label: string,
    event: ControlEvent,
    word?: GhostRun["word"]
  ): ReadonlyArray<Step<State>> => {
    const run = state.runs[index]
    const told: State =
      run === undefined || word === undefined ? state : { ...state, runs: set(state.runs, index, { ...run, word }) }
    const onItsWay: Step<State> = {
      label: `${label}, on its way`,
      take: () => ({ fault: undefined, state: { ...told, pending: set(told.pending, index, made(state, event)) } })
    }
    return [
      { label, take: () => write(told, index, made(state, event), label) },
      ...(onTheirWay(state) < mostOnTheirWay ? [onItsWay] : [])
    ]
  }

  const report = (state: State, index: number, ecosystem: Ecosystem, word: Word): ControlEvent => {
    const minutes = MINUTES[word]
    return {
      _tag: "RunCompleted",
      at: state.now,
      attempts: { categories: {}, results: RESULTS[word] },
      author: "ci",
      ecosystem,
      runKey: keyOfRun(index),
      ...(minutes === undefined ? {} : { minutes: { linux: minutes } })
    }
  }

  /** The same words once more: done already, so that nothing at all may come of it. */
  const again = (state: State, event: ControlEvent, label: string): Step<State> => ({
    label,
    take: () => {
      const outcome = reduce(policy, state.control, event)
      const isSame = Result.isSuccess(outcome) && outcome.success.control === state.control && !outcome.success.applied
      return { fault: isSame ? undefined : "what was said twice was applied twice", state }
    }
  })

  const ofRun = (state: State, index: number): ReadonlyArray<Step<State>> => {
    const run = state.runs[index]
    const pending = state.pending[index]
    if (run === undefined) return []
    const name = keyOfRun(index)
    const base = { at: state.now, author: "ci", runKey: name }
    if (pending !== undefined) {
      const label = `${name}'s ${pending.event._tag} arrives`
      return [{ label, take: () => write(state, index, pending, label) }]
    }
    if (run.phase === "waiting") {
      return ECOSYSTEMS.flatMap((ecosystem) =>
        both(state, index, `${name} claims ${ecosystem}`, { ...base, _tag: "RunAdmitted", ecosystem })
      )
    }
    const { ecosystem } = run
    if (ecosystem === undefined) return []
    if (run.phase === "running") {
      return [
        ...words.flatMap((word) =>
          both(state, index, `${name} reports ${word}`, report(state, index, ecosystem, word), word)
        ),
        ...both(state, index, `${name} is cancelled`, { ...base, _tag: "RunAbandoned", ecosystem }, "abandoned"),
        {
          label: `${name} crashes`,
          take: () => ({
            fault: undefined,
            state: { ...state, runs: set(state.runs, index, { ...run, phase: "gone" as const }) }
          })
        }
      ]
    }
    const { word } = run
    return run.phase === "ended" && word !== undefined && word !== "abandoned"
      ? [again(state, report(state, index, ecosystem, word), `${name} reports ${word} again`)]
      : []
  }

  const PERSON = -1
  const ofPeople = (state: State): ReadonlyArray<Step<State>> => {
    const base = { at: state.now, author: "ops", id: `order-${state.pauses}` }
    const paused = Object.keys(state.control.file.pauses).length > 0
    const order = (label: string, event: ControlEvent, pauses: number): Step<State> => ({
      label,
      take: () => write({ ...state, pauses }, PERSON, made(state, event), label)
    })
    if (paused) return [order("a person resumes", { ...base, _tag: "Resumed", scope: "everything" }, state.pauses)]
    return state.pauses > 0
      ? []
      : [...ECOSYSTEMS, "*"].map((scope) =>
          order(`a person pauses ${scope}`, { ...base, _tag: "Paused", autoResume: false, reason: "r", scope }, 1)
        )
  }

  /** The next instant at which anything ends by itself: a cool-down, a lease, or else the week. */
  const ofTime = (state: State): ReadonlyArray<Step<State>> => {
    const { breakers, budget } = state.control.file
    const ends = [
      ...Object.values(breakers).flatMap(({ opensAt, probe }) => [opensAt, probe?.expiresAt]),
      ...budget.reservations.map(({ expiresAt }) => expiresAt),
      Minutes.isNone(budget.used) || budget.weekStart === undefined ? undefined : budget.weekStart + WEEK
    ].filter((end) => end !== undefined && end > state.now)
    const next = Math.min(...ends.flatMap((end) => (end === undefined ? [] : [end])))
    // A writer gives up within minutes: nothing is on its way from one week into the next.
    const isTooLong = next - state.now > DAY && onTheirWay(state) > 0
    return Number.isFinite(next) && !isTooLong
      ? [
          {
            label: `${(next - state.now) / HOUR} h pass`,
            take: () => ({ fault: undefined, state: { ...state, now: next } })
          }
        ]
      : []
  }

  const trapIn = (state: State): string | undefined => {
    if (ECOSYSTEMS.every((name) => breakerOf(state.control.file, name).state === "closed")) return undefined
    const lifted = reduce(policy, state.control, {
      _tag: "Resumed",
      at: state.now,
      author: "ops",
      id: "last",
      scope: "everything"
    })
    const control = Result.isSuccess(lifted) ? lifted.success.control : state.control
    const stuck = ECOSYSTEMS.find(
      (name) =>
        breakerOf(control.file, name).state !== "closed" &&
        closedAt(policy, control, name, state.now, state.now + WEEK + 8 * HOUR, reduce) === undefined
    )
    return stuck === undefined ? undefined : `${stuck} cannot reach closed any more`
  }

  return {
    initial,
    keyOf: (state) =>
      keyOf(
        state,
        ECOSYSTEMS.some((name) => ruleOf(name).coolDownMultiplier > 1)
      ),
    steps: (state) => [...state.runs.flatMap((_, index) => ofRun(state, index)), ...ofPeople(state), ...ofTime(state)],
    trapIn
  }
}
