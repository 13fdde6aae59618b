/** What a brake did to one ecosystem over a stretch of time: ours, or the recorded one. */

import { isRun, type Row } from "@batchbrake/core/forecast/RecordedRow"
import type { EpochMillis } from "@batchbrake/core/time/Instant"

export interface Recorded {
  readonly opened: number
  readonly failedProbes: number
  readonly closed: number
  /** Of `closed`, those that a person did. */
  readonly closedByHand: number
  readonly openMillis: number
}

export interface Ours {
  readonly trips: number
  readonly probes: number
  readonly failedProbes: number
  readonly closed: number
  readonly held: number
  readonly refusedAttempts: number
  readonly admitted: number
  readonly vacuous: number
  readonly openMillis: number
}

/** Milliseconds in which a state held, given its value after each change; nothing is known before the first one. */
export const timeIn = (
  changes: ReadonlyArray<{ readonly at: EpochMillis; readonly open: boolean }>,
  end: EpochMillis
): number =>
  changes.reduce((sum, { at, open }, index) => (open ? sum + ((changes[index + 1]?.at ?? end) - at) : sum), 0)

/** The recorded system, from the states before and after that its rows name; changes that were lost are left out. */
export const recordedOf = (rows: ReadonlyArray<Row>, end: EpochMillis): Recorded => {
  const kept = rows.filter(({ lost }) => !lost)
  const closings = kept.filter(({ isOpen, wasOpen }) => wasOpen && !isOpen)
  const [first] = kept
  return {
    closed: closings.length,
    closedByHand: closings.filter(({ outcome }) => outcome === "manual").length,
    failedProbes: kept.filter((row) => row.wasOpen && row.isOpen && isRun(row)).length,
    opened: kept.filter(({ isOpen, wasOpen }) => !wasOpen && isOpen).length,
    openMillis: timeIn(
      [
        ...(first === undefined ? [] : [{ at: first.at, open: first.wasOpen }]),
        ...kept.map(({ at, isOpen }) => ({ at, open: isOpen }))
      ],
      end
    )
  }
}

export const sum = <K extends string>(scores: ReadonlyArray<Readonly<Record<K, number>>>, key: K): number =>
  scores.reduce((total, score) => total + score[key], 0)
