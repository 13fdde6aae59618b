/** Recorded attempts, from whatever they were recorded by: what a backtest replays. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Attempts from "../breaker/Attempts.ts"
import type { Minutes } from "../budget/Minutes.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { decodeWith, describe, type Fault } from "../json/Fault.ts"
import { Count, InstantText, Name } from "../json/Field.ts"
import { isObject, type Json } from "../json/Json.ts"
import { type EpochMillis, parse as instantOf } from "../time/Instant.ts"
import * as RecordedRow from "./RecordedRow.ts"

/** One ecosystem in one run. */
export interface Run {
  readonly at: EpochMillis
  readonly ecosystem: string
  readonly attempts: Attempts.Attempts
  /** Whole minutes by platform; `undefined` where none were stated, which costs the reservation. */
  readonly minutes: Minutes | undefined
  /** Whether it took place. One that the recorded system held has no outcome that anybody knows. */
  readonly made: boolean
}

export interface History {
  /** In the order of their time. */
  readonly runs: ReadonlyArray<Run>
  /** What of the record is no run, and how often. */
  readonly leftOut: Readonly<Record<string, number>>
  /** How far the counts are known, by number of runs that took place. */
  readonly known: Readonly<Record<string, number>>
  /** How rows without exact counts were read. */
  readonly rules: ReadonlyArray<string>
}

/** A line of a history as we write one. */
const Line = Schema.Struct({
  at: InstantText,
  ecosystem: Name,
  passed: Schema.optionalKey(Count),
  failed: Schema.optionalKey(Count),
  skipped: Schema.optionalKey(Count),
  results: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[PFS]*$/, { expected: "a text of P, F and S" }))),
  categories: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(Count))),
  minutes: Schema.optionalKey(Schema.Record(Name, Count)),
  held: Schema.optionalKey(Schema.Boolean)
})

const decodeLine = decodeWith(Line, "closed")

/** A line, of either shape: what became of it. */
type Read = { readonly run: Run; readonly known: string } | { readonly leftOut: string }

const none: Attempts.BareCounts = { failed: 0, passed: 0, skipped: 0 }

const COUNTS = ["passed", "failed", "skipped"] as const

/** What a line says that cannot all be so. */
const contradictionOf = (line: typeof Line.Type): Fault | undefined => {
  const { categories, held = false, results } = line
  const fault = (path: string, found: string, expected: string): Fault => ({ expected, found, path })
  const count = COUNTS.find((key) => line[key] !== undefined)
  if (results !== undefined && count !== undefined) {
    return fault(count, String(line[count]), "no such key beside results, which has the attempts in order")
  }
  if (results === undefined && categories !== undefined) {
    return fault("categories", "categories without results", "results, of which they name places")
  }
  for (const [category, places] of Object.entries(categories ?? {})) {
    const index = places.findIndex((place) => (results ?? "")[place] !== "F")
    if (index >= 0) {
      return fault(`categories.${category}[${index}]`, String(places[index]), "the place of an F in results, from 0")
    }
  }
  const attempted = COUNTS.find((key) => (line[key] ?? 0) > 0) ?? ((results ?? "") === "" ? undefined : "results")
  return held && attempted !== undefined
    ? fault(attempted, describe(line[attempted]), "nothing: a run that was held had no attempts")
    : undefined
}

const ofOwn = (value: Json): Result.Result<Read, ReadonlyArray<Fault>> =>
  Result.flatMap(decodeLine(value), (line): Result.Result<Read, ReadonlyArray<Fault>> => {
    const { categories, failed = 0, held = false, passed = 0, results, skipped = 0 } = line
    const attempts = results === undefined ? { failed, passed, skipped } : { categories: categories ?? {}, results }
    const counts = Attempts.tally(attempts)
    const contradiction = contradictionOf(line)
    if (contradiction !== undefined) return Result.fail([contradiction])
    const total = counts.passed + counts.failed + counts.skipped
    if (total > Attempts.MOST_ATTEMPTS) {
      const expected = `at most ${Attempts.MOST_ATTEMPTS} attempts a run`
      return Result.fail([{ expected, found: String(total), path: results === undefined ? "passed" : "results" }])
    }
    const run = {
      at: instantOf(line.at) ?? 0,
      attempts,
      ecosystem: line.ecosystem,
      made: !held,
      minutes: line.minutes
    }
    return Result.succeed({ known: "exact", run })
  })

/** Minutes were not recorded there: every run states that it used none, so that the budget holds nothing. */
const NO_MINUTES: Minutes = { linux: 0, macos: 0 }

const ofRecorded = (row: RecordedRow.Row): Read => {
  if (row.lost) return { leftOut: "lost" }
  if (row.outcome === "manual") return { leftOut: "manual" }
  const made = row.outcome !== "skipped-open"
  const { at, attempts, ecosystem } = row
  return { known: row.known, run: { at, attempts: made ? attempts : none, ecosystem, made, minutes: NO_MINUTES } }
}

const isRecorded = (value: Json): boolean => isObject(value) && Object.hasOwn(value, "outcome")

const readLine = (value: Json): Result.Result<Read, ReadonlyArray<Fault>> =>
  isRecorded(value) ? Result.map(RecordedRow.fromJson(value), ofRecorded) : ofOwn(value)

const tallied = (names: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const byTime = (left: Run, right: Run): number => left.at - right.at

/**
 * Reads JSON lines `{at, ecosystem, passed?, failed?, skipped?, results?, categories?, minutes?, held?}`, one a run, or
 * the rows of a recorded registry, which have an `outcome`. The first fault names its line.
 */
export const parse = (text: string): Result.Result<History, Fault> =>
  Result.map(RecordedRow.parseLines(text, readLine), (lines): History => {
    const runs = lines.flatMap((line) => ("run" in line ? [line] : []))
    const isForeign = runs.some(({ known }) => known !== "exact") || lines.some((line) => "leftOut" in line)
    return {
      known: tallied(runs.filter(({ run }) => run.made).map(({ known }) => known)),
      leftOut: tallied(lines.flatMap((line) => ("leftOut" in line ? [line.leftOut] : []))),
      rules: isForeign
        ? RecordedRow.RULE.replace(/\n {4}/g, " ")
            .split("\n")
            .map((rule) => rule.trim())
        : [],
      runs: runs.map(({ run }) => run).sort(byTime)
    }
  })

/** What a person did to a breaker or a stop: not replayed, since nobody knows what they would have done otherwise. */
const BY_HAND: ReadonlyArray<ControlEvent["_tag"]> = [
  "BreakerReset",
  "Paused",
  "Resumed",
  "BudgetAdjusted",
  "HandEditAdopted"
]

/** The runs of a control branch's own log. A repeated report counts once. */
export const fromEvents = (events: Iterable<ControlEvent>): History => {
  const runs = new Map<string, Run>()
  const byHand: Array<string> = []
  for (const event of events) {
    if (BY_HAND.includes(event._tag)) byHand.push("by-hand")
    if (event._tag !== "RunCompleted") continue
    const { at, attempts, ecosystem, minutes, runKey } = event
    runs.set(`${ecosystem} ${runKey}`, { at, attempts, ecosystem, made: true, minutes })
  }
  return {
    known: tallied([...runs.values()].map(() => "exact")),
    leftOut: tallied(byHand),
    rules: [],
    runs: [...runs.values()].sort(byTime)
  }
}
