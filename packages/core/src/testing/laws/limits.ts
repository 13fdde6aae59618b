/** What a limit that somebody asks for does to a decision, and what it never does. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { ControlEvent } from "../../control/ControlEvent.ts"
import { decide } from "../../control/Decision.ts"
import { reduce } from "../../control/Reducer.ts"
import { ask, type World } from "../WorldArbitrary.ts"
import { inTurn, isTrue, law, same, UNTRIED } from "./Law.ts"

interface Limited {
  readonly ecosystem: string
  readonly runKey: string | undefined
  readonly limit: number
  /** Another limit, with which the same is asked again. */
  readonly other: number
}

const size = fc.oneof(
  { arbitrary: fc.integer({ max: 4, min: 1 }), weight: 2 },
  { arbitrary: fc.integer({ max: 60, min: 1 }), weight: 1 }
)

const questions =
  (...keys: ReadonlyArray<string | undefined>) =>
  ({ ecosystems }: World): fc.Arbitrary<Limited> =>
    fc.record({
      ecosystem: fc.constantFrom(...ecosystems),
      limit: size,
      other: size,
      runKey: fc.constantFrom(...keys)
    })

const asClaim = ({ ecosystem, limit, runKey }: Limited, { now }: World): ReadonlyArray<ControlEvent> =>
  runKey === undefined ? [] : [{ _tag: "RunAdmitted", at: now, author: "ci", ecosystem, maxAttempts: limit, runKey }]

export const limited = law(
  {
    name: "limited",
    rules: ["LI1", "LI2"],
    says: "a decision is within the limit that was asked for, and is else the decision without one"
  },
  questions(undefined, "mine", "run-3"),
  asClaim,
  ({ control, now, policy }, { ecosystem, limit, runKey }) => {
    const free = decide(policy, control, ask(ecosystem, runKey), now)
    const told = decide(policy, control, { ...ask(ecosystem, runKey), limit }, now)
    // A probe's reason says how many attempts it has; the codes are what is decided by.
    const why = (reasons: typeof told.reasons): ReadonlyArray<string> =>
      reasons.map(({ code }) => code).filter((code) => code !== "limited")
    return inTurn(
      () => same("the decision", [told.decision, told.retryAt], [free.decision, free.retryAt]),
      () => same("the reasons", why(told.reasons), why(free.reasons)),
      () => same("the sampling and the grant", [told.sampling, told.grant], [free.sampling, free.grant]),
      () =>
        same(
          "its sizes",
          [told.batchSize, told.maxAttempts],
          [Math.min(free.batchSize, limit), Math.min(free.maxAttempts, limit)]
        ),
      () =>
        same(
          "the recipes to probe",
          told.admission?.probeRecipes,
          free.admission?.probeRecipes.slice(0, told.batchSize)
        ),
      () => (limit >= free.batchSize ? same("the whole decision", told, free) : isTrue("it is cut", true))
    )
  }
)

export const limitedGrant = law(
  {
    name: "limited grants",
    rules: ["LI1", "LI3"],
    says: "a limited claim is granted within its limit and remembers it; asked for again it is within both limits",
    speaksOf: "a claim that is admitted"
  },
  questions("new"),
  asClaim,
  (world, trial) => {
    const { control, now, policy } = world
    const { ecosystem, limit, other, runKey } = trial
    const told = decide(policy, control, { ...ask(ecosystem, runKey), limit }, now)
    const [claim] = asClaim(trial, world)
    const outcome = claim === undefined ? undefined : reduce(policy, control, claim)
    if (outcome === undefined || Result.isFailure(outcome)) return UNTRIED
    const again = (asked: { readonly limit?: number }) =>
      decide(policy, outcome.success.control, { ...ask(ecosystem, runKey), ...asked }, now)
    const { grant } = again({})
    return inTurn(
      () =>
        same(
          "the grant",
          [grant?.batchSize, grant?.maxAttempts, grant?.limit],
          [told.batchSize, told.maxAttempts, limit]
        ),
      () => isTrue("it is within its limit", told.maxAttempts <= limit && told.batchSize <= limit),
      () =>
        same(
          "what is answered under another limit",
          [again({ limit: other }).maxAttempts, again({ limit: other }).batchSize, again({ limit: other }).grant],
          [Math.min(told.maxAttempts, other), Math.min(told.batchSize, other), grant]
        )
    )
  }
)
