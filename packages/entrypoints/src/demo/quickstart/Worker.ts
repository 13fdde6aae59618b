/** One of two machines that work at once: a clone, half of the ecosystems, and the gate before every batch. */
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import * as GitControlStore from "@batchbrake/adapters-git/GitControlStore"
import * as ResultLines from "@batchbrake/core/breaker/ResultLines"
import type { Decision } from "@batchbrake/core/control/Decision"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { ControlStore } from "@batchbrake/core/port/ControlStore"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { type Recorded, recordRun } from "@batchbrake/core/program/recordRun"
import { type EpochMillis, formatDate } from "@batchbrake/core/time/Instant"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { git } from "../Scratch.ts"
import * as Generator from "./Generator.ts"
import { RECIPES, WORK_MILLIS } from "./Plan.ts"

/** Writes to the control branch, over both workers. */
export interface Tally {
  /** Writes that another writer was faster than; each was read and reduced again. */
  conflicts: number
}

export interface Worker {
  readonly name: string
  readonly tree: string
  readonly upstream: string
  readonly ecosystems: ReadonlyArray<string>
  readonly store: ControlStore["Service"]
}

/** One ecosystem in one hour: what the gate said, and what came of it. */
export interface Turn {
  readonly hour: number
  readonly at: EpochMillis
  readonly ecosystem: string
  readonly decision: Decision
  readonly recorded: Recorded | undefined
  readonly minutes: Readonly<Record<string, number>>
}

const counting = (store: ControlStore["Service"], tally: Tally): ControlStore["Service"] => ({
  ...store,
  commit: (expected, change) =>
    store.commit(expected, change).pipe(
      Effect.tapError((failure) =>
        Effect.sync(() => {
          if (failure._tag === "VersionConflict") tally.conflicts++
        })
      )
    )
})

/** Clones the remote; the worker's control store reaches it as that clone does. */
export const openWorker = Effect.fnUntraced(function* (
  root: string,
  name: string,
  ecosystems: ReadonlyArray<string>,
  tally: Tally
) {
  const tree = join(root, name)
  const options = { branch: "batch-control", remote: "origin", repository: tree, timeoutMillis: 60_000 }
  const context = yield* Layer.build(GitControlStore.layerRemote(options))
  const store = counting(Context.get(context, ControlStore), tally)
  const worker: Worker = { ecosystems, name, store, tree, upstream: join(root, "upstream") }
  return worker
})

const countMinutes = (lines: ReadonlyArray<Generator.ResultLine>): Readonly<Record<string, number>> => {
  const on = (wanted: string): number => lines.filter(({ platform }) => platform === wanted).length
  return { linux: on("linux"), macos: on("macos") }
}

/** The recipes of a batch: what the gate chose for a probe, else as many as it allows, going on where the last one ended. */
const recipesOf = (decision: Decision, hour: number): ReadonlyArray<string> => {
  const chosen = decision.grant?.probeRecipes ?? []
  if (chosen.length > 0) return RECIPES.filter((name) => chosen.some((path) => path.endsWith(`/${name}.json`)))
  const start = (hour * decision.batchSize) % RECIPES.length
  return [...RECIPES.slice(start), ...RECIPES.slice(0, start)].slice(0, decision.batchSize)
}

/** Generates, validates and reports one batch. */
const work = Effect.fnUntraced(function* (
  worker: Worker,
  policy: Policy,
  decision: Decision,
  hour: number,
  at: EpochMillis
) {
  const { ecosystem } = decision
  const batch = `${formatDate(at)}-${String(hour + 1).padStart(3, "0")}`
  const paths = recipesOf(decision, hour).map((name) => Generator.generate(worker, ecosystem, name, hour))
  const lines = Generator.validate(worker, policy.sampling, decision.sampling, batch, paths)
  const results = ResultLines.parse(lines.map((line) => JSON.stringify(line)).join("\n"))
  if (Result.isFailure(results)) return yield* Effect.die(new Error("a report of ours cannot be read"))
  const minutes = countMinutes(lines)
  const { attempts, weighted } = results.success
  const recorded = yield* recordRun(
    policy,
    {
      _tag: "RunCompleted",
      at: at + WORK_MILLIS,
      attempts,
      author: worker.name,
      batch,
      ecosystem,
      minutes,
      runKey: decision.runKey ?? "",
      startedAt: at,
      ...(weighted === undefined ? {} : { weighted })
    },
    randomBytes(12).toString("hex")
  )
  return { minutes, recorded }
})

/** Asks for all ecosystems of the worker in one commit. */
export const claimHour = (worker: Worker, policy: Policy, hour: number, at: EpochMillis) =>
  admitRuns({
    at,
    author: worker.name,
    nonce: randomBytes(12).toString("hex"),
    policy,
    requests: worker.ecosystems.map((ecosystem) => ({
      author: worker.name,
      batch: undefined,
      candidates: RECIPES.map((name) => Generator.pathOf(ecosystem, name)),
      claim: true,
      ecosystem,
      runKey: `${worker.name}-${hour}-${ecosystem}`
    }))
  }).pipe(
    Effect.provideService(ControlStore, worker.store),
    Effect.map((decisions) => ({ decisions, worker }))
  )

/** Works on what the gate let through, one batch after the other, and commits the recipes. */
export const workHour = Effect.fnUntraced(function* (
  { decisions, worker }: Effect.Success<ReturnType<typeof claimHour>>,
  policy: Policy,
  hour: number,
  at: EpochMillis
) {
  const turns: Array<Turn> = []
  for (const decision of decisions) {
    const turn = { at, decision, ecosystem: decision.ecosystem, hour }
    const done =
      decision.decision === "hold"
        ? { minutes: {}, recorded: undefined }
        : yield* work(worker, policy, decision, hour, at).pipe(Effect.provideService(ControlStore, worker.store))
    turns.push({ ...turn, ...done })
  }
  if (turns.some(({ recorded }) => recorded !== undefined)) {
    git(worker.tree, "add", "recipes")
    git(worker.tree, "commit", "--quiet", "--allow-empty", "-m", `recipes of hour ${hour}`)
  }
  return turns
})
