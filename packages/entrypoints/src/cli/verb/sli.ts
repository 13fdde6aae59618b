import * as Minutes from "@batchbrake/core/budget/Minutes"
import { shortName } from "@batchbrake/core/control/plainLine"
import * as Policy from "@batchbrake/core/policy/Policy"
import { PERIOD_MILLIS } from "@batchbrake/core/program/readMetrics"
import { readSli } from "@batchbrake/core/program/readSli"
import type { EcosystemSli } from "@batchbrake/core/sli/EcosystemSli"
import type { Percentile } from "@batchbrake/core/sli/Latency"
import * as Price from "@batchbrake/core/sli/Price"
import * as SliJson from "@batchbrake/core/sli/SliJson"
import { DAY, type EpochMillis, format, HOUR, MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { EXIT, safe } from "../Failure.ts"
import { metricsOrAway } from "../figures.ts"
import { type Given, refuse } from "../Given.ts"
import { moneyText } from "../money.ts"
import { noticesJson, noticesText } from "../order.ts"
import type { Line, Table } from "../Page.ts"
import { readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const UNITS: Readonly<Record<string, number>> = { d: DAY, h: HOUR, m: MINUTE, w: WEEK }
const LONGEST_MILLIS = 366 * DAY

const windowOf = Effect.fn("windowOf")(function* (given: Given) {
  const stated = given.text("window")
  if (stated === undefined) return PERIOD_MILLIS
  const [, count = "", unit = ""] = /^(\d{1,5})([mhdw])$/.exec(stated) ?? []
  const millis = Number(count) * (UNITS[unit] ?? 0)
  return millis > 0 && millis <= LONGEST_MILLIS
    ? millis
    : yield* refuse(`--window: found ${JSON.stringify(stated)}, expected up to 366 days, such as 7d, 36h or 90m`)
})

const COLOURS = {
  inconclusive: "yellow",
  met: "green",
  "no-data": "yellow",
  stale: "yellow",
  violated: "red"
} as const

const percent = (share: number | undefined): string => (share === undefined ? "-" : `${(share * 100).toFixed(1)} %`)

const seconds = (of: Percentile | undefined): string =>
  of === undefined ? "-" : `${of.isAtLeast ? "over " : ""}${Math.round(of.seconds)} s`

const burns = ({ burning }: EcosystemSli): string =>
  burning.map(({ isReachable, long }) => (isReachable ? (long?.toFixed(2) ?? "-") : "never")).join(" / ")

/** What was made; what it stands for is in the rate. */
const counts = ({ rate, window: { failed, passed } }: EcosystemSli): string =>
  `${passed.count}/${passed.count + failed.count}` +
  (rate !== undefined && rate.effectiveAttempts !== rate.attempts ? " sampled" : "")

const figures = (slis: ReadonlyArray<EcosystemSli>): Table => ({
  head: ["ECOSYSTEM", "VERDICT", "RATE", "95 % INTERVAL", "OBJECTIVE", "PASSED", "LEFT", "BURN 1D/3D", "P50", "P95"],
  rows: slis.map((sli) => [
    sli.ecosystem,
    { colour: COLOURS[sli.verdict], text: sli.verdict },
    percent(sli.rate?.rate),
    sli.rate === undefined ? "-" : `${percent(sli.rate.interval.low)} - ${percent(sli.rate.interval.high)}`,
    percent(sli.objective),
    counts(sli),
    percent(sli.errorBudget?.remaining),
    burns(sli),
    seconds(sli.p50),
    seconds(sli.p95)
  ])
})

/** What stands below the table: when budgets end, and what is odd. */
const remarks = (
  { anomalies, ecosystem, errorBudget, verdict }: EcosystemSli,
  at: EpochMillis
): ReadonlyArray<Line> => [
  ...(errorBudget?.exhaustedAt === undefined || verdict === "stale"
    ? []
    : [
        errorBudget.exhaustedAt <= at
          ? `${ecosystem}: the error budget is used up`
          : `${ecosystem}: at the pace of the last day the error budget is used up ${format(errorBudget.exhaustedAt)}`
      ]),
  ...anomalies.map(({ isLikelyOnly, kind, message }) => ({
    colour: "yellow" as const,
    text: `${ecosystem}: ${kind}${isLikelyOnly ? " (likely)" : ""}: ${message}`
  }))
]

const run = Effect.fn("sli")(function* (given: Given, world: World) {
  const named = yield* namedEcosystems(given)
  const at = yield* timeOf(given, world)
  const windowMillis = yield* windowOf(given)
  const policy = yield* readPolicy(given, world)
  const unknown = named.find((name) => Policy.ecosystemOf(policy, name) === undefined)
  if (unknown !== undefined) {
    return yield* refuse(
      `the policy does not know ${shortName(unknown)}; it knows: ${Object.keys(policy.ecosystems).join(", ")}`
    )
  }
  const ecosystems = named.length > 0 ? named : Object.keys(policy.ecosystems)
  const { notices, slis, store } = yield* readSli({ at, ecosystems, policy, windowMillis }).pipe(
    Effect.provide(metricsOrAway(given, world, policy)),
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const minutes = slis.reduce((sum, { window }) => Minutes.add(sum, window.minutes), Minutes.none)
  const cost = Price.sum(
    slis.map((sli) => sli.cost),
    at
  )
  const said = safe(notices)
  const below = slis.flatMap((sli) => remarks(sli, at))
  return {
    exitCode: EXIT.done,
    json: {
      window: { from: format(at - windowMillis), until: format(at) },
      store,
      ecosystems: slis.map(SliJson.ecosystem),
      minutes: { ...minutes },
      cost: SliJson.cost(cost),
      notices: noticesJson(said)
    },
    text: [
      figures(slis),
      `from ${format(at - windowMillis)} to ${format(at)}, by ${store}`,
      ...(Minutes.isNone(minutes) ? [] : [`minutes: ${Minutes.print(minutes)}: ${moneyText(cost)}`]),
      ...below,
      ...noticesText(said)
    ]
  }
})

export const sli: Verb = {
  description:
    "How often recipes pass, how sure that is, and what is left of the error budget; how long they take and what they cost.",
  examples: ["batchbrake sli", "batchbrake sli --ecosystem npm --window 30d --json"],
  options: {
    ecosystem: { help: "only this one; may be repeated", multiple: true, type: "string", value: "E" },
    window: { help: "how far back to look: 7d, 36h, 90m (default: 7d)", type: "string", value: "SPAN" }
  },
  run,
  takesNames: false,
  usage: "[--ecosystem E]… [--window SPAN]"
}
