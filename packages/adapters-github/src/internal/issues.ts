/** Issues, each with a key in a hidden mark of its text. */
import { type Forge, ISSUE_KEY, type Issue, type IssueChange, type IssueDraft } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import { lookFor, reading, writing } from "./Operation.ts"

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

const fromListed = (issue: Listed): Issue | undefined => {
  const read = issue.pull_request === undefined ? unmarked(issue.body ?? "") : undefined
  if (read === undefined) return undefined
  return {
    ...read,
    address: issue.html_url,
    labels: issue.labels.flatMap((label) => (typeof label === "string" ? label : (label.name ?? []))),
    number: issue.number,
    state: issue.state,
    title: issue.title
  }
}

/** `issues: read`. Of several with one key, which only a race makes, the oldest is it. */
const find = (client: Client, key: string, label: string, operation = FIND) =>
  Effect.map(
    client.pages(operation, {
      answer: Schema.Array(Listed),
      parameters: { direction: "asc", labels: label, sort: "created", state: "all" },
      route: "GET /repos/{owner}/{repo}/issues"
    }),
    (listed) =>
      listed
        .flatMap((issue) => fromListed(issue) ?? [])
        .filter((issue) => issue.key === key && issue.labels.includes(label))
        .sort((one, other) => one.number - other.number)[0]
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
 * the same time the oldest stays, and each of the others is closed by whoever opened it.
 */
const ensure = Effect.fn("OctokitForge.ensureIssue")(function* (client: Client, draft: IssueDraft) {
  const { body, key, labels, title } = draft
  const [label] = labels
  if (!ISSUE_KEY.test(key)) {
    return yield* client.refuse(OPEN, `key: found ${JSON.stringify(key)}, expected letters, digits and ._:/@+-`)
  }
  const known = yield* find(client, key, label, lookFor(OPEN))
  if (known !== undefined) return { created: false, issue: known }
  const made = yield* client.send(OPEN, {
    answer: Listed,
    isRepeatable: false,
    parameters: { body: marked(body, key), labels, title },
    route: "POST /repos/{owner}/{repo}/issues"
  })
  const oldest = yield* find(client, key, label, OPEN)
  if (oldest === undefined || oldest.number === made.number) return { created: true, issue: asOurs(made, key) }
  const reference = `The same as #${oldest.number}, opened at the same time.`
  yield* update(client, { key, number: made.number }, { body: reference, state: "closed" }, "not_planned")
  return { created: false, issue: oldest }
})

/** The part of the forge that is about issues. */
export const issuesOn = (client: Client): Pick<Service, "issueOf" | "ensureIssue" | "updateIssue"> => ({
  ensureIssue: (draft) => client.bounded(OPEN, ensure(client, draft)),
  issueOf: (key, label) => client.bounded(FIND, Effect.map(find(client, key, label), Option.fromUndefinedOr)),
  updateIssue: (issue, change) => client.bounded(UPDATE, update(client, issue, change))
})
