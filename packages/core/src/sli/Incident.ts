/** How grave an alert is as an incident, and how soon somebody has to answer it. */
import { HOUR } from "../time/Instant.ts"

/**
 * - `critical`: suspected compromise.
 * - `high`: a batch fails more than half of its recipes.
 * - `medium`: one ecosystem is degraded.
 * - `low`: passing, or only to be known.
 */
export type IncidentClass = "critical" | "high" | "medium" | "low"

const RESPONSE_MILLIS: Readonly<Record<IncidentClass, number | undefined>> = {
  critical: HOUR,
  high: 4 * HOUR,
  low: undefined,
  medium: 24 * HOUR
}

/** Within how long somebody has to answer; `undefined`: by the next batch. */
export const responseMillis = (incident: IncidentClass): number | undefined => RESPONSE_MILLIS[incident]

/** `within 4 h`, or `next batch`. */
export const printResponse = (incident: IncidentClass): string => {
  const millis = RESPONSE_MILLIS[incident]
  return millis === undefined ? "next batch" : `within ${millis / HOUR} h`
}
