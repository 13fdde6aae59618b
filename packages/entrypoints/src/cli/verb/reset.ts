import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { operate } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { type Given, refuse, required } from "../Given.ts"
import { doneReport, ecosystemOption, reasonOption } from "../order.ts"
import { settingOf } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("reset")(function* (given: Given, world: World) {
  const ecosystems = yield* namedEcosystems(given)
  if (ecosystems.length === 0) return yield* refuse("name the ecosystem whose breaker is to be closed")
  const reason = yield* required(given, "reason", "closing a breaker by hand needs a reason")
  const { store, ...origin } = yield* settingOf(given, world)
  const events = ecosystems.map(
    (ecosystem): ControlEvent => ({
      _tag: "BreakerReset",
      at: origin.at,
      author: origin.author,
      ecosystem,
      id: origin.nonce,
      reason
    })
  )
  const done = yield* operate(origin, events).pipe(Effect.provide(store))
  return doneReport(done, { ecosystems }, `reset of ${ecosystems.join(", ")}`)
})

export const reset: Verb = {
  description: "Close a breaker by hand, from any state. Pauses and budget still hold.",
  examples: ['batchbrake reset npm --reason "the outage upstream is over"'],
  options: {
    ecosystem: { ...ecosystemOption, help: "close this one's breaker; may be repeated" },
    reason: reasonOption
  },
  run,
  takesNames: true,
  usage: "E… --reason R"
}
