import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Budget from "../budget/Budget.ts"
import { advance, type Control } from "../control/Control.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { type Decision, decide, hold, type Request } from "../control/Decision.ts"
import { type Reduced, reduce } from "../control/Reducer.ts"
import type { Policy } from "../policy/Policy.ts"
import { ControlStore } from "../port/ControlStore.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { commitEvents } from "./commitEvents.ts"
import { isLoosened, knownTo, onHold, type Question } from "./decideRuns.ts"
import { type Draft, ORDINARY } from "./Order.ts"

/** A claim on all ecosystems of the question that the gate lets run. */
export interface Admission extends Question {
  readonly author: string
  readonly nonce: string
}

const toEvent = (request: Request, decision: Decision, at: EpochMillis): ControlEvent | undefined =>
  decision.admission === undefined || request.runKey === undefined
    ? undefined
    : {
        _tag: "RunAdmitted",
        at,
        author: request.author,
        ecosystem: request.ecosystem,
        runKey: request.runKey,
        ...(request.batch === undefined ? {} : { batch: request.batch }),
        ...(request.limit === undefined ? {} : { maxAttempts: request.limit }),
        ...(decision.admission.probeRecipes.length === 0 ? {} : { probeRecipes: decision.admission.probeRecipes })
      }

/** Decides one request after the other, each on the state that the grants before it leave. */
const draft = ({ at, policy, requests }: Admission, control: Control): Draft<ReadonlyArray<Decision>> => {
  let state = control
  const events: Array<ControlEvent> = []
  const decisions: Array<Decision> = []
  for (const request of requests) {
    const decision = decide(policy, state, request, at)
    const event = toEvent(request, decision, at)
    const reduced = event === undefined ? undefined : reduce(policy, state, event)
    if (event === undefined || reduced === undefined) {
      decisions.push(decision)
    } else if (Result.isSuccess(reduced)) {
      state = reduced.success.control
      events.push(event)
      decisions.push(decision)
    } else {
      // What cannot be granted must not run, whatever the gate thought of it.
      const { code, message } = reduced.failure
      decisions.push(hold(request, [{ code, message }]))
    }
  }
  return { answer: decisions, events }
}

const subject = (_outcomes: ReadonlyArray<Reduced>, decisions: ReadonlyArray<Decision>): string => {
  const named = (kind: "run" | "probe"): string =>
    decisions
      .filter(({ admission }) => admission?.kind === kind)
      .map(({ ecosystem }) => ecosystem)
      .join(", ")
  return [
    ...(named("run") === "" ? [] : [`${named("run")}: admitted`]),
    ...(named("probe") === "" ? [] : [`${named("probe")}: probing`])
  ].join("; ")
}

/** The decision as its claimant reads it: with the grant that the claim came to. */
const withGrant = (policy: Policy, control: Control, decision: Decision, at: EpochMillis): Decision => {
  if (decision.admission === undefined || decision.runKey === undefined) return decision
  const { file } = advance(policy, control.file, at)
  return { ...decision, grant: Budget.grantOf(file.budget, decision.ecosystem, decision.runKey) }
}

/** Claims: every request that the gate lets run is granted in one commit. Each request must have a run key. */
export const admitRuns = Effect.fn("admitRuns")(function* (admission: Admission) {
  const store = yield* ControlStore
  const { at, author, nonce, policy, requests } = admission
  const ecosystems = knownTo(policy, requests)
  const committed = yield* commitEvents<ReadonlyArray<Decision>>({
    at,
    author,
    draft: (loaded) =>
      Result.succeed(
        isLoosened(loaded)
          ? { answer: onHold(loaded, requests, store.name), events: [] }
          : draft(admission, loaded.control)
      ),
    ecosystems,
    nonce,
    patience: ORDINARY,
    policy,
    // With nothing drafted nothing is written, so a loosened file is left alone and its holds are answered.
    standsFor: () => true,
    subject
  })
  return committed.answer.map((decision) => withGrant(policy, committed.control, decision, at))
})
