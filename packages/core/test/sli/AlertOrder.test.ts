import { strict as assert } from "node:assert"
import * as Alert from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import * as IssuePlan from "@batchbrake/core/sli/IssuePlan"
import { CONDITIONS, type Level, type Signal } from "@batchbrake/core/sli/Signal"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const signal = (subject: string, severity: Level["severity"], more: Partial<Signal> = {}): Signal => ({
  condition: "stale",
  levels: [{ incident: "medium", reading: "raised", severity }],
  message: `${subject} is stale`,
  subject,
  ...more
})
const look = (...signals: ReadonlyArray<Signal>): Alert.Look => ({ at: NOW, signals, unread: [] })
const keys = ({ alerts }: Alert.Step): ReadonlyArray<string> => alerts.map(Alert.keyOf)

describe("Alerts that stand", () => {
  it("are in the order of their severity, and then of condition and subject, whatever the order of the signals", () => {
    const signals = [
      signal("npm", "info"),
      signal("b", "warning"),
      signal("c", "warning", { condition: "anomaly" }),
      signal("a", "warning"),
      signal("d", "critical")
    ]
    const expected = ["stale d", "anomaly c", "stale a", "stale b", "stale npm"]
    assert.deepEqual(keys(Alert.step([], look(...signals))), expected)
    assert.deepEqual(keys(Alert.step([], look(...signals.toReversed()))), expected)
  })

  it("are of the first signal of their key", () => {
    const { alerts, changes } = Alert.step([], look(signal("npm", "info"), signal("npm", "critical")))
    assert.deepEqual(
      alerts.map(({ severity }) => severity),
      ["info"]
    )
    assert.equal(changes.length, 1)
  })

  it("say when they are gone that they are over", () => {
    const { alerts } = Alert.step([], look(signal("npm", "info")))
    const [change] = Alert.step(alerts, { ...look(), at: NOW + HOUR }).changes
    assert.equal(change?.alert.message, "npm is over, or not watched any more")
    const cleared = signal("npm", "info", { levels: [], message: "npm ran" })
    const [other] = Alert.step(alerts, look(cleared)).changes
    assert.deepEqual([other?.transition, other?.alert.message], ["resolved", "npm ran"])
  })

  it("take with each look the words, the class and the time of what changed", () => {
    const { alerts } = Alert.step([], look(signal("npm", "warning")))
    const [same] = Alert.step(alerts, {
      ...look(signal("npm", "warning", { message: "still" })),
      at: NOW + HOUR
    }).alerts
    assert.deepEqual([same?.message, same?.openedAt, same?.updatedAt], ["still", NOW, NOW])
    const [graver] = Alert.step(alerts, { ...look(signal("npm", "critical")), at: NOW + HOUR }).alerts
    assert.deepEqual([graver?.severity, graver?.openedAt, graver?.updatedAt], ["critical", NOW, NOW + HOUR])
  })
})

describe("Issues that are closed", () => {
  const alert: Alert.Alert = {
    condition: "stale",
    frozenSince: undefined,
    incident: "medium",
    message: "npm is stale",
    openedAt: NOW,
    severity: "warning",
    subject: "npm",
    updatedAt: NOW
  }
  const issueOf = (of: Alert.Alert) => ({
    body: AlertIssue.bodyOf(of),
    key: AlertIssue.keyOf(of),
    number: 1,
    title: AlertIssue.titleOf(of)
  })
  const closedIn = (scene: Partial<IssuePlan.Scene>, of: Alert.Alert) => {
    const all = { about: CONDITIONS, alerts: [], at: NOW, lastLookAt: undefined, unread: [], ...scene }
    const closing = IssuePlan.plan(all, [issueOf(of)]).steps.filter((step) => step.action === "close")
    return closing.map(({ change, issue }) => [change.state, change.body.split("\n")[0], issue.number])
  }

  it("say that it is over, and when", () => {
    assert.deepEqual(closedIn({}, alert), [
      ["closed", "Over at 2026-11-23T06:00:00Z: the condition does not stand any more.", 1]
    ])
  })

  it("say that it was over and came back, and when", () => {
    const old = { ...alert, openedAt: NOW - 5 * HOUR, updatedAt: NOW - 5 * HOUR }
    assert.deepEqual(closedIn({ alerts: [alert], lastLookAt: NOW - HOUR }, old), [
      ["closed", "It was over, and came back at 2026-11-23T06:00:00Z: that is an issue of its own.", 1]
    ])
  })
})
