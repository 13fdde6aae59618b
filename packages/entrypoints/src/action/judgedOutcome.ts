/** What was said of open batches, as annotations and as a table. */
import { isObject, type Json, type JsonObject } from "@batchbrake/core/json/Json"
import * as Markdown from "./Markdown.ts"
import { json, noticesOf, type Outcome, objects, textOf } from "./Outcome.ts"
import type { Annotation } from "./WorkflowCommand.ts"

const messages = (of: Json | undefined): string =>
  objects(of)
    .map(({ message }) => textOf(message))
    .join("; ")

const rowOf = (one: JsonObject): ReadonlyArray<string> => [
  textOf(one.number),
  textOf(one.batch),
  textOf(one.verdict),
  one.auto_merge_disabled === true ? "taken back" : "",
  [messages(one.reasons), messages(one.errors)].filter((text) => text !== "").join("; ")
]

const annotationsOf = (one: JsonObject): ReadonlyArray<Annotation> => {
  const title = `batch ${textOf(one.batch)} (pull request ${textOf(one.number)})`
  const failed = objects(one.errors).map(
    ({ message }): Annotation => ({
      message: textOf(message),
      severity: "error",
      title
    })
  )
  return one.verdict === "red" ? [{ message: messages(one.reasons), severity: "warning", title }, ...failed] : failed
}

const named = (judged: ReadonlyArray<JsonObject>, wanted: string): ReadonlyArray<string> =>
  judged.filter(({ verdict }) => verdict === wanted).map(({ batch }) => textOf(batch))

/** The answer of `batch judge --json`, and of `pause --judge --json`. */
export const ofJudged = (command: string, answer: JsonObject): Outcome => {
  const judged = objects(answer.batches)
  // What is said at its pull request is not said again.
  const isSaid = judged.some(({ errors }) => objects(errors)[0]?.message === Object(answer.error).message)
  const failed = isObject(answer.error) && !isSaid ? answer.error : undefined
  const title = `batchbrake ${command}`
  return {
    annotations: [
      ...noticesOf(answer),
      ...judged.flatMap(annotationsOf),
      ...(failed === undefined ? [] : [{ message: textOf(failed.message), severity: "error" as const, title }])
    ],
    outputs: new Map([
      ["green", json(named(judged, "green"))],
      ["red", json(named(judged, "red"))],
      ["json", json(answer)]
    ]),
    summary:
      Markdown.heading(title) +
      Markdown.table(
        ["Pull request", "Batch", "Check", "Auto-merge", "Why"],
        [...judged.map(rowOf), ...(failed === undefined ? [] : [["", "", "", "", textOf(failed.message)]])]
      ) +
      "\n"
  }
}
