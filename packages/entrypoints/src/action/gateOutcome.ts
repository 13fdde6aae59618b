/** What the gate says, as a matrix, as outputs and as a table. */
import { isObject, type JsonObject } from "@batchbrake/core/json/Json"
import * as Markdown from "./Markdown.ts"
import { json, type Outcome, objects, textOf } from "./Outcome.ts"
import type { Annotation } from "./WorkflowCommand.ts"

/** The outputs of a gate that lets nothing run. They are written before anything is asked: no answer is no leave. */
export const HELD: ReadonlyMap<string, string> = new Map([
  ["can_proceed", "false"],
  ["ecosystems", "[]"],
  ["matrix", '{"include":[]}'],
  ["claims", "[]"]
])

const reasonsOf = (decision: JsonObject): string =>
  objects(decision.reasons)
    .map((reason) => textOf(reason.message))
    .join("; ")

const numberOf = (size: unknown): number => (typeof size === "number" ? size : 0)

/** An entry of the matrix: flat, since a job hands it on through its environment. */
const entryOf = (decision: JsonObject): JsonObject => {
  const grant = isObject(decision.grant) ? decision.grant : {}
  return {
    ecosystem: textOf(decision.ecosystem),
    decision: textOf(decision.decision),
    run_key: textOf(decision.run_key),
    batch_size: numberOf(decision.batch_size),
    max_attempts: numberOf(decision.max_attempts),
    sampling: json(isObject(decision.sampling) ? decision.sampling : {}),
    // Asked again with a lower limit a grant still names all that it was given.
    probe_recipes: json(
      Array.isArray(grant.probe_recipes) ? grant.probe_recipes.slice(0, numberOf(decision.max_attempts)) : []
    )
  }
}

const held = (decision: JsonObject): Annotation => ({
  message: reasonsOf(decision) || "on hold",
  severity: "warning",
  title: `${textOf(decision.ecosystem)} is on hold`
})

const rowOf = (decision: JsonObject): ReadonlyArray<string> => {
  const isHeld = textOf(decision.decision) === "hold"
  const rates = isObject(decision.sampling) ? Object.entries(decision.sampling) : []
  const sampled = rates.flatMap(([platform, rate]) =>
    typeof rate === "number" && rate < 1 ? [`${platform} ${Math.round(rate * 100)} %`] : []
  )
  return [
    textOf(decision.ecosystem),
    textOf(decision.decision),
    isHeld ? "" : String(numberOf(decision.batch_size)),
    isHeld ? "" : sampled.join(", "),
    textOf(decision.retry_at),
    reasonsOf(decision)
  ]
}

const byEcosystem = (entries: ReadonlyArray<JsonObject>, field: string): string =>
  json(Object.fromEntries(entries.map((entry) => [textOf(entry.ecosystem), entry[field] ?? ""])))

/**
 * The answer of `gate --json`. An ecosystem on hold is a warning, unless the gate could not decide at all, which is one
 * error. Of an answer that is not the gate's shape nothing may run.
 */
export const ofGate = (answer: JsonObject): Outcome => {
  const decisions = objects(answer.ecosystems)
  const failed = isObject(answer.error) ? answer.error : undefined
  const running =
    failed === undefined ? decisions.filter(({ decision }) => decision === "run" || decision === "probe") : []
  const entries = running.map(entryOf)
  const names = entries.map(({ ecosystem }) => textOf(ecosystem))
  const claims = running
    .filter(({ grant }) => isObject(grant))
    .map(({ ecosystem, run_key }) => ({ ecosystem: textOf(ecosystem), run_key: textOf(run_key) }))
  return {
    annotations:
      failed === undefined
        ? decisions.filter((decision) => !running.includes(decision)).map(held)
        : [{ message: `${textOf(failed.message)}; nothing may run`, severity: "error", title: "batchbrake gate" }],
    outputs: new Map([
      ...HELD,
      ["can_proceed", String(names.length > 0)],
      ["ecosystems", json(names)],
      ["matrix", json({ include: entries })],
      ["claims", json(claims)],
      ["run_keys", byEcosystem(entries, "run_key")],
      ["batch_sizes", byEcosystem(entries, "batch_size")],
      ["max_attempts", byEcosystem(entries, "max_attempts")],
      ["sampling", byEcosystem(entries, "sampling")],
      ["json", json(answer)]
    ]),
    summary:
      Markdown.heading(
        names.length > 0 ? `batchbrake gate: ${names.length} may run` : "batchbrake gate: nothing may run"
      ) +
      Markdown.table(
        ["Ecosystem", "Decision", "Recipes", "Sampled", "Retry at", "Why"],
        [...decisions.map(rowOf), ...(failed === undefined ? [] : [["", "hold", "", "", "", textOf(failed.message)]])]
      ) +
      "\n"
  }
}
