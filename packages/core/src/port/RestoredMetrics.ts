/** What stands in for a metrics store that is away: the runs of the control branch, for as long as somebody looks. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { MetricsStore, MetricsUnavailable } from "./MetricsStore.ts"

export class RestoredMetrics extends Context.Service<
  RestoredMetrics,
  {
    /**
     * A store with the runs that the control branch has on record and those that wait in the spool, gone with its scope.
     * Single results, and so latencies, are known of the latter alone. It remembers no alerts.
     */
    readonly open: Effect.Effect<MetricsStore["Service"], MetricsUnavailable, Scope.Scope>
  }
>()("@batchbrake/core/port/RestoredMetrics") {}
