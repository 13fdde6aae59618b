/** What the verbs that write have in common: options, identifiers, notices. */
import type { Minutes } from "@batchbrake/core/budget/Minutes"
import type { Notice } from "@batchbrake/core/control/Notice"
import { RunKey } from "@batchbrake/core/json/Field"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Done } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { EXIT, type InputUnusable } from "./Failure.ts"
import { refuse } from "./Given.ts"
import type { Option } from "./Option.ts"
import type { Report } from "./Verb.ts"

export const ecosystemOption: Option = {
  help: "the ecosystem",
  multiple: true,
  type: "string",
  value: "E"
}
export const minutesOption: Option = {
  help: "minutes that one job used on a platform; once a job, each rounded up",
  multiple: true,
  type: "string",
  value: "PLATFORM=N"
}
export const reasonOption: Option = { help: "why; kept in the log", type: "string", value: "R" }

export const runKeyOf = (text: string): Effect.Effect<string, InputUnusable> =>
  Schema.is(RunKey)(text)
    ? Effect.succeed(text)
    : refuse(`--run: found ${JSON.stringify(text)}, expected 1 to 200 printable ASCII characters, no space at the ends`)

export const minutesOf = <A extends Minutes | undefined>(
  stated: Result.Result<A, string>
): Effect.Effect<A, InputUnusable> =>
  Result.isSuccess(stated) ? Effect.succeed(stated.success) : refuse(`--minutes: ${stated.failure}`)

export const noticesJson = (notices: ReadonlyArray<Notice>): ReadonlyArray<JsonObject> =>
  notices.map(({ code, message, severity }) => ({ code, severity, message }))

export const noticesText = (notices: ReadonlyArray<Notice>): ReadonlyArray<string> =>
  notices.map(({ message, severity }) => `  ${severity === "info" ? "" : `${severity}: `}${message}`)

/** `{ applied, notices }` and whatever else a verb adds. */
export const doneReport = (done: Done, more: JsonObject, headline: string): Report => ({
  exitCode: EXIT.done,
  json: { ...more, applied: done.applied, notices: noticesJson(done.notices) },
  text: [`${headline}${done.applied ? "" : ": nothing changed"}`, ...noticesText(done.notices)]
})
