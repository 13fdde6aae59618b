import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { advance } from "../control/Control.ts"
import * as ControlLog from "../control/ControlLog.ts"
import { type Decision, decide, hold, type Request } from "../control/Decision.ts"
import * as Policy from "../policy/Policy.ts"
import { ControlStore } from "../port/ControlStore.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { UnexplainedEdit } from "./Failure.ts"
import { loadControl, policyPath } from "./loadControl.ts"

const plain = (ecosystem: string): Request => ({
  author: "",
  batch: undefined,
  candidates: [],
  claim: false,
  ecosystem,
  runKey: undefined
})

/** The state as it is at an instant, and what the gate would say of each ecosystem. */
export const readStatus = Effect.fn("readStatus")(function* (
  policy: Policy.Policy,
  at: EpochMillis,
  ecosystems: ReadonlyArray<string>
) {
  const store = yield* ControlStore
  const { control, edit, snapshot } = yield* loadControl([], [])
  const paths = (edit?.loosenings ?? []).map(({ path }) => path)
  const loosened = paths.length > 0 ? new UnexplainedEdit({ paths, store: store.name }).message : undefined
  const decisions = ecosystems.map(
    (ecosystem): Decision =>
      loosened === undefined
        ? decide(policy, control, plain(ecosystem), at)
        : hold(plain(ecosystem), [{ code: "unexplained-edit", message: loosened }])
  )
  const { file, notices } = advance(policy, control.file, at)
  return { decisions, edit, file, notices, version: snapshot.version }
})

/**
 * The policy that the newest event was reduced under, from the control branch: what a stop can fall back on where no
 * policy file is at hand. `none` where it is not there or cannot be read.
 */
export const adoptedPolicy = Effect.fn("adoptedPolicy")(function* () {
  const store = yield* ControlStore
  const head = yield* store.read({ directories: ["policies"], files: [] })
  const last = yield* store.findBack(head.version, ({ message }) => ControlLog.policyOf(message) !== undefined)
  const hash = Option.isSome(last) ? ControlLog.policyOf(last.value.message) : undefined
  const text = hash === undefined ? undefined : head.files.get(policyPath(hash))
  if (text === undefined) return Option.none<Policy.Policy>()
  return Result.getSuccess(Policy.parse(text))
})
