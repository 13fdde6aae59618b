import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Minutes } from "../budget/Minutes.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { notice } from "../control/Notice.ts"
import { commitEvents } from "./commitEvents.ts"
import { ORDINARY } from "./Order.ts"
import type { Done, Origin } from "./operate.ts"

/** Which grants are given back: a run key's, in every ecosystem of the policy or in the named ones. */
export interface Abandonment {
  readonly runKey: string
  readonly ecosystems: ReadonlyArray<string>
  /** Minutes used all the same; those of platforms that are not named were not used. */
  readonly minutes: Minutes | undefined
}

/** Gives a run's grants back. Where it has none (any more) nothing is written, and that is no failure. */
export const abandonRun = Effect.fn("abandonRun")(function* (origin: Origin, abandonment: Abandonment) {
  const { at, author } = origin
  const { minutes, runKey } = abandonment
  const event = (ecosystem: string): ControlEvent => ({
    _tag: "RunAbandoned",
    at,
    author,
    ecosystem,
    runKey,
    ...(minutes === undefined ? {} : { minutes })
  })
  const { outcomes } = yield* commitEvents<undefined>({
    ...origin,
    draft: ({ control }) => {
      const held = control.file.budget.reservations
        .filter((grant) => grant.runKey === runKey)
        .map((grant) => grant.ecosystem)
      const named = abandonment.ecosystems.length > 0 ? abandonment.ecosystems : held
      return Result.succeed({ answer: undefined, events: named.map(event) })
    },
    // Which ledgers that takes shows when the file is read: a grant may be of an ecosystem that the policy has dropped.
    ecosystems: abandonment.ecosystems,
    patience: ORDINARY,
    subject: () => `${runKey}: grant given back`
  })
  const done: Done = {
    applied: outcomes.some(({ applied }) => applied),
    notices:
      outcomes.length > 0
        ? outcomes.flatMap(({ notices }) => notices)
        : [notice("no-grant", "info", `${runKey} holds no grant: nothing to give back`)]
  }
  return done
})
