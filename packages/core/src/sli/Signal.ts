/** What one look at one condition shows. Alerts are what is left of signals over time: Alert.ts. */
import type { IncidentClass } from "./Incident.ts"

export type Severity = "critical" | "warning" | "info"

/** What an alert can be about. */
export const CONDITIONS = [
  "success-rate",
  "slow-validation",
  "burn-rate",
  "error-budget",
  "minutes-budget",
  "breaker-open",
  "flapping",
  "hand-edit",
  "stale",
  "open-batch",
  "anomaly"
] as const
export type Condition = (typeof CONDITIONS)[number]

/**
 * One severity that a condition may have. `raised`: past the threshold that opens. `lingering`: between the threshold that
 * opens and the one that resolves, so that what is open stays open and nothing opens.
 */
export interface Level {
  readonly severity: Severity
  readonly incident: IncidentClass
  readonly reading: "raised" | "lingering" | "cleared"
}

export interface Signal {
  readonly condition: Condition
  /** What it is about: `npm`, `npm 1d`, `macos`, a batch ID. With the condition it is the alert's identity. */
  readonly subject: string
  readonly message: string
  /** Gravest first; `undefined` where nothing can be said, for want of attempts or of a source: alerts freeze. */
  readonly levels: ReadonlyArray<Level> | undefined
}

/** The reading of a value that is the worse the higher it is. At a threshold it is past it. */
export const readingOf = (value: number, raisesAt: number, clearsBelow: number): Level["reading"] =>
  value >= raisesAt ? "raised" : value >= clearsBelow ? "lingering" : "cleared"

/** The reading of something that either is so or is not. */
export const readingIf = (holds: boolean, almost = false): Level["reading"] =>
  holds ? "raised" : almost ? "lingering" : "cleared"
