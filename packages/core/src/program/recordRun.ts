import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { tally } from "../breaker/Attempts.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { Of } from "../control/ControlEvent.ts"
import { identityOf } from "../control/ControlEvent.ts"
import { breakerOf } from "../control/ControlFile.ts"
import type { Notice } from "../control/Notice.ts"
import type { Reduced } from "../control/Reducer.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Claim } from "../sli/RunEvent.ts"
import { commitEvents } from "./commitEvents.ts"
import { type Claims, claimIdentityOf, claimsIn, findClaims } from "./findClaims.ts"
import { ORDINARY } from "./Order.ts"

/** What came of a report. */
export interface Recorded {
  /** The event's identity in the log. */
  readonly event: string
  readonly applied: boolean
  readonly ecosystem: string
  readonly attempts: { readonly passed: number; readonly failed: number; readonly skipped: number }
  readonly breaker: BreakerState
  readonly notices: ReadonlyArray<Notice>
  /** The run's own claim; `undefined` for one that was never claimed, or so long ago that it is forgotten. */
  readonly claim: Claim | undefined
}

const SPOKEN = ["breaker-opened", "breaker-reopened", "breaker-closed", "fenced", "not-admitted", "vacuous"]

/** `npm: tripped, 4 of 10 passed; open until …`, or what the run reported where nothing moved. */
const subjectOf =
  (event: Of<"RunCompleted">) =>
  (outcomes: ReadonlyArray<Reduced>): string => {
    const { failed, passed } = tally(event.attempts)
    const spoken = outcomes.flatMap(({ notices }) => notices).find(({ code }) => SPOKEN.includes(code))
    return spoken?.message ?? `${event.ecosystem}: ${passed} of ${passed + failed} passed`
  }

/** Records a run's report. Reporting the same again is answered and changes nothing. */
export const recordRun = Effect.fn("recordRun")(function* (policy: Policy, event: Of<"RunCompleted">, nonce: string) {
  const { answer, control, outcomes } = yield* commitEvents<Claims>({
    at: event.at,
    author: event.author,
    draft: (loaded) => Result.succeed({ answer: claimsIn(loaded.control, [event]), events: [event] }),
    ecosystems: [event.ecosystem],
    nonce,
    patience: ORDINARY,
    policy,
    subject: subjectOf(event)
  })
  const recorded: Recorded = {
    applied: outcomes.every(({ applied }) => applied),
    attempts: tally(event.attempts),
    breaker: breakerOf(control.file, event.ecosystem),
    claim: (yield* findClaims(answer)).get(claimIdentityOf(event)),
    ecosystem: event.ecosystem,
    event: identityOf(event),
    notices: outcomes.flatMap(({ notices }) => notices)
  }
  return recorded
})
