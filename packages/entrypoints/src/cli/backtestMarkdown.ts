/**
 * A backtest as the comment of a pull request: decision, table, curve, in under 60 lines. Names of files, refs and
 * ecosystems come from outside, so they stand in code, where the forge makes no link, mention or tag of them.
 */

import { plainLine } from "@batchbrake/core/control/plainLine"
import * as OperatingCurve from "@batchbrake/core/forecast/OperatingCurve"
import type { Bounds, Key } from "@batchbrake/core/forecast/Tally"
import * as Policy from "@batchbrake/core/policy/Policy"
import { format } from "@batchbrake/core/time/Instant"
import { count, hours, many } from "./amounts.ts"
import { type Backtest, caveatsOf } from "./backtestCaveats.ts"
import { divergenceText, figure, summaryOf } from "./backtestPage.ts"

const MOST_ROWS = 16
const LONGEST_NAME = 80

/** Text from outside: one line of code, which nothing in it can end. */
const code = (text: string): string => {
  const line = [...plainLine(text).replace(/`/g, "'").replace(/\|/g, "¦")].slice(0, LONGEST_NAME).join("")
  return `\`${line.trim() === "" ? "(no name)" : line}\``
}

const change = (old: Bounds, next: Bounds, key: Key, print: (value: number) => string = count): string => {
  const [before, after] = [figure(old, key, print), figure(next, key, print)]
  return before === after ? before : `${before} → **${after}**`
}

const cells = (old: Bounds, next: Bounds): ReadonlyArray<string> => [
  change(old, next, "trips"),
  change(old, next, "openMillis", hours),
  `${change(old, next, "probes")} (${change(old, next, "wastedProbes")})`,
  change(old, next, "attemptsAdmitted"),
  change(old, next, "attemptsRefused"),
  change(old, next, "minutes")
]

const line = (texts: ReadonlyArray<string>): string => `| ${texts.join(" | ")} |`

const table = ({ comparison }: Backtest): ReadonlyArray<string> => {
  const busiest = [...comparison.lines].sort((left, right) => right.runs - left.runs).slice(0, MOST_ROWS)
  const rest = comparison.lines.length - busiest.length
  return [
    line([
      "ecosystem",
      "trips",
      "not closed",
      "probes (wasted)",
      "attempts admitted",
      "refused",
      "minutes",
      "first difference"
    ]),
    line(["---", "--:", "--:", "--:", "--:", "--:", "--:", "---"]),
    ...busiest.map(({ divergence, ecosystem, new: next, old }) =>
      line([
        code(ecosystem),
        ...cells(old.tally, next.tally),
        divergence === undefined ? "none" : format(divergence.at)
      ])
    ),
    line([
      rest > 0 ? `all, with ${rest} more` : "all",
      ...cells(comparison.old, comparison.new),
      comparison.divergence === undefined ? "none" : format(comparison.divergence.at)
    ])
  ]
}

const BAR = 25
const bar = (share: number): string => "#".repeat(Math.round(share * BAR)).padEnd(BAR, "·")
const percent = (share: number): string => `${Math.round(share * 100)} %`.padStart(5)

/** The operating characteristic of the ecosystem with the most runs, as bars of characters: shown wherever text is. */
const curve = (ecosystem: string, old: Policy.BreakerPolicy, next: Policy.BreakerPolicy): ReadonlyArray<string> => {
  const [before, after] = [OperatingCurve.of("old", old), OperatingCurve.of("new", next)]
  const rows = after.points.flatMap(({ rate, stays }, index) =>
    index % 2 === 0
      ? []
      : [
          `${percent(rate)}   ${percent(before.points[index]?.stays ?? 0)} ${bar(before.points[index]?.stays ?? 0)}   ${percent(stays)} ${bar(stays)}`
        ]
  )
  return [
    "",
    `Chance that ${code(ecosystem)} stays closed over 100 attempts in the long run, by its true success rate:`,
    "",
    "```text",
    ` true   ${"old".padEnd(BAR + 6)}   new`,
    ...rows.reverse(),
    "```"
  ]
}

export const backtestMarkdown = (
  backtest: Backtest,
  policies: { readonly old: Policy.Policy; readonly new: Policy.Policy }
): string => {
  const { comparison, recorded } = backtest
  const [busiest] = [...comparison.lines].sort((left, right) => right.runs - left.runs)
  const name = busiest?.ecosystem ?? ""
  const [before, after] = [Policy.ecosystemOf(policies.old, name), Policy.ecosystemOf(policies.new, name)]
  const { divergence } = comparison
  return [
    `### ${summaryOf(backtest)}`,
    "",
    `Policy ${code(backtest.old.name)} → ${code(backtest.new.name)}, on ${code(recorded.name)}: ${many(comparison.attempts, "attempt")} from ${format(comparison.first)} to ${format(comparison.end)}.`,
    ...(divergence === undefined
      ? []
      : [`First difference: ${code(divergence.ecosystem)} at ${divergenceText(divergence)}.`]),
    "",
    ...table(backtest),
    "",
    ...caveatsOf(backtest).map((caveat) => `- ${caveat}`),
    ...(before === undefined || after === undefined ? [] : curve(name, before.breaker, after.breaker)),
    ""
  ].join("\n")
}
