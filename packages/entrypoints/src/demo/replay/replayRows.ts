/** Feeds recorded attempts through the gate and the reducer, and keeps every event on a control branch. */

import type { Control } from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import { decide } from "@batchbrake/core/control/Decision"
import { reduce } from "@batchbrake/core/control/Reducer"
import type { Rejection } from "@batchbrake/core/control/Rejection"
import type { Row } from "@batchbrake/core/forecast/RecordedRow"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { commitEvents } from "@batchbrake/core/program/commitEvents"
import { type Draft, ORDINARY } from "@batchbrake/core/program/Order"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** What the gate said of one row, and where that left the breaker. */
export interface Played {
  readonly row: Row
  readonly decision: "run" | "probe" | "hold"
  readonly before: "closed" | "open" | "half-open"
  readonly after: "closed" | "open" | "half-open"
}

interface Place {
  readonly row: Row
  readonly runKey: string
}

const AUTHOR = "replay"

const eventsOf = (policy: Policy, { row, runKey }: Place): ReadonlyArray<ControlEvent> => {
  const { at, attempts, ecosystem } = row
  const run = { at, author: AUTHOR, ecosystem, runKey }
  const minutes = Object.fromEntries(Object.keys(policy.budget.caps).map((platform) => [platform, 0]))
  return [
    { ...run, _tag: "RunAdmitted" },
    { ...run, _tag: "RunCompleted", attempts, minutes }
  ]
}

interface Turn {
  readonly control: Control
  readonly events: ReadonlyArray<ControlEvent>
  readonly played: Played
}

/** Asks the gate at the row's time; where it lets the run through, the run is admitted and its attempts are recorded. */
const play = (policy: Policy, control: Control, place: Place): Result.Result<Turn, Rejection> => {
  const { row, runKey } = place
  const { at, ecosystem } = row
  const request = { author: AUTHOR, batch: undefined, candidates: [], claim: true, ecosystem, runKey }
  const { decision } = decide(policy, control, request, at)
  const before = breakerOf(control.file, ecosystem).state
  const events = decision === "hold" ? [] : eventsOf(policy, place)
  let state = control
  for (const event of events) {
    const reduced = reduce(policy, state, event)
    if (Result.isFailure(reduced)) return Result.fail(reduced.failure)
    state = reduced.success.control
  }
  const after = breakerOf(state.file, ecosystem).state
  return Result.succeed({ control: state, events, played: { after, before, decision, row } })
}

const draft =
  (policy: Policy, places: ReadonlyArray<Place>) =>
  (loaded: { readonly control: Control }): Result.Result<Draft<ReadonlyArray<Played>>, Rejection> => {
    let control = loaded.control
    const events: Array<ControlEvent> = []
    const answer: Array<Played> = []
    for (const place of places) {
      const turn = play(policy, control, place)
      if (Result.isFailure(turn)) return Result.fail(turn.failure)
      control = turn.success.control
      events.push(...turn.success.events)
      answer.push(turn.success.played)
    }
    return Result.succeed({ answer, events })
  }

/** One group of rows in one control commit. */
const playGroup = Effect.fnUntraced(function* (policy: Policy, group: ReadonlyArray<Place>, nonce: string) {
  const { answer } = yield* commitEvents<ReadonlyArray<Played>>({
    at: group[0]?.row.at ?? 0,
    author: AUTHOR,
    draft: draft(policy, group),
    ecosystems: [...new Set(group.map(({ row }) => row.ecosystem))],
    nonce,
    patience: ORDINARY,
    policy,
    subject: (outcomes) => `replay: ${group.length} rows, ${outcomes.length} events`
  })
  return { committed: answer.some(({ decision }) => decision !== "hold"), played: answer }
})

/** Replays rows in order, `rowsPerCommit` of them in a control commit. Rows that are all held write nothing. */
export const replayRows = Effect.fnUntraced(function* (
  policy: Policy,
  rows: ReadonlyArray<Row>,
  rowsPerCommit: number
) {
  const places = rows.map((row, index): Place => ({ row, runKey: `row-${index + 1}` }))
  const played: Array<Played> = []
  let commits = 0
  for (let start = 0; start < places.length; start += rowsPerCommit) {
    const done = yield* playGroup(policy, places.slice(start, start + rowsPerCommit), `replay-${start + 1}`)
    played.push(...done.played)
    if (done.committed) commits++
  }
  return { commits, played }
})
