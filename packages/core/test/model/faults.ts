/** Reducers with one thing wrong each, made from the real one: what a model check that is worth its time must find. */

import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"
import type * as Control from "@batchbrake/core/control/Control"
import { type ControlEvent, identityOf } from "@batchbrake/core/control/ControlEvent"
import { breakerOf, withBreaker } from "@batchbrake/core/control/ControlFile"
import * as Identity from "@batchbrake/core/control/Identity"
import * as Reducer from "@batchbrake/core/control/Reducer"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import type { Reduce } from "./Registry.ts"

const FOR_EVER = Date.UTC(9000, 0, 1)

/** The real reducer behind a change of what it is given. */
const given =
  (change: (control: Control.Control, event: ControlEvent) => readonly [Control.Control, ControlEvent]): Reduce =>
  (policy, control, event, nonce) => {
    const [seen, told] = change(control, event)
    return Reducer.reduce(policy, seen, told, nonce)
  }

/** Every grant looks as if it were of the breaker's generation. */
export const dropsGenerations: Reduce = given((control, event) => {
  if (event._tag !== "RunCompleted" || Identity.find(control.ledger, identityOf(event)) !== undefined) {
    return [control, event]
  }
  const { generation } = breakerOf(control.file, event.ecosystem)
  const { budget } = control.file
  const reservations = budget.reservations.map((held) =>
    held.runKey === event.runKey ? { ...held, generation } : held
  )
  const claim = Identity.find(control.ledger, `RunAdmitted ${event.ecosystem} ${event.runKey}`)
  const ledger = claim === undefined ? control.ledger : Identity.add(control.ledger, { ...claim, generation })
  return [{ file: { ...control.file, budget: { ...budget, reservations } }, ledger }, event]
})

/** A probe that reports late finds its lease as long as it needs it. */
export const ignoresLeases: Reduce = given((control, event) => {
  if (event._tag !== "RunCompleted") return [control, event]
  const breaker = breakerOf(control.file, event.ecosystem)
  if (breaker.probe?.runKey !== event.runKey) return [control, event]
  const probe = { ...breaker.probe, expiresAt: Math.max(breaker.probe.expiresAt, event.at + 1) }
  return [{ ...control, file: withBreaker(control.file, event.ecosystem, { ...breaker, probe }) }, event]
})

/** A run that tried nothing counts as one that passed. */
export const countsVacuousRuns: Reduce = given((control, event) => [
  control,
  event._tag === "RunCompleted" && "results" in event.attempts && event.attempts.results === ""
    ? { ...event, attempts: { categories: {}, results: "P" } }
    : event
])

/** A probe is never taken to be over. */
export const keepsProbes: Reduce = (policy, control, event, nonce) =>
  Result.map(Reducer.reduce(policy, control, event, nonce), (reduced) => {
    if (event._tag !== "RunAdmitted") return reduced
    const { file } = reduced.control
    const breaker = breakerOf(file, event.ecosystem)
    if (breaker.probe === undefined) return reduced
    const held = { ...breaker, probe: { ...breaker.probe, expiresAt: FOR_EVER } }
    return { ...reduced, control: { ...reduced.control, file: withBreaker(file, event.ecosystem, held) } }
  })

/** What was said twice is done twice. */
export const forgetsIdentities: Reduce = (policy, control, event, nonce) =>
  Reducer.reduce(policy, { ...control, ledger: Identity.empty }, event, nonce)

/** The real reducer, and then a change of what it made of an event that it applied. */
const made =
  (change: (before: Control.Control, after: Control.Control, event: ControlEvent) => Control.Control): Reduce =>
  (policy, control, event, nonce) =>
    Result.map(Reducer.reduce(policy, control, event, nonce), (reduced) =>
      reduced.applied ? { ...reduced, control: change(control, reduced.control, event) } : reduced
    )

const withBreakerOf = (control: Control.Control, name: string, change: Partial<BreakerState>): Control.Control => ({
  ...control,
  file: withBreaker(control.file, name, { ...breakerOf(control.file, name), ...change })
})

/** An opening from a state, of the ecosystem that an event is about. */
const opens = (before: Control.Control, after: Control.Control, event: ControlEvent, from: string): boolean =>
  "ecosystem" in event &&
  breakerOf(before.file, event.ecosystem).state === from &&
  breakerOf(after.file, event.ecosystem).state === "open"

/** A breaker that trips may be probed at once. */
export const tripsWithoutCoolDown: Reduce = made((before, after, event) =>
  "ecosystem" in event && opens(before, after, event, "closed")
    ? withBreakerOf(after, event.ecosystem, { opensAt: event.at })
    : after
)

/** A probe that failed leaves the cool-down that was over before it. */
export const reopensWithoutCoolDown: Reduce = made((before, after, event) =>
  "ecosystem" in event && opens(before, after, event, "half-open")
    ? withBreakerOf(after, event.ecosystem, { opensAt: breakerOf(before.file, event.ecosystem).opensAt })
    : after
)

/** A claim while a breaker cools down takes the probe. */
export const probesWhileCoolingDown: Reduce = given((control, event) =>
  event._tag === "RunAdmitted" && breakerOf(control.file, event.ecosystem).state === "open"
    ? [withBreakerOf(control, event.ecosystem, { opensAt: event.at }), event]
    : [control, event]
)

/** What trips npm opens cask too. */
export const tripsItsNeighbour: Reduce = made((before, after, event) => {
  if (!("ecosystem" in event) || event.ecosystem !== "npm" || !opens(before, after, event, "closed")) return after
  const { openedAt, opensAt } = breakerOf(after.file, "npm")
  const { generation, trips } = breakerOf(after.file, "cask")
  return withBreakerOf(after, "cask", {
    generation: generation + 1,
    openedAt,
    opensAt,
    state: "open",
    trips: trips + 1
  })
})

/** A person who resumes closes what waits for its probe. */
export const closesOnResume: Reduce = made((_, after, event) =>
  event._tag !== "Resumed"
    ? after
    : Object.entries(after.file.breakers)
        .filter(([, { state }]) => state === "half-open")
        .reduce((control, [name, { generation }]) => {
          const closed = { generation: generation + 1, opensAt: undefined, probe: undefined, window: "" }
          return withBreakerOf(control, name, { ...closed, closedAt: event.at, failures: 0, state: "closed" })
        }, after)
)

/** The window holds the last attempt and no other. */
export const keepsOneAttempt: Reduce = made((_, after, event) => {
  if (event._tag !== "RunCompleted") return after
  const { state, window } = breakerOf(after.file, event.ecosystem)
  return state === "closed" ? withBreakerOf(after, event.ecosystem, { window: window?.slice(-1) }) : after
})

/** Every cool-down is as long as the first. */
export const keepsCoolDowns: Reduce = made((before, after, event) =>
  "ecosystem" in event && opens(before, after, event, "half-open")
    ? withBreakerOf(after, event.ecosystem, { opensAt: event.at + HOUR })
    : after
)

/** One pass closes, however many the policy asks for. */
export const closesAfterOnePass: Reduce = (policy, control, event, nonce) => {
  const ecosystems = Object.fromEntries(
    Object.entries(policy.ecosystems).map(([name, own]) => [
      name,
      { ...own, breaker: { ...own.breaker, closeAfter: 1 } }
    ])
  )
  return Reducer.reduce({ ...policy, ecosystems }, control, event, nonce)
}
