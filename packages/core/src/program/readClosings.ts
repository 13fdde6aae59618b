import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Control from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import * as ControlFile from "../control/ControlFile.ts"
import * as ControlLog from "../control/ControlLog.ts"
import { type Notice, notice } from "../control/Notice.ts"
import { reduce } from "../control/Reducer.ts"
import type { Policy } from "../policy/Policy.ts"
import { CONTROL_PATH, ControlStore, type Snapshot } from "../port/ControlStore.ts"
import { FLAPPING, FLAPPING_MILLIS } from "../sli/controlSignals.ts"
import { type EpochMillis, HOUR } from "../time/Instant.ts"
import type { Loaded } from "./loadControl.ts"

/** Ecosystem -> when its breaker closed. */
export type Closings = Readonly<Record<string, ReadonlyArray<EpochMillis>>>

/** Commits that are looked at, and how long that may take. */
const MOST_COMMITS = 1000
const READING_MILLIS = 20_000

/**
 * Whether any breaker can have closed as often as flapping takes: every edge raises its generation, and the newest closing
 * is in the file. Almost always the answer is no, and the log is not read.
 */
const mayFlap = (policy: Policy, { breakers }: ControlFile.ControlFile, at: EpochMillis): boolean =>
  Object.keys(policy.ecosystems).some((name) => {
    const breaker = Object.hasOwn(breakers, name) ? breakers[name] : undefined
    return (breaker?.closedAt ?? 0) > at - FLAPPING_MILLIS && (breaker?.generation ?? 0) >= FLAPPING.raisesAt
  })

/** Events of the last day, oldest first, and the file that they began from. */
interface Lately {
  readonly events: ReadonlyArray<ControlEvent>
  readonly base: Option.Option<Snapshot>
  readonly isBounded: boolean
}

const readLately = Effect.fn("readLately")(function* (version: string, at: EpochMillis) {
  const store = yield* ControlStore
  const commits: Array<ReadonlyArray<ControlEvent>> = []
  // Events of different ecosystems may stand out of order, by a little.
  const since = at - FLAPPING_MILLIS - HOUR
  let [seen, isBounded] = [0, false]
  const base = yield* store.findBack(version, ({ message }) => {
    const entry = ControlLog.parse(message)
    isBounded = ++seen > MOST_COMMITS
    if (isBounded) return true
    if (Result.isFailure(entry)) return false
    if (entry.success.events.every((event) => event.at < since)) return true
    commits.push(entry.success.events)
    return false
  })
  const lately: Lately = { base, events: commits.reverse().flat(), isBounded }
  return lately
})

/** The events done again, and every closing on the way. Those that the policy of today rejects are passed over. */
const closingsOf = (policy: Policy, { base, events }: Lately): Closings => {
  const text = Option.getOrUndefined(base)?.files.get(CONTROL_PATH)
  const decoded = text === undefined ? undefined : ControlCodec.decode(text)
  let control: Control.Control = {
    ...Control.initial,
    file: decoded !== undefined && Result.isSuccess(decoded) ? decoded.success : ControlFile.initial
  }
  const closings = new Map<string, Set<EpochMillis>>()
  for (const event of events) {
    const reduced = reduce(policy, control, event)
    if (Result.isFailure(reduced)) continue
    control = reduced.success.control
    for (const [name, { closedAt }] of Object.entries(control.file.breakers)) {
      if (closedAt !== undefined) closings.set(name, (closings.get(name) ?? new Set()).add(closedAt))
    }
  }
  return Object.fromEntries([...closings].map(([name, all]) => [name, [...all]]))
}

const unread = (why: string): ReadonlyArray<Notice> => [
  notice("closings-unread", "info", `${why}: how often breakers closed within a day is judged by what looks saw`)
]

/**
 * When breakers closed within the last day, by the log: whoever looks seldom sees only the newest closing. The events are
 * reduced again under the policy of today, from the file as it was a day ago. What cannot be read in time is said.
 */
export const readClosings = Effect.fn("readClosings")(function* (
  policy: Policy,
  { control, snapshot }: Loaded,
  at: EpochMillis
) {
  const none: Closings = {}
  if (!mayFlap(policy, control.file, at)) return { closings: none, notices: [] }
  const read = yield* Effect.result(readLately(snapshot.version, at).pipe(Effect.timeoutOption(READING_MILLIS)))
  if (Result.isFailure(read)) return { closings: none, notices: unread(read.failure.message) }
  if (Option.isNone(read.success))
    return { closings: none, notices: unread(`the log was not read within ${READING_MILLIS / 1000} s`) }
  const lately = read.success.value
  const notices = lately.isBounded ? unread(`the day has more than ${MOST_COMMITS} commits, and before them`) : []
  return { closings: closingsOf(policy, lately), notices }
})
