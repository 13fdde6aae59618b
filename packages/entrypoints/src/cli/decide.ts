/** What gate, status and explain print of decisions. */
import type { Reservation } from "@batchbrake/core/budget/Reservation"
import { type Decision, hold } from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import { isName } from "@batchbrake/core/json/Field"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { errorOf, type Failure, type InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import type { Cell, Table } from "./Page.ts"

const COLOURS = { hold: "red", probe: "yellow", run: "green" } as const

/** The ecosystems that the command line names, as options or as words. */
export const namedEcosystems = (given: Given): Effect.Effect<ReadonlyArray<string>, InputUnusable> => {
  const names = [...new Set([...given.texts("ecosystem"), ...given.names])]
  const wrong = names.find((name) => !isName(name))
  return wrong === undefined
    ? Effect.succeed(names)
    : refuse(`found ${JSON.stringify(wrong)}, expected the name of an ecosystem: 1 to 64 characters from a-z 0-9 . _ -`)
}

/** `{ can_proceed, ecosystems }`: the published shape. */
export const gateJson = (decisions: ReadonlyArray<Decision>): JsonObject => ({
  can_proceed: DecisionJson.canProceed(decisions),
  ecosystems: decisions.map(DecisionJson.toJson)
})

/** The same when nothing could be decided: every ecosystem that was asked about is on hold. */
export const heldJson = (ecosystems: ReadonlyArray<string>, failure: Failure): JsonObject => {
  const error = errorOf(failure)
  const { code, message } = error
  return {
    ...gateJson(ecosystems.map((ecosystem) => hold({ ecosystem, runKey: undefined }, [{ code, message }]))),
    error: { ...error }
  }
}

/** What a grant says of the limit that its claim asked for. */
export const limitText = ({ limit, maxAttempts }: Reservation): string =>
  limit === undefined ? "" : `, at most ${maxAttempts} ${maxAttempts === 1 ? "attempt" : "attempts"}`

const limits = ({ batchSize, decision, sampling }: Decision): string => {
  if (decision === "hold") return "-"
  const sampled = Object.entries(sampling)
    .filter(([, rate]) => rate < 1)
    .map(([platform, rate]) => `${platform} ${Math.round(rate * 100)} %`)
  return [`${batchSize} ${batchSize === 1 ? "recipe" : "recipes"}`, ...sampled].join(", ")
}

/** One row an ecosystem: what, how much, until when, why. */
export const gateTable = (decisions: ReadonlyArray<Decision>): Table => ({
  head: ["ECOSYSTEM", "DECISION", "LIMIT", "RETRY AT", "WHY"],
  rows: decisions.map((decision) => [
    decision.ecosystem,
    { colour: COLOURS[decision.decision], text: decision.decision } satisfies Cell,
    limits(decision),
    decision.retryAt === undefined ? "-" : format(decision.retryAt),
    decision.reasons.map(({ message }) => message).join("; ")
  ])
})
