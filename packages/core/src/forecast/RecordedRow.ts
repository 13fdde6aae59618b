/** One recorded attempt of another system: one ecosystem in one run, as a line of JSON. */

import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { BareCounts } from "../breaker/Attempts.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { Count, InstantText, Name } from "../json/Field.ts"
import type { Json } from "../json/Json.ts"
import { type EpochMillis, parse as instantOf } from "../time/Instant.ts"

const State = Schema.String.check(
  Schema.isPattern(/^(closed|open|half-open)\/\d+$/, { expected: "a state and a count such as closed/0" })
)

const Line = Schema.Struct({
  after: State,
  at: InstantText,
  attempted: Schema.optionalKey(Count),
  before: State,
  blocked: Schema.optionalKey(Count),
  counts: Schema.optionalKey(Schema.Literals(["exact", "inferred"])),
  ecosystem: Name,
  failed: Schema.optionalKey(Count),
  merged: Schema.optionalKey(Count),
  outcome: Schema.Literals(["success", "failure", "manual", "skipped-open"]),
  persisted: Schema.optionalKey(Schema.Boolean),
  succeeded: Schema.optionalKey(Count),
  vacuous: Schema.optionalKey(Schema.Boolean)
})
type Line = typeof Line.Type

export interface Row {
  readonly at: EpochMillis
  readonly ecosystem: string
  readonly outcome: Line["outcome"]
  /** Whether the recorded system was on hold before and after. */
  readonly wasOpen: boolean
  readonly isOpen: boolean
  /** Its state change was lost, so nothing that followed stood on it. */
  readonly lost: boolean
  readonly attempts: BareCounts
  /** How far the counts are known. */
  readonly known: "exact" | "inferred" | "merged" | "verdict" | "nothing"
}

/** The rule for rows without exact counts, as the help and every output state it. */
export const RULE = [
  'rows with "counts":"exact" are taken as they are; blocked recipes were not tried, so they count as skipped',
  '"counts":"inferred": a failed run is known to have failed as a whole, so `attempted` failures; a successful one had',
  "  only blocked recipes, so no counted attempt",
  '"vacuous":true: no recipe at all, so no counted attempt, whatever the outcome says',
  "no counts, `merged` above 0: that many successes (recipes that failed in such a run were never written down)",
  "no counts, a failed run: one failure, the least that a failed run can have had",
  "no counts and nothing else: no counted attempt",
  'left out: "persisted":false (the change was lost), and the outcomes manual and skipped-open (no run took place)',
  "minutes were not recorded: every run states none used, so that the budget holds nothing here"
].join("\n  ")

const open = (state: string): boolean => !state.startsWith("closed")

const countsOf = (line: Line): Pick<Row, "attempts" | "known"> => {
  const counts = (passed: number, failed: number, skipped = 0): BareCounts => ({ failed, passed, skipped })
  const { attempted = 0, blocked = 0, failed = 0, merged = 0, outcome, succeeded = 0 } = line
  if (line.vacuous === true) return { attempts: counts(0, 0), known: "exact" }
  if (line.counts === "exact") return { attempts: counts(succeeded, failed, blocked), known: "exact" }
  if (line.counts === "inferred") {
    return {
      attempts: outcome === "failure" ? counts(0, attempted) : counts(0, 0, attempted),
      known: "inferred"
    }
  }
  if (merged > 0) return { attempts: counts(merged, 0), known: "merged" }
  if (outcome === "failure") return { attempts: counts(0, 1), known: "verdict" }
  return { attempts: counts(0, 0), known: "nothing" }
}

const decodeLine = decodeWith(Line, "open")

/** Reads JSON lines, blank ones aside; the first fault names its line. */
export const parseLines = <A>(
  text: string,
  read: (value: Json) => Result.Result<A, ReadonlyArray<Fault>>
): Result.Result<ReadonlyArray<A>, Fault> => {
  const all: Array<A> = []
  for (const [index, source] of text.split("\n").entries()) {
    if (source.trim() === "") continue
    const decoded = Result.flatMap(parseText(source), read)
    if (Result.isFailure(decoded)) {
      const fault = decoded.failure[0] ?? { expected: "a recorded attempt", found: "something else", path: "" }
      return Result.fail({ ...fault, path: `line ${index + 1}${fault.path === "" ? "" : `, ${fault.path}`}` })
    }
    all.push(decoded.success)
  }
  return Result.succeed(all)
}

/** Whether a row stands for a run that the recorded system remembered. */
export const isRun = (row: Row): boolean => !row.lost && (row.outcome === "success" || row.outcome === "failure")

/** Reads one line, already JSON. */
export const fromJson = (value: Json): Result.Result<Row, ReadonlyArray<Fault>> =>
  Result.map(
    decodeLine(value),
    (line): Row => ({
      ...countsOf(line),
      at: instantOf(line.at) ?? 0,
      ecosystem: line.ecosystem,
      isOpen: open(line.after),
      lost: line.persisted === false,
      outcome: line.outcome,
      wasOpen: open(line.before)
    })
  )

/** Reads JSON lines in the order of their time; the first fault names its line. */
export const parseRows = (text: string): Result.Result<ReadonlyArray<Row>, Fault> =>
  Result.map(parseLines(text, fromJson), (rows) => [...rows].sort((left, right) => left.at - right.at))
