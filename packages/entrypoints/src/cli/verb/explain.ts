import { writeBreaker } from "@batchbrake/core/control/BreakerCodec"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import { writeReservation } from "@batchbrake/core/control/ReservationCodec"
import { readStatus } from "@batchbrake/core/program/readStatus"
import { format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { limitText, namedEcosystems } from "../decide.ts"
import { EXIT } from "../Failure.ts"
import { type Given, refuse } from "../Given.ts"
import { readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("explain")(function* (given: Given, world: World) {
  const [ecosystem, ...others] = yield* namedEcosystems(given)
  if (ecosystem === undefined || others.length > 0) return yield* refuse("explain takes one ecosystem")
  const at = yield* timeOf(given, world)
  const policy = yield* readPolicy(given, world)
  const { decisions, file } = yield* readStatus(policy, at, [ecosystem]).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const breaker = breakerOf(file, ecosystem)
  const grants = file.budget.reservations.filter((grant) => grant.ecosystem === ecosystem)
  const [decision] = decisions
  if (decision === undefined) return yield* refuse("explain takes one ecosystem")
  const release =
    decision.decision !== "hold"
      ? []
      : decision.retryAt === undefined
        ? ["released by: a person, as said above"]
        : [`released by: time alone, at ${format(decision.retryAt)}, if nothing else comes up`]
  return {
    exitCode: EXIT.done,
    json: {
      ...DecisionJson.toJson(decision),
      breaker: writeBreaker(breaker),
      grants: grants.map(writeReservation)
    },
    text: [
      {
        colour: decision.decision === "hold" ? ("red" as const) : ("green" as const),
        text: `${ecosystem}: ${decision.decision} at ${format(at)}`
      },
      ...decision.reasons.map(({ code, message }) => `  ${code}: ${message}`),
      ...release,
      `breaker: ${breaker.state}, generation ${breaker.generation}, window ${breaker.window === "" || breaker.window === undefined ? "empty" : breaker.window}` +
        `, ${breaker.trips} consecutive ${breaker.trips === 1 ? "trip" : "trips"}`,
      ...(breaker.lastFailure === undefined ? [] : [`last failure: ${format(breaker.lastFailure)}`]),
      ...grants.map(
        (grant) =>
          `grant: ${grant.runKey} (${grant.kind}, ${grant.author}) until ${format(grant.expiresAt)}${limitText(grant)}`
      )
    ]
  }
})

export const explain: Verb = {
  description: "Why an ecosystem may run or is on hold, and what would release it.",
  examples: ["batchbrake explain npm", "batchbrake explain npm --at 2026-11-24T06:00:00Z --local"],
  options: { ecosystem: { help: "the ecosystem", multiple: true, type: "string", value: "E" } },
  run,
  takesNames: true,
  usage: "E"
}
