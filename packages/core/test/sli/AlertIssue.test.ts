import { strict as assert } from "node:assert"
import { ISSUE_KEY } from "@batchbrake/core/port/Forge"
import type { Alert } from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import { CONDITIONS } from "@batchbrake/core/sli/Signal"
import { hostileText } from "@batchbrake/core/testing/TextArbitrary"
import { HOUR, LATEST, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

/** What somebody would write who wants to be heard, to close, to refer or to look like more than text. */
const MARKUP = [
  "@octocat @octo/brakes please",
  "fixes #1, closes GH-2 and resolves octo/registry#3",
  "https://github.com/octo/registry/issues/4",
  "` @octocat `` #1 ```\n# owned\n```",
  "--> <!-- batchbrake-key: alert/stale/npm/2026-01-05T00:00:00Z -->",
  '<!-- batchbrake-alert: {"condition":"stale"} -->',
  "<img src=x onerror=alert(1)> | a | b |\n|-|-|",
  "\\` @octocat \\",
  "[x](javascript:alert(1)) ![](https://evil.example/p.png)"
]
const text = fc.oneof(hostileText, fc.constantFrom(...MARKUP), fc.string({ unit: "binary" }))
const subject = fc.oneof(fc.constantFrom("npm", "npm 1d", "crates.io rate-jump", "batch-control.json"), text)

const alerts: fc.Arbitrary<Alert> = fc
  .record({
    condition: fc.constantFrom(...CONDITIONS),
    frozen: fc.option(fc.nat({ max: 30 * HOUR }), { nil: undefined }),
    incident: fc.constantFrom("critical", "high", "medium", "low"),
    message: text,
    openedAt: fc.integer({ max: NOW, min: 0 }),
    severity: fc.constantFrom("critical", "warning", "info"),
    subject,
    updated: fc.nat({ max: 30 * HOUR })
  })
  .map(({ frozen, updated, ...alert }) => ({
    ...alert,
    frozenSince: frozen === undefined ? undefined : Math.min(alert.openedAt + frozen, NOW),
    updatedAt: Math.min(alert.openedAt + updated, NOW)
  }))

const issueOf = (alert: Alert) => ({
  body: AlertIssue.bodyOf(alert),
  key: AlertIssue.keyOf(alert),
  number: 1,
  title: AlertIssue.titleOf(alert)
})

const NPM: Alert = {
  condition: "breaker-open",
  frozenSince: undefined,
  incident: "high",
  message: "npm: the breaker is open",
  openedAt: NOW - HOUR,
  severity: "critical",
  subject: "npm",
  updatedAt: NOW - HOUR
}

/** What is left of a text without its code and its hidden marks: all that a reader of markup acts on. */
const acting = (body: string): string => body.replace(/<!--[^<>]*-->/g, "").replace(/`[^`\n]*`/g, "")

describe("AlertIssue (SPEC.md IS)", () => {
  it("[IS6] a key is one of the port's, whatever the subject; the same occurrence has the same one, another one another", () => {
    fc.assert(
      fc.property(alerts, alerts, (one, other) => {
        const [left, right] = [AlertIssue.keyOf(one), AlertIssue.keyOf(other)]
        assert.match(left, ISSUE_KEY)
        const isSame =
          one.condition === other.condition && one.subject === other.subject && one.openedAt === other.openedAt
        assert.equal(left === right, isSame)
        const same: Alert = { ...one, message: "", severity: "info" }
        assert.equal(AlertIssue.keyOf(same), left)
        assert.notEqual(AlertIssue.keyOf({ ...one, openedAt: one.openedAt + 1 }), left)
      })
    )
    assert.equal(
      AlertIssue.keyOf({ ...NPM, condition: "burn-rate", openedAt: 1_767_571_200_000, subject: "npm 1d" }),
      "alert/burn-rate/npm+201d/2026-01-05T00:00:00Z"
    )
    const long = AlertIssue.keyOf({ ...NPM, openedAt: LATEST, subject: "é".repeat(5000) })
    assert.match(long, ISSUE_KEY)
  })

  it("[IS7] what is written into an issue reads back as the alert that it stands for", () => {
    fc.assert(
      fc.property(alerts, (alert) => {
        const read = AlertIssue.read(issueOf(alert), NOW)
        if (typeof read !== "object") return assert.fail(`${read}`)
        assert.deepEqual({ ...read, message: "" }, { ...alert, message: "" })
        // Its words are one line, and no longer than is kept: written again they are the same.
        assert.equal(AlertIssue.bodyOf(read), AlertIssue.bodyOf(alert))
      })
    )
    assert.deepEqual(AlertIssue.read(issueOf(NPM), NOW), NPM)
    const closed = { body: AlertIssue.closedBody(NPM, "Over."), key: AlertIssue.keyOf(NPM) }
    assert.deepEqual(AlertIssue.read(closed, NOW), NPM)
    // A person's editor may change the line ends, and add words.
    const edited = { body: `Seen.\r\n${AlertIssue.bodyOf(NPM).replaceAll("\n", "\r\n")}`, key: AlertIssue.keyOf(NPM) }
    assert.deepEqual(AlertIssue.read(edited, NOW), NPM)
  })

  it("[IS8] a key that is nonsense, or of a time to come, is not believed", () => {
    const body = AlertIssue.bodyOf(NPM)
    for (const key of [
      "alert/",
      "alert/breaker-open/npm",
      "alert/nonsense/npm/2026-01-05T00:00:00Z",
      "alert/breaker-open/npm/yesterday",
      "alert/breaker-open/npm/2026-01-05",
      "alert/breaker-open/npm/2026-01-05T00:00:00+00:00",
      "alert/breaker-open/npm/0001-01-01T00:00:00Z",
      "alert/breaker-open/npm/2026-01-05T00:00:00Z/more",
      AlertIssue.keyOf({ ...NPM, openedAt: NOW + 5 * MINUTE + 1 })
    ]) {
      assert.equal(AlertIssue.read({ body, key }, NOW), "unreadable", key)
    }
    // Another machine's clock may be ahead a little.
    const ahead = { ...NPM, openedAt: NOW + 5 * MINUTE, updatedAt: NOW + 5 * MINUTE }
    assert.deepEqual(AlertIssue.read(issueOf(ahead), NOW), ahead)
    for (const key of ["npm/slo", "alerts/breaker-open/npm", "rollback/2026-01-05-001"]) {
      assert.equal(AlertIssue.read({ body, key }, NOW), undefined, key)
    }
  })

  it("[IS8] a mark that is lost, forged or of another alert says nothing: the key does, and the gravest is assumed", () => {
    const { condition, openedAt, subject } = NPM
    const told = { condition, openedAt, severity: "critical", subject, updatedAt: openedAt }
    const own = { ...NPM, severity: "info" } as const
    const forged: ReadonlyArray<string> = [
      "",
      "Just words.",
      AlertIssue.bodyOf({ ...own, subject: "cask" }),
      AlertIssue.bodyOf({ ...own, condition: "stale" }),
      AlertIssue.bodyOf({ ...own, openedAt: openedAt + 1, updatedAt: openedAt + 1 }),
      AlertIssue.bodyOf(own).replace(/"opened_at":\d+/, '"opened_at":-1'),
      AlertIssue.bodyOf({ ...own, updatedAt: openedAt - 1 }),
      AlertIssue.bodyOf({ ...own, updatedAt: NOW + 5 * MINUTE + 1 }),
      AlertIssue.bodyOf({ ...own, frozenSince: NOW + 5 * MINUTE + 1 }),
      AlertIssue.bodyOf(own).replace('"info"', '"none"'),
      AlertIssue.bodyOf(own).replace('"subject"', '"object"'),
      AlertIssue.bodyOf(own).replaceAll("npm: the", "npm\\u000athe"),
      AlertIssue.bodyOf(own).replaceAll("npm: the", "x".repeat(700)),
      `${AlertIssue.bodyOf(own)}\n<!-- batchbrake-alert: {} -->`
    ]
    for (const body of forged) {
      const read = AlertIssue.read({ body, key: AlertIssue.keyOf(NPM) }, NOW)
      if (typeof read !== "object") assert.fail(`${read} of ${body}`)
      else {
        const { frozenSince, incident, message, ...rest } = read
        assert.deepEqual([rest, frozenSince, incident], [told, undefined, "high"], body)
        assert.match(message, /^npm: breaker-open/)
      }
    }
    // Where even the subject stands in the mark alone, nothing is known without it.
    const long = { ...NPM, subject: "é".repeat(100) }
    assert.equal(AlertIssue.read({ body: "", key: AlertIssue.keyOf(long) }, NOW), "unreadable")
    assert.deepEqual(AlertIssue.read(issueOf(long), NOW), long)
  })

  it("[IS7] an issue that says since when longer than its key is believed", () => {
    const since = { ...NPM, openedAt: NPM.openedAt - HOUR }
    assert.deepEqual(AlertIssue.read({ body: AlertIssue.bodyOf(since), key: AlertIssue.keyOf(NPM) }, NOW), since)
  })

  it("[IS9] whatever subject and message are, an issue's words are text: nobody is mentioned, nothing is referred to", () => {
    fc.assert(
      fc.property(alerts, (alert) => {
        const { body, title } = issueOf(alert)
        for (const words of [body, AlertIssue.closedBody(alert, "Over.")]) {
          assert.doesNotMatch(acting(words), /[@#<>[\]|\\*_~!$]|https?:|GH-|\b(?:clos|fix|resolv)es? /i)
          assert.equal(words.match(/<!--/g)?.length, 1)
          assert.equal(words.match(/<!-- batchbrake-key/g), null)
          assert.ok(words.length < 20_000)
          assert.doesNotMatch(words.replaceAll("\n", ""), /\p{Cc}/u)
        }
        assert.doesNotMatch(title.slice("batchbrake:".length), /[@#<>[\]|\\*`~!$:/()\p{C}]/u)
        assert.ok([...title].length <= 140)
      }),
      { numRuns: 300 }
    )
    const long = { ...NPM, message: "é".repeat(10_000) }
    assert.equal(AlertIssue.bodyOf(long).split("\n")[0], `\`${"é".repeat(600)}…\``)
    assert.equal(AlertIssue.bodyOf({ ...long, message: "é".repeat(600) }).split("\n")[0], `\`${"é".repeat(600)}\``)
    assert.ok(AlertIssue.bodyOf({ ...long, subject: "n".repeat(150) }).length < 10_000)
    assert.equal(AlertIssue.titleOf(NPM), "batchbrake: breaker-open npm")
    assert.equal(AlertIssue.titleOf({ ...NPM, subject: "@octo #1 `x`" }), "batchbrake: breaker-open _octo _1 _x_")
    assert.match(AlertIssue.bodyOf({ ...NPM, message: "a `b` @c" }), /^`a 'b' @c`$/m)
  })
})
