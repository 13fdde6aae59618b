/** States that real events led to, and the logs that they leave: what a control branch can look like under a policy. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Control from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import { reduce } from "../control/Reducer.ts"
import * as Sha256 from "../hash/Sha256.ts"
import type { Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as EventArbitrary from "./EventArbitrary.ts"
import * as InstantArbitrary from "./InstantArbitrary.ts"
import * as JobArbitrary from "./JobArbitrary.ts"
import { play } from "./VirtualWorld.ts"
import { namesOf, readable, type World } from "./WorldArbitrary.ts"

const begin = (at: EpochMillis): ControlEvent => ({ _tag: "Initialised", at, author: "ops", id: "begin" })

/** What was applied of a sequence of events, and where it ends. */
const applied = (policy: Policy, events: ReadonlyArray<ControlEvent>): Pick<World, "control" | "now" | "past"> => {
  const past: Array<ControlEvent> = []
  let control = Control.initial
  let now = 0
  for (const event of events) {
    now = Math.max(now, event.at)
    const outcome = reduce(policy, control, event)
    if (Result.isFailure(outcome) || outcome.success.identity === undefined) continue
    control = outcome.success.control
    past.push(event)
  }
  return { control, now, past }
}

/** What could have happened: a history as people and runs make it, or a world of concurrent jobs, played out. */
const happenings = (policy: Policy, from: EpochMillis): fc.Arbitrary<ReadonlyArray<ControlEvent>> => {
  const ecosystems = namesOf(policy)
  return fc.oneof(
    EventArbitrary.history(ecosystems, from, 30),
    JobArbitrary.jobs(ecosystems).map((jobs) => play(policy, from, jobs).happened.map(({ event }) => event))
  )
}

/** A world that events led to under a policy, with those events as its past. */
export const reached = (policy: Policy): fc.Arbitrary<World> =>
  InstantArbitrary.ofEvent.chain((from) =>
    happenings(policy, from).map((events) => ({
      ...applied(policy, [begin(from), ...events]),
      ecosystems: namesOf(policy),
      policy
    }))
  )

/** Mostly worlds that events led to; also ones that only an import or an edit by hand explains. */
export const worldsOf = (policy: Policy): fc.Arbitrary<World> =>
  fc.oneof(
    { withCrossShrink: true },
    { arbitrary: reached(policy), weight: 2 },
    { arbitrary: readable(policy), weight: 1 }
  )

/** The event log of a control branch: the message of each commit, oldest first. */
export const log = (policy: Policy): fc.Arbitrary<ReadonlyArray<string>> =>
  reached(policy).map(({ past = [] }) => {
    let control = Control.initial
    return past.map((event, index) => {
      const outcome = reduce(policy, control, event)
      if (Result.isSuccess(outcome)) control = outcome.success.control
      const entry = { control: Sha256.hex(ControlCodec.encode(control.file)), events: [event], nonce: `n-${index}` }
      return ControlLog.render(event._tag, { ...entry, policy: policy.hash })
    })
  })
