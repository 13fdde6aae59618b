/**
 * Standing alerts and open issues, and what makes them agree: one open issue for each alert that stands, none for one that
 * is over. Nothing is closed while anything could not be looked at, and nothing of an alert that is frozen.
 * Pure; rules: SPEC.md, section IS.
 */
import { type EpochMillis, format } from "../time/Instant.ts"
import type { Alert } from "./Alert.ts"
import type { OpenIssue } from "./AlertIssue.ts"
import * as AlertIssue from "./AlertIssue.ts"
import type { Condition } from "./Signal.ts"

/** What a look left. */
export interface Scene {
  readonly at: EpochMillis
  /** Those that stand, the first one first to be told of. */
  readonly alerts: ReadonlyArray<Alert>
  /** The newest look before this one that is remembered, whose alerts these go on from. */
  readonly lastLookAt: EpochMillis | undefined
  /** Conditions that could not be looked at. */
  readonly unread: ReadonlyArray<Condition>
  /** Conditions that the look was about: issues of others are not looked at. */
  readonly about: ReadonlyArray<Condition>
}

export interface Draft {
  readonly key: string
  readonly title: string
  readonly body: string
}

export type Step<I extends OpenIssue> =
  | { readonly action: "open"; readonly alert: Alert; readonly draft: Draft }
  | { readonly action: "keep"; readonly alert: Alert; readonly issue: I }
  | {
      readonly action: "update"
      readonly alert: Alert
      readonly issue: I
      readonly change: { readonly body: string }
    }
  | {
      readonly action: "close"
      readonly alert: Alert
      readonly issue: I
      readonly change: { readonly body: string; readonly state: "closed" }
    }

export interface Plan<I extends OpenIssue> {
  /** The alerts that stand, each since when its issue says. */
  readonly alerts: ReadonlyArray<Alert>
  /** In the order in which they are to be done. */
  readonly steps: ReadonlyArray<Step<I>>
  /** Issues that look like an alert's and cannot be believed: left alone. */
  readonly unreadable: ReadonlyArray<number>
}

interface Told<I> {
  readonly issue: I
  readonly alert: Alert
}

/** Those that can be believed, by what they are of, oldest first; and those that cannot. */
const sort = <I extends OpenIssue>(issues: ReadonlyArray<I>, at: EpochMillis) => {
  const told = new Map<string, Array<Told<I>>>()
  const unreadable: Array<number> = []
  for (const issue of [...issues].sort((one, other) => one.number - other.number)) {
    const alert = AlertIssue.read(issue, at)
    if (alert === "unreadable") unreadable.push(issue.number)
    if (alert === "unreadable" || alert === undefined) continue
    const identity = AlertIssue.identityOf(alert)
    told.set(identity, [...(told.get(identity) ?? []), { alert, issue }])
  }
  return { told, unreadable }
}

/** What open issues remember of alerts, for a look that nothing else is remembered for. */
export const remembered = (issues: ReadonlyArray<OpenIssue>, at: EpochMillis): ReadonlyArray<Alert> =>
  [...sort(issues, at).told.values()].flatMap(([oldest]) => (oldest === undefined ? [] : [oldest.alert]))

const close = <I extends OpenIssue>({ alert, issue }: Told<I>, why: string): Step<I> => ({
  action: "close",
  alert,
  change: { body: AlertIssue.closedBody(alert, why), state: "closed" },
  issue
})

const keep = <I extends OpenIssue>(alert: Alert, issue: I): Step<I> => {
  // The title is what it was from the beginning, or what somebody made of it.
  const change = { body: AlertIssue.bodyOf(alert) }
  return issue.body === change.body ? { action: "keep", alert, issue } : { action: "update", alert, change, issue }
}

interface Judged<I extends OpenIssue> {
  readonly alert: Alert
  readonly steps: ReadonlyArray<Step<I>>
}

/** An alert that stands, and the open issues of its condition and subject. */
const judge = <I extends OpenIssue>(alert: Alert, told: ReadonlyArray<Told<I>>, scene: Scene): Judged<I> => {
  const { lastLookAt, unread } = scene
  const mayClose = unread.length === 0 && alert.frozenSince === undefined
  // The look before this one did not see it: an issue that is older than that look is of an occurrence that is over.
  const isPast = ({ alert: { openedAt } }: Told<I>): boolean =>
    mayClose && lastLookAt !== undefined && alert.openedAt > lastLookAt && openedAt <= lastLookAt
  const [oldest, ...copies] = told.filter((one) => !isPast(one))
  const cameBack = `It was over, and came back at ${format(alert.openedAt)}: that is an issue of its own.`
  const past = told.filter(isPast).map((one) => close(one, cameBack))
  if (oldest === undefined) {
    const draft = { body: AlertIssue.bodyOf(alert), key: AlertIssue.keyOf(alert), title: AlertIssue.titleOf(alert) }
    return { alert, steps: [...past, { action: "open", alert, draft }] }
  }
  const since = { ...alert, openedAt: Math.min(alert.openedAt, oldest.alert.openedAt) }
  const same = `The same as #${oldest.issue.number}, which is older.`
  const closed = mayClose ? copies.map((one) => close(one, same)) : []
  return { alert: since, steps: [...past, keep(since, oldest.issue), ...closed] }
}

const URGENCY = { close: 2, keep: 3, open: 0, update: 1 } as const

/** What is to be done; nothing where they agree. */
export const plan = <I extends OpenIssue>(scene: Scene, issues: ReadonlyArray<I>): Plan<I> => {
  const { told, unreadable } = sort(issues, scene.at)
  const isAbout = ({ condition }: Alert): boolean => scene.about.includes(condition)
  const judged = scene.alerts
    .filter(isAbout)
    .map((alert) => judge(alert, told.get(AlertIssue.identityOf(alert)) ?? [], scene))
  const standing = new Set(scene.alerts.map(AlertIssue.identityOf))
  const over = [...told]
    .filter(([identity]) => scene.unread.length === 0 && !standing.has(identity))
    .flatMap(([, all]) => all.filter(({ alert }) => isAbout(alert)))
    .map((one) => close(one, `Over at ${format(scene.at)}: the condition does not stand any more.`))
  const steps = [...judged.flatMap((one) => one.steps), ...over]
  return {
    alerts: judged.map(({ alert }) => alert),
    steps: steps.sort((one, other) => URGENCY[one.action] - URGENCY[other.action]),
    unreadable
  }
}
