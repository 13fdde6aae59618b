/** What `sli` and `alerts` share: a metrics store that may be away, and the words of their notices. */
import type { Policy } from "@batchbrake/core/policy/Policy"
import { MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import { RestoredMetrics } from "@batchbrake/core/port/RestoredMetrics"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { errorOf } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { metricsOf, RESTORED_NAME, restoredForNow } from "./metrics.ts"
import type { World } from "./World.ts"

/** A store that answers nothing, and says why. */
const away = (detail: string): MetricsStore["Service"] => {
  const store = "the metrics store"
  const unavailable = Effect.fail(new MetricsUnavailable({ detail, store }))
  return {
    alerts: unavailable,
    horizon: unavailable,
    ingest: () => unavailable,
    name: store,
    platformTotals: () => unavailable,
    prune: () => unavailable,
    restore: () => unavailable,
    runs: () => unavailable,
    swapAlerts: () => unavailable,
    totals: () => unavailable
  }
}

/**
 * The store that the command line means, and what stands in for it. One that cannot be opened is away: figures say so and
 * fail nothing. It stays the one that remembers alerts: from another one everybody would be told anew, every time.
 */
export const metricsOrAway = (
  given: Given,
  world: World,
  policy: Policy
): Layer.Layer<MetricsStore | RestoredMetrics> => {
  const store = metricsOf(given, world, policy).pipe(
    Layer.catch((failure) => Layer.succeed(MetricsStore, away(errorOf(failure).message)))
  )
  const open = Effect.mapError(
    restoredForNow(given, world, policy),
    (failure) => new MetricsUnavailable({ detail: errorOf(failure).message, store: RESTORED_NAME })
  )
  return Layer.merge(store, Layer.succeed(RestoredMetrics, { open }))
}
