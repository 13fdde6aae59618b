import { writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import { shortName } from "@batchbrake/core/control/plainLine"
import * as FirstTrip from "@batchbrake/core/forecast/FirstTrip"
import * as Forecast from "@batchbrake/core/forecast/Forecast"
import * as OperatingCurve from "@batchbrake/core/forecast/OperatingCurve"
import * as Pace from "@batchbrake/core/forecast/Pace"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Effect from "effect/Effect"
import { EXIT, InputUnusable } from "../../Failure.ts"
import { forecastJson, forecastLines, LEGEND } from "../../forecastPage.ts"
import { count, type Given, refuse } from "../../Given.ts"
import { historyOf, historyOption } from "../../history.ts"
import { reasonOf } from "../../input.ts"
import { readPolicy } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

/**
 * Paces by ecosystem, stated or from the record. A control branch that is not there yet has none, and one that is out of
 * reach keeps nobody from the figures that need no pace.
 */
const pacesOf = Effect.fn("pacesOf")(function* (given: Given, world: World, policy: Policy.Policy) {
  const runsPerWeek = yield* count(given, "runs-per-week")
  const attemptsPerRun = yield* count(given, "attempts-per-run")
  if (runsPerWeek !== undefined || attemptsPerRun !== undefined) {
    if (runsPerWeek === undefined || attemptsPerRun === undefined || runsPerWeek * attemptsPerRun === 0) {
      return yield* refuse("--runs-per-week and --attempts-per-run go together, each 1 or more")
    }
    return { of: () => ({ attemptsPerRun, runsPerWeek }), source: "the command line" }
  }
  const { history, name } = yield* historyOf(given, world, policy).pipe(
    Effect.catchTags({
      ControlMissing: () => Effect.succeed({ history: undefined, name: "no control branch" }),
      StoreUnavailable: ({ detail, store }) =>
        Effect.succeed({ history: undefined, name: `${store}, which is out of reach (${detail})` })
    })
  )
  const paces = history === undefined ? new Map<string, never>() : Pace.of(history)
  return { of: (ecosystem: string) => paces.get(ecosystem), source: name }
})

const chosen = (given: Given, policy: Policy.Policy): ReadonlyArray<string> => {
  const named = given.texts("ecosystem")
  return named.length > 0 ? named : Object.keys(policy.ecosystems)
}

/** One curve for all the ecosystems that share a rule. */
const pictureOf = (
  policy: Policy.Policy,
  ecosystems: ReadonlyArray<string>,
  tripOf: ReturnType<typeof FirstTrip.sharing>
): string => {
  const rules = new Map<string, { names: Array<string>; rule: Policy.BreakerPolicy }>()
  for (const name of ecosystems) {
    const rule = Policy.ecosystemOf(policy, name)?.breaker
    if (rule === undefined) continue
    const key = `${rule.window} ${rule.minimumAttempts} ${rule.thresholdMillionths}`
    const known = rules.get(key)
    if (known === undefined) rules.set(key, { names: [name], rule })
    else known.names.push(name)
  }
  return OperatingCurve.svg(
    [...rules.values()].map(({ names, rule }) => OperatingCurve.of(names.join(", "), rule, tripOf(rule)))
  )
}

const write = (world: World, stated: string, text: string): Effect.Effect<void, InputUnusable> =>
  Effect.tryPromise({
    catch: (cause) =>
      new InputUnusable({
        code: "input-unreadable",
        message: `--svg ${stated}: it cannot be written: ${reasonOf(cause)}`,
        path: stated
      }),
    try: () => writeFile(resolve(world.directory, stated), text)
  })

const run = Effect.fn("policy explain")(function* (given: Given, world: World) {
  const policy = yield* readPolicy(given, world)
  const ecosystems = chosen(given, policy)
  const stranger = ecosystems.find((name) => Policy.ecosystemOf(policy, name) === undefined)
  if (stranger !== undefined) {
    const known = Object.keys(policy.ecosystems).join(", ") || "none"
    return yield* refuse(`the policy does not know ${shortName(stranger)}; it knows: ${known}`)
  }
  const paces = yield* pacesOf(given, world, policy)
  const tripOf = FirstTrip.sharing()
  const forecasts = ecosystems.flatMap((name) => {
    const own = Policy.ecosystemOf(policy, name)
    return own === undefined ? [] : [Forecast.of(name, own, paces.of(name), tripOf(own.breaker))]
  })
  const stated = given.text("svg")
  const picture = stated === undefined ? "" : pictureOf(policy, ecosystems, tripOf)
  if (stated !== undefined && stated !== "-") yield* write(world, stated, picture)
  return {
    exitCode: EXIT.done,
    json: {
      ecosystems: forecasts.map(forecastJson),
      pace_from: paces.source,
      policy: policy.hash,
      svg: stated === undefined ? null : stated === "-" ? picture : stated
    },
    text:
      stated === "-"
        ? [{ verbatim: picture }]
        : [
            ...forecasts.flatMap((forecast) => forecastLines(forecast, paces.source)),
            ...LEGEND,
            ...(stated === undefined ? [] : [`wrote ${stated}`])
          ]
  }
})

export const explain: Verb = {
  description:
    "What a policy's breakers come to in numbers: for true success rates, how often each trips falsely, how many attempts it takes to notice a fall, and how long it is open. Exact for windows up to 20 attempts and for larger ones with few states; bounds for the rest.",
  examples: [
    "batchbrake policy explain",
    "batchbrake policy explain --ecosystem npm --runs-per-week 168 --attempts-per-run 5",
    "batchbrake policy explain --svg curve.svg"
  ],
  options: {
    ecosystem: { help: "only this one", multiple: true, type: "string", value: "E" },
    history: historyOption,
    "runs-per-week": { help: "the pace, in place of the recorded one", type: "string", value: "N" },
    "attempts-per-run": { help: "counted attempts of a run, with --runs-per-week", type: "string", value: "N" },
    svg: { help: "write the operating characteristic as SVG; - prints it", type: "string", value: "FILE|-" }
  },
  run,
  takesNames: false,
  usage: "[--ecosystem E…] [--history FILE | --runs-per-week N --attempts-per-run N] [--svg FILE]"
}
