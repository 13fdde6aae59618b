import * as Effect from "effect/Effect"
import { type Decision, decide, hold, type Request } from "../control/Decision.ts"
import { ecosystemOf, type Policy } from "../policy/Policy.ts"
import { ControlStore } from "../port/ControlStore.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { UnexplainedEdit } from "./Failure.ts"
import { type Loaded, loadControl } from "./loadControl.ts"

/** A question to the gate about some ecosystems. */
export interface Question {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly requests: ReadonlyArray<Request>
}

/** The answer while an edit by hand is unexplained: everything is on hold. */
export const onHold = (loaded: Loaded, requests: ReadonlyArray<Request>, store: string): ReadonlyArray<Decision> => {
  const paths = (loaded.edit?.loosenings ?? []).map(({ path }) => path)
  const { message } = new UnexplainedEdit({ paths, store })
  return requests.map((request) => hold(request, [{ code: "unexplained-edit", message }]))
}

/** Whether somebody loosened the file by hand and nobody stood for it. */
export const isLoosened = (loaded: Loaded): boolean => (loaded.edit?.loosenings.length ?? 0) > 0

/** The ecosystems of some requests, each once; a name that the policy does not know has no ledger to read. */
export const knownTo = (policy: Policy, requests: ReadonlyArray<Request>): ReadonlyArray<string> => [
  ...new Set(requests.map(({ ecosystem }) => ecosystem).filter((name) => ecosystemOf(policy, name) !== undefined))
]

/** The decisions at an instant. Writes nothing. */
export const decideRuns = Effect.fn("decideRuns")(function* ({ at, policy, requests }: Question) {
  const store = yield* ControlStore
  const asked = requests.filter(({ runKey }) => runKey !== undefined)
  const loaded = yield* loadControl(knownTo(policy, asked), [])
  return isLoosened(loaded)
    ? onHold(loaded, requests, store.name)
    : requests.map((request) => decide(policy, loaded.control, request, at))
})
