/** Open batches, judged: what `batch judge` says, and `pause --judge` behind the stop. Loaded only where it is asked for. */
import {
  type BatchesJudged,
  type BatchJudged,
  type Judging,
  judgeBatches,
  type LookFailure,
  refuseBatches
} from "@batchbrake/core/program/judgeBatches"
import type { Origin } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { EXIT, errorOf, type Failure, InputUnusable, report } from "./Failure.ts"
import { forgeOf } from "./forge.ts"
import type { Given } from "./Given.ts"
import type { Cell, Line } from "./Page.ts"
import { settingOfStop } from "./Setting.ts"
import { storeOf } from "./store.ts"
import type { Report } from "./Verb.ts"
import type { World } from "./World.ts"

type Judged = BatchesJudged<LookFailure | Failure>

const reasonsOf = ({ reasons }: BatchJudged): string => reasons.map(({ message }) => message).join("; ")
const failuresOf = ({ failures }: BatchJudged): string => failures.map((failure) => errorOf(failure).message).join("; ")

/** What a look for what is red finds fit to land says nothing: its check stays as it is. */
const verdictNameOf = ({ isGreen, isSaid }: BatchJudged) => (isSaid ? (isGreen ? "green" : "red") : "unchanged")
const verdictOf = (judged: BatchJudged): Cell => {
  const text = verdictNameOf(judged)
  return text === "unchanged" ? { text } : { colour: text, text }
}

const toText = ({ failure, judged }: Judged, batches: ReadonlyArray<string>): ReadonlyArray<Line> => {
  const without = batches.filter((id) => judged.every(({ batch }) => batch !== id))
  const rows = judged.map((one) => [
    String(one.number),
    one.batch,
    verdictOf(one),
    one.autoMergeDisabled ? "taken back" : "-",
    reasonsOf(one)
  ])
  const failed = judged.filter(({ failures }) => failures.length > 0)
  return [
    ...(rows.length === 0 ? [] : [{ head: ["PULL REQUEST", "BATCH", "CHECK", "AUTO-MERGE", "WHY"], rows }]),
    ...(judged.length === 0 && without.length === 0 ? ["no batch has an open pull request"] : []),
    ...without.map((id) => `${id}: no open pull request`),
    ...failed.map((one) => `  failed: ${one.batch}, pull request ${one.number}: ${failuresOf(one)}`),
    ...(failure === undefined ? [] : [`  failed: ${errorOf(failure).message}; so nothing is said green`])
  ]
}

const NEED = "a judgement needs a token with statuses, pull_requests and contents: write"

const rowOf = (judged: BatchJudged) => ({
  address: judged.address,
  auto_merge_disabled: judged.autoMergeDisabled,
  batch: judged.batch,
  head: judged.head,
  number: judged.number,
  reasons: judged.reasons.map(({ code, message }) => ({ code, message })),
  verdict: verdictNameOf(judged),
  ...(judged.failures.length === 0 ? {} : { errors: judged.failures.map((failure) => ({ ...errorOf(failure) })) })
})

/** The first thing that went wrong: the control branch's, since it makes all red, else the forge's. */
const wrongWith = ({ failure, judged }: Judged): Failure | undefined =>
  failure ?? judged.flatMap(({ failures }) => failures)[0]

const reported = (judged: Judged, batches: ReadonlyArray<string>): Report => {
  const wrong = wrongWith(judged)
  return {
    exitCode: wrong === undefined ? EXIT.done : report(wrong).exitCode,
    json: { batches: judged.judged.map(rowOf), ...(wrong === undefined ? {} : { error: { ...errorOf(wrong) } }) },
    text: toText(judged, batches)
  }
}

/** By a policy that is known; an error is in the report, unless nothing at all could be asked of the forge. */
const judgeBy = Effect.fn("judgeBy")(function* (given: Given, world: World, question: Judging) {
  const forge = yield* forgeOf(given, world, NEED)
  const { policy } = question
  const judged = yield* judgeBatches(question).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch)),
    Effect.provide(forge)
  )
  return reported(judged, question.batches)
})

/** What a check is said by a policy that cannot be read: nothing is known, so nothing is green. */
const isAboutPolicy = (failure: Failure): boolean =>
  failure._tag !== "InputUnusable" || failure.code === "policy-unreadable"

/** `batch judge`. */
export const judge = Effect.fn("judge")(function* (given: Given, world: World, batches: ReadonlyArray<string>) {
  const setting = yield* Effect.result(settingOfStop(given, world))
  if (Result.isSuccess(setting)) {
    const { at, policy } = setting.success
    return yield* judgeBy(given, world, { at, batches, policy, redOnly: given.flag("red-only") })
  }
  if (!isAboutPolicy(setting.failure)) return yield* setting.failure
  const forge = yield* forgeOf(given, world, NEED)
  return reported(yield* refuseBatches<Failure>(batches, setting.failure).pipe(Effect.provide(forge)), batches)
})

/**
 * Behind a stop that stands: what the forge does not do is added to its report and changes nothing of it. All open
 * batches are looked at, whatever the stop names, and none is said green: that is for who resumes.
 */
export const judgeAfter = Effect.fn("judgeAfter")(function* (
  given: Given,
  world: World,
  { at, policy }: Pick<Origin, "at" | "policy">,
  done: Report
) {
  const judged = yield* judgeBy(given, world, { at, batches: [], policy, redOnly: true }).pipe(
    Effect.catchDefect((defect) => Effect.fail(new InputUnusable({ code: "internal", message: String(defect) }))),
    Effect.result
  )
  if (Result.isSuccess(judged)) {
    const { exitCode, json, text } = judged.success
    const more: Report = { exitCode, json: { ...done.json, ...json }, text: [...done.text, ...text] }
    return more
  }
  const error = errorOf(judged.failure)
  const failed: Report = {
    exitCode: EXIT.unreachable,
    json: { ...done.json, batches: [], error: { ...error } },
    text: [...done.text, `  failed: no open batch was judged: ${error.message}; the order above stands`]
  }
  return failed
})
