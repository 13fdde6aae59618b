/** Policies for properties: as the JSON of a policy file, and decoded. Built valid, with numbers small enough to matter. */

import * as Result from "effect/Result"
import * as fc from "fast-check"
import { printAll } from "../json/Fault.ts"
import type { JsonObject } from "../json/Json.ts"
import * as Policy from "../policy/Policy.ts"

const KNOWN_NAMES = ["homebrew", "npm", "crates.io", "cask", "constructor", "7"] as const

/** What an ecosystem may be called, names that JavaScript treats specially among them. */
export const ecosystemName: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...KNOWN_NAMES), weight: 4 },
  { arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,12}$/), weight: 1 }
)

export const platformName: fc.Arbitrary<string> = fc.constantFrom("macos", "linux", "windows", "valueof", "constructor")

/** A part of one that a policy may state: at most six decimals. */
export const fraction: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 0.05, 0.1, 0.25, 0.5, 0.8, 0.95, 1),
  fc.integer({ max: 1_000_000, min: 0 }).map((millionths) => millionths / 1_000_000)
)

const pair = (low: number, high: number): fc.Arbitrary<readonly [number, number]> =>
  fc
    .tuple(fc.integer({ max: high, min: low }), fc.integer({ max: high, min: low }))
    .map(([one, other]) => [Math.min(one, other), Math.max(one, other)])

/** Window and minimum, in every way in which a file may state them; a base of up to 20 never contradicts an override. */
const windowKeys: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant<JsonObject>({}),
  pair(1, 20).map(([minimum, window]): JsonObject => ({ minimum_attempts: minimum, window }))
)
const baseWindowKeys: fc.Arbitrary<JsonObject> = fc.oneof(
  windowKeys,
  fc.integer({ max: 20, min: 1 }).map((window): JsonObject => ({ window })),
  fc.integer({ max: 10, min: 1 }).map((minimum): JsonObject => ({ minimum_attempts: minimum }))
)
const overrideWindowKeys: fc.Arbitrary<JsonObject> = fc.oneof(
  windowKeys,
  fc.constant<JsonObject>({ window: 20 }),
  fc.constant<JsonObject>({ minimum_attempts: 1 })
)

const coolDownKeys: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant<JsonObject>({}),
  pair(1, 3000).map(([least, most]): JsonObject => ({ cool_down_cap_minutes: most, cool_down_minutes: least }))
)

const otherKeys: fc.Arbitrary<JsonObject> = fc.record(
  {
    close_after: fc.integer({ max: 5, min: 1 }),
    cool_down_multiplier: fc.constantFrom(1, 1.5, 2, 3.25, 100),
    ignore_categories: fc.uniqueArray(fc.constantFrom("flaky", "network", "upstream"), { maxLength: 2 }),
    mode: fc.constantFrom("enforce", "enforce", "observe"),
    probe_attempts: fc.integer({ max: 5, min: 1 }),
    probe_lease_minutes: fc.integer({ max: 300, min: 1 }),
    threshold: fraction
  },
  { noNullPrototype: true, requiredKeys: [] }
)

const breakerKeys = (window: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  fc.tuple(window, coolDownKeys, otherKeys).map(([own, coolDown, others]) => ({ ...own, ...coolDown, ...others }))

const ecosystem: fc.Arbitrary<JsonObject> = fc.record(
  { breaker: breakerKeys(overrideWindowKeys), slo: fraction },
  { noNullPrototype: true, requiredKeys: [] }
)

const minutes = (most: number): fc.Arbitrary<JsonObject> =>
  fc.dictionary(platformName, fc.integer({ max: most, min: 0 }), { maxKeys: 4, noNullPrototype: true })

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const

const lines: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant<JsonObject>({}),
  fc
    .tuple(fraction, fraction)
    .map(([one, other]): JsonObject => ({ pause_at: Math.max(one, other), sample_at: Math.min(one, other) }))
)

const budgetKeys: fc.Arbitrary<JsonObject> = fc
  .tuple(
    lines,
    fc.record(
      { caps: minutes(1000), reserve: minutes(60), week_starts: fc.constantFrom(...WEEKDAYS) },
      { noNullPrototype: true, requiredKeys: [] }
    )
  )
  .map(([own, others]) => ({ ...own, ...others }))

const rule: fc.Arbitrary<JsonObject> = fc.record(
  {
    match: fc.constantFrom("**", "recipes/**", "recipes/a*", "*.rb"),
    platform: platformName,
    rate: fc.oneof(fc.constantFrom<string | number>("always", "never"), fraction)
  },
  { noNullPrototype: true, requiredKeys: ["match", "rate"] }
)

const samplingKeys: fc.Arbitrary<JsonObject> = fc.record(
  {
    rates: fc.dictionary(platformName, fraction, { maxKeys: 3, noNullPrototype: true }),
    rules: fc.array(rule, { maxLength: 3 }),
    seed: fc.string({ maxLength: 8 })
  },
  { noNullPrototype: true, requiredKeys: [] }
)

const hours = fc.integer({ max: 1000, min: 1 })

const ecosystems: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(ecosystemName, ecosystem), { maxLength: 4, minLength: 1, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries))

/** The JSON of a policy file: one to four ecosystems, every other key there or not. */
export const file: fc.Arbitrary<JsonObject> = fc.record(
  {
    alerts: fc.record(
      { minimum_attempts: hours, open_batch_hours: hours, stale_hours: hours },
      { noNullPrototype: true, requiredKeys: [] }
    ),
    batch_size: fc.integer({ max: 50, min: 1 }),
    breaker: breakerKeys(baseWindowKeys),
    budget: budgetKeys,
    content: fc.uniqueArray(fc.constantFrom("recipes/**", "casks/*.rb", "npm/**/package.json"), { minLength: 1 }),
    content_branch: fc.constantFrom("main", "release/2026", "next"),
    control_branch: fc.constantFrom("batch-control", "state/control"),
    drift: fc.record({ delay_hours: hours }, { noNullPrototype: true, requiredKeys: [] }),
    ecosystems,
    lease_minutes: fc.integer({ max: 600, min: 1 }),
    sampling: samplingKeys,
    slo: fraction,
    version: fc.constant(1)
  },
  { noNullPrototype: true, requiredKeys: ["version", "ecosystems"] }
)

/** The policy that a file's JSON means; throws for one that is none. */
export const decoded = (json: JsonObject): Policy.Policy =>
  Result.getOrThrowWith(Policy.fromJson(json), (faults) => new Error(printAll(faults)))

export const policy: fc.Arbitrary<Policy.Policy> = file.map(decoded)

const starterWith = (keys: JsonObject): Policy.Policy => decoded({ ...Policy.starter(["npm"]), ...keys })

const soleBreaker = (keys: JsonObject): Policy.BreakerPolicy => {
  const own = Policy.ecosystemOf(starterWith({ breaker: keys }), "npm")
  if (own === undefined) throw new Error("the starter policy lacks its ecosystem")
  return own.breaker
}

/** One breaker's thresholds. */
export const breaker: fc.Arbitrary<Policy.BreakerPolicy> = breakerKeys(baseWindowKeys).map(soleBreaker)

/** The caps, reserves and lines of a budget. */
export const budget: fc.Arbitrary<Policy.BudgetPolicy> = budgetKeys.map((keys) => starterWith({ budget: keys }).budget)
