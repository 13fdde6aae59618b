import type { Policy } from "@batchbrake/core/policy/Policy"
import { evaluateAlerts } from "@batchbrake/core/program/evaluateAlerts"
import { evaluateWithIssues } from "@batchbrake/core/program/evaluateWithIssues"
import type { KeptIssues } from "@batchbrake/core/program/keepIssues"
import type { Alert, Change } from "@batchbrake/core/sli/Alert"
import * as AlertJson from "@batchbrake/core/sli/AlertJson"
import { printResponse } from "@batchbrake/core/sli/Incident"
import { CONDITIONS, type Condition } from "@batchbrake/core/sli/Signal"
import { format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { EXIT, InputUnusable, safe } from "../Failure.ts"
import { metricsOrAway } from "../figures.ts"
import type { Given } from "../Given.ts"
import { ISSUE_USAGE, type Issues, issueOptions, issuesJson, issuesOf, issuesText } from "../issues.ts"
import { notifierOf } from "../notifier.ts"
import { noticesJson, noticesText } from "../order.ts"
import type { Line, Table } from "../Page.ts"
import { AHEAD_MILLIS, readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const COLOURS = { critical: "red", info: "green", warning: "yellow" } as const

const table = (alerts: ReadonlyArray<Alert>): Table => ({
  head: ["SEVERITY", "CLASS", "RESPOND", "SINCE", "CONDITION", "WHAT"],
  rows: alerts.map(({ condition, frozenSince, incident, message, openedAt, severity }) => [
    { colour: COLOURS[severity], text: severity },
    incident,
    printResponse(incident),
    format(openedAt),
    condition,
    frozenSince === undefined ? message : `${message} (nothing newer is known since ${format(frozenSince)})`
  ])
})

const changeText = ({ alert, transition }: Change): Line => ({
  colour: transition === "resolved" ? "green" : COLOURS[alert.severity],
  text: `${transition}: ${alert.condition} ${alert.subject}: ${alert.severity}`
})

/** Silence is no answer about what could not be looked at: that comes first, and no such thing as "no alerts" is said. */
const unreadText = (unread: ReadonlyArray<Condition>): ReadonlyArray<Line> =>
  unread.length === 0
    ? []
    : [
        {
          colour: "red",
          text:
            unread.length === CONDITIONS.length
              ? "nothing could be looked at: nobody knows whether there is trouble"
              : `could not be looked at: ${unread.join(", ")}`
        }
      ]

const noneText = (unread: ReadonlyArray<Condition>): ReadonlyArray<Line> =>
  unread.length === CONDITIONS.length ? [] : [unread.length === 0 ? "no alerts" : "of the rest no alert is known"]

/** What is about one of the named ecosystems; without a name everything. */
const isAbout =
  (named: ReadonlyArray<string>) =>
  ({ condition, subject }: Alert): boolean =>
    named.length === 0 || (condition !== "minutes-budget" && named.includes(subject.split(" ")[0] ?? ""))

/** A look of the future would hide every other one until then, so that not even a store of one's own may have it. */
const lookAt = Effect.fn("lookAt")(function* (given: Given, world: World) {
  const at = yield* timeOf(given, world)
  const latest = world.nowMillis() + AHEAD_MILLIS
  if (at <= latest) return at
  return yield* new InputUnusable({
    code: "time-refused",
    message: `--at: found ${format(at)}, expected at most 5 minutes after now: a look of the future would hide every other one until then`,
    path: "--at"
  })
})

type Kept = Pick<KeptIssues, "failure" | "issues"> | undefined
const NOT_KEPT: Kept = undefined

/** One look, with issues or without. */
const evaluation = Effect.fn("evaluation")(function* (policy: Policy, at: number, issues: Issues | undefined) {
  if (issues === undefined) return { ...(yield* evaluateAlerts(policy, at)), kept: NOT_KEPT }
  const looked = yield* Effect.provide(evaluateWithIssues(policy, at, issues.label), issues.forge)
  const kept: Kept = { failure: looked.failure, issues: looked.issues }
  return { ...looked, kept }
})

const run = Effect.fn("alerts")(function* (given: Given, world: World) {
  const named = yield* namedEcosystems(given)
  const at = yield* lookAt(given, world)
  const policy = yield* readPolicy(given, world)
  const notifier = yield* notifierOf(given, world)
  const look = evaluation(policy, at, yield* issuesOf(given, world))
  const looked = yield* (notifier === undefined ? look : Effect.provide(look, notifier)).pipe(
    Effect.provide(metricsOrAway(given, world, policy)),
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const alerts = looked.alerts.filter(isAbout(named))
  const changes = looked.changes.filter(({ alert }) => isAbout(named)(alert))
  const notices = safe(looked.notices)
  const found = alerts.length > 0 ? EXIT.found : looked.unread.length > 0 ? EXIT.unreachable : EXIT.done
  const { kept } = looked
  return {
    exitCode: kept?.failure !== undefined ? EXIT.unreachable : given.flag("exit-code") ? found : EXIT.done,
    json: {
      at: format(at),
      store: looked.store,
      alerts: alerts.map(AlertJson.alert),
      changes: changes.map(AlertJson.change),
      told: looked.told,
      undelivered: looked.undelivered,
      unread: looked.unread,
      notices: noticesJson(notices),
      ...(kept === undefined ? {} : issuesJson(kept))
    },
    text: [
      ...unreadText(looked.unread),
      ...(alerts.length === 0 ? noneText(looked.unread) : [table(alerts)]),
      ...changes.map(changeText),
      ...(kept === undefined ? [] : issuesText(kept)),
      ...(looked.told === 0 ? [] : [`told: ${looked.told}`]),
      ...noticesText(notices)
    ]
  }
})

export const alerts: Verb = {
  description:
    "Look at objectives, budgets, breakers, batches and edits by hand; say what needs somebody, and tell a webhook what changed. " +
    "--issues keeps one issue open for each alert of any ecosystem, and closes it when the alert is over.",
  examples: ["batchbrake alerts", "batchbrake alerts --ecosystem npm --json", "batchbrake alerts --issues"],
  options: {
    ecosystem: {
      help: "show only what is about this one; may be repeated",
      multiple: true,
      type: "string",
      value: "E"
    },
    "exit-code": {
      help: "exit with 1 while alerts stand, with 4 where something could not be looked at",
      type: "boolean"
    },
    ...issueOptions,
    "webhook-url-env": {
      help: "the variable with the webhook's address (default: BATCHBRAKE_WEBHOOK_URL)",
      type: "string",
      value: "NAME"
    },
    "webhook-secret-env": {
      help: "the variable with its secret (default: BATCHBRAKE_WEBHOOK_SECRET)",
      type: "string",
      value: "NAME"
    }
  },
  run,
  takesNames: false,
  usage: `[--ecosystem E]… [--exit-code] ${ISSUE_USAGE} [--webhook-url-env NAME] [--webhook-secret-env NAME]`
}
