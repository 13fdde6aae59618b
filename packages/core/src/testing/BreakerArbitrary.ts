/** Breakers and reports for properties: every state that a file can hold, and states that a policy can be led to. */
import * as fc from "fast-check"
import type { Attempts, BareCounts, OrderedAttempts, Outcome } from "../breaker/Attempts.ts"
import * as Breaker from "../breaker/Breaker.ts"
import { type BreakerState, initial, type Probe } from "../breaker/BreakerState.ts"
import { countFailures } from "../breaker/OutcomeWindow.ts"
import type { BreakerPolicy } from "../policy/Policy.ts"
import { type EpochMillis, HOUR, MINUTE } from "../time/Instant.ts"
import * as InstantArbitrary from "./InstantArbitrary.ts"
import { unknownFields } from "./JsonArbitrary.ts"

export const outcome: fc.Arbitrary<Outcome> = fc.constantFrom("P", "F")

/** Counted attempts as a text of `P` and `F`. */
export const outcomes = (most: number): fc.Arbitrary<string> =>
  fc.array(outcome, { maxLength: most }).map((letters) => letters.join(""))

export const bareCounts: fc.Arbitrary<BareCounts> = fc.record(
  {
    failed: fc.integer({ max: 30, min: 0 }),
    passed: fc.integer({ max: 30, min: 0 }),
    skipped: fc.integer({ max: 5, min: 0 })
  },
  { noNullPrototype: true }
)

const CATEGORIES = ["flaky", "network", "upstream", "constructor"] as const

/** Attempts in order; some of their places are named by one category or by several. */
export const orderedAttempts: fc.Arbitrary<OrderedAttempts> = fc
  .array(fc.record({ letter: fc.constantFrom("P", "F", "F", "S"), named: fc.subarray([...CATEGORIES]) }), {
    maxLength: 30
  })
  .map((attempts) => ({
    categories: Object.fromEntries(
      CATEGORIES.map(
        (category) =>
          [category, attempts.flatMap(({ named }, place) => (named.includes(category) ? [place] : []))] as const
      ).filter(([, places]) => places.length > 0)
    ),
    results: attempts.map(({ letter }) => letter).join("")
  }))

export const attempts: fc.Arbitrary<Attempts> = fc.oneof(orderedAttempts, bareCounts)

export const runKey: fc.Arbitrary<string> = fc.integer({ max: 99, min: 0 }).map((number) => `run-${number}`)

const none: fc.Arbitrary<undefined> = fc.constant(undefined)
const maybe = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.oneof(arbitrary, none)

const around = (now: EpochMillis): fc.Arbitrary<EpochMillis> => InstantArbitrary.offset.map((offset) => now + offset)
const upTo = (now: EpochMillis): fc.Arbitrary<EpochMillis> =>
  InstantArbitrary.offset.map((offset) => now - Math.abs(offset))

const recentProbes: fc.Arbitrary<ReadonlyArray<string>> = fc.uniqueArray(
  fc.integer({ max: 40, min: 0 }).map((number) => `recipes/${number}.rb`),
  { maxLength: 20 }
)

/** What a breaker carries in any state. */
const carried = (now: EpochMillis) => ({
  generation: fc.integer({ max: 20, min: 1 }),
  lastFailure: maybe(upTo(now)),
  recentProbes,
  trips: fc.integer({ max: 6, min: 0 }),
  unknown: unknownFields
})

/** A window and the failures in it; without one, the failures that a published file counts. */
const windowAndFailures: fc.Arbitrary<{ readonly window: string | undefined; readonly failures: number }> = fc.oneof(
  outcomes(20).map((window) => ({ failures: countFailures(window), window })),
  fc.integer({ max: 30, min: 0 }).map((failures) => ({ failures, window: undefined }))
)

/** A closed breaker, some instants before `now` or after it. */
export const closed = (now: EpochMillis): fc.Arbitrary<BreakerState> =>
  fc
    .record({
      ...carried(now),
      opensAt: fc.oneof({ arbitrary: none, weight: 3 }, { arbitrary: around(now), weight: 1 }),
      standing: windowAndFailures,
      times: maybe(fc.tuple(upTo(now), fc.integer({ max: 40 * HOUR, min: 0 })))
    })
    .map(({ standing, times, ...rest }) => ({
      ...rest,
      ...standing,
      closedAt: times === undefined ? undefined : times[0],
      halfOpenSuccesses: 0,
      openedAt: times === undefined ? undefined : times[0] - times[1],
      probe: undefined,
      state: "closed" as const
    }))

/** An open breaker, cooling down or due, or without `opensAt`, which is due. */
export const open = (now: EpochMillis): fc.Arbitrary<BreakerState> =>
  fc
    .record({
      ...carried(now),
      closedAt: maybe(upTo(now)),
      openedAt: maybe(upTo(now)),
      opensAt: maybe(around(now)),
      standing: windowAndFailures
    })
    .map(({ standing, ...rest }) => ({
      ...rest,
      ...standing,
      halfOpenSuccesses: 0,
      probe: undefined,
      state: "open" as const
    }))

const probe = (now: EpochMillis): fc.Arbitrary<Probe> =>
  fc.record({ expiresAt: around(now), runKey, unknown: unknownFields }, { noNullPrototype: true })

/** A half-open breaker: its probe live, over, or free. */
export const halfOpen = (now: EpochMillis): fc.Arbitrary<BreakerState> =>
  fc
    .record({
      ...carried(now),
      closedAt: maybe(upTo(now)),
      halfOpenSuccesses: fc.integer({ max: 3, min: 0 }),
      openedAt: maybe(upTo(now)),
      opensAt: maybe(upTo(now)),
      probe: maybe(probe(now)),
      standing: windowAndFailures
    })
    .map(({ standing, ...rest }) => ({ ...rest, ...standing, state: "half-open" as const }))

/** Any state that a file can hold. */
export const readable = (now: EpochMillis): fc.Arbitrary<BreakerState> =>
  fc.oneof(fc.constant(initial), closed(now), open(now), halfOpen(now))

/** One thing that happens to a breaker, a while after the one before. */
interface Happening {
  readonly after: number
  readonly outcomes: string
  readonly kind: "report" | "claim" | "expire" | "reset"
}

const happening: fc.Arbitrary<Happening> = fc.record({
  after: fc.oneof(
    fc.integer({ max: 3 * HOUR, min: 0 }),
    fc.integer({ max: 90, min: 0 }).map((n) => n * MINUTE)
  ),
  kind: fc.oneof(
    { arbitrary: fc.constantFrom("report" as const, "claim" as const), weight: 8 },
    { arbitrary: fc.constantFrom("expire" as const, "reset" as const), weight: 1 }
  ),
  outcomes: fc.oneof(
    outcomes(8),
    fc.integer({ max: 20, min: 1 }).map((length) => "F".repeat(length)),
    fc.integer({ max: 5, min: 1 }).map((length) => "P".repeat(length))
  )
})

/** A breaker that a policy was led to, and the instant at which it stands there. */
export interface Reached {
  readonly breaker: BreakerState
  readonly now: EpochMillis
}

const lead = (policy: BreakerPolicy, { breaker, now }: Reached, step: Happening, index: number): Reached => {
  const at = now + step.after
  const key = `run-${index}`
  const taken = { closed: step.outcomes, probe: step.outcomes }
  const holder = breaker.probe?.runKey ?? key
  switch (step.kind) {
    case "report": {
      const standing = { grantedGeneration: breaker.generation, runKey: holder }
      return { breaker: Breaker.settle(policy, breaker, standing, taken, at).state, now: at }
    }
    case "claim":
      return Breaker.permission(breaker, at)._tag === "ProbeDue"
        ? { breaker: Breaker.claim(policy, breaker, { recentProbes: [], runKey: key }, at), now: at }
        : { breaker, now: at }
    case "expire":
      return { breaker: Breaker.expire(breaker, at), now: at }
    case "reset":
      return { breaker: Breaker.reset(breaker, at), now: at }
  }
}

/** A breaker that reports, claims, expiries and resets can lead to under a policy. */
export const reached = (policy: BreakerPolicy): fc.Arbitrary<Reached> =>
  fc
    .tuple(InstantArbitrary.ofEvent, fc.array(happening, { maxLength: 40, size: "max" }))
    .map(([now, steps]) =>
      steps.reduce<Reached>((standing, step, index) => lead(policy, standing, step, index), { breaker: initial, now })
    )
