import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Ingested, MetricsStore } from "../port/MetricsStore.ts"
import { type SetAside, Spool, type Waiting } from "../port/Spool.ts"
import type { RunReport } from "../sli/RunReport.ts"

/** What became of the entries. */
export interface Pushed {
  readonly stored: number
  /** Counted before, by another pusher or by a push whose answer was lost. */
  readonly known: number
  readonly setAside: ReadonlyArray<SetAside>
}

interface Readable {
  readonly id: string
  readonly report: RunReport
}

const readableOf = (entries: ReadonlyArray<Waiting>): ReadonlyArray<Readable> =>
  entries.flatMap(({ id, report }) => (Result.isSuccess(report) ? [{ id, report: report.success }] : []))

const unreadableOf = (entries: ReadonlyArray<Waiting>): ReadonlyArray<SetAside> =>
  entries.flatMap(({ id, report }) => (Result.isFailure(report) ? [{ id, reason: report.failure }] : []))

const REASONS: Readonly<Partial<Record<Ingested, string>>> = {
  conflict: "the store knows this run with other content, which stays",
  "too-old": "the store has pruned the time of this run and cannot tell whether it counted it"
}

/** Hands in all of them; if one cannot be stored, that one is found and the others go without it. */
const handIn = Effect.fn("handIn")(function* (entries: ReadonlyArray<Readable>) {
  const store = yield* MetricsStore
  let left = entries
  const unusable: Array<SetAside> = []
  while (left.length > 0) {
    const asked = yield* Effect.result(store.ingest(left.map(({ report }) => report)))
    if (Result.isSuccess(asked)) return { answers: asked.success, left, unusable }
    const failure = asked.failure
    if (failure._tag !== "RunUnusable") return yield* failure
    const isIt = ({ report }: Readable): boolean =>
      report.ecosystem === failure.ecosystem && report.runKey === failure.runKey
    const culprits = left.filter(isIt)
    if (culprits.length === 0) return yield* Effect.die(failure)
    unusable.push(...culprits.map(({ id }) => ({ id, reason: failure.detail })))
    left = left.filter((entry) => !isIt(entry))
  }
  return { answers: [], left, unusable }
})

/**
 * Hands every entry of the spool to the store. An entry goes only when the store has answered for it, so a push that is
 * broken off, or several at once, hand some in twice and count each once. What can never be stored is set aside with its
 * reason; when the store fails, the rest stays where it is.
 */
export const pushSpool = Effect.fn("pushSpool")(function* () {
  const spool = yield* Spool
  const counts = { known: 0, stored: 0 }
  const setAside: Array<SetAside> = []
  let entries = yield* spool.waiting(undefined)
  while (entries.length > 0) {
    const { answers, left, unusable } = yield* handIn(readableOf(entries))
    const aside = [...unreadableOf(entries), ...unusable]
    const done: Array<string> = []
    for (const [place, { id }] of left.entries()) {
      const answer = answers[place] ?? "stored"
      const reason = REASONS[answer]
      if (reason !== undefined) aside.push({ id, reason })
      else done.push(id)
      if (answer === "stored" || answer === "known") counts[answer]++
    }
    yield* spool.setAside(aside)
    yield* spool.remove(done)
    setAside.push(...aside)
    entries = yield* spool.waiting(entries.at(-1)?.id)
  }
  const pushed: Pushed = { ...counts, setAside }
  return pushed
})
