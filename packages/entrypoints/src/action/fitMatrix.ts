/** A matrix has an end: whoever does not fit waits, and comes first another time. */
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { objects, textOf } from "./Outcome.ts"

/** Jobs that one matrix can have. Source: "Running variations of jobs in a workflow" in GitHub's documentation. */
export const MOST_JOBS = 256

export interface Fitted {
  readonly answer: JsonObject
  /** Those that were let run and do not fit: what was granted to them is to be given back. */
  readonly left: ReadonlyArray<string>
}

const held = (decision: JsonObject): JsonObject => ({
  ...decision,
  decision: "hold",
  grant: null,
  reasons: [
    { code: "matrix-full", message: `a matrix has at most ${MOST_JOBS} jobs: this one's turn comes with a later run` }
  ]
})

/** Leaves as many as fit, beginning further on with each `turn`, so that in time everybody is among them. */
export const fitMatrix = (answer: JsonObject, turn: number): Fitted => {
  const decisions = objects(answer.ecosystems)
  const running = decisions.filter(({ decision }) => decision === "run" || decision === "probe")
  if (running.length <= MOST_JOBS) return { answer, left: [] }
  const start = (turn * MOST_JOBS) % running.length
  const turned = [...running.slice(start), ...running.slice(0, start)]
  const left = new Set<Json>(turned.slice(MOST_JOBS))
  return {
    answer: { ...answer, ecosystems: decisions.map((decision) => (left.has(decision) ? held(decision) : decision)) },
    left: running.filter((decision) => left.has(decision)).map(({ ecosystem }) => textOf(ecosystem))
  }
}
