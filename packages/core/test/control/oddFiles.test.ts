/** Control files that people write by hand: what is read of what is left out, out of order, or nearly right. */
import { strict as assert } from "node:assert"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import * as ControlFile from "@batchbrake/core/control/ControlFile"
import { ControlShape, PauseShape } from "@batchbrake/core/control/ControlFileShape"
import type * as Pause from "@batchbrake/core/control/Pause"
import type { Fault } from "@batchbrake/core/json/Fault"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, it } from "vitest"

const NOON = "2026-11-23T12:00:00Z"

const read = (json: JsonObject): ControlFile.ControlFile =>
  Result.getOrThrowWith(
    ControlCodec.fromJson({ enabled: true, ...json }),
    (faults) => new Error(JSON.stringify(faults))
  )
const faultsOf = (json: JsonObject): ReadonlyArray<Fault> =>
  Result.match(ControlCodec.fromJson({ enabled: true, ...json }), {
    onFailure: (faults) => faults,
    onSuccess: () => []
  })
const pathsOf = (json: JsonObject): ReadonlyArray<string> => faultsOf(json).map(({ path }) => path)

const pause = (at: number | undefined, reason: string): Pause.Pause => ({
  at,
  author: "ops",
  autoResume: false,
  category: undefined,
  expectedResume: undefined,
  incidentUrl: undefined,
  reason,
  unknown: {}
})
const mirrored = (pauses: Pause.Pauses): ControlFile.PublishedStop =>
  ControlFile.withPauses(ControlFile.initial, pauses).stop

describe("Odd control files (SPEC.md CF)", () => {
  it("a file with nothing but its switch is written whole, and no list that is empty with it", () => {
    assert.equal(
      JSON.stringify(ControlCodec.toJson(read({}))),
      '{"enabled":true,"disabled_ecosystems":[],"reason":"","incident_url":"","disabled_by":"","disabled_at":"",' +
        '"expected_resume":"","circuit_breaker":{},"budget":{"macos_minutes_used":0,"linux_minutes_used":0,' +
        '"week_start":"","sampling_active":false},"version":1}'
    )
    const { budget } = ControlFile.initial
    assert.deepEqual(read({}), { ...ControlFile.initial, budget: { ...budget, used: { linux: 0, macos: 0 } } })
    assert.equal(read({ budget: { sampling_active: true } }).budget.samplingActive, true)
  })

  it("breakers and platforms are read and written in the order of their names", () => {
    const closed = { state: "closed" }
    const file = read({
      budget: { windows_minutes_used: 3, arm_minutes_used: 1.5, "linux-2_minutes_used": 2 },
      circuit_breaker: { npm: closed, cask: closed, pip: closed }
    })
    assert.deepEqual(Object.keys(file.breakers), ["cask", "npm", "pip"])
    const { budget = null } = ControlCodec.toJson(file)
    assert.equal(
      JSON.stringify(budget),
      '{"macos_minutes_used":0,"linux_minutes_used":0,"arm_minutes_used":2,"linux-2_minutes_used":2,' +
        '"windows_minutes_used":3,"week_start":"","sampling_active":false}'
    )
  })

  it("a key that only looks like a platform's minutes is no platform's, and is kept or refused", () => {
    const budget = { linux_minutes_used: 4, linux_minutes_used_before: 3, minutes_used: 5 }
    const file = read({ budget })
    assert.deepEqual(file.budget.used, { linux: 4, macos: 0 })
    assert.deepEqual(file.budget.unknown, { linux_minutes_used_before: 3, minutes_used: 5 })
    for (const key of ["!linux_minutes_used", "_minutes_used", `${"x".repeat(65)}_minutes_used`]) {
      assert.equal(pathsOf({ budget: { [key]: 1 } }).length, 1, key)
    }
    assert.deepEqual(pathsOf({ budget: { [`${"x".repeat(64)}_minutes_used`]: 1 } }), [])
  })

  it("each entry of a list is read as strictly as the file, and a second grant of one run is refused where it stands", () => {
    const late = { ecosystem: "npm", expired_at: NOON, minutes: {}, run_key: "j" }
    assert.deepEqual(pathsOf({ budget: { expired: [late, late] } }), [])
    const wrong: ReadonlyArray<readonly [Json, string]> = [
      [{ ...late, expired_at: "noon" }, "budget.expired[0].expired_at"],
      [{ ...late, run_key: 7 }, "budget.expired[0].run_key"],
      [{ ...late, minutes: { linux: -1 } }, "budget.expired[0].minutes.linux"],
      [{ ecosystem: "npm", expired_at: NOON, minutes: {} }, "budget.expired[0].run_key"],
      [7, "budget.expired[0]"]
    ]
    for (const [entry, path] of wrong) assert.deepEqual(pathsOf({ budget: { expired: [entry] } }), [path])
    const grant = {
      ...{ admitted_at: NOON, batch_size: 1, by: "ci", ecosystem: "npm", expires_at: NOON, generation: 0, kind: "run" },
      ...{ max_attempts: 1, minutes: {}, run_key: "k" }
    }
    assert.deepEqual(faultsOf({ budget: { reservations: [grant, { ...grant, run_key: "l" }, grant] } }), [
      { expected: "one reservation a run", found: "a second one for npm k", path: "budget.reservations[2]" }
    ])
  })

  it("a file that is nested too deeply, and an end by itself without a time, are refused with what would do", () => {
    const nested = (levels: number): Json => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`)
    assert.deepEqual(faultsOf({ x: nested(99) }), [])
    assert.deepEqual(faultsOf({ x: nested(100) }), [
      { expected: "at most 100 levels of nesting", found: "a value that is nested deeper", path: "" }
    ])
    const endless = { auto_resume: true, by: "ops", reason: "r" }
    assert.deepEqual(
      faultsOf({ pauses: { npm: endless } }).map(({ expected, path }) => [path, expected]),
      [["pauses.npm", "an expected_resume beside auto_resume"]]
    )
    assert.deepEqual(faultsOf({ pauses: { npm: { ...endless, auto_resume: false } } }), [])
    assert.deepEqual(faultsOf({ pauses: { npm: { ...endless, expected_resume: NOON } } }), [])
  })

  it("a value in place of an object is refused by the name of what belongs there", () => {
    const npm = { npm: 7 }
    const wrong: ReadonlyArray<readonly [Json, path: string, name: string]> = [
      [7, "", "ControlFile"],
      [{ enabled: true, budget: 7 }, "budget", "Budget"],
      [{ enabled: true, budget: { expired: [7] } }, "budget.expired[0]", "Expired"],
      [{ enabled: true, budget: { reservations: [7] } }, "budget.reservations[0]", "Reservation"],
      [{ enabled: true, circuit_breaker: npm }, "circuit_breaker.npm", "Breaker"],
      [{ enabled: true, circuit_breaker: { npm: { probe: 7, state: "open" } } }, "circuit_breaker.npm.probe", "Probe"],
      [{ enabled: true, pauses: npm }, "pauses.npm", "Pause"]
    ]
    for (const [json, path, expected] of wrong) {
      assert.deepEqual(ControlCodec.fromJson(json), Result.fail([{ expected, found: "7", path }]))
    }
  })

  it("a pause's rule between two fields asks nothing of the JSON Schema, and the file's schema says what it is", () => {
    const pause = Schema.toJsonSchemaDocument(PauseShape)
    assert.deepEqual(pause.schema, { $ref: "#/$defs/Pause" })
    assert.ok(!JSON.stringify(pause.definitions).includes("allOf"))
    const title = "Batchbrake control file (batch-control.json)"
    assert.equal(Schema.toJsonSchemaDocument(ControlShape).definitions.ControlFile?.title, title)
  })
})

describe("The published stop (SPEC.md CF)", () => {
  it("[CF5] tells of the newest pause, of the first among equals, and of none without a time if another has one", () => {
    const told = (...pauses: ReadonlyArray<readonly [scope: string, at: number | undefined]>): string =>
      mirrored(Object.fromEntries(pauses.map(([scope, at]) => [scope, pause(at, scope)]))).reason
    assert.equal(told(["cask", 2], ["npm", 1]), "cask")
    assert.equal(told(["cask", 1], ["npm", 2]), "npm")
    assert.equal(told(["cask", 5], ["npm", 3], ["pip", 4]), "cask")
    assert.equal(told(["cask", 1], ["npm", 1]), "cask")
    assert.equal(told(["cask", undefined], ["npm", 1]), "npm")
    assert.equal(told(["cask", 1], ["npm", undefined]), "cask")
    assert.equal(told(["cask", undefined], ["npm", undefined]), "cask")
    assert.equal(told(["*", undefined], ["npm", 9]), "*")
  })

  it("[CF5] names the ecosystems in order, whatever order their pauses stand in", () => {
    const pauses = { npm: pause(0, "r"), cask: pause(0, "r"), "9": pause(0, "r"), "10": pause(0, "r") }
    assert.deepEqual(mirrored(pauses).disabledEcosystems, ["10", "9", "cask", "npm"])
    assert.equal(mirrored(pauses).enabled, true)
  })

  it("[CF5] a file whose fields tell of its pauses is the same file, and one that parts the names otherwise is not", () => {
    const file = ControlFile.withPauses(ControlFile.initial, { npm: pause(0, "r"), pip: pause(0, "r") })
    assert.equal(ControlFile.withStopsMirrored(file), file)
    const parted = { ...file, stop: { ...file.stop, disabledEcosystems: ["npmp", "ip"] } }
    assert.deepEqual(ControlFile.withStopsMirrored(parted), file)
  })
})
