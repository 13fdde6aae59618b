import * as StatedMinutes from "@batchbrake/core/budget/StatedMinutes"
import { abandonRun } from "@batchbrake/core/program/abandonRun"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { type Given, required } from "../Given.ts"
import { doneReport, ecosystemOption, minutesOf, minutesOption, runKeyOf } from "../order.ts"
import { settingOf } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("abandon")(function* (given: Given, world: World) {
  const runKey = yield* runKeyOf(yield* required(given, "run", "the key of the run whose grants are given back"))
  const ecosystems = yield* namedEcosystems(given)
  const minutes = yield* minutesOf(StatedMinutes.parse(given.texts("minutes")))
  const { store, ...origin } = yield* settingOf(given, world)
  const done = yield* abandonRun(origin, { ecosystems, minutes, runKey }).pipe(Effect.provide(store))
  return doneReport(done, { run_key: runKey }, `${runKey}: grants given back`)
})

export const abandon: Verb = {
  description: "Give a run's grants back: the minutes that it did not use, and its probe.",
  examples: ["batchbrake abandon --run 4711-1-npm", "batchbrake abandon --run 4711 --ecosystem npm --minutes macos=3"],
  options: {
    ecosystem: { ...ecosystemOption, help: "only in this ecosystem (default: wherever the key has a grant)" },
    minutes: minutesOption,
    run: { help: "the run key", type: "string", value: "KEY" }
  },
  run,
  takesNames: false,
  usage: "--run KEY [--ecosystem E]… [--minutes macos=N]…"
}
