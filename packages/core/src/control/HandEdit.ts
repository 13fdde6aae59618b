/**
 * A control file that differs from what the last event wrote: edited by hand. What only makes things stricter is
 * honoured. Anything that loosens machine state, or takes a recorded pause away, holds until someone stands for it.
 * Whatever is not known to be stricter or neutral counts as looser. Rules: SPEC.md, section HE.
 */
import type * as BreakerState from "../breaker/BreakerState.ts"
import * as Minutes from "../budget/Minutes.ts"
import { isOf, type Reservation } from "../budget/Reservation.ts"
import { pathOf } from "../json/StrictJson.ts"
import { breakerOf, type ControlFile } from "./ControlFile.ts"
import * as Pause from "./Pause.ts"

/** A field that an edit by hand made looser. */
export interface Loosening {
  /** The field, as a path in the file. */
  readonly path: string
  /** The ecosystem that it belongs to; `undefined` for what all share. */
  readonly ecosystem: string | undefined
}

const RANK = { closed: 0, "half-open": 1, open: 2 } as const

/** Failures turned in where passes stood, and nothing else: the same window or a stricter one. */
const windowNoLooser = (before: string | undefined, after: string | undefined): boolean =>
  before === after ||
  (before !== undefined &&
    after !== undefined &&
    before.length === after.length &&
    [...after].every((outcome, place) => outcome === "F" || before[place] === "P"))

const NEVER = Number.POSITIVE_INFINITY
const DUE = Number.NEGATIVE_INFINITY

/** How long a breaker that is not closed holds everybody but the run that probes: until it is due, or the probe's end. */
const heldUntil = ({ opensAt, probe }: BreakerState.BreakerState, opened: boolean): number =>
  opened ? (probe?.expiresAt ?? DUE) : (opensAt ?? DUE)

const breakerLoosenings = (
  before: BreakerState.BreakerState,
  after: BreakerState.BreakerState
): ReadonlyArray<string> => {
  const opened = RANK[after.state] > RANK[before.state]
  const checks: ReadonlyArray<readonly [string, boolean]> = [
    ["state", RANK[after.state] >= RANK[before.state]],
    ["opens_at", before.state === "closed" || (after.opensAt ?? DUE) >= heldUntil(before, opened)],
    ["failures", opened || after.failures >= before.failures],
    ["window", opened || windowNoLooser(before.window, after.window)],
    // A higher generation fences the failures that are under way, which is looser unless the breaker opened with it.
    ["generation", opened ? after.generation >= before.generation : after.generation === before.generation],
    ["trips", after.trips >= before.trips],
    ["half_open_successes", after.halfOpenSuccesses <= before.halfOpenSuccesses],
    ["opened_at", after.openedAt === before.openedAt || opened],
    ["closed_at", after.closedAt === before.closedAt],
    [
      "probe",
      opened ||
        before.probe === undefined ||
        (after.probe?.runKey === before.probe.runKey && after.probe.expiresAt >= before.probe.expiresAt)
    ]
  ]
  return checks.flatMap(([field, fine]) => (fine ? [] : [field]))
}

const covers = (after: Minutes.Minutes, before: Minutes.Minutes): boolean =>
  Object.keys(before).every((platform) => Minutes.of(after, platform) >= Minutes.of(before, platform))

const sameJson = (before: unknown, after: unknown): boolean => JSON.stringify(before) === JSON.stringify(after)

/** The same grant, holding at least what it held for at least as long, and allowed no more. */
const reservationNoLooser = (before: Reservation, after: Reservation | undefined): boolean =>
  after !== undefined &&
  after.generation === before.generation &&
  after.kind === before.kind &&
  after.expiresAt >= before.expiresAt &&
  after.batchSize <= before.batchSize &&
  after.maxAttempts <= before.maxAttempts &&
  (after.limit ?? NEVER) <= (before.limit ?? NEVER) &&
  sameJson(before.probeRecipes, after.probeRecipes) &&
  covers(after.minutes, before.minutes)

const budgetLoosenings = (before: ControlFile["budget"], after: ControlFile["budget"]): ReadonlyArray<string> => {
  const used = [...new Set([...Object.keys(before.used), ...Object.keys(after.used)])]
    .filter((platform) => Minutes.of(after.used, platform) < Minutes.of(before.used, platform))
    .map((platform) => `${platform}_minutes_used`)
  const kept = before.reservations.every((held) =>
    reservationNoLooser(held, after.reservations.find(isOf(held.ecosystem, held.runKey)))
  )
  const invented = after.reservations.some((held) => !before.reservations.some(isOf(held.ecosystem, held.runKey)))
  // What an expiry assumed is taken back by a late report: more of it frees minutes.
  const correctable = after.expired.some((late) => {
    const was = before.expired.find(isOf(late.ecosystem, late.runKey))
    return was === undefined || !covers(was.minutes, late.minutes)
  })
  return [
    ...used,
    ...(kept && !invented ? [] : ["reservations"]),
    ...(correctable ? ["expired"] : []),
    ...(before.weekStart === after.weekStart ? [] : ["week_start"])
  ]
}

const pauseLoosenings = (before: Pause.Pauses, after: Pause.Pauses): ReadonlyArray<string> =>
  Object.entries(before).flatMap(([scope, pause]) => {
    const now = Object.hasOwn(after, scope) ? after[scope] : undefined
    return now !== undefined && (Pause.endOf(now) ?? NEVER) >= (Pause.endOf(pause) ?? NEVER) ? [] : [scope]
  })

/** What an edit by hand made looser; empty for one that is only stricter, or neutral. */
export const loosenings = (before: ControlFile, after: ControlFile): ReadonlyArray<Loosening> => {
  const ecosystems = [...new Set([...Object.keys(before.breakers), ...Object.keys(after.breakers)])].sort()
  return [
    ...ecosystems.flatMap((ecosystem) =>
      breakerLoosenings(breakerOf(before, ecosystem), breakerOf(after, ecosystem)).map((field) => ({
        ecosystem,
        path: `${pathOf("circuit_breaker", ecosystem)}.${field}`
      }))
    ),
    ...budgetLoosenings(before.budget, after.budget).map((field) => ({
      ecosystem: undefined,
      path: `budget.${field}`
    })),
    ...pauseLoosenings(before.pauses, after.pauses).map((scope) => ({
      ecosystem: scope === Pause.EVERYTHING ? undefined : scope,
      path: pathOf("pauses", scope)
    }))
  ]
}
