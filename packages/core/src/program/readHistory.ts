import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ControlEvent } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as History from "../forecast/History.ts"
import { ControlStore } from "../port/ControlStore.ts"

/**
 * The runs that the control branch's log has on record, all of it. Commits by hand hold no event; one that cannot be
 * read is counted as left out.
 */
export const readHistory = Effect.fn("readHistory")(function* () {
  const store = yield* ControlStore
  const head = yield* store.read({ directories: [], files: [] })
  const commits: Array<ReadonlyArray<ControlEvent>> = []
  let unreadable = 0
  yield* store.findBack(head.version, ({ message }) => {
    const entry = ControlLog.parse(message)
    if (Result.isSuccess(entry)) commits.push(entry.success.events)
    else if (ControlLog.controlOf(message) !== undefined) unreadable++
    return false
  })
  const history = History.fromEvents(commits.reverse().flat())
  return unreadable === 0 ? history : { ...history, leftOut: { ...history.leftOut, unreadable } }
})
