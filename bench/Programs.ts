/** Batchbrake's own programs, run in this process against a store. */
import { randomBytes } from "node:crypto"
import * as GitControlStore from "@batchbrake/adapters-git/GitControlStore"
import * as Policy from "@batchbrake/core/policy/Policy"
import type { ControlStore } from "@batchbrake/core/port/ControlStore"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { initControl } from "@batchbrake/core/program/initControl"
import { recordRun } from "@batchbrake/core/program/recordRun"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"

export const ECOSYSTEMS = ["homebrew", "npm", "crates.io", "rubygems", "pypi", "go"]

export const policy = ((): Policy.Policy => {
  const read = Policy.fromJson({
    ...Policy.starter(ECOSYSTEMS),
    budget: { caps: { linux: 1_000_000, macos: 1_000_000 } }
  })
  if (Result.isFailure(read)) throw new Error("the policy of the benches cannot be read")
  return read.success
})()

const nonce = (): string => randomBytes(12).toString("hex")

export interface Opened {
  readonly init: (at: number) => Promise<unknown>
  /** Admits one run and records it: two control commits. */
  readonly admitAndRecord: (ecosystem: string, runKey: string, at: number) => Promise<void>
  readonly close: () => Promise<void>
}

const admitAndRecord = Effect.fnUntraced(function* (ecosystem: string, runKey: string, at: number) {
  const run = { at, author: "bench", ecosystem, runKey }
  const request = { author: "bench", batch: undefined, candidates: [], claim: true, ecosystem, runKey }
  const [decision] = yield* admitRuns({ at, author: "bench", nonce: nonce(), policy, requests: [request] })
  if (decision?.decision !== "run") return yield* Effect.die(new Error(`the gate held ${runKey}`))
  const attempts = { failed: 1, passed: 9, skipped: 0 }
  yield* recordRun(policy, { ...run, _tag: "RunCompleted", attempts, minutes: { linux: 10, macos: 1 } }, nonce())
})

/** The store behind a clone's `origin`, or in the repository itself. */
export const open = (repository: string, where: "remote" | "local"): Opened => {
  const branch = policy.controlBranch
  const runtime: ManagedRuntime.ManagedRuntime<ControlStore, never> = ManagedRuntime.make(
    where === "local"
      ? GitControlStore.layerLocal({ branch, repository })
      : GitControlStore.layerRemote({ branch, remote: "origin", repository, timeoutMillis: 60_000 })
  )
  return {
    admitAndRecord: (ecosystem, runKey, at) => runtime.runPromise(admitAndRecord(ecosystem, runKey, at)),
    close: () => runtime.dispose(),
    init: (at) => runtime.runPromise(initControl({ at, author: "bench", nonce: nonce(), policy, published: undefined }))
  }
}
