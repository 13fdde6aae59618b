/** Success as the metrics store and the control branch know it. Neither being away fails it: it says so, and what is left. */
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Result from "effect/Result"
import * as Identity from "../control/Identity.ts"
import { type Notice, notice } from "../control/Notice.ts"
import { EVERYTHING } from "../control/Pause.ts"
import { isName } from "../json/Field.ts"
import * as Policy from "../policy/Policy.ts"
import type { RunRow } from "../port/MetricsStore.ts"
import * as Anomaly from "../sli/Anomaly.ts"
import * as EcosystemSli from "../sli/EcosystemSli.ts"
import * as RunSums from "../sli/RunSums.ts"
import type { Totals } from "../sli/Totals.ts"
import { DAY, type EpochMillis } from "../time/Instant.ts"
import { type Loaded, loadControl } from "./loadControl.ts"
import { LISTED, type Metrics, type Question, readOrRestore, type Sums, spanBack } from "./readMetrics.ts"

/** Ecosystems that the policy does not know, and whose runs are looked at. */
const MOST_STRANGERS = 20
/** A run of yesterday may have been written to another day's shard: identities this close to their end are not missed. */
const FORGOTTEN_MILLIS = Identity.HORIZON - DAY

/** When runs of each ecosystem last reported to the control branch, as far as it remembers. */
const newestOn = (ledger: Identity.Ledger, at: EpochMillis): ReadonlyMap<string, EpochMillis> => {
  const newest = new Map<string, EpochMillis>()
  for (const identity of HashMap.values(ledger.identities)) {
    if (!identity.identity.startsWith("RunCompleted ") || identity.at > at) continue
    newest.set(identity.scope, Math.max(identity.at, newest.get(identity.scope) ?? identity.at))
  }
  return newest
}

const unexplainedOf = (runs: ReadonlyArray<RunRow>, ledger: Identity.Ledger, at: EpochMillis): ReadonlyArray<RunRow> =>
  runs.filter(
    ({ completedAt, ecosystem, runKey }) =>
      at - completedAt < FORGOTTEN_MILLIS && Identity.find(ledger, `RunCompleted ${ecosystem} ${runKey}`) === undefined
  )

/** Runs of an ecosystem that the policy does not know: who may write them? */
export interface Stranger {
  readonly ecosystem: string
  /** Keys of its runs that no event tells of; `undefined` where the control branch did not answer. */
  readonly unexplained: ReadonlyArray<string> | undefined
}

/** Names among the runs that the policy does not know, where all that it does know is asked for. */
const strangersIn = ({ ecosystems, policy }: Question, runs: ReadonlyArray<RunRow>): ReadonlyArray<string> =>
  Object.keys(policy.ecosystems).every((name) => ecosystems.includes(name))
    ? [...new Set(runs.map(({ ecosystem }) => ecosystem))].filter((name) => !ecosystems.includes(name)).sort()
    : []

const strangeNotices = (strangers: ReadonlyArray<Stranger>): ReadonlyArray<Notice> =>
  strangers.flatMap(({ ecosystem, unexplained }) =>
    Anomaly.unexplainedRuns(unexplained ?? []).map(({ message }) =>
      notice("unexplained-run", "warning", `${ecosystem}, which the policy does not know: ${message}`)
    )
  )

/** What was not looked at, since there was too much of it. */
const boundNotices = (runs: number, strangers: number): ReadonlyArray<Notice> => {
  const bounds = [
    ...(runs < LISTED ? [] : [`the newest ${LISTED} runs`]),
    ...(strangers <= MOST_STRANGERS
      ? []
      : [`${MOST_STRANGERS} of ${strangers} ecosystems that the policy does not know`])
  ]
  const message = `only ${bounds.join(" and ")} of the window were held against the control branch`
  return bounds.length === 0 ? [] : [notice("runs-unchecked", "info", message)]
}

/** How many runs of the window the control branch knows of, and the metrics do not: they are on their way, or lost. */
const missingFrom = (
  { at, ecosystems, windowMillis }: Question,
  runs: ReadonlyArray<RunRow>,
  ledger: Identity.Ledger
): number => {
  if (runs.length >= LISTED) return 0
  const listed = new Set(runs.map(({ ecosystem, runKey }) => `RunCompleted ${ecosystem} ${runKey}`))
  const { from, until } = spanBack(at, windowMillis)
  return [...HashMap.values(ledger.identities)].filter(
    (found) =>
      found.identity.startsWith("RunCompleted ") &&
      found.at >= from &&
      found.at < until &&
      ecosystems.includes(found.scope) &&
      !listed.has(found.identity)
  ).length
}

const behind = (missing: number): ReadonlyArray<Notice> =>
  missing === 0
    ? []
    : [
        notice(
          "metrics-behind",
          "warning",
          `${missing} ${missing === 1 ? "run is" : "runs are"} on the control branch and not in the metrics: ` +
            "`batchbrake metrics push` hands in what waits, `batchbrake metrics rebuild` restores the rest"
        )
      ]

const later = (left: EpochMillis | undefined, right: EpochMillis | undefined): EpochMillis | undefined =>
  left === undefined ? right : right === undefined ? left : Math.max(left, right)

const judge = (
  { at, ecosystems, policy, windowMillis }: Question,
  metrics: Metrics | undefined,
  ledger: Identity.Ledger | undefined,
  unexplained: ReadonlyArray<RunRow> | undefined
): ReadonlyArray<EcosystemSli.EcosystemSli> => {
  const reported = ledger === undefined ? new Map<string, EpochMillis>() : newestOn(ledger, at)
  const runs = metrics?.runs ?? []
  const { minimumAttempts, staleMillis } = policy.alerts
  return ecosystems.map((ecosystem) => {
    const of = (sums: Sums | undefined): Totals => sums?.get(ecosystem) ?? RunSums.none
    const isOwn = (run: RunRow): boolean => run.ecosystem === ecosystem
    return EcosystemSli.of(
      {
        before: of(metrics?.before),
        ecosystem,
        last: new Map([...(metrics?.last ?? [])].map(([millis, sums]) => [millis, of(sums)])),
        newestRunAt: later(metrics?.newest.get(ecosystem), reported.get(ecosystem)),
        objective: Policy.ecosystemOf(policy, ecosystem)?.slo ?? 1,
        runs: runs.filter(isOwn),
        unexplained: unexplained?.filter(isOwn).map(({ runKey }) => runKey),
        used: (metrics?.priced ?? []).map((part) => ({ at: part.at, minutes: of(part.sums).minutes })),
        window: of(metrics?.window)
      },
      { at, minimumAttempts, staleMillis, windowMillis }
    )
  })
}

/**
 * The figures of each ecosystem, and what could be read for them. Metrics are read first: a run reports to the control
 * branch before it does to the metrics, so that the other order would find runs that no event explains yet.
 */
export const readSli = Effect.fn("readSli")(function* (question: Question) {
  const { metrics: read, notices: told, store } = yield* readOrRestore(question)
  const runs = read?.runs ?? []
  const unknown = strangersIn(question, runs)
  // A name that is none has no ledger: no event tells of its runs.
  const named = unknown.slice(0, MOST_STRANGERS).filter(isName)
  const control = yield* Effect.result(loadControl([...question.ecosystems, ...named, EVERYTHING], []))
  const loaded: Loaded | undefined = Result.getOrUndefined(control)
  const ledger = loaded?.control.ledger
  const unexplained = ledger === undefined ? undefined : unexplainedOf(runs, ledger, question.at)
  const strangers = unknown.slice(0, MOST_STRANGERS).map(
    (ecosystem): Stranger => ({
      ecosystem,
      unexplained: unexplained?.filter((run) => run.ecosystem === ecosystem).map(({ runKey }) => runKey)
    })
  )
  const notices: ReadonlyArray<Notice> = [
    ...told,
    ...(read?.notices ?? []),
    ...(Result.isSuccess(control) ? [] : [notice("control-away", "warning", control.failure.message)]),
    ...(read === undefined || ledger === undefined ? [] : behind(missingFrom(question, runs, ledger))),
    ...strangeNotices(strangers),
    ...boundNotices(runs.length, unknown.length)
  ]
  return {
    control,
    isMetricsRead: read !== undefined,
    notices,
    slis: judge(question, read, ledger, unexplained),
    store,
    strangers
  }
})
