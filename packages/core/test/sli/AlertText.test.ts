import { strict as assert } from "node:assert"
import * as Sha256 from "@batchbrake/core/hash/Sha256"
import type { Alert } from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import * as AlertJson from "@batchbrake/core/sli/AlertJson"
import * as Incident from "@batchbrake/core/sli/Incident"
import { CONDITIONS } from "@batchbrake/core/sli/Signal"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const ALERT: Alert = {
  condition: "burn-rate",
  frozenSince: undefined,
  incident: "medium",
  message: "npm: it burns @ 1.5",
  openedAt: NOW - HOUR,
  severity: "warning",
  subject: "npm 1d",
  updatedAt: NOW - 30 * MINUTE
}
const MARK =
  '<!-- batchbrake-alert: {"condition":"burn\\u002drate","incident":"medium","message":"npm: it burns \\u0040 1.5",' +
  '"opened_at":1795410000000,"severity":"warning","subject":"npm 1d","updated_at":1795411800000} -->'
const LEFT_ALONE =
  "This text is written anew when the alert changes, and the issue is closed when the alert is over. " +
  "What stands in comments is left alone."

const bodyOf = (more: Partial<Alert>): ReadonlyArray<string> => AlertIssue.bodyOf({ ...ALERT, ...more }).split("\n")
const keyOf = (subject: string): string => AlertIssue.keyOf({ ...ALERT, subject })
const digest = (subject: string): string => Sha256.hex(JSON.stringify(subject)).slice(0, 32)

describe("The words of an issue", () => {
  it("are what the alert says, what it is about, since when, what to look at first, and its mark", () => {
    assert.deepEqual(bodyOf({}), [
      "`npm: it burns @ 1.5`",
      "",
      "- Condition: `burn-rate npm 1d`",
      "- Severity: warning; incident class: medium, within 24 h",
      "- Since: 2026-11-23T05:00:00Z",
      "- Look first: `batchbrake sli`",
      "",
      LEFT_ALONE,
      "",
      MARK
    ])
  })

  it("of a frozen one say since when nothing is known", () => {
    assert.deepEqual(bodyOf({ frozenSince: NOW }).slice(4, 7), [
      "- Since: 2026-11-23T05:00:00Z",
      "- Nothing newer is known since: 2026-11-23T06:00:00Z",
      "- Look first: `batchbrake sli`"
    ])
  })

  it("of a closed one say why, and what it last was", () => {
    assert.deepEqual(AlertIssue.closedBody(ALERT, "Over.").split("\n"), [
      "Over.",
      "",
      "- Last: `npm: it burns @ 1.5`",
      "- Condition: `burn-rate npm 1d`",
      "- Since: 2026-11-23T05:00:00Z",
      "",
      MARK
    ])
  })

  it("name a command for each condition", () => {
    const first = CONDITIONS.map((condition) => [condition, bodyOf({ condition })[5]?.replace("- Look first: ", "")])
    assert.deepEqual(Object.fromEntries(first), {
      anomaly: "`batchbrake sli`",
      "breaker-open": "`batchbrake status`",
      "burn-rate": "`batchbrake sli`",
      "error-budget": "`batchbrake sli`",
      flapping: "`batchbrake status`",
      "hand-edit": "`batchbrake audit`",
      "minutes-budget": "`batchbrake status`",
      "open-batch": "`batchbrake batch list`",
      "slow-validation": "`batchbrake sli`",
      stale: "`batchbrake status`",
      "success-rate": "`batchbrake sli`"
    })
  })

  it("keep an empty message a piece of code, and a comment in it visible", () => {
    assert.equal(bodyOf({ message: "" })[0], "` `")
    assert.equal(bodyOf({ message: "a <!-- b -->" })[0], "`a < !-- b -->`")
  })

  it("have a title of the condition and of the first hundred characters of the subject", () => {
    const title = (subject: string): string => AlertIssue.titleOf({ condition: "stale", subject })
    assert.equal(title("x".repeat(100)), `batchbrake: stale ${"x".repeat(100)}`)
    assert.equal(title("x".repeat(101)), `batchbrake: stale ${"x".repeat(100)}…`)
    assert.equal(title(""), "batchbrake: stale")
  })
})

describe("The key of an issue", () => {
  it("has the subject's marks by their numbers", () => {
    const key = (part: string): string => `alert/burn-rate/${part}/2026-11-23T05:00:00Z`
    assert.equal(keyOf("npm 1d"), key("npm+201d"))
    assert.equal(keyOf("!~*'()/"), key("+21+7E+2A+27+28+29+2F"))
    assert.equal(keyOf("é+%"), key("+C3+A9+2B+25"))
    assert.equal(keyOf("x".repeat(120)), key("x".repeat(120)))
  })

  it("has a digest where the subject is empty, too long or no text", () => {
    for (const subject of ["", "x".repeat(121), "\ud800"]) {
      assert.equal(keyOf(subject), `alert/burn-rate/:${digest(subject)}/2026-11-23T05:00:00Z`)
    }
  })

  it("alone tells the subject where it has one of plain marks", () => {
    const read = (subject: string) => AlertIssue.read({ body: "", key: keyOf(subject) }, NOW)
    for (const subject of ["npm 1d", "!~*'()/", "a+b%", "x".repeat(120), "\u007f"]) {
      assert.deepEqual(read(subject), {
        condition: "burn-rate",
        frozenSince: undefined,
        incident: "high",
        message: `${subject.replace("\u007f", "")}: burn-rate, as an open issue says`.trim(),
        openedAt: NOW - HOUR,
        severity: "critical",
        subject,
        updatedAt: NOW - HOUR
      })
    }
    for (const subject of ["é", "", "x".repeat(121), "\ud800"]) assert.equal(read(subject), "unreadable", subject)
  })
})

describe("The mark of an issue", () => {
  const read = (body: string, key = keyOf("npm 1d")) => AlertIssue.read({ body, key }, NOW)

  it("is the last one there is, and believed if it has what marks have and nothing else", () => {
    assert.deepEqual(read(MARK), ALERT)
    assert.deepEqual(read(`${MARK.replace("1.5", "9")}\n${MARK}`), ALERT)
    for (const other of ["", MARK.replace('{"', '{"more":1,"'), MARK.replace("1.5", "1.5 \ud800")]) {
      assert.match(JSON.stringify(read(other)), /"message":"npm 1d: burn-rate, as an open issue says"/)
    }
  })

  it("is read under a key that is one from its beginning to its end", () => {
    assert.equal(read(MARK, `alert/${keyOf("npm 1d")}`), "unreadable")
    assert.equal(read(MARK, `${keyOf("npm 1d")}/`), "unreadable")
    assert.equal(read(MARK, `x${keyOf("npm 1d")}`), undefined)
  })
})

describe("An alert as JSON", () => {
  it("has what is known of it, and within how many minutes somebody has to answer", () => {
    const json = {
      condition: "burn-rate",
      incident_class: "medium",
      message: "npm: it burns @ 1.5",
      opened_at: "2026-11-23T05:00:00Z",
      response_minutes: 1440,
      severity: "warning",
      subject: "npm 1d",
      updated_at: "2026-11-23T05:30:00Z"
    }
    assert.deepEqual(AlertJson.alert(ALERT), json)
    assert.deepEqual(AlertJson.alert({ ...ALERT, frozenSince: NOW, incident: "low" }), {
      ...json,
      frozen_since: "2026-11-23T06:00:00Z",
      incident_class: "low",
      response_minutes: null
    })
    assert.deepEqual(AlertJson.change({ alert: ALERT, at: NOW, transition: "opened" }), {
      alert: json,
      at: "2026-11-23T06:00:00Z",
      transition: "opened"
    })
  })

  it("of each incident class says how soon it is answered, in words too", () => {
    const all = (["critical", "high", "medium", "low"] as const).map(Incident.printResponse)
    assert.deepEqual(all, ["within 1 h", "within 4 h", "within 24 h", "next batch"])
  })
})
