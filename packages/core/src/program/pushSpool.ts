import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Ingested, type MetricsRefused, MetricsStore } from "../port/MetricsStore.ts"
import { type SetAside, Spool, type Waiting } from "../port/Spool.ts"
import type { RunReport } from "../sli/RunReport.ts"

/** What became of the entries. */
export interface Pushed {
  readonly stored: number
  /** Counted before, by another pusher or by a push whose answer was lost. */
  readonly known: number
  readonly setAside: ReadonlyArray<SetAside>
  /** How many that were set aside, now or before, had to go because there were too many of them. */
  readonly dropped: number
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

/** An entry that the store has answered for. */
interface Answered {
  readonly id: string
  readonly answer: Ingested
}

interface HandedIn {
  readonly answered: ReadonlyArray<Answered>
  readonly unusable: ReadonlyArray<SetAside>
}

/**
 * One after the other: a store that refuses all of them is wrong itself and keeps them waiting, one that takes some of
 * them has a reason to refuse the others.
 */
const handInEach = Effect.fn("handInEach")(function* (entries: ReadonlyArray<Readable>, refusal: MetricsRefused) {
  const store = yield* MetricsStore
  const answered: Array<Answered> = []
  const unusable: Array<SetAside> = []
  for (const { id, report } of entries) {
    const asked = yield* Effect.result(store.ingest([report]))
    if (Result.isSuccess(asked)) answered.push({ answer: asked.success[0] ?? "stored", id })
    else if (asked.failure._tag === "MetricsUnavailable") return yield* asked.failure
    else unusable.push({ id, reason: asked.failure.detail })
  }
  if (answered.length === 0) return yield* refusal
  return { answered, unusable } satisfies HandedIn as HandedIn
})

/** Hands in all of them; if one cannot be stored, that one is found and the others go without it. */
const handIn = Effect.fn("handIn")(function* (entries: ReadonlyArray<Readable>) {
  const store = yield* MetricsStore
  let left = entries
  const unusable: Array<SetAside> = []
  while (left.length > 0) {
    const asked = yield* Effect.result(store.ingest(left.map(({ report }) => report)))
    if (Result.isSuccess(asked)) {
      const answered = left.map(({ id }, place): Answered => ({ answer: asked.success[place] ?? "stored", id }))
      return { answered, unusable } satisfies HandedIn as HandedIn
    }
    const failure = asked.failure
    if (failure._tag === "MetricsRefused") return yield* handInEach(left, failure)
    if (failure._tag === "MetricsUnavailable") return yield* failure
    const isIt = ({ report }: Readable): boolean =>
      report.ecosystem === failure.ecosystem && report.runKey === failure.runKey
    unusable.push(...left.filter(isIt).map(({ id }) => ({ id, reason: failure.detail })))
    const others = left.filter((entry) => !isIt(entry))
    if (others.length === left.length) return yield* Effect.die(failure)
    left = others
  }
  return { answered: [], unusable } satisfies HandedIn as HandedIn
})

/**
 * Hands every entry of the spool to the store. An entry goes only when the store has answered for it, so a push that is
 * broken off, or several at once, hand some in twice and count each once. What can never be stored is set aside with its
 * reason; when the store fails, the rest stays where it is.
 */
export const pushSpool = Effect.fn("pushSpool")(function* () {
  const spool = yield* Spool
  const counts = { dropped: 0, known: 0, stored: 0 }
  const setAside: Array<SetAside> = []
  let entries = yield* spool.waiting(undefined)
  while (entries.length > 0) {
    const { answered, unusable } = yield* handIn(readableOf(entries))
    const aside = [...unreadableOf(entries), ...unusable]
    const done: Array<string> = []
    for (const { answer, id } of answered) {
      const reason = REASONS[answer]
      if (reason !== undefined) aside.push({ id, reason })
      else done.push(id)
      if (answer === "stored" || answer === "known") counts[answer]++
    }
    counts.dropped += yield* spool.setAside(aside)
    yield* spool.remove(done)
    setAside.push(...aside)
    entries = yield* spool.waiting(entries.at(-1)?.id)
  }
  const pushed: Pushed = { ...counts, setAside }
  return pushed
})
