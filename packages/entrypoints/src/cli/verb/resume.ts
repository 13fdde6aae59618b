import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { EVERYTHING } from "@batchbrake/core/control/Pause"
import { operate } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { type Given, refuse } from "../Given.ts"
import { doneReport, ecosystemOption } from "../order.ts"
import { settingOfStop } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("resume")(function* (given: Given, world: World) {
  const ecosystems = yield* namedEcosystems(given)
  const all = given.flag("everything")
  if (all && ecosystems.length > 0) return yield* refuse("--everything lifts every pause: name no ecosystem beside it")
  const { store, ...origin } = yield* settingOfStop(given, world)
  const scopes = all ? ["everything"] : ecosystems.length > 0 ? ecosystems : [EVERYTHING]
  const events = scopes.map(
    (scope): ControlEvent => ({ _tag: "Resumed", at: origin.at, author: origin.author, id: origin.nonce, scope })
  )
  const done = yield* operate(origin, events).pipe(Effect.provide(store))
  const named = all ? "every pause" : ecosystems.length > 0 ? ecosystems.join(", ") : "the pause of everything"
  return doneReport(done, { scopes }, `resume: ${named}`)
})

export const resume: Verb = {
  description: "Lift the pause of these ecosystems; without a name the pause of everything.",
  examples: ["batchbrake resume", "batchbrake resume npm", "batchbrake resume --everything"],
  options: {
    ecosystem: { ...ecosystemOption, help: "lift this one's pause; may be repeated" },
    everything: { help: "lift every pause", type: "boolean" }
  },
  run,
  takesNames: true,
  usage: "[E…] [--everything]"
}
