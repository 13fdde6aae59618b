import type { JsonObject } from "../json/Json.ts"
import type { EpochMillis } from "../time/Instant.ts"
import type { Minutes } from "./Minutes.ts"

/** What a claim handed a run: permission, limits, reserved minutes, an expiry, the breaker's generation. */
export interface Reservation {
  readonly ecosystem: string
  readonly runKey: string
  readonly kind: "run" | "probe"
  readonly generation: number
  readonly admittedAt: EpochMillis
  /** Live strictly before this instant. */
  readonly expiresAt: EpochMillis
  readonly batchSize: number
  readonly maxAttempts: number
  /** The most attempts that the claim asked for; absent where it asked for no less than the gate allows. */
  readonly limit?: number
  readonly minutes: Minutes
  readonly batch: string | undefined
  readonly probeRecipes: ReadonlyArray<string>
  readonly author: string
  readonly unknown: JsonObject
}

/** A grant that ran out: settled at its reservation, and corrected once if its completion comes in the same week. */
export interface Expired {
  readonly ecosystem: string
  readonly runKey: string
  readonly expiredAt: EpochMillis
  readonly minutes: Minutes
  readonly unknown: JsonObject
}

interface Held {
  readonly ecosystem: string
  readonly runKey: string
}

export const isOf =
  (ecosystem: string, runKey: string) =>
  (held: Held): boolean =>
    held.ecosystem === ecosystem && held.runKey === runKey

/** Ecosystem, then run key: the order in the file, so that the order of events does not show. */
export const byHolder = (left: Held, right: Held): number => {
  const [a, b] = [`${left.ecosystem} ${left.runKey}`, `${right.ecosystem} ${right.runKey}`]
  return a < b ? -1 : a > b ? 1 : 0
}
