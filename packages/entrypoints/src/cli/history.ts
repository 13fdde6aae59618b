/** Recorded attempts for the verbs that look back: a file, or the control branch's own log. */

import * as History from "@batchbrake/core/forecast/History"
import { printAll } from "@batchbrake/core/json/Fault"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { readHistory } from "@batchbrake/core/program/readHistory"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { InputUnusable } from "./Failure.ts"
import type { Given } from "./Given.ts"
import { readText } from "./input.ts"
import type { Option } from "./Option.ts"
import { storeOf } from "./store.ts"
import type { World } from "./World.ts"

export const historyOption: Option = {
  help: "recorded attempts as JSON lines (default: the control branch's log)",
  type: "string",
  value: "FILE|-"
}

/** A record, and what to call it. */
export interface Recorded {
  readonly name: string
  readonly history: History.History
}

const fromFile = Effect.fn("historyFromFile")(function* (world: World, stated: string) {
  const history = History.parse(yield* readText(world, "history", stated))
  if (Result.isFailure(history)) {
    const message = `--history ${stated}: ${printAll([history.failure])}`
    return yield* new InputUnusable({ code: "input-unreadable", message, path: stated })
  }
  return history.success
})

/** The record that the command line means. */
export const historyOf = Effect.fn("historyOf")(function* (given: Given, world: World, policy: Policy) {
  const stated = given.text("history")
  const recorded: Recorded =
    stated === undefined
      ? {
          history: yield* readHistory().pipe(Effect.provide(storeOf(given, world, policy.controlBranch))),
          name: `the log of ${policy.controlBranch}`
        }
      : { history: yield* fromFile(world, stated), name: stated === "-" ? "standard input" : stated }
  return recorded
})
