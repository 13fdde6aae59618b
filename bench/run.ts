/**
 * `npm run bench`: every bench in one run, with the machine that it ran on. `--json` prints one JSON document, `--full`
 * takes the heaviest sizes in.
 */
import { cpus, loadavg, release, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { benchBacktest } from "./backtest.ts"
import { benchBatches } from "./batches.ts"
import { benchBreaker } from "./breaker.ts"
import { benchCommits } from "./commits.ts"
import type { Outcome } from "./Figure.ts"
import { git } from "./Ground.ts"
import { benchIdentities } from "./identities.ts"
import { benchMetrics } from "./metrics.ts"
import { benchStartUp } from "./startUp.ts"

const BENCHES = {
  backtest: benchBacktest,
  batches: benchBatches,
  breaker: benchBreaker,
  commits: benchCommits,
  identities: benchIdentities,
  metrics: benchMetrics,
  "start-up": benchStartUp
}

const machine = () => ({
  cores: cpus().length,
  git: git(".", "--version").replace("git version ", ""),
  kernel: release(),
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
  memory_gib: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  processor: cpus()[0]?.model.trim() ?? "unknown"
})

const amount = (value: number, unit: string): string =>
  `${value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(1)} ${unit}`

const print = (outcomes: ReadonlyArray<Outcome>): string => {
  const rows = outcomes
    .flatMap(({ figures }) => figures)
    .map(({ bench, note, unit, value, what }) => [bench, what, amount(value, unit), note])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[2] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
  )
  const claims = outcomes
    .flatMap((outcome) => outcome.claims)
    .map(({ bench, met, text }) => `${met ? "met   " : "MISSED"}  ${bench}: ${text}`)
  return [...lines, "", ...claims].join("\n")
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { full: { type: "boolean" }, json: { type: "boolean" } }
})
const known = Object.keys(BENCHES) as Array<keyof typeof BENCHES>
const wrong = positionals.find((name) => !known.some((bench) => bench === name))
if (wrong !== undefined) {
  console.error(`bench: there is no ${JSON.stringify(wrong)}; there are: ${known.join(", ")}`)
  process.exitCode = 2
} else {
  const started = performance.now()
  const facts = machine()
  const outcomes: Array<Outcome> = []
  for (const name of known.filter((bench) => positionals.length === 0 || positionals.includes(bench))) {
    console.error(`${name} …`)
    outcomes.push(await BENCHES[name](values.full === true))
  }
  const seconds = (performance.now() - started) / 1000
  const words = Object.entries(facts).map(([fact, value]) => `${fact.replace("_", " ")} ${value}`)
  if (values.json === true) {
    const [figures, claims] = [outcomes.flatMap((one) => one.figures), outcomes.flatMap((one) => one.claims)]
    console.log(JSON.stringify({ claims, figures, machine: facts, seconds }, null, 2))
  } else console.log(`${words.join(", ")}\n\n${print(outcomes)}\n\n${seconds.toFixed(0)} s`)
}
