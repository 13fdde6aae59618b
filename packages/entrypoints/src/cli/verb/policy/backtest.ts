import * as Compared from "@batchbrake/core/forecast/Backtest"
import * as Effect from "effect/Effect"
import type { Backtest } from "../../backtestCaveats.ts"
import { backtestMarkdown } from "../../backtestMarkdown.ts"
import { backtestJson, backtestLines } from "../../backtestPage.ts"
import { EXIT, InputUnusable } from "../../Failure.ts"
import { type Given, refuse, required } from "../../Given.ts"
import { historyOf, historyOption } from "../../history.ts"
import { POLICY_FILE, readPolicy, readPolicyAt } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const run = Effect.fn("policy backtest")(function* (given: Given, world: World) {
  const to = yield* required(given, "to", "the policy that is to be tried")
  const unit = given.text("old-unit") ?? "attempts"
  if (unit !== "attempts" && unit !== "runs") {
    return yield* refuse(`--old-unit: found ${JSON.stringify(unit)}, expected attempts or runs`)
  }
  const old = yield* readPolicy(given, world)
  const next = yield* readPolicyAt(given, world, "to", to)
  const recorded = yield* historyOf(given, world, old)
  if (recorded.history.runs.length === 0) {
    return yield* new InputUnusable({
      code: "input-unreadable",
      message: `${recorded.name} holds no run that could be replayed; --history FILE names another record`,
      path: recorded.name
    })
  }
  const comparison = Compared.compare({ new: next, old }, recorded.history, unit)
  const backtest: Backtest = {
    comparison,
    new: { hash: next.hash, name: to },
    old: { hash: old.hash, name: given.text("policy") ?? POLICY_FILE },
    oldUnit: unit,
    recorded
  }
  return {
    exitCode: EXIT.done,
    json: backtestJson(backtest),
    text: given.flag("markdown")
      ? [{ verbatim: backtestMarkdown(backtest, { new: next, old }) }]
      : backtestLines(backtest)
  }
})

export const backtest: Verb = {
  description:
    "What another policy would have done with the attempts on record, beside the one in force (--policy): trips, time open, probes, attempts admitted and refused, minutes. Where the record cannot know, it gives the least and the most.",
  examples: [
    "batchbrake policy backtest --to proposed.json",
    "batchbrake policy backtest --policy origin/main:batch-policy.json --to batch-policy.json --markdown",
    "batchbrake policy backtest --to proposed.json --history attempts.jsonl --json"
  ],
  options: {
    to: { help: "the policy that is to be tried", type: "string", value: "FILE|REV:PATH" },
    history: historyOption,
    "old-unit": {
      help: "runs: the old policy takes each run as one attempt, as older breakers do",
      type: "string",
      value: "attempts|runs"
    },
    markdown: { help: "the comparison as the comment of a pull request", type: "boolean" }
  },
  run,
  takesNames: false,
  usage: "--to FILE [--history FILE] [--markdown]"
}
