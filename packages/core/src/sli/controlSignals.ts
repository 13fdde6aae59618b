/** What control branch and batches say about the conditions that alerts are raised for. Rules: SPEC.md, section AL. */
import type { BreakerState } from "../breaker/BreakerState.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { Policy } from "../policy/Policy.ts"
import { DAY, type EpochMillis, format, HOUR } from "../time/Instant.ts"
import { type Level, readingIf, readingOf, type Signal } from "./Signal.ts"

/** What somebody did to the control file by hand; `stricter` is whatever loosened nothing. */
export type HandEdit = "none" | "stricter" | "loosened" | "unreadable"

/** What an edit by hand comes to, and where it loosened. `undefined`, or taken back: the last event explains the file. */
export const handEditOf = (
  edit: { readonly loosenings: ReadonlyArray<{ readonly path: string }>; readonly isTakenBack: boolean } | undefined
): { readonly edit: HandEdit; readonly paths: ReadonlyArray<string> } => {
  const paths = (edit?.loosenings ?? []).map(({ path }) => path)
  return { edit: edit === undefined || edit.isTakenBack ? "none" : paths.length > 0 ? "loosened" : "stricter", paths }
}

/** A batch that is not on the content branch yet. */
export interface WaitingBatch {
  readonly id: string
  readonly state: string
  readonly openedAt: EpochMillis
}

/** The control branch as alerts see it. */
export interface ControlSeen {
  readonly breakers: Readonly<Record<string, BreakerState>>
  /** Spent and reserved this week. */
  readonly minutes: Minutes.Minutes
}

const MILLION = 1_000_000
/** A platform's minutes have to fall this far below a line before its alert ends: five points of the cap. */
const EXIT_MILLIONTHS = 50_000

const breakerOpen = (ecosystem: string, breaker: BreakerState): Signal => ({
  condition: "breaker-open",
  levels: [
    {
      incident: "high",
      reading: readingIf(breaker.state === "open", breaker.state === "half-open"),
      severity: "critical"
    }
  ],
  message:
    `${ecosystem}: the breaker is ${breaker.state}` +
    (breaker.state !== "closed" && breaker.openedAt !== undefined ? ` since ${format(breaker.openedAt)}` : ""),
  subject: ecosystem
})

/** Within how long closings are counted, and how many open and keep open. */
export const FLAPPING_MILLIS = DAY
export const FLAPPING = { clearsBelow: 2, raisesAt: 3 }

/** By ecosystem: when its breaker was seen to close. */
type Closings = Readonly<Record<string, ReadonlyArray<EpochMillis>>>

/** An ecosystem may be called `constructor`. */
export const closingsOf = (closings: Closings, ecosystem: string): ReadonlyArray<EpochMillis> =>
  Object.hasOwn(closings, ecosystem) ? (closings[ecosystem] ?? []) : []

const flapping = (ecosystem: string, closings: ReadonlyArray<EpochMillis>, at: EpochMillis): Signal => {
  const count = closings.filter((closing) => closing > at - FLAPPING_MILLIS && closing <= at).length
  return {
    condition: "flapping",
    levels: [
      {
        incident: "medium",
        reading: readingOf(count, FLAPPING.raisesAt, FLAPPING.clearsBelow),
        severity: "warning"
      }
    ],
    message: `${ecosystem}: the breaker closed ${count} times within a day, and opened again in between`,
    subject: ecosystem
  }
}

/** The lines of the policy, exactly: minutes x 1,000,000 against cap x line, all integers. */
const minutesBudget = (policy: Policy, platform: string, used: number, cap: number): Signal => {
  const { pauseAtMillionths, sampleAtMillionths } = policy.budget
  const level = (line: number, gravity: Omit<Level, "reading">): Level => ({
    ...gravity,
    reading: readingOf(used * MILLION, cap * line, cap * (line - EXIT_MILLIONTHS))
  })
  return {
    condition: "minutes-budget",
    levels: [
      level(pauseAtMillionths, { incident: "medium", severity: "critical" }),
      level(sampleAtMillionths, { incident: "low", severity: "warning" })
    ],
    message: `${platform}: ${used} of ${cap} minutes of this week are spent or reserved`,
    subject: platform
  }
}

/** Looked at wherever the control branch answered, readable or not. */
export const handEditSignal = (edit: HandEdit, paths: ReadonlyArray<string>): Signal => ({
  condition: "hand-edit",
  levels: [
    { incident: "critical", reading: readingIf(edit === "loosened" || edit === "unreadable"), severity: "critical" },
    { incident: "low", reading: readingIf(edit === "stricter"), severity: "warning" }
  ],
  message:
    edit === "none"
      ? "the control file is as the last event wrote it"
      : edit === "unreadable"
        ? "the control file cannot be read: everything is on hold"
        : edit === "loosened"
          ? `the control file was loosened by hand at ${paths.join(", ")}: everything is on hold`
          : "the control file was changed by hand; nothing was loosened, and the next event takes it over",
  subject: "batch-control.json"
})

/** The signals that the control file gives. `closings`: when each breaker was seen to close. */
export const controlSignals = (
  policy: Policy,
  control: ControlSeen,
  closings: Closings,
  at: EpochMillis
): ReadonlyArray<Signal> => [
  ...Object.entries(control.breakers).flatMap(([ecosystem, breaker]) => [
    breakerOpen(ecosystem, breaker),
    flapping(ecosystem, closingsOf(closings, ecosystem), at)
  ]),
  ...Object.entries(policy.budget.caps)
    .filter(([, cap]) => cap > 0)
    .map(([platform, cap]) => minutesBudget(policy, platform, Minutes.of(control.minutes, platform), cap))
]

/**
 * No completed run for longer than the policy allows; ends with a run that is at most half as old. An ecosystem that never
 * ran counts from when the control branch began; where that is forgotten, it is long ago. With the control branch away only a
 * run that is known says something: others may have reported there.
 */
export const staleSignal = (seen: {
  readonly ecosystem: string
  readonly newestRunAt: EpochMillis | undefined
  /** When the control branch began; `undefined`: longer ago than anybody remembers. */
  readonly begunAt: EpochMillis | undefined
  readonly isControlRead: boolean
  readonly at: EpochMillis
  readonly staleMillis: number
}): Signal => {
  const { at, ecosystem, isControlRead, newestRunAt, staleMillis } = seen
  const since = newestRunAt ?? seen.begunAt
  const age = since === undefined ? Number.POSITIVE_INFINITY : at - since
  return {
    condition: "stale",
    levels:
      isControlRead || age <= staleMillis / 2
        ? [{ incident: "medium", reading: readingIf(age > staleMillis, age > staleMillis / 2), severity: "warning" }]
        : undefined,
    message:
      newestRunAt === undefined
        ? `${ecosystem}: no run has completed`
        : `${ecosystem}: the newest completed run is of ${format(newestRunAt)}, ${Math.floor(age / HOUR)} h ago`,
    subject: ecosystem
  }
}

/** A batch that nobody landed for so long has been given up, and is no news any more. */
const GIVEN_UP_MILLIS = 90 * DAY

/** Batches that wait for longer than the policy allows. One that landed has no signal any more, which resolves. */
export const batchSignals = (
  waiting: ReadonlyArray<WaitingBatch>,
  at: EpochMillis,
  openBatchMillis: number
): ReadonlyArray<Signal> =>
  waiting
    .filter(({ openedAt }) => at - openedAt > openBatchMillis && at - openedAt <= GIVEN_UP_MILLIS)
    .map(({ id, openedAt, state }) => ({
      condition: "open-batch",
      levels: [{ incident: "medium", reading: "raised", severity: "warning" }],
      message: `${id}: ${state} for ${Math.floor((at - openedAt) / HOUR)} h and not merged`,
      subject: id
    }))
