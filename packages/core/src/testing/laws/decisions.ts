/** What the gate says, and what becomes of it. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { ControlEvent } from "../../control/ControlEvent.ts"
import { decide } from "../../control/Decision.ts"
import { reduce } from "../../control/Reducer.ts"
import { ask, printed, type World } from "../WorldArbitrary.ts"
import { inTurn, isTrue, law, same, UNTRIED } from "./Law.ts"
import { inItsWeek } from "./live.ts"

interface Question {
  readonly ecosystem: string
  readonly runKey: string | undefined
}

const questions = ({ ecosystems }: World): fc.Arbitrary<Question> =>
  fc.record({
    ecosystem: fc.constantFrom(...ecosystems),
    runKey: fc.option(fc.constantFrom("mine", "run-3"), { nil: undefined })
  })

const asClaim = ({ ecosystem, runKey }: Question, { now }: World): ReadonlyArray<ControlEvent> =>
  runKey === undefined ? [] : [{ _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey }]

export const explained = law(
  {
    name: "explained",
    rules: ["DE1"],
    says: "a decision changes nothing, has a reason, and grants nothing while it holds"
  },
  questions,
  asClaim,
  ({ control, now, policy }, { ecosystem, runKey }) => {
    const before = printed(control)
    const { admission, batchSize, decision, grant, maxAttempts, reasons, retryAt, sampling } = decide(
      policy,
      control,
      ask(ecosystem, runKey),
      now
    )
    const isPlain = ({ code, message }: { readonly code: string; readonly message: string }): boolean =>
      /^[a-z-]+$/.test(code) && message !== "" && !/[\n\r\u2028\u0085]/.test(message)
    return inTurn(
      () => same("the state", printed(control), before),
      () => isTrue("it has reasons, each a code and a line", reasons.length > 0 && reasons.every(isPlain)),
      () =>
        isTrue(
          "each rate is a part of one",
          Object.values(sampling).every((rate) => rate >= 0 && rate <= 1)
        ),
      () =>
        decision === "hold"
          ? same("what a hold grants", [admission, batchSize, grant, maxAttempts], [undefined, 0, undefined, 0])
          : isTrue(
              "it has room for an attempt, names no time, and is one of a grant and an admission",
              batchSize >= 1 &&
                maxAttempts >= 1 &&
                retryAt === undefined &&
                (grant === undefined) !== (admission === undefined)
            )
    )
  }
)

export const granted = law(
  {
    name: "granted",
    rules: ["DE1"],
    says: "what a claim is told, the reducer grants, and what it holds, the reducer rejects"
  },
  ({ ecosystems }) => fc.record({ ecosystem: fc.constantFrom(...ecosystems), runKey: fc.constant("new") }),
  asClaim,
  ({ control, now, policy }, { ecosystem, runKey }) => {
    const told = decide(policy, control, ask(ecosystem, runKey), now)
    const outcome = reduce(policy, control, { _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey })
    if (Result.isFailure(outcome)) {
      return inTurn(
        () => same("the decision", told.decision, "hold"),
        () => same("why it was rejected", outcome.failure.code, "held"),
        () => same("the reasons of the rejection", outcome.failure.reasons, told.reasons)
      )
    }
    const again = decide(policy, outcome.success.control, ask(ecosystem, runKey), now)
    return same(
      "what the claimant is told again",
      [again.decision, again.batchSize, again.grant?.batchSize, again.grant?.maxAttempts],
      [told.decision, told.batchSize, told.batchSize, told.maxAttempts]
    )
  }
)

export const retrying = law(
  {
    name: "retrying",
    rules: ["DE7"],
    says: "a hold that time alone will end says when: then it is gone, and a millisecond before it is not",
    speaksOf: "a hold that time alone will end"
  },
  questions,
  asClaim,
  (world, { ecosystem, runKey }) => {
    const { now, policy } = world
    const control = inItsWeek(world)
    const { decision, retryAt } = decide(policy, control, ask(ecosystem, runKey), now)
    if (decision !== "hold" || retryAt === undefined) return UNTRIED
    const then = decide(policy, control, ask(ecosystem, runKey), retryAt)
    const early = decide(policy, control, ask(ecosystem, runKey), retryAt - 1)
    return inTurn(
      () => isTrue("it is later than now", retryAt > now),
      () =>
        isTrue(
          `nothing holds at that time but a used key: ${JSON.stringify(then.reasons)}`,
          then.decision !== "hold" || then.reasons.some(({ code }) => code === "key-used")
        ),
      () => same("the decision a millisecond before", early.decision, "hold")
    )
  }
)
