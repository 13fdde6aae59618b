/** What a command's answer comes to on the platform: outputs, annotations, summary. */
import { isObject, type Json, type JsonObject } from "@batchbrake/core/json/Json"
import * as Markdown from "./Markdown.ts"
import type { Annotation, Severity } from "./WorkflowCommand.ts"

export interface Outcome {
  readonly outputs: ReadonlyMap<string, string>
  readonly annotations: ReadonlyArray<Annotation>
  readonly summary: string
}

export const objects = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isObject) : []

/** A text, a number or a truth value as text; nothing for the rest. */
export const textOf = (value: Json | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""

export const json = (value: Json): string => JSON.stringify(value)

const OF_NOTICE: Readonly<Record<string, Severity>> = { critical: "error", warning: "warning" }

/** Notices that somebody should see; what is only for information stands in the summary. */
export const noticesOf = (answer: JsonObject): ReadonlyArray<Annotation> =>
  objects(answer.notices).flatMap((notice) => {
    const severity = OF_NOTICE[textOf(notice.severity)]
    const title = `batchbrake: ${textOf(notice.code)}`
    return severity === undefined ? [] : [{ message: textOf(notice.message), severity, title }]
  })

const errorOf = (answer: JsonObject, command: string): ReadonlyArray<Annotation> =>
  isObject(answer.error)
    ? [{ message: textOf(answer.error.message), severity: "error", title: `batchbrake ${command}` }]
    : []

/** What was checked and found is an error each: it ends the step, and the run's page says why. */
const findingsOf = (answer: JsonObject): ReadonlyArray<Annotation> =>
  objects(answer.findings).map((finding) => ({
    message: textOf(finding.message),
    severity: "error",
    title: `batchbrake: ${textOf(finding.code)}`
  }))

/** Every field of an answer that is one value, by its own name. */
const fieldsOf = (answer: JsonObject): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(answer).flatMap(([name, value]) => {
      const text = textOf(value)
      return text === "" || !/^[a-z_]+$/.test(name) ? [] : [[name, text] as const]
    })
  )

/** What to show of an answer that has no table of its own. */
const rowsOf = (answer: JsonObject): ReadonlyArray<ReadonlyArray<string>> => {
  const said = [...objects(answer.findings), ...objects(answer.notices)]
  return [
    ...[...fieldsOf(answer)].map(([name, value]) => [name, value]),
    ...said.map((one) => [textOf(one.code), textOf(one.message)]),
    ...objects(answer.issues).map((issue) => [
      `issue ${textOf(issue.action)}`,
      `${textOf(issue.address)} ${textOf(issue.condition)} ${textOf(issue.subject)}`
    ])
  ]
}

const error = (answer: JsonObject): ReadonlyArray<ReadonlyArray<string>> =>
  isObject(answer.error) ? [[textOf(answer.error.code), textOf(answer.error.message)]] : []

/** Any command's answer: its plain fields are outputs, and `json` is the whole. */
export const ofAnswer = (command: string, answer: JsonObject): Outcome => ({
  annotations: [...findingsOf(answer), ...noticesOf(answer), ...errorOf(answer, command)],
  outputs: new Map([...fieldsOf(answer), ["json", json(answer)]]),
  summary:
    Markdown.heading(`batchbrake ${command}`) +
    Markdown.table(["What", "Is"], [...rowsOf(answer), ...error(answer)]) +
    "\n"
})

/** Whose results are on record: a run that was refused has none, nor has one whose grant was only given back. */
const recordedIn = (runs: ReadonlyArray<JsonObject>): ReadonlyArray<string> =>
  runs
    .filter(({ error, event }) => !isObject(error) && textOf(event).startsWith("RunCompleted "))
    .map(({ ecosystem }) => textOf(ecosystem))

/** The answer of `record --reports`: one row a run. */
export const ofReports = (answer: JsonObject): Outcome => {
  const runs = objects(answer.runs)
  const failed = runs.filter((run) => isObject(run.error))
  const rows = runs.map((run) => {
    const attempts = isObject(run.attempts) ? run.attempts : {}
    const counts = ["passed", "failed", "skipped"].map((kind) => `${textOf(attempts[kind]) || "0"} ${kind}`)
    const words = [...objects(run.notices), ...(isObject(run.error) ? [run.error] : [])]
    return [
      textOf(run.ecosystem),
      counts.join(", "),
      isObject(run.breaker) ? textOf(run.breaker.state) : "",
      words.map((word) => textOf(word.message)).join("; ")
    ]
  })
  return {
    annotations: [
      ...[answer, ...runs].flatMap(noticesOf),
      ...failed.flatMap((run) => errorOf(run, `record, ${textOf(run.ecosystem)}`)),
      ...(failed.length > 0 ? [] : errorOf(answer, "record"))
    ],
    outputs: new Map([
      ["recorded", json(recordedIn(runs))],
      ["json", json(answer)]
    ]),
    summary:
      Markdown.heading("batchbrake record") +
      Markdown.table(
        ["Ecosystem", "Attempts", "Breaker", "What"],
        [...rows, ...(failed.length > 0 ? [] : error(answer).map((cells) => [...cells, "", ""]))]
      ) +
      "\n"
  }
}
