import type { JsonObject } from "../json/Json.ts"
import type { EpochMillis } from "../time/Instant.ts"

/** The claim on the one probe that may be live. */
export interface Probe {
  readonly runKey: string
  /** Live strictly before this instant. */
  readonly expiresAt: EpochMillis
  readonly unknown: JsonObject
}

/**
 * What is remembered of one ecosystem's breaker. The fields are the persisted ones; `undefined` is "not in the file".
 */
export interface BreakerState {
  readonly state: "closed" | "open" | "half-open"
  /** Raised by every edge; a result of an older generation moves no breaker. */
  readonly generation: number
  /** Counted failures in the window; once open, kept as it was at the trip. */
  readonly failures: number
  /** Counted attempts, oldest first, `P` or `F` each. A published file has none: see `OutcomeWindow.of`. */
  readonly window: string | undefined
  readonly lastFailure: EpochMillis | undefined
  /** The earliest time of the next probe. An open breaker without one is due now. */
  readonly opensAt: EpochMillis | undefined
  /** The last opening or reopening. */
  readonly openedAt: EpochMillis | undefined
  readonly closedAt: EpochMillis | undefined
  /** Consecutive trips, a failed probe being one more. */
  readonly trips: number
  readonly halfOpenSuccesses: number
  readonly probe: Probe | undefined
  /** Recipes probed lately, oldest first. */
  readonly recentProbes: ReadonlyArray<string>
  /** Fields of the file that this version does not know; kept. */
  readonly unknown: JsonObject
}

/** A breaker that nothing has happened to. */
export const initial: BreakerState = {
  closedAt: undefined,
  failures: 0,
  generation: 0,
  halfOpenSuccesses: 0,
  lastFailure: undefined,
  openedAt: undefined,
  opensAt: undefined,
  probe: undefined,
  recentProbes: [],
  state: "closed",
  trips: 0,
  unknown: {},
  window: ""
}
