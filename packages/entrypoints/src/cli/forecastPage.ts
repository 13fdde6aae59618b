/** A forecast for people and for programs. */
import type { Forecast, Level, Range } from "@batchbrake/core/forecast/Forecast"
import { statesOf } from "@batchbrake/core/forecast/OutcomeChain"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Line } from "./Page.ts"

const DIGITS = 3
const SMALL = 1e-4

const plain = (value: number): string => {
  const rounded = Number(value.toPrecision(DIGITS))
  const isOdd = Math.abs(rounded) >= 1e6 || (rounded !== 0 && Math.abs(rounded) < SMALL)
  return isOdd ? rounded.toExponential().replace("e+", "e") : String(rounded)
}

/** Nobody asks how much less than nearly nothing it is. */
const above = (least: number, unit: string, value: number): string =>
  value !== 0 && value < least ? `< ${least} ${unit}` : `${plain(value)} ${unit}`

/** Means above this rest on probabilities so small that rounding leaves little of them. */
const ROUGH = 1e18

const attempts = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? "never" : value > ROUGH ? `> ${plain(ROUGH)}` : plain(value)
const percent = (value: number): string => above(1e-9, "%", value * 100)
const hours = (value: number): string => above(0.001, "h", value)

/** One figure, or its bounds where they show in the digits printed. */
const figure = (range: Range | undefined, print: (value: number) => string): string => {
  if (range === undefined) return "-"
  const [low, high] = [print(range.low), print(range.high)]
  return low === high ? low : `${low} to ${high}`
}

const rateOf = (rate: number): string => `${Number((rate * 100).toFixed(4))} %`

const ruleOf = ({ policy }: Forecast): string => {
  const { coolDownMillis, minimumAttempts, thresholdMillionths, window } = policy.breaker
  const minimum = minimumAttempts === window ? "" : ` (from ${minimumAttempts} on)`
  return `trips below ${thresholdMillionths / 10_000} % of the last ${window} attempts${minimum}, first probe after ${coolDownMillis / 60_000} min, objective ${rateOf(policy.slo)}`
}

const methodOf = (forecast: Forecast): string =>
  forecast.method === "exact"
    ? `exact: a chain of ${forecast.states} ${forecast.states === 1 ? "state" : "states"}`
    : `bounds: the chain would have ${plain(statesOf(forecast.policy.breaker))} states`

const paceOf = ({ pace }: Forecast, source: string): string =>
  pace === undefined
    ? `nothing is known of its pace from ${source}, so nothing is said a week; --runs-per-week and --attempts-per-run state one`
    : `${plain(pace.runsPerWeek)} ${pace.runsPerWeek === 1 ? "run" : "runs"} a week of ${pace.attemptsPerRun} ${pace.attemptsPerRun === 1 ? "attempt" : "attempts"}, from ${source}`

export const forecastLines = (forecast: Forecast, source: string): ReadonlyArray<Line> => [
  { colour: "bold", text: `${forecast.ecosystem}: ${ruleOf(forecast)}` },
  `  ${methodOf(forecast)}; ${paceOf(forecast, source)}`,
  "",
  {
    head: ["TRUE RATE", "FIRST 100", "ANY 100", "IN A WEEK", "ATTEMPTS TO TRIP", "ATTEMPTS TO NOTICE", "OPEN A WEEK"],
    rows: forecast.levels.map((level, index) => [
      { ...(index === 0 ? { colour: "bold" as const } : {}), text: rateOf(level.rate) },
      figure(level.tripWithin100, percent),
      figure(level.steadyTripWithin100, percent),
      figure(level.steadyTripWithinWeek, percent),
      figure(level.attemptsToTrip, attempts),
      figure(level.attemptsToDetect, attempts),
      figure(level.openHours, hours)
    ])
  },
  ""
]

export const LEGEND: ReadonlyArray<string> = [
  "FIRST 100: the probability of a trip within 100 counted attempts after a close, when the window is empty. ANY 100, IN A WEEK: the same in the long run, when it is full. TO TRIP: their mean number after a close.",
  "TO NOTICE: the same when the rate falls from the objective (first row) to this one. OPEN: not closed, with runs that come evenly."
]

const JSON_DIGITS = 6

/** Rounded, so that the last digits of floating point are no change; `null` is never. */
const number = (value: number): number | null =>
  value === Number.POSITIVE_INFINITY ? null : Number(value.toPrecision(JSON_DIGITS))

const rangeJson = (range: Range | undefined): JsonObject | null =>
  range === undefined ? null : { estimate: number(range.estimate), high: number(range.high), low: number(range.low) }

const levelJson = (level: Level): JsonObject => ({
  attempts_to_detect: rangeJson(level.attemptsToDetect),
  attempts_to_trip: rangeJson(level.attemptsToTrip),
  open_hours_per_week: rangeJson(level.openHours),
  rate: level.rate,
  steady_trip_within_100: rangeJson(level.steadyTripWithin100),
  steady_trip_within_week: rangeJson(level.steadyTripWithinWeek),
  trip_within_100: rangeJson(level.tripWithin100),
  trip_within_week: rangeJson(level.tripWithinWeek)
})

export const forecastJson = (forecast: Forecast): JsonObject => ({
  ecosystem: forecast.ecosystem,
  levels: forecast.levels.map(levelJson),
  method: forecast.method,
  objective: forecast.policy.slo,
  pace:
    forecast.pace === undefined
      ? null
      : {
          attempts_per_run: forecast.pace.attemptsPerRun,
          runs_per_week: number(forecast.pace.runsPerWeek)
        },
  states: forecast.states
})
