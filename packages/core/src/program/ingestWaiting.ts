import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { MetricsStore } from "../port/MetricsStore.ts"
import { Spool } from "../port/Spool.ts"
import { faultsOf } from "../sli/RunReportJson.ts"

/**
 * Hands the store what waits in the spool and leaves it waiting, for who only looks. What cannot be handed in is left out;
 * `metrics push` takes away the ones and says why of the others.
 */
export const ingestWaiting = Effect.fn("ingestWaiting")(function* () {
  const store = yield* MetricsStore
  const spool = yield* Spool
  let entries = yield* spool.waiting(undefined)
  while (entries.length > 0) {
    const reports = entries.flatMap(({ report }) => (Result.isSuccess(report) ? [report.success] : []))
    yield* store.ingest(reports.filter((report) => faultsOf(report).length === 0))
    entries = yield* spool.waiting(entries.at(-1)?.id)
  }
})
