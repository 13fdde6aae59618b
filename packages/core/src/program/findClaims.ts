import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Budget from "../budget/Budget.ts"
import type { Control } from "../control/Control.ts"
import { identityOf, type Of } from "../control/ControlEvent.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as Identity from "../control/Identity.ts"
import { ControlStore } from "../port/ControlStore.ts"
import type { Claim } from "../sli/RunEvent.ts"
import { DAY } from "../time/Instant.ts"

type Run = Pick<Of<"RunCompleted">, "ecosystem" | "runKey" | "batch">

/** What names a run's claim in the log. */
export const claimIdentityOf = ({ ecosystem, runKey }: Pick<Run, "ecosystem" | "runKey">): string =>
  `RunAdmitted ${ecosystem} ${runKey}`

/** The claims of some runs, as a state knows them. */
export interface Claims {
  /** By their identity. A grant that has ended tells when it was given, and of no batch. */
  readonly known: ReadonlyMap<string, Claim>
  /** Those whose batch only the log can tell. */
  readonly ended: ReadonlySet<string>
}

/** What the state before their reports knows of the claims of some runs: the report itself ends the grant. */
export const claimsIn = ({ file, ledger }: Control, runs: ReadonlyArray<Run>): Claims => {
  const known = new Map<string, Claim>()
  const ended = new Set<string>()
  for (const run of runs) {
    const identity = claimIdentityOf(run)
    const live = Budget.grantOf(file.budget, run.ecosystem, run.runKey)
    const remembered = Identity.find(ledger, identity)
    if (live !== undefined) known.set(identity, { at: live.admittedAt, batch: live.batch })
    else if (remembered !== undefined) {
      known.set(identity, { at: remembered.at, batch: undefined })
      if (run.batch === undefined) ended.add(identity)
    }
  }
  return { ended, known }
}

/** Events may stand out of order by this much, before a search ends without having found everything. */
const OUT_OF_ORDER_MILLIS = DAY

/** The same, with the batches of ended grants from the log. A log that cannot be read tells of none, and fails nothing. */
export const findClaims = Effect.fn("findClaims")(function* ({ ended, known }: Claims) {
  const found = new Map(known)
  if (ended.size === 0) return found
  const store = yield* ControlStore
  const left = new Set(ended)
  const oldest = Math.min(...[...ended].map((identity) => known.get(identity)?.at ?? 0))
  const search = Effect.gen(function* () {
    const { version } = yield* store.read({ directories: [], files: [] })
    yield* store.findBack(version, ({ message }) => {
      const entry = ControlLog.parse(message)
      if (Result.isFailure(entry)) return false
      for (const event of entry.success.events) {
        if (event._tag !== "RunAdmitted" || !left.delete(identityOf(event))) continue
        found.set(identityOf(event), { at: event.at, batch: event.batch })
      }
      return left.size === 0 || entry.success.events.every(({ at }) => at < oldest - OUT_OF_ORDER_MILLIS)
    })
  })
  yield* Effect.ignore(search)
  return found
})
