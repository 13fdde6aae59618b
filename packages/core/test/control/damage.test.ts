import { strict as assert } from "node:assert"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import type { ControlFile } from "@batchbrake/core/control/ControlFile"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import type { Fault } from "@batchbrake/core/json/Fault"
import { isName } from "@batchbrake/core/json/Field"
import { isObject, type Json, type JsonObject } from "@batchbrake/core/json/Json"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const faultsOf = (text: string): ReadonlyArray<Fault> => {
  const decoded: Result.Result<ControlFile, ReadonlyArray<Fault>> = ControlCodec.decode(text)
  return Result.isFailure(decoded) ? decoded.failure : []
}
const pathsOf = (text: string): ReadonlyArray<string> => faultsOf(text).map(({ path }) => path)

const GRANT: JsonObject = {
  admitted_at: "2026-11-22T00:00:00Z",
  batch_size: 1,
  by: "ci",
  ecosystem: "npm",
  expires_at: "2026-11-23T00:00:00Z",
  generation: 0,
  kind: "run",
  max_attempts: 1,
  minutes: { linux: 5 },
  run_key: "k"
}
const file = (fields: JsonObject): string => JSON.stringify({ enabled: true, ...fields })
const breaker = (fields: JsonObject): string => file({ circuit_breaker: { npm: { state: "open", ...fields } } })
const grant = (fields: JsonObject): string => file({ budget: { reservations: [{ ...GRANT, ...fields }] } })
const pause = (fields: JsonObject): string => file({ pauses: { npm: { by: "ops", reason: "r", ...fields } } })

const DAMAGED: ReadonlyArray<readonly [what: string, text: string, path: string]> = [
  ["is empty", "", ""],
  ["is blank", " \n", ""],
  ["was cut off", '{"enabled": true, "circuit_breaker": {"npm"', ""],
  ["has merge conflict markers", '<<<<<<< ours\n{"enabled":true}\n=======\n{"enabled":false}\n>>>>>>> theirs\n', ""],
  ["begins with a byte order mark", '\uFEFF{"enabled":true}', ""],
  ["holds two values", '{"enabled":true}{"enabled":false}', ""],
  ["has a comment", '{"enabled":true /* for now */}', ""],
  ["is a list", "[]", ""],
  ["is null", "null", ""],
  ["says NaN", '{"enabled":true,"budget":{"macos_minutes_used":NaN}}', ""],
  ["does not say whether it is enabled", '{"disabled_ecosystems":[]}', "enabled"],
  ["says enabled as a word", '{"enabled":"false"}', "enabled"],
  ["says enabled twice", '{"enabled":false,"enabled":true}', "enabled"],
  ["says enabled twice, once escaped", '{"enabled":false,"en\\u0061bled":true}', "enabled"],
  [
    "names a breaker twice",
    '{"enabled":true,"circuit_breaker":{"npm":{"state":"open"},"npm":{"state":"closed"}}}',
    "circuit_breaker.npm"
  ],
  ["has a bad day", file({ disabled_at: "2026-02-30" }), "disabled_at"],
  ["has a time without an offset", file({ expected_resume: "2026-02-03T10:00:00" }), "expected_resume"],
  ["is of a newer version", file({ version: 2 }), "version"],
  ["is of version null", file({ version: null }), "version"],
  ["has a list for the breakers", file({ circuit_breaker: [] }), "circuit_breaker"],
  ["has nothing for the breakers", file({ circuit_breaker: null }), "circuit_breaker"],
  ["has an unknown state", breaker({ state: "half_open" }), "circuit_breaker.npm.state"],
  ["lacks a state", file({ circuit_breaker: { npm: { failures: 1 } } }), "circuit_breaker.npm.state"],
  ["has failures below zero", breaker({ failures: -1 }), "circuit_breaker.npm.failures"],
  ["has half a failure", breaker({ failures: 0.5 }), "circuit_breaker.npm.failures"],
  ["has a window of other letters", breaker({ window: "PFX" }), "circuit_breaker.npm.window"],
  ["has an empty instant of ours", breaker({ opened_at: "" }), "circuit_breaker.npm.opened_at"],
  ["has a probe without an end", breaker({ probe: { run_key: "k" } }), "circuit_breaker.npm.probe.expires_at"],
  ["has a run key of two lines", grant({ run_key: "a\nb" }), "budget.reservations[0].run_key"],
  ["misnames a breaker", file({ circuit_breaker: { NPM: { state: "open" } } }), "circuit_breaker.NPM"],
  ["misnames a breaker with dots", file({ circuit_breaker: { "a b": { state: "open" } } }), 'circuit_breaker["a b"]'],
  ["stops an ecosystem that cannot be", file({ disabled_ecosystems: ["NPM"] }), "disabled_ecosystems[0]"],
  ["stops by a text", file({ disabled_ecosystems: "npm" }), "disabled_ecosystems"],
  ["has a list for the budget", file({ budget: [] }), "budget"],
  ["has minutes below zero", file({ budget: { macos_minutes_used: -3 } }), "budget.macos_minutes_used"],
  ["has minutes as text", file({ budget: { linux_minutes_used: "12" } }), "budget.linux_minutes_used"],
  [
    "has more minutes than numbers go",
    '{"enabled":true,"budget":{"macos_minutes_used":1e999}}',
    "budget.macos_minutes_used"
  ],
  ["misnames a platform", file({ budget: { MacOS_minutes_used: 3 } }), "budget.MacOS_minutes_used"],
  ["misnames a reserved platform", grant({ minutes: { MacOS: 3 } }), "budget.reservations[0].minutes.MacOS"],
  [
    "misnames a platform of an ended grant",
    file({ budget: { expired: [{ ecosystem: "npm", expired_at: "2026-11-22", minutes: { "": 1 }, run_key: "k" }] } }),
    'budget.expired[0].minutes[""]'
  ],
  ["has reserved minutes below zero", grant({ minutes: { linux: -1 } }), "budget.reservations[0].minutes.linux"],
  ["has a grant of no kind", grant({ kind: "walk" }), "budget.reservations[0].kind"],
  ["has a grant of no size", grant({ batch_size: 0 }), "budget.reservations[0].batch_size"],
  ["has two grants of one run", file({ budget: { reservations: [GRANT, GRANT] } }), "budget.reservations[1]"],
  ["has a pause that ends by itself at no time", pause({ auto_resume: true }), "pauses.npm"],
  ["has a pause by nobody", file({ pauses: { npm: { reason: "r" } } }), "pauses.npm.by"],
  ["misnames a pause", file({ pauses: { "**": { by: "ops", reason: "r" } } }), 'pauses["**"]']
]

/** Every place of a value that is no container, and the value there. */
const leaves = (
  value: Json,
  path: ReadonlyArray<string | number> = []
): ReadonlyArray<ReadonlyArray<string | number>> =>
  Array.isArray(value)
    ? value.flatMap((item, index) => leaves(item, [...path, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
      : [path]

const replaced = (value: Json, path: ReadonlyArray<string | number>, by: Json): Json => {
  const [head, ...rest] = path
  if (head === undefined) return by
  if (Array.isArray(value)) return value.map((item, index) => (index === head ? replaced(item, rest, by) : item))
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, key === head ? replaced(item, rest, by) : item])
      )
    : value
}

describe("A damaged control file (SPEC.md CF)", () => {
  it.each(DAMAGED)("[CF6] one that %s is refused, and the fault says where", (_, text, path) => {
    const faults = faultsOf(text)
    assert.ok(faults.length > 0, "it was read")
    assert.ok(
      faults.some((fault) => fault.path === path),
      JSON.stringify(faults)
    )
    for (const { expected, found } of faults) assert.ok(expected !== "" && found !== "")
  })

  it("[CF6] a value of the wrong type is refused in every field, and the fault names the field", () => {
    const full = file({
      budget: {
        expired: [],
        linux_minutes_used: 0,
        macos_minutes_used: 0,
        reservations: [GRANT],
        sampling_active: false,
        week_start: ""
      },
      circuit_breaker: {
        npm: {
          closed_at: "2026-11-22",
          failures: 0,
          generation: 0,
          half_open_successes: 0,
          last_failure: "",
          opened_at: "2026-11-22",
          opens_at: "",
          probe: { expires_at: "2026-11-22", run_key: "k" },
          recent_probes: ["a"],
          state: "open",
          trips: 0,
          window: ""
        }
      },
      disabled_at: "",
      disabled_by: "",
      disabled_ecosystems: ["npm"],
      expected_resume: "",
      incident_url: "",
      pauses: {
        npm: {
          at: "2026-11-22",
          auto_resume: true,
          by: "a",
          category: "c",
          expected_resume: "2026-11-23",
          incident_url: "",
          reason: "r"
        }
      },
      reason: "",
      version: 1
    })
    assert.deepEqual(faultsOf(full), [])
    const places = leaves(JSON.parse(full))
    assert.ok(places.length > 35)
    for (const place of places) {
      for (const wrong of [null, [], {}, 1e300, true, ["x"]]) {
        const text = JSON.stringify(replaced(JSON.parse(full), place, wrong))
        const [read] = [JSON.parse(full)]
        if (typeof wrong === typeof place.reduce((at, key) => at[key], read) && wrong === true) continue
        if (wrong === 1e300 && String(place.at(-1)).endsWith("_minutes_used")) continue
        const last = String(place.at(-1))
        assert.ok(
          pathsOf(text).some((path) => path.includes(isName(last) || /^\w+$/.test(last) ? last : "")),
          `${place.join(".")} = ${JSON.stringify(wrong)}: ${pathsOf(text).join(" ")}`
        )
      }
    }
  })

  it("[CF6] a file is nested a hundred levels deep at most, so that its event fits a line of the log", () => {
    const nested = (levels: number): string => file({ x: JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`) })
    assert.deepEqual(faultsOf(nested(99)), [])
    assert.equal(faultsOf(nested(100)).length, 1)
    const control = JSON.parse(nested(99))
    const event: ControlEvent = { _tag: "Imported", at: 0, author: "ops", control, id: "x" }
    const message = ControlLog.render("s", { control: "c", events: [event], nonce: "n", policy: "p" })
    assert.ok(Result.isSuccess(ControlLog.parse(message)))
  })

  it("[CF6] whatever part of a file is lost, it is refused", () => {
    const text = InstantArbitrary.ofEvent.chain((now) =>
      ControlArbitrary.controlFile(["npm", "cask"], now).map(ControlCodec.encode)
    )
    fc.assert(
      fc.property(text, fc.nat(), (whole, cut) => {
        assert.ok(faultsOf(whole.trimEnd().slice(0, cut % (whole.length - 1))).length > 0)
      })
    )
  })

  it("[CF6] decoding throws for no text and no JSON", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void ControlCodec.decode(text)))
    fc.assert(fc.property(fc.json(), (text) => void ControlCodec.decode(text)))
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) =>
          void ControlCodec.decode(
            JSON.stringify({ budget: value, circuit_breaker: value, enabled: true, pauses: value })
          )
      )
    )
  })
})
