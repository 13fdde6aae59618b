/** A backtest for people and for programs. */
import type { Line as Compared, Comparison, Divergence } from "@batchbrake/core/forecast/Backtest"
import type { Course } from "@batchbrake/core/forecast/Replay"
import type { Bounds, Key } from "@batchbrake/core/forecast/Tally"
import * as Verdict from "@batchbrake/core/forecast/Verdict"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { format, HOUR } from "@batchbrake/core/time/Instant"
import { count, hours, many } from "./amounts.ts"
import { type Backtest, caveatsOf, limitsOf, strangersOf } from "./backtestCaveats.ts"
import type { Line } from "./Page.ts"

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

/** What a word holds for: what it assumes is part of it. */
const provided = (comparison: Comparison): string => {
  const { filled, held } = comparison
  const limits = limitsOf(comparison)
  const [limit] = limits.keys()
  if (limit === undefined) return ""
  const size = limits.size === 1 ? many(limit, "attempt") : "the batch that is stated below"
  return filled > 0
    ? `, if ${count(filled)} held ${filled === 1 ? "run was" : "runs were"} missed at the usual pace with up to ${size} each`
    : `, whatever up to ${size} of ${held === 1 ? "the held run" : `each of ${count(held)} held runs`} would have come to`
}

/** The decision in one sentence. */
export const summaryOf = ({ comparison }: Backtest): string => {
  const { new: next, old, runs } = comparison
  const on = `on ${many(runs, "recorded run")}`
  const word = Verdict.of(comparison)
  if (word === "same") {
    return `${WORDS[word]} ${on}: both policies decide alike about each of them${provided(comparison)}.`
  }
  const isOne = ({ high, low }: Bounds, key: Key): boolean => low[key] === 1 && high[key] === 1
  return (
    `${WORDS[word]} ${on}${provided(comparison)}: ${figure(next, "trips")} ${isOne(next, "trips") ? "trip" : "trips"} instead of ${figure(old, "trips")}, ` +
    `not closed for ${figure(next, "openMillis", hours)} instead of ${figure(old, "openMillis", hours)}, ` +
    `${figure(next, "attemptsAdmitted")} ${isOne(next, "attemptsAdmitted") ? "attempt" : "attempts"} admitted instead of ${figure(old, "attemptsAdmitted")}.`
  )
}

export const divergenceText = (divergence: Divergence | undefined): string =>
  divergence === undefined
    ? "none"
    : `${format(divergence.at)}: ${divergence.old.join(" or ")}, then ${divergence.new.join(" or ")}`

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
  const trips = lines.flatMap(({ ecosystem, new: next, old }) => [
    ...tripsText(ecosystem, "old", old),
    ...tripsText(ecosystem, "new", next)
  ])
  return [
    { colour: "bold", text: summaryOf(backtest) },
    `old: ${backtest.old.name}; new: ${backtest.new.name}; record: ${recorded.name}, ${many(comparison.attempts, "attempt")} from ${format(first)} to ${format(end)}`,
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
    ...(trips.length === 0 ? [] : ["trips:", ...trips]),
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
    caveats: [...caveatsOf(backtest)],
    decision: Verdict.of(comparison),
    ecosystems: comparison.lines.map(({ divergence, ecosystem, limit, new: next, old, runs }) => ({
      ecosystem,
      first_divergence: divergenceJson(divergence),
      most_attempts_unmade: limit,
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
      runs_by_count: { ...recorded.history.known },
      unknown_ecosystems: Object.fromEntries(strangersOf(comparison))
    },
    new: { ...backtest.new },
    old: { ...backtest.old, unit: backtest.oldUnit },
    summary: summaryOf(backtest),
    total: { new: tallyJson(comparison.new), old: tallyJson(comparison.old) }
  }
}
