/** Figures as the command prints them: shapes that others build on, only ever added to. */
import type { JsonObject } from "../json/Json.ts"
import { EARLIEST, format, HOUR } from "../time/Instant.ts"
import type { Burning } from "./BurnRate.ts"
import * as BurnRate from "./BurnRate.ts"
import type { EcosystemSli } from "./EcosystemSli.ts"
import type { ErrorBudget } from "./ErrorBudget.ts"
import * as Latency from "./Latency.ts"
import * as Price from "./Price.ts"

const DIGITS = 6

/** To six digits behind the point: what follows is noise of the arithmetic. `null` for what is not known, or unlimited. */
const rounded = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(DIGITS))

/** Nobody knows since when the oldest prices of the table held. */
const beginningOf = ({ from }: Price.Prices): string | null => (from === EARLIEST ? null : format(from))

/** `{ dollars, prices_from, source, unpriced, earlier_prices_from? }`. */
export const cost = ({ dollars, prices: [newest, ...older], unpriced }: Price.Cost): JsonObject => ({
  dollars,
  prices_from: beginningOf(newest),
  source: Price.SOURCE,
  unpriced,
  ...(older.length === 0 ? {} : { earlier_prices_from: older.map(beginningOf) })
})

const percentile = (of: Latency.Percentile | undefined): number | null => rounded(of?.seconds)

const budget = (of: ErrorBudget | undefined): JsonObject | null =>
  of === undefined
    ? null
    : {
        allowed: rounded(of.allowed),
        failed: rounded(of.failed),
        remaining: rounded(of.remaining),
        exhausted_at: of.exhaustedAt === undefined ? null : format(of.exhaustedAt)
      }

const burning = ({ attempts, isFiring, isReachable, long, rule, short }: Burning, objective: number): JsonObject => ({
  name: rule.name,
  threshold: rule.threshold,
  maximum: rounded(BurnRate.maximum(objective)),
  reachable: isReachable,
  long_hours: rule.longMillis / HOUR,
  long: rounded(long),
  short_hours: rule.shortMillis / HOUR,
  short: rounded(short),
  attempts,
  firing: isFiring
})

/** One element of `sli`'s `ecosystems`. */
export const ecosystem = (sli: EcosystemSli): JsonObject => ({
  ecosystem: sli.ecosystem,
  success_rate: rounded(sli.rate?.rate),
  interval: sli.rate === undefined ? null : [rounded(sli.rate.interval.low), rounded(sli.rate.interval.high)],
  verdict: sli.verdict,
  passed: sli.window.passed.count,
  failed: sli.window.failed.count,
  skipped: sli.window.skipped,
  objective: sli.objective,
  effective_attempts: rounded(sli.rate?.effectiveAttempts),
  runs: sli.window.runs,
  vacuous_runs: sli.window.vacuousRuns,
  newest_run_at: sli.newestRunAt === undefined ? null : format(sli.newestRunAt),
  latency: {
    p50_seconds: percentile(sli.p50),
    p95_seconds: percentile(sli.p95),
    timed: Latency.countOf(sli.window.latency)
  },
  error_budget: budget(sli.errorBudget),
  burn_rates: sli.burning.map((one) => burning(one, sli.objective)),
  minutes: { ...sli.window.minutes },
  cost: cost(sli.cost),
  anomalies: sli.anomalies.map(({ isLikelyOnly, kind, message }) => ({ kind, message, certain: !isLikelyOnly }))
})
