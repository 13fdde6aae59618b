/** What is stopped, and what nobody knows, holds. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { ControlEvent, Of } from "../../control/ControlEvent.ts"
import { decide } from "../../control/Decision.ts"
import { EVERYTHING } from "../../control/Pause.ts"
import { reduce } from "../../control/Reducer.ts"
import * as Policy from "../../policy/Policy.ts"
import { DAY } from "../../time/Instant.ts"
import { ask } from "../WorldArbitrary.ts"
import { inTurn, isTrue, law, next, same } from "./Law.ts"

const codes = ({ reasons }: ReturnType<typeof decide>): ReadonlyArray<string> => reasons.map(({ code }) => code)

export const unknownHolds = law(
  {
    name: "unknown holds",
    rules: ["DE2", "EV12"],
    says: "an ecosystem that the policy does not know is on hold, whatever the file says of it"
  },
  ({ ecosystems }) =>
    fc.constantFrom("nobody-knows", "forgotten", "tostring").filter((name) => !ecosystems.includes(name)),
  (ecosystem, { now }) => [{ _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey: "new" }],
  ({ control, now, policy }, ecosystem) => {
    const decision = decide(policy, control, ask(ecosystem, "new"), now)
    const claim: ControlEvent = { _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey: "new" }
    const outcome = reduce(policy, control, claim)
    return inTurn(
      () => same("the decision", [decision.decision, codes(decision)], ["hold", ["unknown-ecosystem"]]),
      () => same("what the reducer says", Result.isFailure(outcome) && outcome.failure.code, "unknown-ecosystem")
    )
  }
)

interface Stop {
  readonly ecosystem: string
  readonly later: number
  readonly pause: Of<"Paused">
}

export const pausedHolds = law(
  {
    name: "paused holds",
    rules: ["PA1", "PA2"],
    says: "a pause holds its scope and admits no claim until it is lifted, or to the millisecond until it ends by itself"
  },
  ({ ecosystems, now }) =>
    fc
      .record({
        autoResume: fc.boolean(),
        ecosystem: fc.constantFrom(...ecosystems),
        everything: fc.boolean(),
        later: fc.integer({ max: 30 * DAY, min: 1 })
      })
      .map(
        ({ autoResume, ecosystem, everything, later }): Stop => ({
          ecosystem,
          later,
          pause: {
            _tag: "Paused",
            at: now,
            author: "ops",
            autoResume,
            expectedResume: now + later,
            id: "pause",
            reason: "r",
            scope: everything ? EVERYTHING : ecosystem
          }
        })
      ),
  ({ pause }) => [pause],
  ({ control, now, policy }, { ecosystem, later, pause }) => {
    const lifting = { _tag: "Resumed", at: now, author: "ops", id: "lift", scope: "everything" } as const
    const free = next(policy, control, lifting)
    const paused = next(policy, free, pause)
    const isPaused = (at: number): boolean =>
      codes(decide(policy, paused, ask(ecosystem, "new"), at)).includes("paused")
    const claim: ControlEvent = { _tag: "RunAdmitted", at: now + later - 1, author: "ci", ecosystem, runKey: "new" }
    return inTurn(
      () =>
        isTrue(
          "it holds from its first instant to the last before its end",
          isPaused(now) && isPaused(now + later - 1)
        ),
      () => isTrue("no claim is admitted under it", Result.isFailure(reduce(policy, paused, claim))),
      () => same("whether it holds at its end", isPaused(now + later), !pause.autoResume),
      () =>
        same(
          "what holds once it is lifted",
          codes(decide(policy, next(policy, paused, { ...lifting, id: "again" }), ask(ecosystem, "new"), now)).includes(
            "paused"
          ),
          false
        ),
      () => isTrue("the policy knows the ecosystem", Policy.ecosystemOf(policy, ecosystem) !== undefined)
    )
  }
)
