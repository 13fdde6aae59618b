/** The order of what happens elsewhere, and the clocks of other machines, make no difference that matters. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { Control } from "../../control/Control.ts"
import { type ControlEvent, type Of, scopeOf } from "../../control/ControlEvent.ts"
import { breakerOf, type ControlFile } from "../../control/ControlFile.ts"
import { reduce } from "../../control/Reducer.ts"
import type { EpochMillis } from "../../time/Instant.ts"
import * as ClockArbitrary from "../ClockArbitrary.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { printed } from "../WorldArbitrary.ts"
import { after, all, fold, HELD, inTurn, isTrue, law, same, UNTRIED, type Verdict } from "./Law.ts"

export const commutingReports = law(
  {
    ecosystems: 2,
    name: "commuting reports",
    rules: ["EV4"],
    says: "completions of different ecosystems at one instant give equal files in any order",
    speaksOf: "reports of two ecosystems"
  },
  ({ ecosystems, now }) =>
    fc
      .tuple(
        fc.shuffledSubarray([...ecosystems], { minLength: Math.min(2, ecosystems.length) }),
        fc.infiniteStream(EventArbitrary.completion(fc.constant("npm"), fc.constant(now)))
      )
      .map(([names, reports]) =>
        names.flatMap((ecosystem): ReadonlyArray<Of<"RunCompleted">> => {
          const { value } = reports.next()
          return value === undefined ? [] : [{ ...value, ecosystem }]
        })
      ),
  (events) => events,
  ({ control, policy }, events) => {
    if (events.length < 2) return UNTRIED
    const inOrder = [...events].sort((left, right) => (scopeOf(left) < scopeOf(right) ? -1 : 1))
    const expected = printed(fold(policy, control, inOrder))
    return inTurn(
      () => same("the state after the given order", printed(fold(policy, control, events)), expected),
      () => same("the state after its reverse", printed(fold(policy, control, [...events].reverse())), expected)
    )
  }
)

const limits = ({ file }: Control): string =>
  JSON.stringify(file.budget.reservations.map(({ batchSize, kind, runKey }) => [runKey, kind, batchSize]))

export const commutingClaims = law(
  {
    ecosystems: 2,
    name: "commuting claims",
    rules: ["EV5"],
    says: "claims commute when both orders admit both within the same limits",
    speaksOf: "two claims that are both admitted"
  },
  ({ ecosystems, now }) =>
    fc.tuple(fc.constantFrom(...ecosystems), fc.constantFrom(...ecosystems)).map(
      ([one, other]): ReadonlyArray<ControlEvent> => [
        { _tag: "RunAdmitted", at: now, author: "ci", ecosystem: one, runKey: "first" },
        { _tag: "RunAdmitted", at: now, author: "ci", ecosystem: other, runKey: "second" }
      ]
    ),
  (events) => events,
  ({ control, policy }, events) => {
    const both = (order: ReadonlyArray<ControlEvent>): Control | undefined =>
      order.reduce<Control | undefined>((state, event) => {
        const outcome = state === undefined ? undefined : reduce(policy, state, event)
        return outcome === undefined || Result.isFailure(outcome) ? undefined : outcome.success.control
      }, control)
    const [left, right] = [both(events), both([...events].reverse())]
    return left === undefined || right === undefined || limits(left) !== limits(right)
      ? UNTRIED
      : same("the state after the other order", printed(left), printed(right))
  }
)

/** Every deadline that stands in a file, by a name of its own. */
const deadlines = (file: ControlFile): ReadonlyMap<string, EpochMillis> =>
  new Map([
    ...Object.entries(file.breakers).flatMap(([name, { generation, opensAt, probe, state }]) => [
      ...(opensAt === undefined || state === "closed" ? [] : [[`${name} opens ${generation}`, opensAt] as const]),
      ...(probe === undefined ? [] : [[`${name} probe ${probe.runKey}`, probe.expiresAt] as const])
    ]),
    ...file.budget.reservations.map((held) => [`grant ${held.ecosystem} ${held.runKey}`, held.expiresAt] as const),
    ["week", file.budget.weekStart ?? 0] as const
  ])

/** That nothing of one file stands earlier in the next. */
const notBackwards = (before: ControlFile, now: ControlFile): ReadonlyArray<Verdict> => {
  const later = deadlines(now)
  return [
    ...[...deadlines(before)].map(([name, at]) => isTrue(`${name} does not move back`, (later.get(name) ?? at) >= at)),
    ...Object.entries(before.breakers).map(([name, breaker]) => {
      const { generation, opensAt, state } = breakerOf(now, name)
      const isEarlier = breaker.state === "open" && state === "open" && (opensAt ?? 0) < (breaker.opensAt ?? 0)
      return isTrue(`${name} keeps its generation and opens no earlier`, generation >= breaker.generation && !isEarlier)
    })
  ]
}

export const skewed = law(
  {
    name: "skewed clocks",
    rules: ["EV11", "BR28"],
    says: "under clocks that differ by minutes no report is lost and no deadline moves backwards"
  },
  ({ ecosystems, now }) =>
    EventArbitrary.history(ecosystems, now, 25).chain((events) =>
      ClockArbitrary.readings(events.map(({ at }) => at)).map((times) =>
        events.map((event, index): ControlEvent => ({ ...event, at: times[index] ?? event.at }))
      )
    ),
  (events) => events,
  ({ control, policy }, events) => {
    let state = control
    const step = (event: ControlEvent): Verdict => {
      const outcome = reduce(policy, state, event)
      const before = state.file
      state = after(state, outcome)
      const isLost = event._tag === "RunCompleted" && Result.isFailure(outcome) && outcome.failure.code !== "conflict"
      return inTurn(
        () => isTrue(`the report of ${"runKey" in event ? event.runKey : ""} is taken`, !isLost),
        () => (event._tag === "BreakerReset" ? HELD : all([HELD, ...notBackwards(before, state.file)]))
      )
    }
    return all([HELD, ...events.map(step)])
  }
)
