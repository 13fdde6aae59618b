/** What a replay comes to: one row an ecosystem, ours beside the recorded system. */

import { isRun, type Row, RULE } from "@batchbrake/core/forecast/RecordedRow"
import { type EpochMillis, format } from "@batchbrake/core/time/Instant"
import { sheet } from "../Sheet.ts"
import type { Played } from "./replayRows.ts"
import { type Ours, type Recorded, recordedOf, sum, timeIn } from "./Score.ts"

export interface Line {
  readonly ecosystem: string
  readonly runs: number
  readonly spanMillis: number
  readonly ours: Ours
  readonly recorded: Recorded
}

export interface Report {
  readonly file: string
  readonly first: EpochMillis
  readonly last: EpochMillis
  readonly rows: number
  readonly leftOut: number
  readonly known: Readonly<Record<Row["known"], number>>
  readonly lines: ReadonlyArray<Line>
  readonly commits: number
  readonly rowsPerCommit: number
  readonly seconds: number
  readonly policy: string
  readonly scratch: string
}

const oursOf = (played: ReadonlyArray<Played>, end: EpochMillis): Ours => {
  const count = (wanted: (turn: Played) => boolean): number => played.filter(wanted).length
  const isProbe = ({ decision }: Played): boolean => decision === "probe"
  const held = played.filter(({ decision }) => decision === "hold")
  const counted = ({ row }: Played): number => row.attempts.passed + row.attempts.failed
  return {
    admitted: played.length - held.length,
    closed: count((turn) => isProbe(turn) && turn.after === "closed"),
    failedProbes: count((turn) => isProbe(turn) && turn.after === "open"),
    held: held.length,
    openMillis: timeIn(
      played.map(({ after, row }) => ({ at: row.at, open: after !== "closed" })),
      end
    ),
    probes: count(isProbe),
    refusedAttempts: held.reduce((total, turn) => total + counted(turn), 0),
    trips: count(({ after, before }) => before === "closed" && after === "open"),
    vacuous: count((turn) => turn.decision !== "hold" && counted(turn) === 0)
  }
}

/** One line an ecosystem, in the order of their names. */
export const linesOf = (rows: ReadonlyArray<Row>, played: ReadonlyArray<Played>, end: EpochMillis) =>
  [...new Set(rows.filter(isRun).map(({ ecosystem }) => ecosystem))].sort().map((ecosystem): Line => {
    const own = rows.filter((row) => row.ecosystem === ecosystem)
    const turns = played.filter(({ row }) => row.ecosystem === ecosystem)
    return {
      ecosystem,
      ours: oursOf(turns, end),
      recorded: recordedOf(own, end),
      runs: turns.length,
      spanMillis: end - (own[0]?.at ?? end)
    }
  })

const HOUR_MILLIS = 3_600_000
const hours = (millis: number): string => `${Math.round(millis / HOUR_MILLIS)} h`
const share = (millis: number, span: number): string => (span === 0 ? "-" : `${Math.round((millis / span) * 100)} %`)

/** Trips, probes, what was closed, and for how long it was not closed. */
const oursTable = (lines: ReadonlyArray<Line>): string =>
  sheet(
    ["BATCHBRAKE", "TRIPS", "PROBES", "FAILED", "CLOSED", "RUNS HELD", "ATTEMPTS REFUSED", "TIME OPEN", "SHARE"],
    [
      ...lines.map(({ ecosystem, ours, spanMillis }) => ({ name: ecosystem, ours, spanMillis })),
      {
        name: "total",
        ours: total(lines.map(({ ours }) => ours)),
        spanMillis: lines.reduce((all, { spanMillis }) => all + spanMillis, 0)
      }
    ].map(({ name, ours, spanMillis }) => [
      name,
      String(ours.trips),
      String(ours.probes),
      String(ours.failedProbes),
      String(ours.closed),
      String(ours.held),
      String(ours.refusedAttempts),
      hours(ours.openMillis),
      share(ours.openMillis, spanMillis)
    ])
  )

const total = (all: ReadonlyArray<Ours>): Pick<Ours, Exclude<keyof Ours, "admitted" | "vacuous">> => ({
  closed: sum(all, "closed"),
  failedProbes: sum(all, "failedProbes"),
  held: sum(all, "held"),
  openMillis: sum(all, "openMillis"),
  probes: sum(all, "probes"),
  refusedAttempts: sum(all, "refusedAttempts"),
  trips: sum(all, "trips")
})

const recordedTable = (lines: ReadonlyArray<Line>): string => {
  const row = (name: string, own: Omit<Recorded, never>, span: number): ReadonlyArray<string> => [
    name,
    String(own.opened),
    String(own.failedProbes),
    String(own.closed),
    String(own.closedByHand),
    hours(own.openMillis),
    share(own.openMillis, span)
  ]
  const all = lines.map(({ recorded }) => recorded)
  return sheet(
    ["AS RECORDED", "OPENED", "FAILED PROBES", "CLOSED", "BY HAND", "TIME OPEN", "SHARE"],
    [
      ...lines.map(({ ecosystem, recorded, spanMillis }) => row(ecosystem, recorded, spanMillis)),
      row(
        "total",
        {
          closed: sum(all, "closed"),
          closedByHand: sum(all, "closedByHand"),
          failedProbes: sum(all, "failedProbes"),
          opened: sum(all, "opened"),
          openMillis: sum(all, "openMillis")
        },
        lines.reduce((sumOf, { spanMillis }) => sumOf + spanMillis, 0)
      )
    ]
  )
}

const groupWords = ({ commits, rowsPerCommit, seconds }: Report): string =>
  `${commits} control commits in ${seconds.toFixed(1)} s, ` +
  (rowsPerCommit === 1
    ? "one a row that was let through"
    : `up to ${rowsPerCommit} rows in one, as an ordered list of events (--rows-per-commit changes that)`)

export const printReport = (report: Report): string => {
  const { exact, inferred, merged, nothing, verdict } = report.known
  const vacuous = sum(
    report.lines.map(({ ours }) => ours),
    "vacuous"
  )
  return [
    `${report.file}: ${report.rows} rows from ${format(report.first)} to ${format(report.last)}, ${report.leftOut} left out`,
    `counts: ${exact} exact, ${inferred} inferred, ${merged} by merged recipes, ${verdict} by the verdict alone, ${nothing} unknown; ` +
      `${vacuous} runs that were let through had no counted attempt and moved nothing`,
    "",
    oursTable(report.lines),
    "",
    recordedTable(report.lines),
    "",
    "Open is everything that is not closed; times run from an ecosystem's first row to the last row of the file.",
    `Policy: ${report.policy}. ${groupWords(report)}.`,
    `How rows are read:\n  ${RULE}`,
    `The control branch is refs/batchbrake/batch-control in ${report.scratch}; \`rm -rf ${report.scratch}\` removes it.`
  ].join("\n")
}

export const reportJson = (report: Report) => ({
  commits: report.commits,
  ecosystems: report.lines.map(({ ecosystem, ours, recorded, runs, spanMillis }) => ({
    ecosystem,
    ours: {
      admitted: ours.admitted,
      attempts_refused: ours.refusedAttempts,
      closed: ours.closed,
      failed_probes: ours.failedProbes,
      held: ours.held,
      open_hours: ours.openMillis / HOUR_MILLIS,
      probes: ours.probes,
      trips: ours.trips,
      vacuous: ours.vacuous
    },
    recorded: {
      closed: recorded.closed,
      closed_by_hand: recorded.closedByHand,
      failed_probes: recorded.failedProbes,
      open_hours: recorded.openMillis / HOUR_MILLIS,
      opened: recorded.opened
    },
    runs,
    span_hours: spanMillis / HOUR_MILLIS
  })),
  left_out: report.leftOut,
  rows: report.rows,
  rows_by_count: report.known,
  rows_per_commit: report.rowsPerCommit,
  rule: RULE.split("\n  "),
  scratch: report.scratch,
  seconds: report.seconds
})
