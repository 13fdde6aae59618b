import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { tally } from "../breaker/Attempts.ts"
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { Control } from "../control/Control.ts"
import { identityOf, type Of } from "../control/ControlEvent.ts"
import { breakerOf } from "../control/ControlFile.ts"
import type { Notice } from "../control/Notice.ts"
import { type Reduced, reduce } from "../control/Reducer.ts"
import type { Rejection } from "../control/Rejection.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Claim } from "../sli/RunEvent.ts"
import { commitEvents } from "./commitEvents.ts"
import { type Claims, claimIdentityOf, claimsIn, findClaims } from "./findClaims.ts"
import { type Draft, ORDINARY } from "./Order.ts"
import type { Origin } from "./operate.ts"

/** How a run ended: it reports, or gives its grant back. */
export type RunEnd = Of<"RunCompleted"> | Of<"RunAbandoned">

/** What came of one run's end: what the event did, or why it was refused. */
export interface EndedRun {
  /** The event's identity in the log. */
  readonly event: string
  readonly end: RunEnd
  readonly applied: boolean
  readonly attempts: { readonly passed: number; readonly failed: number; readonly skipped: number }
  /** As all runs of the report left it. */
  readonly breaker: BreakerState
  readonly notices: ReadonlyArray<Notice>
  /** `undefined`: it was not refused. */
  readonly rejection: Rejection | undefined
  /** The run's own claim; `undefined` for one that was never claimed, or so long ago that it is forgotten. */
  readonly claim: Claim | undefined
}

interface Answer {
  readonly refused: ReadonlyMap<RunEnd, Rejection>
  readonly claims: Claims
}

/** Leaves out what the newest state refuses: one run's mistake must not keep the others' results off the record. */
const draft = (policy: Policy, control: Control, ends: ReadonlyArray<RunEnd>): Draft<Answer> => {
  let state = control
  const events: Array<RunEnd> = []
  const refused = new Map<RunEnd, Rejection>()
  for (const end of ends) {
    const reduced = reduce(policy, state, end)
    if (Result.isSuccess(reduced)) {
      state = reduced.success.control
      events.push(end)
    } else {
      refused.set(end, reduced.failure)
    }
  }
  const completed = events.flatMap((event) => (event._tag === "RunCompleted" ? [event] : []))
  return { answer: { claims: claimsIn(control, completed), refused }, events }
}

const NAMED = 3

/** What moved, by name, and how many runs there were. */
const subject = (outcomes: ReadonlyArray<Reduced>): string => {
  const edges = outcomes
    .flatMap(({ notices }) => notices)
    .filter(({ code }) => code.startsWith("breaker-"))
    .map(({ message }) => message)
  const shown = [...edges.slice(0, NAMED), ...(edges.length > NAMED ? [`${edges.length - NAMED} more moved`] : [])]
  const counted = `${outcomes.length} ${outcomes.length === 1 ? "run" : "runs"} recorded`
  return [counted, ...shown].join("; ")
}

const NOTHING = { failed: 0, passed: 0, skipped: 0 }

/**
 * Records how any number of runs ended, in one control commit: a matrix of hundreds of jobs would else be hundreds of
 * writers. Each run is judged by itself, in the order given; one that is refused is answered so and leaves no trace.
 */
export const recordRuns = Effect.fn("recordRuns")(function* (origin: Origin, ends: ReadonlyArray<RunEnd>) {
  const { policy } = origin
  const { answer, control, outcomes } = yield* commitEvents<Answer>({
    ...origin,
    draft: (loaded) => Result.succeed(draft(policy, loaded.control, ends)),
    ecosystems: [...new Set(ends.map(({ ecosystem }) => ecosystem))],
    patience: ORDINARY,
    subject
  })
  const { refused } = answer
  const claims = yield* findClaims(answer.claims)
  const accepted = new Map(ends.filter((end) => !refused.has(end)).map((end, place) => [end, outcomes[place]]))
  return ends.map((end): EndedRun => {
    const outcome = accepted.get(end)
    return {
      applied: outcome?.applied ?? false,
      attempts: end._tag === "RunCompleted" ? tally(end.attempts) : NOTHING,
      breaker: breakerOf(control.file, end.ecosystem),
      claim: claims.get(claimIdentityOf(end)),
      end,
      event: identityOf(end),
      notices: outcome?.notices ?? [],
      rejection: refused.get(end)
    }
  })
})
