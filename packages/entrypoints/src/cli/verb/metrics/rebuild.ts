import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { pushSpool } from "@batchbrake/core/program/pushSpool"
import * as Effect from "effect/Effect"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import { metricsToWrite, restoreRuns } from "../../metrics.ts"
import { readPolicy } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const restore = Effect.fn("restore")(function* (given: Given, world: World) {
  const policy = yield* readPolicy(given, world)
  const store = yield* MetricsStore
  // What waits knows more than the control branch: it goes first, or would find its run restored without results.
  const { stored } = yield* pushSpool()
  return { ...(yield* restoreRuns(store, given, world, policy)), pushed: stored, store: store.name }
})

const run = Effect.fn("metrics rebuild")(function* (given: Given, world: World) {
  const { conflicts, found, known, pushed, restored, store, tooOld, unreadable } = yield* restore(given, world).pipe(
    Effect.provide(metricsToWrite(given, world))
  )
  return {
    exitCode: EXIT.done,
    json: { conflicts, found, known, pushed, restored, store, too_old: tooOld, unreadable },
    text: [
      `${store}: ${restored} of ${found} runs on the control branch restored, ${known} were known`,
      ...(pushed > 0 ? [`  before that, reports handed in from the spool: ${pushed}`] : []),
      ...(conflicts > 0 ? [`  ${conflicts} are known with other counts, which stay`] : []),
      ...(tooOld > 0 ? [`  ${tooOld} completed before what was pruned, and are counted there or not at all`] : []),
      ...(unreadable > 0 ? [`  ${unreadable} could not be read`] : [])
    ]
  }
})

export const rebuild: Verb = {
  description:
    "Restore runs that the metrics store lacks from the events of the control branch: counts, weights and minutes, without single results.",
  examples: ["batchbrake metrics rebuild"],
  options: {},
  run,
  takesNames: false,
  usage: ""
}
