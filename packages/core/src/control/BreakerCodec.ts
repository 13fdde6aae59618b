/**
 * One breaker between the file and memory. The four published fields are always there, empty for none as published; of
 * the others a value that nothing has happened to is left out.
 */
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { Json, JsonObject } from "../json/Json.ts"
import type { BreakerShape } from "./ControlFileShape.ts"
import * as ReservationCodec from "./ReservationCodec.ts"
import { instantOf, text, unknownOf, written } from "./Written.ts"

const BREAKER_KEYS = [
  "state",
  "failures",
  "last_failure",
  "opens_at",
  "window",
  "generation",
  "trips",
  "opened_at",
  "closed_at",
  "half_open_successes",
  "probe",
  "recent_probes"
]
export const readBreaker = (shape: BreakerShape, raw: Json | undefined): BreakerState => ({
  closedAt: instantOf(shape.closed_at),
  failures: shape.failures ?? 0,
  generation: shape.generation ?? 0,
  halfOpenSuccesses: shape.half_open_successes ?? 0,
  lastFailure: instantOf(shape.last_failure),
  openedAt: instantOf(shape.opened_at),
  opensAt: instantOf(shape.opens_at),
  probe: ReservationCodec.readProbe(shape.probe, raw),
  recentProbes: shape.recent_probes ?? [],
  state: shape.state,
  trips: shape.trips ?? 0,
  unknown: unknownOf(raw, BREAKER_KEYS),
  window: shape.window
})

export const writeBreaker = (breaker: BreakerState): JsonObject =>
  written({
    state: breaker.state,
    failures: breaker.failures,
    last_failure: text(breaker.lastFailure) ?? "",
    opens_at: text(breaker.opensAt) ?? "",
    window: breaker.window,
    generation: breaker.generation || undefined,
    trips: breaker.trips || undefined,
    opened_at: text(breaker.openedAt),
    closed_at: text(breaker.closedAt),
    half_open_successes: breaker.halfOpenSuccesses || undefined,
    probe: breaker.probe === undefined ? undefined : ReservationCodec.writeProbe(breaker.probe),
    recent_probes: breaker.recentProbes.length === 0 ? undefined : breaker.recentProbes,
    ...breaker.unknown
  })
