/** Issues, each with a key in a hidden mark of its text. */
import { type Forge, ISSUE_KEY, type Issue, type IssueChange, type IssueDraft } from "@batchbrake/core/port/Forge"
import { DAY, format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import { ensureLabel } from "./labels.ts"
import { lookFor, type Operation, reading, writing } from "./Operation.ts"

type Service = Forge["Service"]

const Listed = Schema.Struct({
  body: Schema.optionalKey(Schema.NullOr(Schema.String)),
  html_url: Schema.String,
  labels: Schema.Array(Schema.Union([Schema.String, Schema.Struct({ name: Schema.optionalKey(Schema.String) })])),
  number: Schema.Int,
  pull_request: Schema.optionalKey(Schema.Unknown),
  state: Schema.Literals(["open", "closed"]),
  title: Schema.String
})
type Listed = typeof Listed.Type

const LIST = reading("list issues", "issues: read")
const FIND = reading("look for an issue", "issues: read")
const OPEN = writing("open an issue", "issues: write")
const UPDATE = writing("update an issue", "issues: write")

const MARK = /<!-- batchbrake-key: (\S+) -->/g

/** The text of an issue with its key, where no reader sees it. */
export const marked = (body: string, key: string): string => `${body}\n\n<!-- batchbrake-key: ${key} -->`

/** The key in a text and the text without it. The last mark counts: ours stands behind everything that is quoted. */
export const unmarked = (text: string): { readonly key: string; readonly body: string } | undefined => {
  const mark = [...text.matchAll(MARK)].at(-1)
  if (mark?.[1] === undefined) return undefined
  const [before, after] = [text.slice(0, mark.index), text.slice(mark.index + mark[0].length)]
  return { body: `${before.replace(/(?:\r?\n){1,2}$/, "")}${after}`, key: mark[1] }
}

const labelsOf = ({ labels }: Listed): ReadonlyArray<string> =>
  labels.flatMap((label) => (typeof label === "string" ? label : (label.name ?? [])))

/** GitHub tells labels apart without regard to case, and keeps the spelling of whoever made one. */
const hasLabel = (issue: Listed, label: string): boolean =>
  labelsOf(issue).some((one) => one.toLowerCase() === label.toLowerCase())

const fromListed = (issue: Listed): Issue | undefined => {
  const read = issue.pull_request === undefined ? unmarked(issue.body ?? "") : undefined
  if (read === undefined) return undefined
  return {
    ...read,
    address: issue.html_url,
    labels: labelsOf(issue),
    number: issue.number,
    state: issue.state,
    title: issue.title
  }
}

/** `issues: read`. Those of ours with a label, oldest first. */
const list = (client: Client, operation: Operation, label: string, more: Readonly<Record<string, string>>) =>
  Effect.map(
    client.pages(operation, {
      answer: Schema.Array(Listed),
      parameters: { direction: "asc", labels: label, sort: "created", ...more },
      route: "GET /repos/{owner}/{repo}/issues"
    }),
    (listed) =>
      listed
        .filter((issue) => hasLabel(issue, label))
        .flatMap((issue) => fromListed(issue) ?? [])
        .sort((one, other) => one.number - other.number)
  )

interface Wanted extends Pick<IssueDraft, "key" | "since"> {
  readonly label: string
}

/** The clock of who opened an issue may be behind the forge's own. */
const SKEW_MILLIS = DAY

/** `issues: read`. Of several with one key, which only a race makes, the oldest is it. */
const find = (client: Client, { key, label, since }: Wanted, operation = FIND) =>
  Effect.map(
    list(client, operation, label, {
      state: "all",
      ...(since === undefined ? {} : { since: format(Math.max(0, since - SKEW_MILLIS)) })
    }),
    (issues) => issues.find((issue) => issue.key === key)
  )

/** An answer about an issue of ours, whatever else became of its text. */
const asOurs = (issue: Listed, key: string): Issue =>
  fromListed(issue) ?? {
    address: issue.html_url,
    body: issue.body ?? "",
    key,
    labels: [],
    number: issue.number,
    state: issue.state,
    title: issue.title
  }

/** `issues: write`. A new text gets the key again. */
const update = (client: Client, { key, number }: Pick<Issue, "key" | "number">, change: IssueChange, why?: string) =>
  Effect.map(
    client.send(UPDATE, {
      answer: Listed,
      isRepeatable: true,
      parameters: {
        ...change,
        ...(change.body === undefined ? {} : { body: marked(change.body, key) }),
        ...(why === undefined ? {} : { state_reason: why }),
        issue_number: number
      },
      route: "PATCH /repos/{owner}/{repo}/issues/{issue_number}"
    }),
    (issue) => asOurs(issue, key)
  )

/**
 * `issues: write`. GitHub knows no condition on opening, so who opened one looks again: of several that were opened at
 * the same time the oldest stays, and each of the others is closed by whoever opened it. One whose label the
 * token may not set is left without it, and is no issue of ours.
 */
const ensure = Effect.fn("OctokitForge.ensureIssue")(function* (client: Client, draft: IssueDraft) {
  const { body, key, labels, title } = draft
  const [label] = labels
  if (!ISSUE_KEY.test(key)) {
    return yield* client.refuse(OPEN, `key: found ${JSON.stringify(key)}, expected letters, digits and ._:/@+-`)
  }
  const wanted: Wanted = { ...draft, label }
  const known = yield* find(client, wanted, lookFor(OPEN))
  if (known !== undefined) return { created: false, issue: known }
  yield* ensureLabel(client, label)
  const made = yield* client.send(OPEN, {
    answer: Listed,
    isRepeatable: false,
    parameters: { body: marked(body, key), labels, title },
    route: "POST /repos/{owner}/{repo}/issues"
  })
  if (!hasLabel(made, label)) {
    yield* update(client, { key, number: made.number }, { state: "closed" }, "not_planned")
    return yield* client.refuse(
      OPEN,
      `the label ${JSON.stringify(label)} was not set on #${made.number}, which was closed again: the token must be able to set labels`
    )
  }
  const oldest = yield* find(client, wanted, OPEN)
  if (oldest === undefined || oldest.number === made.number) return { created: true, issue: asOurs(made, key) }
  const reference = `The same as #${oldest.number}, opened at the same time.`
  yield* update(client, { key, number: made.number }, { body: reference, state: "closed" }, "not_planned")
  return { created: false, issue: oldest }
})

/** The part of the forge that is about issues. */
export const issuesOn = (client: Client): Pick<Service, "issueOf" | "ensureIssue" | "openIssues" | "updateIssue"> => ({
  ensureIssue: (draft) => client.bounded(OPEN, ensure(client, draft)),
  issueOf: (key, label) => client.bounded(FIND, Effect.map(find(client, { key, label }), Option.fromUndefinedOr)),
  openIssues: (label) => client.bounded(LIST, list(client, LIST, label, { state: "open" })),
  updateIssue: (issue, change) => client.bounded(UPDATE, update(client, issue, change))
})
