import { type Pushed, pushSpool } from "@batchbrake/core/program/pushSpool"
import * as Effect from "effect/Effect"
import { EXIT } from "../../Failure.ts"
import type { Given } from "../../Given.ts"
import { metricsToWrite } from "../../metrics.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const toText = ({ dropped, known, setAside, stored }: Pushed): ReadonlyArray<string> => [
  `${stored} ${stored === 1 ? "report" : "reports"} handed in, ${known} were known, ${setAside.length} set aside`,
  ...setAside.map(({ id, reason }) => `  set-aside/${id}: ${reason}`),
  ...(dropped > 0 ? [`  ${dropped} of those set aside were removed, the oldest first: more are not kept`] : [])
]

const run = Effect.fn("metrics push")(function* (given: Given, world: World) {
  const pushed = yield* pushSpool().pipe(Effect.provide(metricsToWrite(given, world)))
  return {
    exitCode: pushed.setAside.length > 0 ? EXIT.found : EXIT.done,
    json: {
      dropped: pushed.dropped,
      known: pushed.known,
      set_aside: pushed.setAside.map(({ id, reason }) => ({ id, reason })),
      stored: pushed.stored
    },
    text: toText(pushed)
  }
})

export const push: Verb = {
  description:
    "Hand in the reports that wait in the spool. One that can never be stored is set aside with its reason, and the exit code is 1.",
  examples: ["batchbrake metrics push"],
  options: {},
  run,
  takesNames: false,
  usage: ""
}
