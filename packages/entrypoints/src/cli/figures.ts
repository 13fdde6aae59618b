/** What `sli` and `alerts` share: a metrics store that may be away, and the words of their notices. */
import { type Notice, notice } from "@batchbrake/core/control/Notice"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { errorOf, withoutSecrets } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { metricsOf, RESTORED_NAME } from "./metrics.ts"
import type { World } from "./World.ts"

/** A store that answers nothing, and says why. */
const away = (detail: string): MetricsStore["Service"] => {
  const store = "the metrics store"
  const unavailable = Effect.fail(new MetricsUnavailable({ detail, store }))
  return {
    alerts: unavailable,
    ingest: () => unavailable,
    name: store,
    platformTotals: () => unavailable,
    prune: () => unavailable,
    runs: () => unavailable,
    swapAlerts: () => unavailable,
    totals: () => unavailable
  }
}

/** What is gone with the command remembers no alerts: whoever was told by it would be told every time. */
const forgetful = (store: MetricsStore["Service"]): MetricsStore["Service"] => {
  if (store.name !== RESTORED_NAME) return store
  const { alerts, swapAlerts } = away("there is no place to keep a metrics store in")
  return { ...store, alerts, swapAlerts }
}

/** The store that the command line means. One that cannot be opened is away: figures say so and fail nothing. */
export const metricsOrAway = (given: Given, world: World, policy: Policy): Layer.Layer<MetricsStore> =>
  Layer.effect(MetricsStore, Effect.map(MetricsStore, forgetful)).pipe(
    Layer.provide(metricsOf(given, world, policy)),
    Layer.catch((failure) => Layer.succeed(MetricsStore, away(errorOf(failure).message)))
  )

/** Notices of what is read through the network may quote an address. */
export const safe = (notices: ReadonlyArray<Notice>): ReadonlyArray<Notice> =>
  notices.map(({ code, message, severity }) => notice(code, severity, withoutSecrets(message)))
