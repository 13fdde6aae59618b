/** An event has one outcome, and has it once. */
import * as Result from "effect/Result"
import * as ControlCodec from "../../control/ControlCodec.ts"
import * as Event from "../../control/ControlEvent.ts"
import { reduce } from "../../control/Reducer.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { printed } from "../WorldArbitrary.ts"
import { after, all, HELD, inTurn, isTrue, law, type Outcome, same, UNTRIED, type Verdict } from "./Law.ts"

const show = (outcome: Outcome): string =>
  Result.isSuccess(outcome)
    ? JSON.stringify({ ...outcome.success, control: printed(outcome.success.control) })
    : JSON.stringify(outcome.failure)

export const determinate = law(
  {
    name: "determinate",
    rules: ["EV1"],
    says: "any event on any state has one outcome, changes its input nowhere, and leaves a file that can be read"
  },
  ({ ecosystems, now }) => EventArbitrary.event(ecosystems, now),
  (event) => [event],
  ({ control, policy }, event) => {
    const before = printed(control)
    const asJson = JSON.stringify(Event.toJson(event))
    const outcome = reduce(policy, control, event, "n")
    const text = ControlCodec.encode(after(control, outcome).file)
    return inTurn(
      () => same("the second outcome", show(reduce(policy, control, event, "n")), show(outcome)),
      () => same("the state that was given", printed(control), before),
      () => same("the event that was given", JSON.stringify(Event.toJson(event)), asJson),
      () =>
        Result.match(ControlCodec.decode(text), {
          onFailure: (faults) => same("what is wrong with the file", faults, []),
          onSuccess: (read) => same("the file read and written again", ControlCodec.encode(read), text)
        })
    )
  }
)

export const rejecting = law(
  {
    name: "rejecting",
    rules: ["EV10"],
    says: "what is rejected has changed nothing, and says why in one line",
    speaksOf: "an event that is rejected"
  },
  ({ ecosystems, now }) => EventArbitrary.event(ecosystems, now),
  (event) => [event],
  ({ control, policy }, event) => {
    const before = printed(control)
    const outcome = reduce(policy, control, event)
    if (Result.isSuccess(outcome)) return UNTRIED
    const { message } = outcome.failure
    return inTurn(
      () => same("the state", printed(control), before),
      () => isTrue(`${JSON.stringify(message)} says why in one line`, message.length > 10 && !message.includes("\n"))
    )
  }
)

export const idempotent = law(
  {
    name: "idempotent",
    rules: ["EV2"],
    says: "an event that comes again changes nothing and is answered as not applied",
    speaksOf: "an event that is not rejected"
  },
  ({ ecosystems, now }) => EventArbitrary.history(ecosystems, now, 25),
  (events) => events,
  ({ control, policy }, events) => {
    let state = control
    const once = (event: Event.ControlEvent): Verdict => {
      const first = reduce(policy, state, event)
      state = after(state, first)
      if (Result.isFailure(first)) return UNTRIED
      const again = reduce(policy, state, event)
      if (Result.isFailure(again)) return same("the second answer", again.failure, "not applied")
      const { applied, control: standing, identity, notices } = again.success
      const isKnown = first.success.identity !== undefined || first.success.notices[0]?.code === "duplicate"
      return inTurn(
        () => same("whether it was applied again", applied, false),
        () => isTrue("the second one leaves no trace", identity === undefined),
        () => same("the state after the second one", printed(standing), printed(state)),
        () => same("whether it is noticed as a duplicate", notices[0]?.code === "duplicate", isKnown)
      )
    }
    return events.length === 0 ? HELD : all(events.map(once))
  }
)

/** What is written and read between any two events makes no difference. */
export const rereading = law(
  {
    name: "rereading",
    rules: ["EV1"],
    says: "a state whose file is written and read after every event goes on like the state that was not"
  },
  ({ ecosystems, now }) => EventArbitrary.history(ecosystems, now, 25),
  (events) => events,
  ({ control, policy }, events) => {
    let [kept, stored] = [control, control]
    for (const event of events) {
      kept = after(kept, reduce(policy, kept, event))
      const written = after(stored, reduce(policy, stored, event))
      const read = ControlCodec.decode(ControlCodec.encode(written.file))
      if (Result.isFailure(read)) return same("what is wrong with the file", read.failure, [])
      stored = { ...written, file: read.success }
    }
    return same("the state that was read each time", printed(stored), printed(kept))
  }
)
