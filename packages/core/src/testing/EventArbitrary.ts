/** Events for properties: each kind with every field there or not, and histories as they happen to a registry. */
import * as fc from "fast-check"
import type { Attempts } from "../breaker/Attempts.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent, Of } from "../control/ControlEvent.ts"
import { EVERYTHING } from "../control/Pause.ts"
import { DAY, type EpochMillis, HOUR, MINUTE } from "../time/Instant.ts"
import { batchId } from "./BatchArbitrary.ts"
import * as BreakerArbitrary from "./BreakerArbitrary.ts"
import * as ControlArbitrary from "./ControlArbitrary.ts"
import { offset } from "./InstantArbitrary.ts"
import { json } from "./JsonArbitrary.ts"
import { platformName } from "./PolicyArbitrary.ts"
import { hostileText } from "./TextArbitrary.ts"

const optional = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.option(arbitrary, { nil: undefined })

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** A record without the keys that have no value, as a decoded event has it. */
const without = <T extends object>(fields: T): Partial<Present<T>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Present<T>>

const minutes = fc.dictionary(platformName, fc.integer({ max: 60, min: 0 }), { maxKeys: 3, noNullPrototype: true })
const change = fc.dictionary(platformName, fc.integer({ max: 400, min: -400 }), { maxKeys: 3, noNullPrototype: true })
const ownId = fc.stringMatching(/^[0-9a-f]{8}$/)
const author = fc.oneof({ arbitrary: fc.constantFrom("alice", "ci"), weight: 3 }, { arbitrary: hostileText, weight: 1 })
const runKey = fc.oneof(
  { arbitrary: BreakerArbitrary.runKey, weight: 6 },
  { arbitrary: BreakerArbitrary.runKey.map((key) => `over-${key}`), weight: 1 },
  { arbitrary: fc.constantFrom("Batchbrake-Control: 1", "a: b", "x"), weight: 1 }
)
const categories = fc.dictionary(
  fc.constantFrom("flaky", "__proto__", "constructor", "10"),
  fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  { maxKeys: 2, noNullPrototype: true }
)

/** What a run reports. */
export const attempts: fc.Arbitrary<Attempts> = fc.oneof(
  BreakerArbitrary.attempts,
  fc.record({ categories, results: BreakerArbitrary.outcomes(12) }, { noNullPrototype: true })
)

const limit = optional(fc.integer({ max: 12, min: 1 }))
const batch = optional(fc.constantFrom("2026-11-23-001", "2026-11-23-002"))

/** A run's report. */
export const completion = (
  ecosystem: fc.Arbitrary<string>,
  at: fc.Arbitrary<EpochMillis>
): fc.Arbitrary<Of<"RunCompleted">> => {
  const report = {
    durationSeconds: optional(fc.integer({ max: 9000, min: 0 }).map((tenths) => tenths / 10)),
    startedAt: optional(at),
    weighted: optional(fc.constant({ failed: 2.5, passed: 10 }))
  }
  return fc
    .record({ at, attempts, author, batch, ecosystem, minutes: optional(minutes), report: fc.record(report), runKey })
    .map(({ batch, minutes, report, ...rest }) => ({
      ...rest,
      ...without({ batch, minutes, ...report }),
      _tag: "RunCompleted" as const
    }))
}

const ofRuns = (ecosystem: fc.Arbitrary<string>, at: fc.Arbitrary<EpochMillis>): fc.Arbitrary<ControlEvent> => {
  const run = { at, author, ecosystem, runKey }
  const recipes = optional(fc.array(fc.constantFrom("recipes/a.rb", "recipes/b.rb"), { maxLength: 3 }))
  return fc.oneof(
    fc
      .record({ ...run, batch, maxAttempts: limit, probeRecipes: recipes })
      .map(({ batch, maxAttempts, probeRecipes, ...rest }) => ({
        ...rest,
        ...without({ batch, maxAttempts, probeRecipes }),
        _tag: "RunAdmitted" as const
      })),
    completion(ecosystem, at),
    fc
      .record({ ...run, minutes: optional(minutes) })
      .map(({ minutes, ...rest }) => ({ ...rest, ...without({ minutes }), _tag: "RunAbandoned" as const })),
    fc.record({ ...run, id: ownId }).map((fields) => ({ ...fields, _tag: "LeaseExtended" as const }))
  )
}

const ofPeople = (ecosystems: ReadonlyArray<string>, at: fc.Arbitrary<EpochMillis>): fc.Arbitrary<ControlEvent> => {
  const scope = fc.constantFrom(EVERYTHING, ...ecosystems)
  const order = { at, author, id: ownId, reason: hostileText }
  const pause = {
    category: optional(fc.constantFrom("", "incident")),
    expectedResume: optional(at),
    incidentUrl: optional(fc.constantFrom("", "https://example.org/7"))
  }
  return fc.oneof(
    fc
      .record({ ...order, autoResume: fc.boolean(), pause: fc.record(pause), scope })
      .map(({ pause, ...rest }) => ({ ...rest, ...without(pause), _tag: "Paused" as const })),
    fc
      .record({ at, author, id: ownId, scope: fc.oneof(scope, fc.constant("everything")) })
      .map((fields) => ({ ...fields, _tag: "Resumed" as const })),
    fc
      .record({ ...order, ecosystem: fc.constantFrom(...ecosystems) })
      .map((fields) => ({ ...fields, _tag: "BreakerReset" as const })),
    fc.record({ ...order, minutes: change }).map((fields) => ({ ...fields, _tag: "BudgetAdjusted" as const }))
  )
}

const ofBranch = (
  ecosystems: ReadonlyArray<string>,
  at: fc.Arbitrary<EpochMillis>,
  now: EpochMillis
): fc.Arbitrary<ControlEvent> => {
  const control = fc.oneof(
    ControlArbitrary.controlFile(ecosystems, now).map(ControlCodec.toJson),
    ControlArbitrary.published(ecosystems, now),
    fc.dictionary(fc.string({ maxLength: 4 }), json, { noNullPrototype: true })
  )
  const beginning = { at, author, id: ownId }
  return fc.oneof(
    fc.record(beginning).map((fields) => ({ ...fields, _tag: "Initialised" as const })),
    fc.record({ ...beginning, control }).map((fields) => ({ ...fields, _tag: "Imported" as const })),
    fc
      .record({ ...beginning, control, reason: hostileText })
      .map((fields) => ({ ...fields, _tag: "HandEditAdopted" as const })),
    fc.record({ at, author, hash: ownId }).map((fields) => ({ ...fields, _tag: "PolicyAdopted" as const }))
  )
}

const ofBatches = (ecosystems: ReadonlyArray<string>, at: fc.Arbitrary<EpochMillis>): fc.Arbitrary<ControlEvent> => {
  const commit = fc.stringMatching(/^[0-9a-f]{40}$/)
  const adopted = { aliases: fc.array(hostileText, { maxLength: 2 }), batch: batchId, commit, digest: commit }
  const step = { at, author, batch: batchId, digest: commit }
  return fc.oneof(
    fc
      .record({ ...step, ecosystems: fc.subarray([...ecosystems]) })
      .map((fields) => ({ ...fields, _tag: "BatchOpened" as const })),
    fc.record({ ...step, base: commit, head: commit }).map((fields) => ({ ...fields, _tag: "BatchSealed" as const })),
    fc
      .record({ ...step, commit, instead: optional(ownId) })
      .map(({ instead, ...rest }) => ({ ...rest, ...without({ instead }), _tag: "BatchMerged" as const })),
    fc
      .record({ ...step, commit, id: ownId, pullRequest: hostileText })
      .map((fields) => ({ ...fields, _tag: "BatchProposed" as const })),
    fc
      .record({ ...step, branch: hostileText, commit, reason: hostileText, undoes: optional(commit) })
      .map(({ undoes, ...rest }) => ({ ...rest, ...without({ undoes }), _tag: "BatchRolledBack" as const })),
    fc
      .record({
        at,
        author,
        batches: fc.array(fc.record(adopted, { noNullPrototype: true }), { maxLength: 3 }),
        id: ownId
      })
      .map((fields) => ({ ...fields, _tag: "BatchAdopted" as const }))
  )
}

/** Any event that could be made around an instant, of the named ecosystems and rarely of another. */
export const event = (ecosystems: ReadonlyArray<string>, now: EpochMillis): fc.Arbitrary<ControlEvent> => {
  const at = offset.map((away) => now + away)
  const ecosystem = fc.oneof(
    { arbitrary: fc.constantFrom(...ecosystems), weight: 12 },
    { arbitrary: fc.constantFrom("nobody-knows"), weight: 1 }
  )
  return fc.oneof(
    { arbitrary: ofRuns(ecosystem, at), weight: 6 },
    { arbitrary: ofPeople(ecosystems, at), weight: 3 },
    { arbitrary: ofBranch(ecosystems, at, now), weight: 1 },
    { arbitrary: ofBatches(ecosystems, at), weight: 1 }
  )
}

/** Mostly forward by minutes or hours, sometimes by weeks; and sometimes back by minutes, as clocks differ. */
const elapsed: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: fc.integer({ max: 90, min: 0 }).map((minutes) => minutes * MINUTE), weight: 12 },
  { arbitrary: fc.integer({ max: 30 * HOUR, min: 0 }), weight: 3 },
  { arbitrary: fc.integer({ max: 12, min: 1 }).map((days) => days * DAY), weight: 1 },
  { arbitrary: fc.integer({ max: 6 * MINUTE, min: 0 }).map((millis) => -millis), weight: 3 }
)

interface Step {
  readonly elapsed: number
  readonly event: ControlEvent
  /** How many claims ago the run claimed that this reports, gives back or prolongs. */
  readonly ago: number
}

/** The run keys of claims are new ones, and reports are of claims made lately, whatever the steps said. */
const live = (steps: ReadonlyArray<Step>, begin: EpochMillis): ReadonlyArray<ControlEvent> => {
  const claims = new Map<string, Array<string>>()
  let now = begin
  return steps.map(({ ago, elapsed, event }, index): ControlEvent => {
    now += elapsed
    if (event._tag === "Paused") {
      const { expectedResume, ...rest } = event
      return {
        ...rest,
        at: now,
        ...(expectedResume === undefined ? {} : { expectedResume: now + Math.abs(ago) * HOUR })
      }
    }
    if (!("runKey" in event)) return { ...event, at: now }
    const claimed = claims.get(event.ecosystem) ?? []
    claims.set(event.ecosystem, claimed)
    if (event._tag === "RunAdmitted") {
      claimed.push(`run-${index}`)
      return { ...event, at: now, runKey: `run-${index}` }
    }
    const runKey = claimed.at(-1 - ago) ?? event.runKey
    if (event._tag !== "RunCompleted") return { ...event, at: now, runKey }
    const { startedAt, ...rest } = event
    return { ...rest, at: now, runKey, ...(startedAt === undefined ? {} : { startedAt: now - HOUR }) }
  })
}

/** What happens to a registry in some days: claims, reports early and late, grants given back, people who step in. */
export const history = (
  ecosystems: ReadonlyArray<string>,
  begin: EpochMillis,
  most = 40
): fc.Arbitrary<ReadonlyArray<ControlEvent>> => {
  const at = fc.constant(begin)
  const step = fc.record({
    ago: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.nat({ max: 4 }), weight: 1 }),
    elapsed,
    event: fc.oneof(
      { arbitrary: ofRuns(fc.constantFrom(...ecosystems), at), weight: 8 },
      { arbitrary: ofPeople(ecosystems, at), weight: 1 }
    )
  })
  return fc.array(step, { maxLength: most, size: "max" }).map((steps) => live(steps, begin))
}
