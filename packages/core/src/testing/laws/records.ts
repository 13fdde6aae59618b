/** What is written down is all there is. */
import * as Result from "effect/Result"
import * as Minutes from "../../budget/Minutes.ts"
import * as ControlCodec from "../../control/ControlCodec.ts"
import type { ControlFile } from "../../control/ControlFile.ts"
import * as ControlLog from "../../control/ControlLog.ts"
import { reduce } from "../../control/Reducer.ts"
import * as Sha256 from "../../hash/Sha256.ts"
import * as Policy from "../../policy/Policy.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { printed } from "../WorldArbitrary.ts"
import { all, fold, HELD, inTurn, law, next, nothing, same } from "./Law.ts"

/** As every file has them: macOS and Linux minutes are written even when there are none. */
const PUBLISHED: Minutes.Minutes = { linux: 0, macos: 0 }

const asWritten = (file: ControlFile): ControlFile => ({
  ...file,
  budget: { ...file.budget, used: Minutes.add(PUBLISHED, file.budget.used) }
})

export const roundTrip = law(
  {
    name: "round trip",
    rules: ["CF1", "PO1"],
    says: "a control file, and the policy's normal form, read back as what was written, unknown fields included"
  },
  () => nothing,
  () => [],
  ({ control: { file }, policy }) =>
    inTurn(
      () =>
        Result.match(ControlCodec.decode(ControlCodec.encode(file)), {
          onFailure: (faults) => same("what is wrong with the file", faults, []),
          onSuccess: (read) => same("the file", read, asWritten(file))
        }),
      () =>
        Result.match(Policy.fromJson(policy.normal), {
          onFailure: (faults) => same("what is wrong with the policy", faults, []),
          onSuccess: (read) => same("the policy", read.normal, policy.normal)
        })
    )
)

export const replay = law(
  {
    name: "replay",
    rules: ["EV8"],
    says: "folding the log gives the file, each event read back from the message of its commit"
  },
  ({ ecosystems, now }) => EventArbitrary.history(ecosystems, now, 25),
  (events) => events,
  ({ control, policy }, events) => {
    const messages: Array<string> = []
    let state = control
    for (const event of events) {
      const outcome = reduce(policy, state, event)
      if (Result.isFailure(outcome) || outcome.success.identity === undefined) continue
      state = outcome.success.control
      const digest = Sha256.hex(ControlCodec.encode(state.file))
      messages.push(ControlLog.render(event._tag, { control: digest, events: [event], nonce: "n", policy: "p" }))
    }
    let replayed = control
    const read = all([
      HELD,
      ...messages.map((message) =>
        Result.match(ControlLog.parse(message), {
          onFailure: (fault) => same("what is wrong with a message", fault, ""),
          onSuccess: (entry) => {
            replayed = entry.events.reduce((folded, event) => next(policy, folded, event), replayed)
            return same("the digest of the file", Sha256.hex(ControlCodec.encode(replayed.file)), entry.control)
          }
        })
      )
    ])
    return inTurn(
      () => read,
      () => same("the state after the fold", printed(replayed), printed(fold(policy, control, events)))
    )
  }
)
