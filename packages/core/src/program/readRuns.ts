import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ControlEvent, identityOf, type Of } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import { ControlStore } from "../port/ControlStore.ts"
import { type Claim, reportOf } from "../sli/RunEvent.ts"
import type { RunReport } from "../sli/RunReport.ts"
import { faultsOf } from "../sli/RunReportJson.ts"
import { DAY } from "../time/Instant.ts"
import { claimIdentityOf } from "./findClaims.ts"

/** What the control branch knows of the runs. */
export interface ReadRuns {
  /** Oldest first, one a run; without single results. */
  readonly runs: ReadonlyArray<RunReport>
  /** Commits whose message cannot be read, and events that no metrics store would take. */
  readonly unreadable: number
}

/** Events of different ecosystems may stand out of order; how far, nobody bounds, but this is more than any horizon. */
const OUT_OF_ORDER_MILLIS = 36 * DAY

/** Every run that the control branch has on record; with `since`, none that completed before it need be among them. */
export const readRuns = Effect.fn("readRuns")(function* (since: number | undefined) {
  const store = yield* ControlStore
  const { version } = yield* store.read({ directories: [], files: [] })
  const events = new Map<string, Of<"RunCompleted">>()
  const claims = new Map<string, Claim>()
  const note = (event: ControlEvent): void => {
    if (event._tag === "RunCompleted") events.set(identityOf(event), event)
    else if (event._tag === "RunAdmitted") claims.set(identityOf(event), { at: event.at, batch: event.batch })
  }
  let unreadable = 0
  yield* store.findBack(version, ({ message }) => {
    if (ControlLog.controlOf(message) === undefined) return false
    const entry = ControlLog.parse(message)
    if (Result.isFailure(entry)) {
      unreadable++
      return false
    }
    entry.success.events.forEach(note)
    return since !== undefined && entry.success.events.every(({ at }) => at < since - OUT_OF_ORDER_MILLIS)
  })
  const all = [...events.values()].map((event) => reportOf(event, claims.get(claimIdentityOf(event)))).reverse()
  const runs = all.filter((report) => faultsOf(report).length === 0)
  const read: ReadRuns = { runs, unreadable: unreadable + all.length - runs.length }
  return read
})
