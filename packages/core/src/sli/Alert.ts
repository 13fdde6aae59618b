/**
 * Alerts: what is left of signals over time. One condition of one subject has at most one alert, which is opened, updated
 * when its severity changes, and resolved. Thresholds that open and thresholds that resolve differ, so that a value at the
 * line does not ring twice an hour; where nothing can be said an alert freezes, since silence is no recovery.
 * Pure; rules: SPEC.md, section AL.
 */
import type { EpochMillis } from "../time/Instant.ts"
import type { IncidentClass } from "./Incident.ts"
import type { Condition, Level, Severity, Signal } from "./Signal.ts"

export interface Alert {
  readonly condition: Condition
  readonly subject: string
  readonly severity: Severity
  readonly incident: IncidentClass
  /** As the newest look that could tell found it. */
  readonly message: string
  readonly openedAt: EpochMillis
  /** When its severity last changed; `openedAt` at first. */
  readonly updatedAt: EpochMillis
  /** Since when nothing could be said; `undefined` while looks can tell. */
  readonly frozenSince: EpochMillis | undefined
}

/** What people are told. */
export interface Change {
  readonly transition: "opened" | "updated" | "resolved"
  readonly at: EpochMillis
  /** As it is now; of a resolved one, as it last was. */
  readonly alert: Alert
}

/** One look at everything that can be looked at. */
export interface Look {
  readonly at: EpochMillis
  readonly signals: ReadonlyArray<Signal>
  /**
   * Conditions whose source did not answer. Of the others an alert without a signal is over: its subject is gone.
   */
  readonly unread: ReadonlyArray<Condition>
}

export interface Step {
  readonly alerts: ReadonlyArray<Alert>
  readonly changes: ReadonlyArray<Change>
}

/** What an alert is recognised by. */
export const keyOf = ({ condition, subject }: { readonly condition: Condition; readonly subject: string }): string =>
  `${condition} ${subject}`

const RANK: Readonly<Record<Severity, number>> = { critical: 2, info: 0, warning: 1 }

/** The level that holds: the gravest that is raised, or lingers while the alert is at least as grave already. */
const holding = (levels: ReadonlyArray<Level>, alert: Alert | undefined): Level | undefined =>
  levels.find(
    ({ reading, severity }) =>
      reading === "raised" || (reading === "lingering" && alert !== undefined && RANK[alert.severity] >= RANK[severity])
  )

const freeze = (alert: Alert, at: EpochMillis): Alert => ({ ...alert, frozenSince: alert.frozenSince ?? at })

interface Judged {
  readonly alert: Alert | undefined
  readonly change: Change | undefined
}

const open = ({ condition, message, subject }: Signal, { incident, severity }: Level, at: EpochMillis): Judged => {
  const alert: Alert = {
    condition,
    frozenSince: undefined,
    incident,
    message,
    openedAt: at,
    severity,
    subject,
    updatedAt: at
  }
  return { alert, change: { alert, at, transition: "opened" } }
}

const resolve = (alert: Alert, message: string, at: EpochMillis): Judged => ({
  alert: undefined,
  change: { alert: { ...alert, frozenSince: undefined, message }, at, transition: "resolved" }
})

const keep = (alert: Alert, signal: Signal, { incident, severity }: Level, at: EpochMillis): Judged => {
  const isUpdated = severity !== alert.severity
  const kept: Alert = {
    ...alert,
    frozenSince: undefined,
    incident,
    message: signal.message,
    severity,
    updatedAt: isUpdated ? at : alert.updatedAt
  }
  return { alert: kept, change: isUpdated ? { alert: kept, at, transition: "updated" } : undefined }
}

const judge = (signal: Signal, alert: Alert | undefined, at: EpochMillis): Judged => {
  if (signal.levels === undefined) {
    return { alert: alert === undefined ? undefined : freeze(alert, at), change: undefined }
  }
  const level = holding(signal.levels, alert)
  if (level !== undefined) return alert === undefined ? open(signal, level, at) : keep(alert, signal, level, at)
  return alert === undefined ? { alert: undefined, change: undefined } : resolve(alert, signal.message, at)
}

/** Of an alert that no signal speaks of. */
const orphan = (alert: Alert, { at, unread }: Look): Judged =>
  unread.includes(alert.condition)
    ? { alert: freeze(alert, at), change: undefined }
    : resolve(alert, `${alert.subject} is over, or not watched any more`, at)

const byKey = (left: Alert, right: Alert): number =>
  RANK[right.severity] - RANK[left.severity] || (keyOf(left) < keyOf(right) ? -1 : 1)

/** The alerts after a look, gravest first, and what changed. A second signal of one key is not looked at. */
export const step = (standing: ReadonlyArray<Alert>, look: Look): Step => {
  const before = new Map(standing.map((alert) => [keyOf(alert), alert]))
  const signals = new Map<string, Signal>()
  for (const signal of look.signals) if (!signals.has(keyOf(signal))) signals.set(keyOf(signal), signal)
  const judged = [
    ...[...signals].map(([key, signal]) => judge(signal, before.get(key), look.at)),
    ...[...before].filter(([key]) => !signals.has(key)).map(([, alert]) => orphan(alert, look))
  ]
  return {
    alerts: judged.flatMap(({ alert }) => (alert === undefined ? [] : [alert])).sort(byKey),
    changes: judged.flatMap(({ change }) => (change === undefined ? [] : [change]))
  }
}
