import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Manifest from "@batchbrake/core/batch/Manifest"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import * as ControlFile from "@batchbrake/core/control/ControlFile"
import { isObject, type Json, type JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as BatchArbitrary from "@batchbrake/core/testing/BatchArbitrary"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as BudgetArbitrary from "@batchbrake/core/testing/BudgetArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { unknownFields } from "@batchbrake/core/testing/JsonArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { schemas } from "../../schema/generate.ts"

const published = (name: string): JsonObject =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../schema", name), "utf8"))

const ajv = new Ajv2020({ allowUnionTypes: true, strict: true })
const acceptsPolicy = ajv.compile(published("batch-policy.schema.json"))
const acceptsControl = ajv.compile(published("batch-control.schema.json"))

const acceptsManifest = ajv.compile(published("batch-manifest.schema.json"))

const breakers = (now: number) =>
  fc
    .uniqueArray(fc.tuple(PolicyArbitrary.ecosystemName, BreakerArbitrary.readable(now)), {
      maxLength: 4,
      selector: ([name]) => name
    })
    .map((entries) => Object.fromEntries(entries))

const pause = (now: number) =>
  fc.record(
    {
      at: fc.constantFrom(now, undefined),
      author: fc.string(),
      autoResume: fc.boolean(),
      category: fc.constantFrom("security", undefined),
      expectedResume: fc.constant(now + 1),
      incidentUrl: fc.constantFrom("https://example.org/1", undefined),
      reason: fc.string(),
      unknown: unknownFields
    },
    { noNullPrototype: true }
  )

const control: fc.Arbitrary<ControlFile.ControlFile> = InstantArbitrary.ofEvent.chain((now) =>
  fc
    .tuple(
      breakers(now),
      BudgetArbitrary.budget(now),
      fc.dictionary(fc.constantFrom("*", "npm", "crates.io"), pause(now), { noNullPrototype: true }),
      unknownFields
    )
    .map(([breakersByName, budget, pauses, unknown]) =>
      ControlFile.withPauses({ ...ControlFile.initial, breakers: breakersByName, budget, unknown }, pauses)
    )
)

const nullAt = (value: Json, [key, ...rest]: ReadonlyArray<string | number>): Json =>
  key === undefined
    ? null
    : Array.isArray(value)
      ? value.map((member, index) => (index === key ? nullAt(member, rest) : member))
      : isObject(value)
        ? { ...value, [key]: nullAt(value[key] ?? null, rest) }
        : value

const keysOf = (
  value: Json,
  at: ReadonlyArray<string | number> = []
): ReadonlyArray<ReadonlyArray<string | number>> => [
  at,
  ...(Array.isArray(value)
    ? value.flatMap((member, index) => keysOf(member, [...at, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, member]) => keysOf(member, [...at, key]))
      : [])
]

const file: JsonObject = JSON.parse(
  ControlCodec.encode({
    ...ControlFile.initial,
    breakers: Object.fromEntries(
      fc
        .sample(BreakerArbitrary.halfOpen(InstantArbitrary.FIRST_EVENT), { numRuns: 1, seed: 1 })
        .map((breaker) => [
          "npm",
          { ...breaker, lastFailure: 0, opensAt: 0, probe: { expiresAt: 0, runKey: "a", unknown: {} }, window: "PF" }
        ])
    )
  })
)

describe("The JSON Schemas (SPEC.md PO)", () => {
  it.each(Object.entries(schemas))("[PO7] the published %s is the one that the code generates", (name, schema) => {
    assert.deepEqual(published(name), JSON.parse(JSON.stringify(schema)))
    assert.equal(published(name).$schema, "https://json-schema.org/draft/2020-12/schema")
    assert.ok(!("$id" in schema))
  })

  it("[BA13] every manifest that the code writes is accepted, and one with a wrong value anywhere is not", () => {
    fc.assert(
      fc.property(BatchArbitrary.manifest, fc.nat(), (manifest, choice) => {
        const written: JsonObject = JSON.parse(Manifest.encode(manifest))
        assert.ok(acceptsManifest(written), JSON.stringify(acceptsManifest.errors))
        const all = keysOf(written)
        const damaged = nullAt(written, all[choice % all.length] ?? [])
        assert.ok(!acceptsManifest(damaged))
        assert.ok(Result.isFailure(Manifest.parse(manifest.id, JSON.stringify(damaged))))
        assert.ok(!acceptsManifest({ ...written, surplus: 1 }))
      })
    )
  })

  it("[PO7] every policy that the code reads is accepted, and its normal form", () => {
    assert.ok(acceptsPolicy(Policy.starter(["npm"])))
    assert.ok(acceptsPolicy(Policy.starter(["homebrew", "cask"], "main")))
    fc.assert(
      fc.property(PolicyArbitrary.file, (policy) => {
        assert.ok(acceptsPolicy(policy), JSON.stringify(acceptsPolicy.errors))
        assert.ok(acceptsPolicy(PolicyArbitrary.decoded(policy).normal), JSON.stringify(acceptsPolicy.errors))
      })
    )
  })

  it("[PO7] a policy with a wrong value anywhere is refused, by the schema and by the code", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, fc.nat(), (policy, choice) => {
        const all = keysOf(policy)
        const damaged = nullAt(policy, all[choice % all.length] ?? [])
        assert.ok(!acceptsPolicy(damaged))
        assert.ok(Result.isFailure(Policy.fromJson(damaged)))
      })
    )
  })

  it.each<[string, JsonObject]>([
    ["an unknown key", { treshold: 1 }],
    ["an unknown key of a breaker", { breaker: { treshold: 0.5 } }],
    ["an ecosystem of no such name", { ecosystems: { "Not a name": {} } }],
    ["a platform of no such name", { budget: { caps: { "": 1 } } }],
    ["a window of none", { breaker: { window: 0 } }],
    ["a window past the largest", { breaker: { window: 1001 } }],
    ["half an attempt", { breaker: { minimum_attempts: 1.5 } }],
    ["a threshold above one", { breaker: { threshold: 1.01 } }],
    ["a cool-down past a year", { breaker: { cool_down_minutes: 527_041 } }],
    ["a mode that is none", { breaker: { mode: "dry-run" } }],
    ["a rate that is none", { sampling: { rules: [{ match: "**", rate: "sometimes" }] } }],
    ["no content", { content: [] }],
    ["a branch that begins with a dash", { content_branch: "-main" }],
    ["an eighth day", { budget: { week_starts: "someday" } }],
    ["another version", { version: 2 }]
  ])("[PO7] a policy with %s is refused, by the schema and by the code", (_, change) => {
    const damaged = { ...Policy.starter(["npm"]), ...change }
    assert.ok(!acceptsPolicy(damaged))
    assert.ok(Result.isFailure(Policy.fromJson(damaged)))
  })

  it("[PO7] every control file that the code writes is accepted", () => {
    fc.assert(
      fc.property(control, (state) => {
        assert.ok(acceptsControl(JSON.parse(ControlCodec.encode(state))), JSON.stringify(acceptsControl.errors))
      })
    )
  })

  it.each<[string, JsonObject]>([
    ["published and nothing more", { enabled: true }],
    ["with empty strings for none", { disabled_at: "", enabled: false, expected_resume: "" }],
    ["of a newer writer, with more keys", { budget: { "x-later": null }, enabled: true, "x-new": [] }],
    ["with a bare date", { budget: { week_start: "2026-11-23" }, enabled: true }],
    ["with decimal minutes", { budget: { macos_minutes_used: 12.5 }, enabled: true }]
  ])("[PO7] a control file %s is accepted, by the schema and by the code", (_, readable) => {
    assert.ok(acceptsControl(readable))
    assert.ok(Result.isSuccess(ControlCodec.fromJson(readable)))
  })

  it.each([
    [["enabled"]],
    [["disabled_ecosystems"]],
    [["reason"]],
    [["disabled_at"]],
    [["version"]],
    [["circuit_breaker"]],
    [["circuit_breaker", "npm"]],
    [["circuit_breaker", "npm", "state"]],
    [["circuit_breaker", "npm", "failures"]],
    [["circuit_breaker", "npm", "last_failure"]],
    [["circuit_breaker", "npm", "opens_at"]],
    [["circuit_breaker", "npm", "window"]],
    [["circuit_breaker", "npm", "probe"]],
    [["circuit_breaker", "npm", "probe", "expires_at"]],
    [["budget"]],
    [["budget", "macos_minutes_used"]],
    [["budget", "week_start"]],
    [["budget", "sampling_active"]]
  ])("[PO7] a control file with a wrong value at %j is refused, by the schema and by the code", (keys) => {
    assert.ok(acceptsControl(file))
    assert.ok(keysOf(file).some((there) => there.join() === keys.join()))
    const damaged = nullAt(file, keys)
    assert.ok(!acceptsControl(damaged))
    assert.ok(Result.isFailure(ControlCodec.fromJson(damaged)))
  })

  it.each<[string, JsonObject]>([
    ["no answer", {}],
    ["an answer in words", { enabled: "true" }],
    ["a state that is none", { circuit_breaker: { npm: { state: "ajar" } }, enabled: true }],
    ["fewer than no failures", { circuit_breaker: { npm: { failures: -1, state: "open" } }, enabled: true }],
    ["a time that is none", { circuit_breaker: { npm: { opens_at: "soon", state: "open" } }, enabled: true }],
    ["fewer than no minutes", { budget: { macos_minutes_used: -1 }, enabled: true }],
    ["half a reservation", { budget: { reservations: [{ ecosystem: "npm" }] }, enabled: true }],
    ["a stop of no such name", { disabled_ecosystems: ["Not a name"], enabled: true }],
    ["a newer version", { enabled: true, version: 2 }]
  ])("[PO7] a control file with %s is refused, by the schema and by the code", (_, damaged) => {
    assert.ok(!acceptsControl(damaged))
    assert.ok(Result.isFailure(ControlCodec.fromJson(damaged)))
  })
})
