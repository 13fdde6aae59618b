/**
 * A law of the core as something that can be asked of any policy. It makes cases from worlds; a case judges itself. The
 * same laws are run by core's own tests under arbitrary policies, by `policy check` under one, and by whoever likes to.
 */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { Control } from "../../control/Control.ts"
import type { ControlEvent } from "../../control/ControlEvent.ts"
import * as Reducer from "../../control/Reducer.ts"
import type { Rejection } from "../../control/Rejection.ts"
import { isObject } from "../../json/Json.ts"
import type { Policy } from "../../policy/Policy.ts"
import { tell } from "../tell.ts"
import { type World, worldWith } from "../WorldArbitrary.ts"

/** Whether a law held in a case; `Untried`: the case does not meet what the law presupposes. */
export type Verdict =
  | { readonly _tag: "Held" }
  | { readonly _tag: "Untried" }
  | { readonly _tag: "Broken"; readonly because: string }

export interface Case {
  readonly world: World
  /** What happens in that world, in order: the story of the case. */
  readonly events: ReadonlyArray<ControlEvent>
  readonly judge: () => Verdict
}

export interface Law {
  /** One or two words. */
  readonly name: string
  /** The rules of SPEC.md that it states, wholly or in part. */
  readonly rules: ReadonlyArray<string>
  /** A sentence that is true of every policy. */
  readonly says: string
  /** What a case has to have in it, where not every case has it. */
  readonly speaksOf?: string
  /** The least number of ecosystems that it can be tried with; 1 unless it says so. */
  readonly ecosystems?: number
  readonly cases: (worlds: fc.Arbitrary<World>) => fc.Arbitrary<Case>
}

export const HELD: Verdict = { _tag: "Held" }
export const UNTRIED: Verdict = { _tag: "Untried" }
export const broken = (because: string): Verdict => ({ _tag: "Broken", because })

const SHOWN = 400
const show = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined")
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

/** JSON in which the order of keys does not show. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner
  )

/** Two values are one, as JSON has them. */
export const same = (what: string, actual: unknown, expected: unknown): Verdict =>
  canonical(actual) === canonical(expected) ? HELD : broken(`${what} is ${show(actual)}, not ${show(expected)}`)

export const isTrue = (what: string, holds: boolean): Verdict => (holds ? HELD : broken(`not so: ${what}`))

/** The first verdict that is not `Held`; the later ones are not asked for. */
export const inTurn = (...verdicts: ReadonlyArray<() => Verdict>): Verdict => {
  for (const verdict of verdicts) {
    const found = verdict()
    if (found._tag !== "Held") return found
  }
  return HELD
}

/** Held when each is; `Untried` ones are passed over unless there is no other. */
export const all = (verdicts: Iterable<Verdict>): Verdict => {
  let whole: Verdict = UNTRIED
  for (const verdict of verdicts) {
    if (verdict._tag === "Broken") return verdict
    if (verdict._tag === "Held") whole = HELD
  }
  return whole
}

/** A law over trials made for a world: the events of each, and the verdict on it. */
export const law = <A>(
  words: Omit<Law, "cases">,
  make: (world: World) => fc.Arbitrary<A>,
  eventsOf: (trial: A, world: World) => ReadonlyArray<ControlEvent>,
  judge: (world: World, trial: A) => Verdict
): Law => ({
  ...words,
  cases: (worlds) =>
    worldWith(make, worlds).map(([world, trial]) => {
      const events = eventsOf(trial, world)
      return {
        events,
        judge: () => judge(world, trial),
        [fc.toStringMethod]: () => tell(world, events).join("\n"),
        world
      }
    })
})

export type Outcome = Result.Result<Reducer.Reduced, Rejection>

/** The state after an event: a rejected one leaves it as it was. */
export const after = (control: Control, outcome: Outcome): Control =>
  Result.isSuccess(outcome) ? outcome.success.control : control

export const next = (policy: Policy, control: Control, event: ControlEvent): Control =>
  after(control, Reducer.reduce(policy, control, event))

export const fold = (policy: Policy, control: Control, events: ReadonlyArray<ControlEvent>): Control =>
  events.reduce((state, event) => next(policy, state, event), control)

/** Nothing to make: the world is the whole case. */
export const nothing: fc.Arbitrary<undefined> = fc.constant(undefined)
