import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { DAY, format, startOfDay } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { EXIT } from "../../Failure.ts"
import { type Given, refuse } from "../../Given.ts"
import { metricsToWrite } from "../../metrics.ts"
import { timeOf } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const LEAST_DAYS = 90
const MOST_DAYS = 36_500

const run = Effect.fn("metrics prune")(function* (given: Given, world: World) {
  const stated = given.text("days") ?? String(LEAST_DAYS)
  const days = /^\d{1,5}$/.test(stated) ? Number(stated) : 0
  if (days < LEAST_DAYS || days > MOST_DAYS) {
    return yield* refuse(
      `--days: found ${JSON.stringify(stated)}, expected whole days from ${LEAST_DAYS} to ${MOST_DAYS}: less is not kept by anybody's mistake`
    )
  }
  const before = startOfDay((yield* timeOf(given, world)) - days * DAY)
  const removed = yield* MetricsStore.use((store) => store.prune(before)).pipe(
    Effect.provide(metricsToWrite(given, world))
  )
  return {
    exitCode: EXIT.done,
    json: { before: format(before), removed },
    text: [`${removed} runs that completed before ${format(before)} removed; their sums stay`]
  }
})

export const prune: Verb = {
  description: "Remove runs, with their results, that are older than 90 days or more. What they came to by day stays.",
  examples: ["batchbrake metrics prune", "batchbrake metrics prune --days 365"],
  options: { days: { help: "how many days stay, at least and by default 90", type: "string", value: "N" } },
  run,
  takesNames: false,
  usage: "[--days N]"
}
