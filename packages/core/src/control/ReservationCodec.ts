/** Grants, ended grants and the probe claim, between the file and memory. */
import type { Probe } from "../breaker/BreakerState.ts"
import * as Minutes from "../budget/Minutes.ts"
import { byHolder, type Expired, type Reservation } from "../budget/Reservation.ts"
import type { Json, JsonObject } from "../json/Json.ts"
import { format, parse } from "../time/Instant.ts"
import type { ExpiredShape, ProbeShape, ReservationShape } from "./ControlFileShape.ts"
import { entryOf, unknownOf, written } from "./Written.ts"

const PROBE_KEYS = ["run_key", "expires_at"]
const EXPIRED_KEYS = ["ecosystem", "run_key", "expired_at", "minutes"]
const RESERVATION_KEYS = [
  "ecosystem",
  "run_key",
  "kind",
  "generation",
  "admitted_at",
  "expires_at",
  "batch_size",
  "max_attempts",
  "limit",
  "minutes",
  "batch",
  "probe_recipes",
  "by"
]

/** Platforms in the order of their names, whoever wrote them. */
const inOrder = (minutes: Minutes.Minutes): Minutes.Minutes => Minutes.add(minutes, Minutes.none)

/** An instant that the schema has let through. */
const instant = (text: string): number => parse(text) ?? 0

const element = (parent: Json | undefined, key: string, index: number): Json | undefined => {
  const list = entryOf(parent, key)
  return Array.isArray(list) ? list[index] : undefined
}

export const readProbe = (shape: ProbeShape | undefined, breaker: Json | undefined): Probe | undefined =>
  shape === undefined
    ? undefined
    : {
        expiresAt: instant(shape.expires_at),
        runKey: shape.run_key,
        unknown: unknownOf(entryOf(breaker, "probe"), PROBE_KEYS)
      }

export const writeProbe = (probe: Probe): JsonObject => ({
  run_key: probe.runKey,
  expires_at: format(probe.expiresAt),
  ...probe.unknown
})

export const readReservations = (
  shapes: ReadonlyArray<ReservationShape>,
  budget: Json | undefined
): ReadonlyArray<Reservation> =>
  shapes
    .map((shape, index) => ({
      admittedAt: instant(shape.admitted_at),
      author: shape.by,
      batch: shape.batch,
      batchSize: shape.batch_size,
      ecosystem: shape.ecosystem,
      expiresAt: instant(shape.expires_at),
      generation: shape.generation,
      kind: shape.kind,
      maxAttempts: shape.max_attempts,
      ...(shape.limit === undefined ? {} : { limit: shape.limit }),
      minutes: inOrder(shape.minutes),
      probeRecipes: shape.probe_recipes ?? [],
      runKey: shape.run_key,
      unknown: unknownOf(element(budget, "reservations", index), RESERVATION_KEYS)
    }))
    .sort(byHolder)

export const writeReservation = (reservation: Reservation): JsonObject =>
  written({
    ecosystem: reservation.ecosystem,
    run_key: reservation.runKey,
    kind: reservation.kind,
    generation: reservation.generation,
    admitted_at: format(reservation.admittedAt),
    expires_at: format(reservation.expiresAt),
    batch_size: reservation.batchSize,
    max_attempts: reservation.maxAttempts,
    limit: reservation.limit,
    minutes: reservation.minutes,
    batch: reservation.batch,
    probe_recipes: reservation.probeRecipes.length === 0 ? undefined : reservation.probeRecipes,
    by: reservation.author,
    ...reservation.unknown
  })

export const readExpired = (shapes: ReadonlyArray<ExpiredShape>, budget: Json | undefined): ReadonlyArray<Expired> =>
  shapes
    .map((shape, index) => ({
      ecosystem: shape.ecosystem,
      expiredAt: instant(shape.expired_at),
      minutes: inOrder(shape.minutes),
      runKey: shape.run_key,
      unknown: unknownOf(element(budget, "expired", index), EXPIRED_KEYS)
    }))
    .sort(byHolder)

export const writeExpired = (expired: Expired): JsonObject => ({
  ecosystem: expired.ecosystem,
  run_key: expired.runKey,
  expired_at: format(expired.expiredAt),
  minutes: expired.minutes,
  ...expired.unknown
})
