/**
 * The reducer: policy, state and event in, state and notices out. Total and deterministic; time and identity come
 * with the event. Rules: SPEC.md, section EV.
 */

import * as Result from "effect/Result"
import * as Attempts from "../breaker/Attempts.ts"
import * as Breaker from "../breaker/Breaker.ts"
import * as Budget from "../budget/Budget.ts"
import * as Policy from "../policy/Policy.ts"
import { format } from "../time/Instant.ts"
import { advance, type Control } from "./Control.ts"
import type { ControlEvent } from "./ControlEvent.ts"
import * as Event from "./ControlEvent.ts"
import { breakerOf, type ControlFile, withBreaker, withStopsMirrored } from "./ControlFile.ts"
import { budgetNotices, type Effected, unchanged } from "./Effected.ts"
import * as Identity from "./Identity.ts"
import { type Notice, notice } from "./Notice.ts"
import * as OperatorEvents from "./OperatorEvents.ts"
import { shortName } from "./plainLine.ts"
import { type Rejection, rejection } from "./Rejection.ts"
import * as RunEvents from "./RunEvents.ts"

/** What an event did. */
export interface Reduced {
  readonly control: Control
  readonly notices: ReadonlyArray<Notice>
  /** Whether it did what it says; a duplicate and an unadmitted result did not. */
  readonly applied: boolean
  /** Its entry in the ledger; `undefined`: it leaves no trace and need not be written. */
  readonly identity: Identity.Identity | undefined
}

const FIRST = 0
/** The end of the year 9990: room for every deadline that a policy can set. */
const LAST = 253_118_476_800_000

const knowsEcosystem = (policy: Policy.Policy, event: ControlEvent): boolean => {
  const scope = Event.scopeOf(event)
  // What a policy no longer knows can still hold a grant or a pause, and must be able to be rid of it.
  const lifts = event._tag === "RunAbandoned" || event._tag === "Resumed"
  return scope === "*" || lifts || Policy.ecosystemOf(policy, scope) !== undefined
}

const tooOld = (control: Control, event: ControlEvent): Rejection | undefined => {
  if (event._tag !== "RunCompleted") return undefined
  const newest = Identity.newestOf(control.ledger, event.ecosystem)
  const live = Budget.grantOf(control.file.budget, event.ecosystem, event.runKey)
  const claimed = Identity.find(control.ledger, `RunAdmitted ${event.ecosystem} ${event.runKey}`)
  const startedAt = event.startedAt ?? live?.admittedAt ?? claimed?.at ?? event.at
  return newest !== undefined && newest - startedAt > Identity.HORIZON
    ? rejection(
        "too-old",
        `the run ${event.runKey} started at ${format(startedAt)}, more than 35 days before the newest event of ` +
          `${event.ecosystem}; whether it was recorded before can no longer be told`
      )
    : undefined
}

/** Everything that can be wrong with an event before its kind is looked at. */
const objection = (policy: Policy.Policy, control: Control, event: ControlEvent): Rejection | undefined => {
  if (event.at < FIRST || event.at > LAST) {
    return rejection("invalid", `at: found ${event.at}, expected an instant from 1970 to 9990`)
  }
  if (!knowsEcosystem(policy, event)) {
    const known = Object.keys(policy.ecosystems).join(", ") || "none"
    return rejection(
      "unknown-ecosystem",
      `the policy does not know ${shortName(Event.scopeOf(event))}; it knows: ${known}`
    )
  }
  return tooMany(event) ?? tooOld(control, event)
}

/** More attempts than a run can have. */
const tooMany = (event: ControlEvent): Rejection | undefined => {
  if (event._tag !== "RunCompleted") return undefined
  const { failed, passed, skipped } = Attempts.tally(event.attempts)
  return passed + failed + skipped > Attempts.MOST_ATTEMPTS
    ? rejection(
        "invalid",
        `attempts: found ${passed + failed + skipped}, expected at most ${Attempts.MOST_ATTEMPTS} a run`
      )
    : undefined
}

const effect = (
  policy: Policy.Policy,
  control: Control,
  file: ControlFile,
  event: ControlEvent
): Result.Result<Effected, Rejection> => {
  switch (event._tag) {
    case "RunAdmitted":
      return RunEvents.admitted(policy, { ...control, file }, event)
    case "RunCompleted":
      return RunEvents.completed(policy, { ...control, file }, event)
    case "RunAbandoned":
      return Result.succeed(RunEvents.abandoned(control, file, event))
    case "LeaseExtended":
      return RunEvents.leaseExtended(policy, file, event)
    case "Paused":
      return Result.succeed(OperatorEvents.paused(file, event))
    case "Resumed":
      return Result.succeed(OperatorEvents.resumed(file, event))
    case "BreakerReset": {
      const breaker = Breaker.reset(breakerOf(file, event.ecosystem), event.at)
      const done = notice("breaker-reset", "info", `${event.ecosystem}: closed by ${event.author}: ${event.reason}`)
      return Result.succeed({ ...unchanged(withBreaker(file, event.ecosystem, breaker)), notices: [done] })
    }
    case "BudgetAdjusted":
      return Result.succeed(OperatorEvents.budgetAdjusted(file, event))
    case "Initialised":
      return OperatorEvents.initialised(control.file, file)
    case "Imported":
    case "HandEditAdopted":
      return OperatorEvents.takenOver(control.file, event)
    // Batches have files of their own; all that these do here is to move time on.
    case "BatchOpened":
    case "BatchSealed":
    case "BatchProposed":
    case "BatchMerged":
    case "BatchRolledBack":
    case "BatchAdopted":
    case "PolicyAdopted":
      return Result.succeed(unchanged(file))
  }
}

/** What was the case already: the same event again, or another one under the same name. */
const repeated = (
  control: Control,
  event: ControlEvent,
  known: Identity.Identity
): Result.Result<Reduced, Rejection> => {
  const name = Event.identityOf(event)
  return known.payload === Event.payloadHash(event)
    ? Result.succeed({
        applied: false,
        control,
        identity: undefined,
        notices: [notice("duplicate", "info", `${name} was applied before, at ${format(known.at)}`)]
      })
    : Result.fail(
        rejection(
          "conflict",
          `${name} was recorded at ${format(known.at)} with another content; nothing was changed. ` +
            "Use a run key of its own for each run"
        )
      )
}

/**
 * Applies one event. Advances to its instant first. `nonce` names the commit that will carry it, and stands in the
 * ledger only.
 */
export const reduce = (
  policy: Policy.Policy,
  control: Control,
  event: ControlEvent,
  nonce = ""
): Result.Result<Reduced, Rejection> => {
  const known = Identity.find(control.ledger, Event.identityOf(event))
  if (known !== undefined) return repeated(control, event, known)
  const wrong = objection(policy, control, event)
  if (wrong !== undefined) return Result.fail(wrong)

  const advanced = advance(policy, control.file, event.at)
  return Result.map(effect(policy, control, advanced.file, event), (effected) => {
    if (!effected.leavesTrace) {
      return { applied: effected.applied, control, identity: undefined, notices: effected.notices }
    }
    const settled = advance(policy, withStopsMirrored(effected.file), event.at)
    const identity = Identity.of(event, nonce, effected.generation)
    return {
      applied: effected.applied,
      control: { file: settled.file, ledger: Identity.add(control.ledger, identity) },
      identity,
      notices: [
        ...advanced.notices,
        ...effected.notices,
        ...budgetNotices(policy.budget, advanced.file.budget, settled.file.budget)
      ]
    }
  })
}
