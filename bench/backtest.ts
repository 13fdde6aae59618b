/** A million recorded attempts under two policies, and made-up weeks through the gate and the reducer. */
import * as Backtest from "@batchbrake/core/forecast/Backtest"
import * as FirstTrip from "@batchbrake/core/forecast/FirstTrip"
import * as History from "@batchbrake/core/forecast/History"
import * as Simulation from "@batchbrake/core/forecast/Simulation"
import * as World from "@batchbrake/core/forecast/World"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Result from "effect/Result"
import { isFailure } from "./attempts.ts"
import { type Figure, interleaved, median, type Outcome, timed } from "./Figure.ts"

const [ATTEMPTS, AIM_MILLIS, ROUNDS] = [1_000_000, 1000, 5]
const ECOSYSTEMS = ["cask", "crates.io", "homebrew", "npm", "pypi", "rubygems"]
const WEEKS = 4

const policyWith = (breaker: JsonObject): Policy.Policy =>
  Result.getOrThrow(
    Policy.fromJson({
      ...Policy.starter(ECOSYSTEMS),
      breaker,
      budget: { caps: { linux: 10_000_000, macos: 10_000_000 } }
    })
  )

/** Hourly runs of six ecosystems; one in thirty of a batch's attempts fails, and now and then nearly all do. */
const linesOf = (attemptsPerRun: number): string => {
  const lines: Array<string> = []
  for (let run = 0; run * attemptsPerRun < ATTEMPTS; run++) {
    const hour = Math.floor(run / ECOSYSTEMS.length)
    const isBad = hour % 97 < 3
    const failed = isBad ? attemptsPerRun : isFailure(run) ? Math.ceil(attemptsPerRun / 10) : 0
    const at = new Date(Date.UTC(2020, 0, 6, 0, hour * 60)).toISOString()
    const ecosystem = ECOSYSTEMS[run % ECOSYSTEMS.length]
    lines.push(
      JSON.stringify({ at, ecosystem, failed, minutes: { linux: 9, macos: 2 }, passed: attemptsPerRun - failed })
    )
  }
  return lines.join("\n")
}

const weeksAMinute = async (): Promise<number> => {
  const policy = policyWith({})
  const cost = Simulation.costFor(policy, 2, 5)
  const setup = { cost, ecosystems: ["npm", "pypi"], recipes: 5, seed: "bench", weeks: WEEKS }
  const millis = await timed(() => Simulation.simulate(policy, "collapse", World.WORLDS.collapse, setup))
  return (WEEKS * 60_000) / millis
}

const explained = (window: number) => (): Promise<number> =>
  timed(() => {
    const trip = FirstTrip.of({ minimumAttempts: window, thresholdMillionths: 500_000, window })
    for (const rate of [0.98, 0.7, 0.5, 0.3]) trip.fromEmpty(rate)
  })

export const benchBacktest = async (): Promise<Outcome> => {
  const policies = { new: policyWith({ threshold: 0.6 }), old: policyWith({}) }
  const [text, single] = [linesOf(25), linesOf(1)]
  const [batches, singles] = [text, single].map((lines) => Result.getOrThrow(History.parse(lines)))
  if (batches === undefined || singles === undefined) throw new Error("a history cannot be read")
  const taken = await interleaved(ROUNDS, {
    "explain, window 16": explained(16),
    "explain, window 20": explained(20),
    "explain, window 1000": explained(1000),
    "read 40,000 lines": () => timed(() => History.parse(text)),
    "two policies, runs of 1": () => timed(() => Backtest.compare(policies, singles)),
    "two policies, runs of 25": () => timed(() => Backtest.compare(policies, batches)),
    "weeks a minute": weeksAMinute
  })
  const notes: Readonly<Record<keyof typeof taken, string>> = {
    "explain, window 16": "four rates, exact: 12,870 states",
    "explain, window 20": "four rates, exact: 184,756 states",
    "explain, window 1000": "four rates, bounds",
    "read 40,000 lines": "a million attempts as JSON lines, checked line by line",
    "two policies, runs of 1": "a million attempts, a run each: a claim and a settlement for every one",
    "two policies, runs of 25": "a million attempts in 40,000 runs, budget included",
    "weeks a minute": "simulated, two ecosystems with hourly batches of five, through decide and reduce"
  }
  const names = Object.keys(notes) as Array<keyof typeof taken>
  return {
    claims: [
      {
        bench: "backtest",
        met: median(taken["two policies, runs of 25"]) <= AIM_MILLIS,
        text: "a million attempts under two policies within a second"
      }
    ],
    figures: names.map(
      (what): Figure => ({
        bench: "backtest",
        note: notes[what],
        unit: what === "weeks a minute" ? "a minute" : "ms",
        value: median(taken[what]),
        what
      })
    )
  }
}
