import * as StatedMinutes from "@batchbrake/core/budget/StatedMinutes"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { operate } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { type Given, refuse, required } from "../Given.ts"
import { doneReport, minutesOf, reasonOption } from "../order.ts"
import { settingOf } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("budget")(function* (given: Given, world: World) {
  if (given.names.length !== 1 || given.names[0] !== "adjust")
    return yield* refuse("budget has one verb: budget adjust")
  const reason = yield* required(given, "reason", "a correction needs a reason")
  const minutes = yield* minutesOf(StatedMinutes.parseChanges(given.texts("minutes")))
  if (Object.keys(minutes).length === 0)
    return yield* refuse("--minutes is missing: give at least one, such as macos=-30")
  const { store, ...origin } = yield* settingOf(given, world)
  const event: ControlEvent = {
    _tag: "BudgetAdjusted",
    at: origin.at,
    author: origin.author,
    id: origin.nonce,
    minutes,
    reason
  }
  const done = yield* operate(origin, [event]).pipe(Effect.provide(store))
  return doneReport(done, { minutes }, "budget adjusted")
})

export const budget: Verb = {
  description: "Correct the minutes spent this week, by hand.",
  examples: ['batchbrake budget adjust --minutes macos=-30 --reason "billed twice"'],
  options: {
    minutes: {
      help: "the change, with a sign; may be repeated",
      multiple: true,
      type: "string",
      value: "PLATFORM=CHANGE"
    },
    reason: reasonOption
  },
  run,
  takesNames: true,
  usage: "adjust --minutes macos=-30… --reason R"
}
