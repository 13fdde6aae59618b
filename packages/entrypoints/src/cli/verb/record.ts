import type { Attempts } from "@batchbrake/core/breaker/Attempts"
import * as ResultLines from "@batchbrake/core/breaker/ResultLines"
import * as StatedMinutes from "@batchbrake/core/budget/StatedMinutes"
import { writeBreaker } from "@batchbrake/core/control/BreakerCodec"
import type { Of } from "@batchbrake/core/control/ControlEvent"
import { type Recorded, recordRun } from "@batchbrake/core/program/recordRun"
import { reportOf } from "@batchbrake/core/sli/RunEvent"
import type { RecipeResult, RunReport } from "@batchbrake/core/sli/RunReport"
import { faultsOf } from "@batchbrake/core/sli/RunReportJson"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { EXIT, InputUnusable } from "../Failure.ts"
import { count, type Given, instant, refuse, required } from "../Given.ts"
import { faultsText, readText } from "../input.ts"
import { ecosystemOption, minutesOf, minutesOption, noticesJson, noticesText, runKeyOf } from "../order.ts"
import { settingOf } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const readResults = Effect.fn("readResults")(function* (world: World, stated: string) {
  const results = ResultLines.parse(yield* readText(world, "results", stated))
  if (Result.isSuccess(results)) return results.success
  return yield* new InputUnusable({
    code: "input-unreadable",
    message: `--results ${stated}: ${faultsText(results.failure)}; nothing was recorded`,
    path: results.failure[0]?.path ?? stated
  })
})

interface Reported {
  readonly event: Pick<Of<"RunCompleted">, "attempts" | "weighted" | "durationSeconds" | "minutes">
  /** Empty where only counts were given. */
  readonly results: ReadonlyArray<RecipeResult>
}

/** Refuses what no metrics store could keep, before anything is recorded. */
const keepable = Effect.fn("keepable")(function* (report: RunReport) {
  const faults = faultsOf(report)
  if (faults.length === 0) return
  return yield* new InputUnusable({
    code: "input-unreadable",
    message: `${faultsText(faults)}; nothing was recorded`,
    path: faults[0]?.path ?? ""
  })
})

/** Results line by line, or bare counts: one of the two. */
const reportedOf = Effect.fn("reportedOf")(function* (given: Given, world: World) {
  const stated = given.text("results")
  const passed = yield* count(given, "passed")
  const failed = yield* count(given, "failed")
  const skipped = yield* count(given, "skipped")
  const bare = passed !== undefined || failed !== undefined || skipped !== undefined
  if (stated === undefined) {
    if (passed === undefined || failed === undefined) {
      return yield* refuse("give --results FILE|-, or both --passed N and --failed N")
    }
    const attempts: Attempts = { failed, passed, skipped: skipped ?? 0 }
    return { event: { attempts }, results: [] } satisfies Reported as Reported
  }
  if (bare) return yield* refuse("--results and counts exclude each other: give one of the two")
  const { attempts, durationSeconds, minutes, results, weighted } = yield* readResults(world, stated)
  if (minutes !== undefined && given.texts("minutes").length > 0) {
    return yield* refuse(
      "--minutes and the job lines of --results exclude each other: the minutes of a run are stated once"
    )
  }
  const event = {
    attempts,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(weighted === undefined ? {} : { weighted })
  }
  return { event, results } satisfies Reported as Reported
})

const toText = (recorded: Recorded): ReadonlyArray<string> => {
  const { applied, attempts, breaker, ecosystem, notices } = recorded
  const counts = `${attempts.passed} passed, ${attempts.failed} failed, ${attempts.skipped} skipped`
  return [
    `${ecosystem}: ${applied ? "recorded" : "not applied"}: ${counts}; the breaker is ${breaker.state}`,
    ...noticesText(notices)
  ]
}

/** Loaded only when there is something to report: a start pays for what it loads. */
const toMetrics = Effect.fn("toMetrics")(function* (given: Given, world: World, report: RunReport) {
  if (given.flag("no-metrics")) return { handed: "off", notices: [] } as const
  const { reportToMetrics } = yield* Effect.promise(() => import("../afterRecord.ts"))
  return yield* reportToMetrics(given, world, report)
})

/** Everything but the reports themselves is said line by line. */
const OF_ONE_RUN = ["ecosystem", "run", "batch", "results", "passed", "failed", "skipped", "minutes", "started"]

const run = Effect.fn("record")(function* (given: Given, world: World) {
  if (given.text("reports") !== undefined) {
    const beside = OF_ONE_RUN.find((option) => given.text(option) !== undefined)
    if (beside !== undefined) return yield* refuse(`--reports says it line by line: leave --${beside} out`)
    const { recordAll } = yield* Effect.promise(() => import("../recordAll.ts"))
    return yield* recordAll(given, world)
  }
  if (given.text("jobs") !== undefined) return yield* refuse("--jobs goes with --reports: it measures a matrix")
  const ecosystems = given.texts("ecosystem")
  const [ecosystem] = ecosystems
  if (ecosystem === undefined || ecosystems.length > 1) return yield* refuse("record takes exactly one --ecosystem")
  const runKey = yield* runKeyOf(yield* required(given, "run", "the key of the run that reports; the gate printed it"))
  const { event: said, results } = yield* reportedOf(given, world)
  const minutes = yield* minutesOf(StatedMinutes.parse(given.texts("minutes")))
  const startedAt = yield* instant(given, "started")
  const batch = given.text("batch")
  const { at, author, nonce, policy, store } = yield* settingOf(given, world)
  const event: Of<"RunCompleted"> = {
    _tag: "RunCompleted",
    at,
    author,
    ecosystem,
    runKey,
    ...said,
    ...(batch === undefined ? {} : { batch }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(startedAt === undefined ? {} : { startedAt })
  }
  yield* keepable({ ...reportOf(event, undefined), results, startedAt })
  const recorded = yield* recordRun(policy, event, nonce).pipe(Effect.provide(store))
  const { handed, notices } = yield* toMetrics(given, world, { ...reportOf(event, recorded.claim), results })
  const told = { ...recorded, notices: [...recorded.notices, ...notices] }
  return {
    exitCode: EXIT.done,
    json: {
      applied: recorded.applied,
      attempts: { ...recorded.attempts },
      breaker: writeBreaker(recorded.breaker),
      ecosystem,
      event: recorded.event,
      metrics: handed,
      notices: noticesJson(told.notices)
    },
    text: toText(told)
  }
})

export const record: Verb = {
  description:
    "Settle a run: its attempts go to the breaker, its minutes to the budget. Recording the same again changes nothing. " +
    "A recipe's line is {recipe, status, platform?, category?, message?, duration_seconds?, weight?}.",
  examples: [
    "batchbrake record --ecosystem npm --run 4711-1-npm --results results.jsonl --minutes macos=12.5",
    "batchbrake record --ecosystem npm --run 4712-1-npm --passed 9 --failed 6 --minutes linux=7 --minutes linux=4"
  ],
  options: {
    batch: { help: "the batch that the run belongs to (default: its claim's)", type: "string", value: "ID" },
    ecosystem: ecosystemOption,
    failed: { help: "how many recipes failed", type: "string", value: "N" },
    jobs: {
      help: "whose jobs did the work: their minutes count where fewer are stated",
      type: "string",
      value: "RUN/ATTEMPT"
    },
    minutes: minutesOption,
    "no-metrics": { help: "leave the metrics store alone", type: "boolean" },
    passed: { help: "how many recipes passed", type: "string", value: "N" },
    reports: {
      help: "how several runs ended, a JSON line each: all of them in one commit",
      type: "string",
      value: "FILE|-"
    },
    results: {
      help: "JSON lines of recipes {recipe, status, …} and jobs {job, platform, duration_seconds}",
      type: "string",
      value: "FILE|-"
    },
    run: { help: "the run key", type: "string", value: "KEY" },
    skipped: { help: "how many recipes were skipped", type: "string", value: "N" },
    started: { help: "when the run started (default: its claim)", type: "string", value: "TIME" }
  },
  run,
  takesNames: false,
  usage:
    "(--ecosystem E --run KEY [--batch ID] (--results FILE|- | --passed N --failed N [--skipped N]) [--minutes macos=N]… [--started TIME] | --reports FILE|- [--jobs RUN/ATTEMPT]) [--no-metrics]"
}
