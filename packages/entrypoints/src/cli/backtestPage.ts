/** A backtest for people and for programs. */
import type { Line as Compared, Comparison, Divergence } from "@batchbrake/core/forecast/Backtest"
import type { Course } from "@batchbrake/core/forecast/Replay"
import type { Bounds, Key } from "@batchbrake/core/forecast/Tally"
import * as Verdict from "@batchbrake/core/forecast/Verdict"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { format, HOUR } from "@batchbrake/core/time/Instant"
import type { Recorded } from "./history.ts"
import type { Line } from "./Page.ts"

/** What was compared, under the names of the command line. */
export interface Backtest {
  readonly comparison: Comparison
  readonly recorded: Recorded
  readonly old: { readonly name: string; readonly hash: string }
  readonly new: { readonly name: string; readonly hash: string }
  readonly oldUnit: "attempts" | "runs"
}

export const count = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",")
export const hours = (millis: number): string => `${count(Math.round(millis / HOUR))} h`

/** A figure, or its bounds. */
export const figure = ({ high, low }: Bounds, key: Key, print: (value: number) => string = count): string => {
  const [least, most] = [print(low[key]), print(high[key])]
  return least === most ? least : `${least} to ${most}`
}

const WORDS: Readonly<Record<Verdict.Word, string>> = {
  looser: "Looser",
  mixed: "Neither looser nor stricter for certain",
  same: "No difference",
  stricter: "Stricter"
}

/** The decision in one sentence. */
export const summaryOf = ({ comparison }: Backtest): string => {
  const { new: next, old, runs } = comparison
  const on = `on ${count(runs)} recorded ${runs === 1 ? "run" : "runs"}`
  const word = Verdict.of(comparison)
  if (word === "same") return `${WORDS[word]} ${on}: both policies decide alike about each of them.`
  return (
    `${WORDS[word]} ${on}: ${figure(next, "trips")} ${next.low.trips === 1 && next.high.trips === 1 ? "trip" : "trips"} instead of ${figure(old, "trips")}, ` +
    `not closed for ${figure(next, "openMillis", hours)} instead of ${figure(old, "openMillis", hours)}, ` +
    `${figure(next, "attemptsAdmitted")} attempts admitted instead of ${figure(old, "attemptsAdmitted")}.`
  )
}

export const divergenceText = (divergence: Divergence | undefined): string =>
  divergence === undefined
    ? "none"
    : `${format(divergence.at)}: ${divergence.old.join(" or ")}, then ${divergence.new.join(" or ")}`

/** What the figures do not know, in sentences. */
export const caveatsOf = ({ comparison, oldUnit, recorded }: Backtest): ReadonlyArray<string> => {
  const { filled, held, lines } = comparison
  const leftOut = Object.entries(recorded.history.leftOut).map(([what, many]) => `${many} ${what}`)
  const lost = lines.filter((line) => line.new.lostFrom !== undefined || line.old.lostFrom !== undefined)
  return [
    ...(held > 0
      ? [
          `${count(held)} ${held === 1 ? "run is" : "runs are"} on record as held: what would have come of that is unknown, so every outcome was followed.`
        ]
      : []),
    ...(filled > 0
      ? [
          `The record is taken to be the old policy's: what that held left no line. ${count(filled)} ${filled === 1 ? "run was" : "runs were"} put in for the new one, at each ecosystem's own pace, and every outcome was followed.`
        ]
      : []),
    ...(held + filled > 0
      ? [
          '"a to b" are the least and the most over all of these outcomes; what was never made is not counted as refused.'
        ]
      : []),
    ...(lost.length > 0
      ? [
          `${lost.map(({ ecosystem }) => ecosystem).join(", ")}: too many outcomes to follow; from some point on the bounds are the widest possible.`
        ]
      : []),
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(", ")}.`] : []),
    ...(oldUnit === "runs"
      ? ["The old policy took each run as one attempt, failed where fewer than half of its attempts passed."]
      : [])
  ]
}

const COLUMNS: ReadonlyArray<readonly [string, Key]> = [
  ["TRIPS", "trips"],
  ["PROBES", "probes"],
  ["WASTED", "wastedProbes"],
  ["ADMITTED", "attemptsAdmitted"],
  ["REFUSED", "attemptsRefused"],
  ["MINUTES", "minutes"]
]

const row = (name: string, which: string, tally: Bounds, divergence: string): ReadonlyArray<string> => [
  name,
  which,
  ...COLUMNS.map(([, key]) => figure(tally, key)),
  figure(tally, "openMillis", hours),
  divergence
]

const rowsOf = ({ divergence, ecosystem, new: next, old }: Compared): ReadonlyArray<ReadonlyArray<string>> => [
  row(ecosystem, "old", old.tally, ""),
  row("", "new", next.tally, divergence === undefined ? "none" : format(divergence.at))
]

const SHOWN_TRIPS = 5

const tripsText = (name: string, which: string, { trips }: Course): ReadonlyArray<string> => {
  if (trips.length === 0) return []
  const shown = trips.slice(0, SHOWN_TRIPS).map(({ at, certain }) => `${format(at)}${certain ? "" : " (perhaps)"}`)
  const more = trips.length > SHOWN_TRIPS ? `, and ${trips.length - SHOWN_TRIPS} more` : ""
  return [`  ${name}, ${which}: ${shown.join(", ")}${more}`]
}

export const backtestLines = (backtest: Backtest): ReadonlyArray<Line> => {
  const { comparison, recorded } = backtest
  const { end, first, lines } = comparison
  return [
    { colour: "bold", text: summaryOf(backtest) },
    `old: ${backtest.old.name}; new: ${backtest.new.name}; record: ${recorded.name}, ${count(comparison.attempts)} attempts from ${format(first)} to ${format(end)}`,
    "",
    {
      head: ["ECOSYSTEM", "", ...COLUMNS.map(([title]) => title), "NOT CLOSED", "FIRST DIFFERENCE"],
      rows: [
        ...lines.flatMap(rowsOf),
        row("total", "old", comparison.old, ""),
        row("", "new", comparison.new, comparison.divergence === undefined ? "none" : format(comparison.divergence.at))
      ]
    },
    "",
    ...(comparison.divergence === undefined
      ? []
      : [`first difference: ${comparison.divergence.ecosystem} at ${divergenceText(comparison.divergence)}`]),
    "trips:",
    ...lines.flatMap(({ ecosystem, new: next, old }) => [
      ...tripsText(ecosystem, "old", old),
      ...tripsText(ecosystem, "new", next)
    ]),
    ...caveatsOf(backtest),
    ...recorded.history.rules.map((rule) => `  ${rule}`)
  ]
}

const JSON_KEYS: Readonly<Record<string, Key>> = {
  attempts_admitted: "attemptsAdmitted",
  attempts_refused: "attemptsRefused",
  closings: "closings",
  held_by_budget: "heldByBudget",
  minutes: "minutes",
  probes: "probes",
  runs_admitted: "runsAdmitted",
  runs_held: "runsHeld",
  trips: "trips",
  wasted_probes: "wastedProbes"
}

const tallyJson = ({ high, low }: Bounds): JsonObject => ({
  ...Object.fromEntries(Object.entries(JSON_KEYS).map(([name, key]) => [name, { high: high[key], low: low[key] }])),
  open_hours: { high: high.openMillis / HOUR, low: low.openMillis / HOUR }
})

const instantJson = (at: number | undefined): string | null => (at === undefined ? null : format(at))

const courseJson = ({ lostFrom, tally, trips, uncertainFrom }: Course): JsonObject => ({
  ...tallyJson(tally),
  trips_at: trips.map(({ at, certain }) => ({ at: format(at), certain })),
  unbounded_from: instantJson(lostFrom),
  uncertain_from: instantJson(uncertainFrom)
})

const divergenceJson = (divergence: Divergence | undefined): JsonObject | null =>
  divergence === undefined
    ? null
    : { at: format(divergence.at), ecosystem: divergence.ecosystem, new: [...divergence.new], old: [...divergence.old] }

export const backtestJson = (backtest: Backtest): JsonObject => {
  const { comparison, recorded } = backtest
  return {
    decision: Verdict.of(comparison),
    ecosystems: comparison.lines.map(({ divergence, ecosystem, new: next, old, runs }) => ({
      ecosystem,
      first_divergence: divergenceJson(divergence),
      new: courseJson(next),
      old: courseJson(old),
      runs
    })),
    first_divergence: divergenceJson(comparison.divergence),
    history: {
      attempts: comparison.attempts,
      filled: comparison.filled,
      first: format(comparison.first),
      held: comparison.held,
      last: format(comparison.end),
      left_out: { ...recorded.history.leftOut },
      name: recorded.name,
      rules: [...recorded.history.rules],
      runs: comparison.runs,
      runs_by_count: { ...recorded.history.known }
    },
    new: { ...backtest.new },
    old: { ...backtest.old, unit: backtest.oldUnit },
    summary: summaryOf(backtest),
    total: { new: tallyJson(comparison.new), old: tallyJson(comparison.old) }
  }
}
