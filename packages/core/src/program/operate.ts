import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent, Of } from "../control/ControlEvent.ts"
import { scopeOf } from "../control/ControlEvent.ts"
import type { Notice } from "../control/Notice.ts"
import type { Policy } from "../policy/Policy.ts"
import { commitEvents } from "./commitEvents.ts"
import type { Edit } from "./loadControl.ts"
import { type Order, URGENT } from "./Order.ts"

/** What came of a person's or a run's order. */
export interface Done {
  /** Whether anything was changed. */
  readonly applied: boolean
  readonly notices: ReadonlyArray<Notice>
}

/** Who gives an order, when, and under which policy. */
export interface Origin {
  readonly policy: Policy
  readonly at: number
  readonly author: string
  readonly nonce: string
}

const subjectOf = (events: ReadonlyArray<ControlEvent>): string => {
  const first = events[0]
  const scopes = [...new Set(events.map(scopeOf))].map((scope) => (scope === "*" ? "everything" : scope)).join(", ")
  const words: Partial<Record<ControlEvent["_tag"], string>> = {
    BreakerReset: "reset",
    BudgetAdjusted: "minutes corrected",
    HandEditAdopted: "edit by hand recorded",
    Paused: "paused",
    Resumed: "resumed",
    RunAbandoned: "grant given back"
  }
  const reason = first !== undefined && "reason" in first ? `: ${first.reason}` : ""
  return `${scopes}: ${first === undefined ? "nothing" : (words[first._tag] ?? first._tag)}${reason}`
}

/** Whether all that was loosened belongs to the ecosystems that are being reset. */
const withinReset =
  (events: ReadonlyArray<ControlEvent>) =>
  (loosenings: Edit["loosenings"]): boolean => {
    const reset = events.flatMap((event) => (event._tag === "BreakerReset" ? [event.ecosystem] : []))
    return loosenings.every(
      ({ ecosystem, path }) =>
        ecosystem !== undefined && reset.includes(ecosystem) && path.startsWith("circuit_breaker")
    )
  }

const run = Effect.fn("operate")(function* (order: Order<undefined>) {
  const { outcomes } = yield* commitEvents(order)
  const done: Done = {
    applied: outcomes.some(({ applied }) => applied),
    notices: outcomes.flatMap(({ notices }) => notices)
  }
  return done
})

/**
 * Applies orders all at once: pause, resume, reset, budget adjust, abandon. They go first: no stepping back, five
 * minutes. A reset stands for what was loosened by hand in the breakers that it closes.
 */
export const operate = (origin: Origin, events: ReadonlyArray<ControlEvent>) =>
  run({
    ...origin,
    draft: () => Result.succeed({ answer: undefined, events }),
    ecosystems: events.map(scopeOf).filter((scope) => scope !== "*"),
    patience: URGENT,
    standsFor: withinReset(events),
    subject: (outcomes) =>
      // A pause that ends sooner than the standing one changes nothing, and its reason must not stand in the log as if.
      outcomes.flatMap(({ notices }) => notices).find(({ code }) => code === "later-end-kept")?.message ??
      subjectOf(events)
  })

/** Stands for whatever was edited by hand: the file as it is becomes an event. Nothing to do where nothing was. */
export const adoptHandEdit = (origin: Origin, reason: string) =>
  run({
    ...origin,
    draft: (loaded) => {
      if (loaded.edit === undefined) return Result.succeed({ answer: undefined, events: [] })
      const event: Of<"HandEditAdopted"> = {
        _tag: "HandEditAdopted",
        at: origin.at,
        author: origin.author,
        control: ControlCodec.toJson(loaded.control.file),
        id: origin.nonce,
        reason
      }
      return Result.succeed({ answer: undefined, events: [event] })
    },
    ecosystems: [],
    patience: URGENT,
    standsFor: () => true,
    subject: () => `edit by hand recorded: ${reason}`
  })
