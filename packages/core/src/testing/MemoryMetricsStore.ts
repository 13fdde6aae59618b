/** The metrics store's in-memory twin. It keeps the same contract as those on SQL: see MetricsStoreContract.ts. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { printAll } from "../json/Fault.ts"
import { type AlertRecord, type Ingested, MetricsStore, RunUnusable, type Span } from "../port/MetricsStore.ts"
import type { RunReport } from "../sli/RunReport.ts"
import { digestOf, faultsOf } from "../sli/RunReportJson.ts"
import * as RunSums from "../sli/RunSums.ts"
import type { Totals } from "../sli/Totals.ts"
import { cut, outward, type Stretch } from "../sli/WholeDays.ts"
import { DAY, LATEST, startOfDay } from "../time/Instant.ts"

interface Kept {
  readonly digest: string
  readonly report: RunReport
  readonly sums: ReadonlyMap<string, Totals>
  /** From the control branch, for the run's own report to replace. */
  readonly isRestored: boolean
}

const NAME = "metrics in memory"

const isIn = (at: number, { from, until }: Stretch): boolean => at >= from && at < until

const keyOf = ({ ecosystem, runKey }: RunReport): string => `${ecosystem} ${runKey}`

/** Newest first; runs of the same instant by ecosystem and key. */
const byAge = (left: RunReport, right: RunReport): number =>
  right.completedAt - left.completedAt || (keyOf(left) < keyOf(right) ? -1 : 1)

type Sums = ReadonlyMap<string, ReadonlyMap<string, Totals>>

const addTo = (all: Map<string, Map<string, Totals>>, ecosystem: string, sums: ReadonlyMap<string, Totals>): void => {
  const platforms = all.get(ecosystem) ?? new Map<string, Totals>()
  all.set(ecosystem, platforms)
  for (const [platform, totals] of sums)
    platforms.set(platform, RunSums.add(platforms.get(platform) ?? RunSums.none, totals))
}

interface Memory {
  /** By ecosystem and run key. */
  readonly runs: Map<string, Kept>
  /** By the day's first instant: ecosystem, platform. */
  readonly days: Map<number, Map<string, Map<string, Totals>>>
  prunedBefore: number | undefined
  alerts: AlertRecord
}

const isPruned = ({ prunedBefore }: Memory, { completedAt }: RunReport): boolean =>
  prunedBefore !== undefined && completedAt < prunedBefore

const addToDay = (memory: Memory, { report, sums }: Kept): void => {
  const day = startOfDay(report.completedAt)
  const ofDay = memory.days.get(day) ?? new Map<string, Map<string, Totals>>()
  memory.days.set(day, ofDay)
  addTo(ofDay, report.ecosystem, sums)
}

const isOfCounts = ({ attempts: left }: RunReport, { attempts: right }: RunReport): boolean =>
  left.passed === right.passed && left.failed === right.failed && left.skipped === right.skipped

/** A run's own report in place of the restored one, at its time; the sums of that day are made anew. */
const replace = (memory: Memory, { report: restored }: Kept, report: RunReport, digest: string): void => {
  const { completedAt } = restored
  const startedAt = (report.startedAt ?? LATEST) <= completedAt ? report.startedAt : undefined
  const kept = {
    digest,
    isRestored: false,
    report: { ...report, completedAt, startedAt },
    sums: RunSums.sumsOf(report)
  }
  memory.runs.set(keyOf(report), kept)
  memory.days.get(startOfDay(completedAt))?.delete(report.ecosystem)
  const span = { from: startOfDay(completedAt), until: startOfDay(completedAt) + DAY }
  for (const one of memory.runs.values()) {
    if (one.report.ecosystem === report.ecosystem && isIn(one.report.completedAt, span)) addToDay(memory, one)
  }
}

const takeKnown = (memory: Memory, known: Kept, report: RunReport, isRestored: boolean): Ingested => {
  const digest = digestOf(report)
  const isSame = isOfCounts(known.report, report)
  if (isRestored) return isSame ? "known" : "conflict"
  if (known.digest === digest) {
    memory.runs.set(keyOf(report), { ...known, isRestored: false })
    return "known"
  }
  if (!known.isRestored || !isSame) return "conflict"
  replace(memory, known, report, digest)
  return "stored"
}

const take = (memory: Memory, report: RunReport, isRestored: boolean): Ingested => {
  const known = memory.runs.get(keyOf(report))
  if (known !== undefined) return takeKnown(memory, known, report, isRestored)
  if (isPruned(memory, report)) return "too-old"
  const kept: Kept = { digest: digestOf(report), isRestored, report, sums: RunSums.sumsOf(report) }
  memory.runs.set(keyOf(report), kept)
  addToDay(memory, kept)
  return "stored"
}

const takeAll = (memory: Memory, reports: ReadonlyArray<RunReport>, isRestored: boolean) =>
  Effect.suspend(() => {
    for (const report of reports) {
      const faults = faultsOf(report)
      if (faults.length > 0) {
        const { ecosystem, runKey } = report
        return Effect.fail(new RunUnusable({ detail: printAll(faults), ecosystem, runKey }))
      }
    }
    return Effect.succeed(reports.map((report) => take(memory, report, isRestored)))
  })

const sumsIn = (memory: Memory, span: Span): Sums => {
  const { days, ends } = cut(outward(span, memory.prunedBefore))
  const all = new Map<string, Map<string, Totals>>()
  for (const [day, ecosystems] of memory.days) {
    if (isIn(day, days)) for (const [ecosystem, sums] of ecosystems) addTo(all, ecosystem, sums)
  }
  for (const { report, sums } of memory.runs.values()) {
    if (ends.some((end) => isIn(report.completedAt, end))) addTo(all, report.ecosystem, sums)
  }
  return all
}

const prune = (memory: Memory, before: number): number => {
  const day = Math.floor(before / DAY) * DAY
  memory.prunedBefore = Math.max(memory.prunedBefore ?? day, day)
  const old = [...memory.runs].filter(([, { report }]) => isPruned(memory, report))
  for (const [key] of old) memory.runs.delete(key)
  return old.length
}

const serviceOn = (memory: Memory): MetricsStore["Service"] => ({
  alerts: Effect.sync(() => memory.alerts),
  horizon: Effect.sync(() => memory.prunedBefore),
  ingest: (reports) => takeAll(memory, reports, false),
  name: NAME,
  platformTotals: (span) =>
    Effect.sync(() => {
      const all = [...sumsIn(memory, span)].map(([ecosystem, sums]) => {
        const platforms = [...sums].filter(([platform]) => platform !== RunSums.ALL)
        return [ecosystem, new Map(platforms)] as const
      })
      return new Map(all.filter(([, platforms]) => platforms.size > 0))
    }),
  prune: (before) => Effect.sync(() => prune(memory, before)),
  restore: (reports) => takeAll(memory, reports, true),
  runs: ({ ecosystem, limit, span }) =>
    Effect.sync(() =>
      [...memory.runs.values()]
        .map(({ report }) => report)
        .filter((report) => isIn(report.completedAt, span) && (ecosystem ?? report.ecosystem) === report.ecosystem)
        .sort(byAge)
        .slice(0, limit)
        .map(({ attempts, batch, completedAt, ecosystem: name, minutes, runKey, startedAt }) => ({
          ...attempts,
          batch,
          completedAt,
          ecosystem: name,
          minutes,
          runKey,
          startedAt
        }))
    ),
  swapAlerts: (expected, text) =>
    Effect.sync(() => {
      if (memory.alerts.version !== expected) return false
      memory.alerts = { text, version: expected + 1 }
      return true
    }),
  totals: (span) => Effect.sync(() => RunSums.together(sumsIn(memory, span)))
})

/** A store that starts empty. */
export const make = (): MetricsStore["Service"] =>
  serviceOn({
    alerts: { text: "", version: 0 },
    days: new Map(),
    prunedBefore: undefined,
    runs: new Map()
  })

/** Lives as long as the layer. */
export const layer: Layer.Layer<MetricsStore> = Layer.sync(MetricsStore, make)
