/** All that is said of one ecosystem's success: what `sli` shows, and what alerts are raised from. */
import type { Minutes } from "../budget/Minutes.ts"
import { DAY, type EpochMillis, HOUR } from "../time/Instant.ts"
import * as Anomaly from "./Anomaly.ts"
import * as BurnRate from "./BurnRate.ts"
import * as ErrorBudget from "./ErrorBudget.ts"
import * as Latency from "./Latency.ts"
import * as Price from "./Price.ts"
import * as RunSums from "./RunSums.ts"
import * as SuccessRate from "./SuccessRate.ts"
import type { Totals } from "./Totals.ts"
import * as Verdict from "./Verdict.ts"

/** The stretches of time, back from the end of the window, that every report looks at beside the window itself. */
export const STRETCHES: ReadonlyArray<number> = [2 * HOUR, 6 * HOUR, DAY, 3 * DAY]

/** What is known of one ecosystem. */
export interface Evidence {
  readonly ecosystem: string
  readonly objective: number
  readonly window: Totals
  /** Totals of the last so many milliseconds, for each of the `STRETCHES`. */
  readonly last: ReadonlyMap<number, Totals>
  /** What of the window came before its last day. */
  readonly before: Totals
  /** The window's minutes by the prices that held: of an instant of theirs, and how many. */
  readonly used: ReadonlyArray<{ readonly at: EpochMillis; readonly minutes: Minutes }>
  readonly newestRunAt: EpochMillis | undefined
  /** The newest runs of the window. */
  readonly runs: ReadonlyArray<Anomaly.ListedRun>
  /** `undefined`: the control branch did not answer. */
  readonly unexplained: ReadonlyArray<string> | undefined
}

/** Of what an ecosystem is judged by. */
export interface Terms {
  readonly at: EpochMillis
  readonly windowMillis: number
  readonly staleMillis: number
  readonly minimumAttempts: number
}

export interface EcosystemSli {
  readonly ecosystem: string
  readonly objective: number
  readonly verdict: Verdict.Verdict
  /** `undefined` where nothing counted. */
  readonly rate: SuccessRate.SuccessRate | undefined
  readonly window: Totals
  readonly newestRunAt: EpochMillis | undefined
  readonly p50: Latency.Percentile | undefined
  readonly p95: Latency.Percentile | undefined
  readonly errorBudget: ErrorBudget.ErrorBudget | undefined
  readonly burning: ReadonlyArray<BurnRate.Burning>
  readonly cost: Price.Cost
  readonly anomalies: ReadonlyArray<Anomaly.Anomaly>
  /** Kinds of anomalies of which nothing can be said, for want of attempts or of the control branch. */
  readonly unsaid: ReadonlyArray<Anomaly.Kind>
}

export const of = (evidence: Evidence, terms: Terms): EcosystemSli => {
  const { before, ecosystem, newestRunAt, objective, window } = evidence
  const { at, minimumAttempts, windowMillis } = terms
  const last = (millis: number): Totals => evidence.last.get(millis) ?? RunSums.none
  const rate = SuccessRate.of(window)
  const { anomalies, unsaid } = Anomaly.find({ ...evidence, at, before, minimumAttempts, recent: last(DAY) })
  return {
    anomalies,
    burning: BurnRate.DEFAULT.map((rule) =>
      BurnRate.judge(rule, objective, minimumAttempts, { long: last(rule.longMillis), short: last(rule.shortMillis) })
    ),
    cost: Price.sum(
      evidence.used.map((part) => Price.costOf(part.minutes, part.at)),
      at
    ),
    ecosystem,
    errorBudget: ErrorBudget.of({ at, objective, recent: last(DAY), window, windowMillis }),
    newestRunAt,
    objective,
    p50: Latency.percentile(window.latency, 0.5),
    p95: Latency.percentile(window.latency, 0.95),
    rate,
    unsaid,
    verdict: Verdict.of({ at, newestRunAt, objective, rate, staleMillis: terms.staleMillis }),
    window
  }
}
