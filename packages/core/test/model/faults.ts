/** Reducers with one thing wrong each, made from the real one: what a model check that is worth its time must find. */
import type * as Control from "@batchbrake/core/control/Control"
import { type ControlEvent, identityOf } from "@batchbrake/core/control/ControlEvent"
import { breakerOf, withBreaker } from "@batchbrake/core/control/ControlFile"
import * as Identity from "@batchbrake/core/control/Identity"
import * as Reducer from "@batchbrake/core/control/Reducer"
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
