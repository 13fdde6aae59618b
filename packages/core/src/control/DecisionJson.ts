/** Decisions in the published JSON shape of `gate` and `status`. */
import type { JsonObject } from "../json/Json.ts"
import { format } from "../time/Instant.ts"
import type { Decision } from "./Decision.ts"
import { writeReservation } from "./ReservationCodec.ts"

/** `{ ecosystem, decision, reasons, batch_size, max_attempts, sampling, retry_at, grant, run_key }` */
export const toJson = (decision: Decision): JsonObject => ({
  ecosystem: decision.ecosystem,
  decision: decision.decision,
  reasons: decision.reasons.map(({ code, message }) => ({ code, message })),
  batch_size: decision.batchSize,
  max_attempts: decision.maxAttempts,
  sampling: decision.sampling,
  retry_at: decision.retryAt === undefined ? null : format(decision.retryAt),
  grant: decision.grant === undefined ? null : writeReservation(decision.grant),
  run_key: decision.runKey ?? null
})

/** Whether at least one ecosystem may run or probe. */
export const canProceed = (decisions: ReadonlyArray<Decision>): boolean =>
  decisions.some(({ decision }) => decision !== "hold")
