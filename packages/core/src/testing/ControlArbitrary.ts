/** Control files for properties: every state that a file can hold, as the program has it and as older tools wrote it. */
import * as fc from "fast-check"
import type { BreakerState } from "../breaker/BreakerState.ts"
import type { BudgetState } from "../budget/Budget.ts"
import { byHolder, isOf, type Reservation } from "../budget/Reservation.ts"
import type { Control } from "../control/Control.ts"
import { type ControlFile, withPauses } from "../control/ControlFile.ts"
import * as Identity from "../control/Identity.ts"
import * as Pause from "../control/Pause.ts"
import type { JsonObject } from "../json/Json.ts"
import { DAY, type EpochMillis, format, MINUTE } from "../time/Instant.ts"
import * as BreakerArbitrary from "./BreakerArbitrary.ts"
import * as BudgetArbitrary from "./BudgetArbitrary.ts"
import { json } from "./JsonArbitrary.ts"
import { hostileText } from "./TextArbitrary.ts"

const STRANGE_KEYS = ["__proto__", "constructor", "toString", "10", "9", "", 'say "x"', "crates.io", "note"] as const

/** Fields that no version of ours knows, some with names that JavaScript treats specially. */
export const strangeFields: fc.Arbitrary<JsonObject> = fc.oneof(
  { arbitrary: fc.constant<JsonObject>({}), weight: 2 },
  {
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...STRANGE_KEYS), json), { maxLength: 3, selector: ([key]) => key })
      .map((entries): JsonObject => Object.fromEntries(entries)),
    weight: 1
  }
)

const maybe = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(arbitrary, { nil: undefined })

/** An instant some minutes or days around another. */
const around = (now: EpochMillis): fc.Arbitrary<EpochMillis> =>
  fc.oneof(
    fc.integer({ max: 90, min: -90 }).map((minutes) => now + minutes * MINUTE),
    fc.integer({ max: 9 * DAY, min: -9 * DAY }).map((offset) => now + offset),
    fc.constantFrom(now - 1, now, now + 1)
  )

/** A pause: for ever, until someone expects to resume, or until it ends by itself. */
export const pause = (now: EpochMillis): fc.Arbitrary<Pause.Pause> =>
  fc
    .record({
      at: maybe(around(now)),
      author: fc.oneof(fc.constantFrom("alice", "ops"), hostileText),
      category: maybe(fc.constantFrom("incident", "maintenance")),
      end: fc.option(fc.tuple(around(now), fc.boolean()), { nil: undefined }),
      incidentUrl: maybe(fc.constant("https://example.org/incident/7")),
      reason: hostileText,
      unknown: strangeFields
    })
    .map(({ end, ...rest }) => ({ ...rest, autoResume: end?.[1] ?? false, expectedResume: end?.[0] }))

const pauses = (ecosystems: ReadonlyArray<string>, now: EpochMillis): fc.Arbitrary<Pause.Pauses> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(Pause.EVERYTHING, ...ecosystems), pause(now)), {
      maxLength: 2,
      selector: ([scope]) => scope
    })
    .map((entries) => Pause.sorted(Object.fromEntries(entries)))

const breaker = (now: EpochMillis): fc.Arbitrary<BreakerState> =>
  fc.tuple(BreakerArbitrary.readable(now), strangeFields, strangeFields).map(([state, unknown, ofProbe]) => ({
    ...state,
    probe: state.probe === undefined ? undefined : { ...state.probe, unknown: ofProbe },
    unknown
  }))

const breakers = (
  ecosystems: ReadonlyArray<string>,
  now: EpochMillis
): fc.Arbitrary<Readonly<Record<string, BreakerState>>> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...ecosystems), breaker(now)), { selector: ([name]) => name })
    .map((entries) => Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1))))

/** The reservation of a live probe: what the claim of it left in the budget. */
const ofProbe = (
  ecosystem: string,
  { generation, probe }: BreakerState,
  now: EpochMillis
): ReadonlyArray<Reservation> =>
  probe === undefined
    ? []
    : [
        {
          admittedAt: Math.min(now, probe.expiresAt - 30 * MINUTE),
          author: "ci",
          batch: undefined,
          batchSize: 1,
          ecosystem,
          expiresAt: probe.expiresAt,
          generation,
          kind: "probe",
          maxAttempts: 1,
          minutes: { linux: 6, macos: 2 },
          probeRecipes: ["recipes/a.rb"],
          runKey: probe.runKey,
          unknown: {}
        }
      ]

const withProbes = (
  budget: BudgetState,
  states: Readonly<Record<string, BreakerState>>,
  now: EpochMillis
): BudgetState => {
  const probes = Object.entries(states).flatMap(([ecosystem, state]) => ofProbe(ecosystem, state, now))
  const others = budget.reservations.filter((held) => !probes.some(isOf(held.ecosystem, held.runKey)))
  return { ...budget, reservations: [...others, ...probes].sort(byHolder) }
}

/** Published stop fields that no pause explains, or that lack a pause, as an older tool or a person may leave them. */
const leftoverWords = (now: EpochMillis): fc.Arbitrary<Partial<ControlFile["stop"]>> =>
  fc.oneof(
    { arbitrary: fc.constant({}), weight: 3 },
    { arbitrary: fc.constant({ disabledEcosystems: [], enabled: true }), weight: 1 },
    {
      arbitrary: fc.record({ disabledAt: maybe(around(now)), disabledBy: hostileText, reason: hostileText }),
      weight: 1
    }
  )

/** Any readable control file with breakers of some of these ecosystems, as it may stand at an instant. */
export const controlFile = (ecosystems: ReadonlyArray<string>, now: EpochMillis): fc.Arbitrary<ControlFile> =>
  fc
    .record({
      breakers: breakers([...ecosystems, "forgotten"], now),
      budget: fc
        .tuple(BudgetArbitrary.budget(now, fc.constantFrom(...ecosystems)), strangeFields)
        .map(([budget, unknown]) => ({ ...budget, unknown })),
      pauses: pauses(ecosystems, now),
      probed: fc.boolean(),
      unknown: strangeFields,
      words: leftoverWords(now)
    })
    .map(({ probed, words, ...rest }) => {
      const file = withPauses({ ...rest, stop: NOT_STOPPED }, rest.pauses)
      return {
        ...file,
        budget: probed ? withProbes(rest.budget, rest.breakers, now) : rest.budget,
        stop: { ...file.stop, ...words }
      }
    })

const NOT_STOPPED: ControlFile["stop"] = {
  disabledAt: undefined,
  disabledBy: "",
  disabledEcosystems: [],
  enabled: true,
  expectedResume: undefined,
  incidentUrl: "",
  reason: ""
}

const emptyOr = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(""), text)
const instantText = (now: EpochMillis): fc.Arbitrary<string> => emptyOr(around(now).map(format))

const publishedBreaker = (now: EpochMillis): fc.Arbitrary<JsonObject> =>
  fc.record(
    {
      failures: fc.integer({ max: 12, min: 0 }),
      last_failure: instantText(now),
      opens_at: instantText(now),
      state: fc.constantFrom("closed", "open", "half-open")
    },
    { noNullPrototype: true, requiredKeys: ["state"] }
  )

/** A control file as older tools write it: the published fields alone, empty strings for none, not all of them there. */
export const published = (ecosystems: ReadonlyArray<string>, now: EpochMillis): fc.Arbitrary<JsonObject> =>
  fc.record(
    {
      budget: fc.record(
        {
          linux_minutes_used: fc.integer({ max: 6000, min: 0 }),
          macos_minutes_used: fc.integer({ max: 1200, min: 0 }),
          sampling_active: fc.boolean(),
          week_start: instantText(now)
        },
        { noNullPrototype: true, requiredKeys: [] }
      ),
      circuit_breaker: fc.dictionary(fc.constantFrom(...ecosystems), publishedBreaker(now), { noNullPrototype: true }),
      disabled_at: instantText(now),
      disabled_by: emptyOr(hostileText),
      disabled_ecosystems: fc.uniqueArray(fc.constantFrom(...ecosystems), { maxLength: 2 }),
      enabled: fc.boolean(),
      expected_resume: instantText(now),
      incident_url: emptyOr(fc.constant("https://example.org/incident/7")),
      reason: emptyOr(hostileText)
    },
    { noNullPrototype: true, requiredKeys: ["enabled"] }
  )

const admittedBefore = (held: Reservation, at: EpochMillis): Identity.Identity => ({
  at,
  generation: held.generation,
  identity: `RunAdmitted ${held.ecosystem} ${held.runKey}`,
  ...(held.limit === undefined ? {} : { limit: held.limit }),
  nonce: "before",
  payload: "0",
  scope: held.ecosystem
})

/** A control file and the ledger of the claims that its grants came from; a few of them are forgotten. */
export const control = (ecosystems: ReadonlyArray<string>, now: EpochMillis): fc.Arbitrary<Control> =>
  fc.tuple(controlFile(ecosystems, now), fc.infiniteStream(fc.nat({ max: 5 }))).map(([file, chances]) => ({
    file,
    ledger: file.budget.reservations
      .filter(() => chances.next().value !== 0)
      .reduce((ledger, held) => Identity.add(ledger, admittedBefore(held, held.admittedAt)), Identity.empty)
  }))
