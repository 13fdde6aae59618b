/** What the events of a run do: claimed, reported, given back, prolonged. */

import * as Result from "effect/Result"
import * as Attempts from "../breaker/Attempts.ts"
import * as Breaker from "../breaker/Breaker.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import { countFailures } from "../breaker/OutcomeWindow.ts"
import * as Probe from "../breaker/Probe.ts"
import * as Budget from "../budget/Budget.ts"
import type { Reservation } from "../budget/Reservation.ts"
import * as Policy from "../policy/Policy.ts"
import { format } from "../time/Instant.ts"
import type { Control } from "./Control.ts"
import type { Of } from "./ControlEvent.ts"
import { breakerOf, type ControlFile, withBreaker } from "./ControlFile.ts"
import { type Admission, decide } from "./Decision.ts"
import { type Effected, nothingToDo, unchanged } from "./Effected.ts"
import * as Identity from "./Identity.ts"
import { type Notice, notice } from "./Notice.ts"
import { shortName } from "./plainLine.ts"
import { type Rejection, rejection } from "./Rejection.ts"

/** The grant that an admission amounts to, given the breaker as it is after the claim. */
const grantFor = (
  policy: Policy.Policy,
  own: Policy.EcosystemPolicy,
  event: Of<"RunAdmitted">,
  admission: Admission,
  limits: { readonly batchSize: number; readonly maxAttempts: number; readonly generation: number }
): Reservation => ({
  admittedAt: event.at,
  author: event.author,
  batch: event.batch,
  batchSize: limits.batchSize,
  ecosystem: event.ecosystem,
  expiresAt: event.at + (admission.kind === "probe" ? own.breaker.probeLeaseMillis : policy.leaseMillis),
  generation: limits.generation,
  kind: admission.kind,
  maxAttempts: limits.maxAttempts,
  ...(event.maxAttempts === undefined ? {} : { limit: event.maxAttempts }),
  minutes: Budget.reserveOf(policy.budget),
  probeRecipes: admission.kind === "probe" ? (event.probeRecipes ?? []) : [],
  runKey: event.runKey,
  unknown: {}
})

/** A claim: admitted if the gate says so of this very state, and then all at once, probe and reservation. */
export const admitted = (
  policy: Policy.Policy,
  control: Control,
  event: Of<"RunAdmitted">
): Result.Result<Effected, Rejection> => {
  const { author, batch, ecosystem, runKey } = event
  const limit = event.maxAttempts === undefined ? {} : { limit: event.maxAttempts }
  const request = { author, batch, candidates: event.probeRecipes ?? [], claim: true, ecosystem, runKey, ...limit }
  const decision = decide(policy, control, request, event.at)
  const own = Policy.ecosystemOf(policy, ecosystem)
  if (decision.admission === undefined || own === undefined) {
    const message = decision.reasons.map((reason) => reason.message).join("; ")
    return Result.fail(rejection("held", `${ecosystem}: ${message}`, decision.reasons))
  }
  const before = breakerOf(control.file, ecosystem)
  const recentProbes = Probe.remember(before.recentProbes, event.probeRecipes ?? [])
  const breaker =
    decision.admission.kind === "probe"
      ? Breaker.claim(own.breaker, before, { recentProbes, runKey }, event.at)
      : before
  const { batchSize, maxAttempts } = decision
  const grant = grantFor(policy, own, event, decision.admission, {
    batchSize,
    generation: breaker.generation,
    maxAttempts
  })
  const file = breaker === before ? control.file : withBreaker(control.file, ecosystem, breaker)
  return Result.succeed({
    ...unchanged({ ...file, budget: Budget.reserve(file.budget, grant) }),
    generation: breaker.generation
  })
}

const rate = (window: string): string => `${window.length - countFailures(window)} of ${window.length} passed`

/** What a report did to a breaker, in words; nothing for one that stayed where it was. */
const edgeNotices = (ecosystem: string, before: BreakerState, after: BreakerState): ReadonlyArray<Notice> => {
  if (before.state === after.state) return []
  const until = after.opensAt === undefined ? "" : ` until ${format(after.opensAt)}`
  if (after.state === "closed") return [notice("breaker-closed", "info", `${ecosystem}: the probe passed, closed`)]
  return before.state === "closed"
    ? [notice("breaker-opened", "critical", `${ecosystem}: tripped, ${rate(after.window ?? "")}; open${until}`)]
    : [notice("breaker-reopened", "warning", `${ecosystem}: the probe failed; open${until}`)]
}

const VERDICTS: Readonly<Record<Breaker.Settled["verdict"], (run: string) => ReadonlyArray<Notice>>> = {
  counted: () => [],
  fenced: (run) => [notice("fenced", "warning", `${run}: came too late to move the breaker; its minutes count`)],
  "not-admitted": (run) => [
    notice(
      "not-admitted",
      "warning",
      `${run}: reported without a grant while the breaker is not closed; only its minutes count`
    )
  ],
  vacuous: (run) => [notice("vacuous", "info", `${run}: no counted attempt, so it proves nothing and moves no breaker`)]
}

/** More attempts than the claim asked for: all of them count, and somebody should know. Skipped ones were not made. */
const limitNotices = (
  { attempts, ecosystem, runKey }: Of<"RunCompleted">,
  limit: number | undefined
): ReadonlyArray<Notice> => {
  const { failed, passed } = Attempts.tally(attempts)
  return limit === undefined || passed + failed <= limit
    ? []
    : [
        notice(
          "over-limit",
          "warning",
          `${ecosystem} ${runKey}: made ${passed + failed} attempts where its claim asked for at most ${limit}; all of them count`
        )
      ]
}

/** A report: the minutes settle in any case; the breaker moves if the run's standing allows it. */
export const completed = (
  policy: Policy.Policy,
  control: Control,
  event: Of<"RunCompleted">
): Result.Result<Effected, Rejection> => {
  const { at, attempts, ecosystem, runKey } = event
  const own = Policy.ecosystemOf(policy, ecosystem)
  if (own === undefined)
    return Result.fail(rejection("unknown-ecosystem", `the policy does not know ${shortName(ecosystem)}`))
  const { file, ledger } = control
  const live = Budget.grantOf(file.budget, ecosystem, runKey)
  const abandoned = Identity.find(ledger, `RunAbandoned ${ecosystem} ${runKey}`) !== undefined
  const remembered = abandoned ? undefined : Identity.find(ledger, `RunAdmitted ${ecosystem} ${runKey}`)
  const grantedGeneration = live?.generation ?? remembered?.generation
  const before = breakerOf(file, ecosystem)
  const ignored = own.breaker.ignoreCategories
  const { state, verdict } = Breaker.settle(
    own.breaker,
    before,
    { grantedGeneration, runKey },
    { closed: Attempts.counted(attempts, ignored), probe: Attempts.countedForProbe(attempts, ignored) },
    at
  )
  const granted = grantedGeneration !== undefined
  const budget = Budget.settle(file.budget, ecosystem, runKey, event.minutes, "costs the reservation", granted)
  const settled = state === before ? file : withBreaker(file, ecosystem, state)
  return Result.succeed({
    ...unchanged({ ...settled, budget }),
    applied: verdict !== "not-admitted",
    notices: [
      ...edgeNotices(ecosystem, before, state),
      ...VERDICTS[verdict](`${ecosystem} ${runKey}`),
      ...limitNotices(event, live === undefined ? remembered?.limit : live.limit)
    ]
  })
}

/** A grant given back: what is not stated was not used. */
export const abandoned = (control: Control, file: ControlFile, event: Of<"RunAbandoned">): Effected => {
  const { ecosystem, minutes, runKey } = event
  if (Budget.grantOf(file.budget, ecosystem, runKey) === undefined) {
    const had = Identity.find(control.ledger, `RunAdmitted ${ecosystem} ${runKey}`) !== undefined
    return nothingToDo(
      file,
      notice(
        "no-grant",
        "info",
        `${ecosystem} ${runKey} ${had ? "no longer has a grant" : "never had a grant"}: nothing to give back`
      )
    )
  }
  const budget = Budget.settle(file.budget, ecosystem, runKey, minutes, "costs nothing", true)
  const before = breakerOf(file, ecosystem)
  const breaker = Breaker.release(before, runKey)
  return unchanged({ ...(breaker === before ? file : withBreaker(file, ecosystem, breaker)), budget })
}

/** A full lease from now on; an end never moves backwards. */
export const leaseExtended = (
  policy: Policy.Policy,
  file: ControlFile,
  event: Of<"LeaseExtended">
): Result.Result<Effected, Rejection> => {
  const { at, ecosystem, runKey } = event
  const own = Policy.ecosystemOf(policy, ecosystem)
  const grant = Budget.grantOf(file.budget, ecosystem, runKey)
  if (own === undefined || grant === undefined) {
    return Result.fail(
      rejection("no-grant", `${ecosystem} ${runKey} has no live grant to prolong; claim again under a new run key`)
    )
  }
  const lease = grant.kind === "probe" ? own.breaker.probeLeaseMillis : policy.leaseMillis
  const expiresAt = Math.max(grant.expiresAt, at + lease)
  const reservations = file.budget.reservations.map((held) => (held === grant ? { ...held, expiresAt } : held))
  const before = breakerOf(file, ecosystem)
  const breaker = before.probe?.runKey === runKey ? { ...before, probe: { ...before.probe, expiresAt } } : before
  const prolonged = { ...file, budget: { ...file.budget, reservations } }
  return Result.succeed(unchanged(breaker === before ? prolonged : withBreaker(prolonged, ecosystem, breaker)))
}
