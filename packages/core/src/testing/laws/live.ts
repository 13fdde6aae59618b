/** What is stopped goes on again: by claims and passing attempts alone, in bounded time. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Budget from "../../budget/Budget.ts"
import * as Week from "../../budget/Week.ts"
import type { Control } from "../../control/Control.ts"
import type { ControlEvent } from "../../control/ControlEvent.ts"
import { breakerOf, type ControlFile, withBreaker, withPauses } from "../../control/ControlFile.ts"
import { decide } from "../../control/Decision.ts"
import { EVERYTHING } from "../../control/Pause.ts"
import { reduce } from "../../control/Reducer.ts"
import * as Policy from "../../policy/Policy.ts"
import { DAY, type EpochMillis, HOUR, MINUTE, WEEK } from "../../time/Instant.ts"
import { ask, type World } from "../WorldArbitrary.ts"
import { after, isTrue, law, next, UNTRIED } from "./Law.ts"

/** The file as it stands once an event has been reduced on it: from then on it says which week it is in. */
export const inItsWeek = ({ control, now, policy }: World): Control => {
  const { weekStart = Week.startOf(now, policy.budget.weekStartsOn) } = control.file.budget
  return { ...control, file: { ...control.file, budget: { ...control.file.budget, weekStart } } }
}

/** More probes than this are nobody's half-open. */
const MOST_PROBES = 2000
const MOST_ATTEMPTS = 1000

/**
 * A claimant that asks when the gate says, or else hourly, and whose every attempt passes: when the breaker closed, or
 * `undefined` if it had not by then. `step` is the reducer, or one that is on trial.
 */
export const closedAt = (
  policy: Policy.Policy,
  begun: Control,
  ecosystem: string,
  from: EpochMillis,
  until: EpochMillis,
  step: typeof reduce = reduce
): EpochMillis | undefined => {
  let control = begun
  let now = from
  for (let turn = 0; now <= until && turn < 2 * MOST_PROBES; turn++) {
    const { opensAt, state } = breakerOf(control.file, ecosystem)
    if (state === "closed") return now
    const runKey = `again-${turn}`
    const decision = decide(policy, control, ask(ecosystem, runKey), now)
    if (decision.decision === "hold") {
      now = decision.retryAt ?? now + HOUR
      continue
    }
    const run = { at: now, author: "ci", ecosystem, runKey }
    const claimed = after(control, step(policy, control, { ...run, _tag: "RunAdmitted" }))
    const passed = Math.min(decision.maxAttempts, MOST_ATTEMPTS)
    const attempts = { failed: 0, passed, skipped: 0 }
    const reported = step(policy, claimed, { ...run, _tag: "RunCompleted", attempts, minutes: { linux: 0 } })
    if (Result.isFailure(reported)) return undefined
    control = reported.success.control
    // A run that was let through by a breaker that only observes proves nothing: the claimant comes back for the probe.
    if (decision.decision === "run") now = Math.max(now + HOUR, opensAt ?? 0)
  }
  return undefined
}

/** The state with no stop for ever, and no deadline further ahead than this policy could have set it. */
const withinReason = (world: World, ecosystem: string, own: Policy.EcosystemPolicy): Control => {
  const { now, policy } = world
  const control = inItsWeek(world)
  const { budget } = control.file
  const { coolDownCapMillis, probeLeaseMillis } = own.breaker
  const lease = Math.max(policy.leaseMillis, probeLeaseMillis)
  const breaker = breakerOf(control.file, ecosystem)
  const atMost = (instant: EpochMillis | undefined, millis: number): EpochMillis | undefined =>
    instant === undefined ? undefined : Math.min(instant, now + millis)
  const probe =
    breaker.probe === undefined
      ? undefined
      : { ...breaker.probe, expiresAt: Math.min(breaker.probe.expiresAt, now + probeLeaseMillis) }
  const reservations = budget.reservations.map((held) => ({
    ...held,
    expiresAt: Math.min(held.expiresAt, now + lease)
  }))
  const weekStart = Math.min(budget.weekStart ?? now, now)
  const file: ControlFile = { ...control.file, budget: { ...budget, reservations, weekStart } }
  const limited = { ...breaker, opensAt: atMost(breaker.opensAt, coolDownCapMillis), probe }
  return { ...control, file: withPauses(withBreaker(file, ecosystem, limited), {}) }
}

interface Trial {
  readonly ecosystem: string
  readonly pause: Extract<ControlEvent, { readonly _tag: "Paused" }> | undefined
}

export const live = law(
  {
    name: "live",
    rules: ["DE6"],
    says: "claims and passing attempts close every breaker within cool-down cap, lease and one week, from the end of its pause",
    speaksOf: "a breaker that is not closed, under a budget that admits a run"
  },
  ({ ecosystems, now }) =>
    fc
      .record({
        ecosystem: fc.constantFrom(...ecosystems),
        length: fc.option(fc.integer({ max: 3 * DAY, min: MINUTE }), { nil: undefined })
      })
      .map(
        ({ ecosystem, length }): Trial => ({
          ecosystem,
          pause:
            length === undefined
              ? undefined
              : {
                  _tag: "Paused",
                  at: now,
                  author: "ops",
                  autoResume: true,
                  expectedResume: now + length,
                  id: "pause",
                  reason: "r",
                  scope: EVERYTHING
                }
        })
      ),
  ({ pause }) => (pause === undefined ? [] : [pause]),
  (world, { ecosystem, pause }) => {
    const { now, policy } = world
    const own = Policy.ecosystemOf(policy, ecosystem)
    const admitsNone = Budget.refusedBy(policy.budget, Budget.initial).length > 0
    if (own === undefined || admitsNone || own.breaker.closeAfter > MOST_PROBES) return UNTRIED
    const begun = withinReason(world, ecosystem, own)
    if (breakerOf(begun.file, ecosystem).state === "closed") return UNTRIED
    const control = pause === undefined ? begun : next(policy, begun, pause)
    const lease = Math.max(policy.leaseMillis, own.breaker.probeLeaseMillis)
    const from = pause?.expectedResume ?? now
    const until = from + own.breaker.coolDownCapMillis + lease + WEEK + HOUR
    return isTrue(
      `${ecosystem} closes within its bound`,
      closedAt(policy, control, ecosystem, now, until) !== undefined
    )
  }
)
