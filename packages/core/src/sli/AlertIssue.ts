/**
 * The issue that stands for an alert while it stands: its key, its words, and the alert read back from it. The key names
 * condition, subject and opening, since keys are for ever and an alert may come back. All that anybody else wrote (subjects,
 * messages) is text in it and nothing else: no mention, no reference, no markup. Pure; rules: SPEC.md, section IS.
 */
import * as Result from "effect/Result"
import { plainLine } from "../control/plainLine.ts"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, parseText } from "../json/Fault.ts"
import { print } from "../json/Json.ts"
import { type EpochMillis, format, MINUTE, parse } from "../time/Instant.ts"
import type { Alert } from "./Alert.ts"
import * as AlertLine from "./AlertLine.ts"
import { printResponse } from "./Incident.ts"
import { CONDITIONS, type Condition } from "./Signal.ts"

/** As much of an open issue as is read. */
export interface OpenIssue {
  readonly number: number
  readonly key: string
  readonly title: string
  readonly body: string
}

type Occurrence = Pick<Alert, "condition" | "subject" | "openedAt">

const LONGEST_PART = 120
const LONGEST_SUBJECT = 100
const LONGEST_MESSAGE = 600
const DIGEST = 32

const cut = (text: string, longest: number): string => {
  const characters = [...text]
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : text
}

/** A subject in a key: `npm 1d` is `npm+201d`. What is too long, or no text at all, is told apart by its digest. */
const partOf = (subject: string): string => {
  const part = subject.isWellFormed()
    ? encodeURIComponent(subject)
        .replace(/[!~*'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll("%", "+")
    : ""
  return part !== "" && part.length <= LONGEST_PART ? part : `:${Sha256.hex(JSON.stringify(subject)).slice(0, DIGEST)}`
}

/** The subject that a part of a key is of; `undefined` where the key alone does not say. */
const subjectOf = (part: string): string | undefined => {
  const subject = part.replace(/\+([0-7][0-9A-F])/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16))
  )
  return partOf(subject) === part ? subject : undefined
}

/** What condition and subject come to in a key: the same for every occurrence of an alert. */
export const identityOf = ({ condition, subject }: Pick<Alert, "condition" | "subject">): string =>
  `alert/${condition}/${partOf(subject)}`

/** The key of the issue of one occurrence. */
export const keyOf = (of: Occurrence): string => `${identityOf(of)}/${format(of.openedAt)}`

/** A text as code, on one line: nobody is notified by it, nothing is referred to, and nothing in it is markup or a mark. */
const quoted = (text: string): string =>
  `\`${cut(plainLine(text), LONGEST_MESSAGE).replaceAll("`", "'").replaceAll("<!--", "< !--") || " "}\``

/** One line of plain words; a title has no code, so what could mean something else is left out of it. */
export const titleOf = ({ condition, subject }: Pick<Alert, "condition" | "subject">): string =>
  `batchbrake: ${condition} ${cut(plainLine(subject).replace(/[^\p{L}\p{N} ._+-]/gu, "_"), LONGEST_SUBJECT)}`.trim()

/** What to look at first. */
const FIRST: Readonly<Record<Condition, string>> = {
  anomaly: "batchbrake sli",
  "breaker-open": "batchbrake status",
  "burn-rate": "batchbrake sli",
  "error-budget": "batchbrake sli",
  flapping: "batchbrake status",
  "hand-edit": "batchbrake audit",
  "minutes-budget": "batchbrake status",
  "open-batch": "batchbrake batch list",
  "slow-validation": "batchbrake sli",
  stale: "batchbrake status",
  "success-rate": "batchbrake sli"
}

/** JSON of letters, digits and a few marks: nothing in it ends a comment, or is taken for anything. */
const markOf = (alert: Alert): string => {
  const line = AlertLine.encode({ ...alert, message: cut(plainLine(alert.message), LONGEST_MESSAGE) })
  const json = print(line).replace(
    /[^A-Za-z0-9_ {}":,.\\]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
  return `<!-- batchbrake-alert: ${json} -->`
}

const written = (alert: Alert, lines: ReadonlyArray<string>): string => [...lines, markOf(alert)].join("\n\n")

/** The text of an issue whose alert stands. */
export const bodyOf = (alert: Alert): string =>
  written(alert, [
    quoted(alert.message),
    [
      `- Condition: ${quoted(`${alert.condition} ${alert.subject}`)}`,
      `- Severity: ${alert.severity}; incident class: ${alert.incident}, ${printResponse(alert.incident)}`,
      `- Since: ${format(alert.openedAt)}`,
      ...(alert.frozenSince === undefined ? [] : [`- Nothing newer is known since: ${format(alert.frozenSince)}`]),
      `- Look first: \`${FIRST[alert.condition]}\``
    ].join("\n"),
    "This text is written anew when the alert changes, and the issue is closed when the alert is over. What stands in comments is left alone."
  ])

/** The text of an issue that is closed: why, and what its alert last was. */
export const closedBody = (alert: Alert, why: string): string =>
  written(alert, [
    why,
    `- Last: ${quoted(alert.message)}\n- Condition: ${quoted(`${alert.condition} ${alert.subject}`)}\n- Since: ${format(alert.openedAt)}`
  ])

/** How far the clock of another look may be ahead of this one's. */
const AHEAD_MILLIS = 5 * MINUTE

const KEY = /^alert\/([a-z-]+)\/([^/]+)\/([^/]+)$/
const MARK = /<!-- batchbrake-alert: (\{[^\n<>]*\}) -->/g

const decode = decodeWith(AlertLine.AlertLine, "closed")

/** The alert in the last mark of a text, if it can be believed to be the one of the key. */
const markedIn = (body: string, { condition, openedAt, part }: Named, latest: EpochMillis): Alert | undefined => {
  const [, text = ""] = [...body.matchAll(MARK)].at(-1) ?? []
  const read = Result.getSuccess(Result.flatMap(parseText(text), decode))
  if (read._tag === "None") return undefined
  const alert = AlertLine.decode(read.value)
  const isSame = alert.condition === condition && partOf(alert.subject) === part
  const isInTime =
    alert.openedAt >= 0 &&
    alert.openedAt <= openedAt &&
    [alert.updatedAt, alert.frozenSince ?? alert.updatedAt].every((each) => each >= alert.openedAt && each <= latest)
  const isPlain = alert.message === plainLine(alert.message) && [...alert.message].length <= LONGEST_MESSAGE + 1
  return isSame && isInTime && isPlain ? alert : undefined
}

interface Named {
  readonly condition: Condition
  readonly part: string
  readonly openedAt: EpochMillis
}

const named = (key: string): Named | undefined => {
  const [, name, part = "", time = ""] = KEY.exec(key) ?? []
  const condition = CONDITIONS.find((one) => one === name)
  const openedAt = parse(time)
  if (condition === undefined || openedAt === undefined || openedAt < 0 || format(openedAt) !== time) return undefined
  return { condition, openedAt, part }
}

/** Of an alert whose issue tells no more than its key the gravest is assumed, until a look knows better. */
const fromKey = ({ condition, openedAt, part }: Named): Alert | undefined => {
  const subject = subjectOf(part)
  return subject === undefined
    ? undefined
    : {
        condition,
        frozenSince: undefined,
        incident: "high",
        message: plainLine(`${subject}: ${condition}, as an open issue says`),
        openedAt,
        severity: "critical",
        subject,
        updatedAt: openedAt
      }
}

/**
 * The alert that an open issue stands for, as it was when the issue was written; `unreadable` where its key or its mark
 * is nonsense, or of a later time than the look; `undefined` where it is no alert's.
 */
export const read = (issue: Pick<OpenIssue, "key" | "body">, at: EpochMillis): Alert | "unreadable" | undefined => {
  if (!issue.key.startsWith("alert/")) return undefined
  const latest = at + AHEAD_MILLIS
  const of = named(issue.key)
  if (of === undefined || of.openedAt > latest) return "unreadable"
  return markedIn(issue.body, of, latest) ?? fromKey(of) ?? "unreadable"
}
