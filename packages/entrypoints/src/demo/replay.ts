/** `npm run replay -- FILE`: what Batchbrake would have done with attempts that another system recorded. */

import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as GitControlStore from "@batchbrake/adapters-git/GitControlStore"
import { isRun, parseRows, type Row, RULE } from "@batchbrake/core/forecast/RecordedRow"
import * as Fault from "@batchbrake/core/json/Fault"
import * as Policy from "@batchbrake/core/policy/Policy"
import { initControl } from "@batchbrake/core/program/initControl"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { linesOf, printReport, type Report, reportJson } from "./replay/Report.ts"
import { replayRows } from "./replay/replayRows.ts"
import { makeRepository, makeScratch } from "./Scratch.ts"

const HELP = `Usage: npm run replay -- FILE [--policy FILE] [--rows-per-commit N] [--json]

Feeds recorded attempts (JSON lines, one ecosystem in one run each) through the gate and the reducer at the times at
which they were made, keeps every event on a control branch in a scratch repository, and prints what Batchbrake did
beside what the recorded system did. A row that the gate holds is not recorded; its attempts count as refused.

  --policy FILE        a policy (default: every default, for the ecosystems of the file)
  --rows-per-commit N  rows in one control commit, 1 to 1000 (default 25)
  --json               one JSON document on stdout

How rows are read:
  ${RULE}`

class Unusable extends Data.TaggedError("Unusable")<{ readonly message: string }> {}

const unusable = (message: string): Effect.Effect<never, Unusable> => Effect.fail(new Unusable({ message }))

const readText = (path: string): Effect.Effect<string, Unusable> =>
  Effect.try({
    catch: (cause) =>
      new Unusable({ message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}` }),
    try: () => readFileSync(path, "utf8")
  })

const readRows = Effect.fnUntraced(function* (path: string) {
  const rows = parseRows(yield* readText(path))
  if (Result.isFailure(rows)) return yield* unusable(`${path}: ${Fault.print(rows.failure)}`)
  if (!rows.success.some(isRun)) return yield* unusable(`${path} holds no run that could be replayed`)
  return rows.success
})

const readPolicy = Effect.fnUntraced(function* (path: string | undefined, rows: ReadonlyArray<Row>) {
  const names = [...new Set(rows.filter(isRun).map(({ ecosystem }) => ecosystem))].sort()
  const policy = path === undefined ? Policy.fromJson(Policy.starter(names)) : Policy.parse(yield* readText(path))
  return Result.isFailure(policy)
    ? yield* unusable(`${path ?? "the default policy"}: ${Fault.printAll(policy.failure)}`)
    : policy.success
})

const countKnown = (rows: ReadonlyArray<Row>): Report["known"] => {
  const of = (known: Row["known"]): number => rows.filter((row) => row.known === known).length
  return {
    exact: of("exact"),
    inferred: of("inferred"),
    merged: of("merged"),
    nothing: of("nothing"),
    verdict: of("verdict")
  }
}

const replay = Effect.fnUntraced(function* (path: string, policyPath: string | undefined, rowsPerCommit: number) {
  const all = yield* readRows(path)
  const policy = yield* readPolicy(policyPath, all)
  const rows = all.filter(isRun)
  const [first, last] = [rows[0]?.at ?? 0, all.at(-1)?.at ?? 0]
  const scratch = makeScratch("replay")
  makeRepository(scratch, "replay")
  const started = performance.now()
  const { commits, played } = yield* initControl({
    at: first,
    author: "replay",
    nonce: "replay-0",
    policy,
    published: undefined
  }).pipe(
    Effect.andThen(replayRows(policy, rows, rowsPerCommit)),
    Effect.provide(GitControlStore.layerLocal({ branch: policy.controlBranch, repository: scratch }))
  )
  const report: Report = {
    commits,
    file: path,
    first,
    known: countKnown(rows),
    last,
    leftOut: all.length - rows.length,
    lines: linesOf(all, played, last),
    policy: policyPath ?? "defaults for the ecosystems of the file",
    rows: all.length,
    rowsPerCommit,
    scratch,
    seconds: (performance.now() - started) / 1000
  }
  return report
})

const readArguments = Effect.try({
  catch: (cause) => new Unusable({ message: cause instanceof Error ? cause.message : String(cause) }),
  try: () =>
    parseArgs({
      allowPositionals: true,
      options: {
        help: { short: "h", type: "boolean" },
        json: { type: "boolean" },
        policy: { type: "string" },
        "rows-per-commit": { type: "string" }
      }
    })
})

const main = Effect.gen(function* () {
  const { positionals, values } = yield* readArguments
  if (values.help === true) return HELP
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) return yield* unusable("name exactly one FILE; --help says which")
  const rowsPerCommit = Number(values["rows-per-commit"] ?? "25")
  if (!Number.isInteger(rowsPerCommit) || rowsPerCommit < 1 || rowsPerCommit > 1000) {
    return yield* unusable("--rows-per-commit: expected a whole number from 1 to 1000")
  }
  const report = yield* replay(path, values.policy, rowsPerCommit)
  return values.json === true ? JSON.stringify(reportJson(report), null, 2) : printReport(report)
})

NodeRuntime.runMain(
  Effect.match(main, {
    onFailure: ({ message }) => {
      console.error(`replay: ${message}`)
      process.exitCode = 2
    },
    onSuccess: (text) => console.log(text)
  })
)
