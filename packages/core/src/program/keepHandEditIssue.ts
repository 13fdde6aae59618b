import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Alert from "../sli/Alert.ts"
import { type HandEdit, handEditSignal } from "../sli/controlSignals.ts"
import * as IssuePlan from "../sli/IssuePlan.ts"
import type { Condition } from "../sli/Signal.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { keepIssues, nothingKept, openIssues } from "./keepIssues.ts"

const HAND_EDIT: ReadonlyArray<Condition> = ["hand-edit"]

/**
 * Keeps the one issue of edits by hand, by what was read of the control branch just now. It is the issue of the alert of
 * that name: whoever looks first opens it, and whoever finds the edit explained closes it.
 */
export const keepHandEditIssue = Effect.fn("keepHandEditIssue")(function* (
  seen: { readonly edit: HandEdit; readonly paths: ReadonlyArray<string> },
  at: EpochMillis,
  label: string
) {
  const opened = yield* openIssues(label)
  if (Result.isFailure(opened)) return nothingKept([], opened.failure)
  const before = IssuePlan.remembered(opened.success, at).filter(({ condition }) => HAND_EDIT.includes(condition))
  const signals = [handEditSignal(seen.edit, seen.paths)]
  const { alerts } = Alert.step(before, { at, signals, unread: [] })
  const scene = { about: HAND_EDIT, alerts, at, lastLookAt: undefined, unread: [] }
  return yield* keepIssues(scene, label, opened.success)
})
