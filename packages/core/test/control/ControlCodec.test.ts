import { strict as assert } from "node:assert"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import { type ControlFile, withBreaker } from "@batchbrake/core/control/ControlFile"
import * as Pause from "@batchbrake/core/control/Pause"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { isObject } from "@batchbrake/core/json/Json"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { roundTrip } from "@batchbrake/core/testing/laws/records"
import { parse } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { keeps } from "../support/keeps.ts"

const ECOSYSTEMS = ["npm", "homebrew", "crates.io", "constructor", "7"] as const

const stateAt = InstantArbitrary.ofEvent.chain((now) =>
  ControlArbitrary.controlFile(ECOSYSTEMS, now).map((file) => ({ file, now }))
)
const published = InstantArbitrary.ofEvent.chain((now) => ControlArbitrary.published(ECOSYSTEMS, now))

const decoded = (text: string): ControlFile =>
  Result.getOrThrowWith(ControlCodec.decode(text), (faults) => new Error(JSON.stringify(faults)))

const encodedJson = (text: string): Json => JSON.parse(ControlCodec.encode(decoded(text)))

const INSTANTS = ["last_failure", "opens_at", "disabled_at", "expected_resume", "week_start"]

/** Every field of `before` that is not in `after` with the same meaning: instants as instants, the rest as it is. */
const lost = (before: Json, after: Json | undefined, path = ""): ReadonlyArray<string> => {
  if (isObject(before)) {
    return isObject(after)
      ? Object.entries(before).flatMap(([key, value]) => {
          const now = Object.hasOwn(after, key) ? after[key] : undefined
          const isInstant = INSTANTS.includes(key) && typeof value === "string" && typeof now === "string"
          if (isInstant && value !== "") return parse(value) === parse(now) ? [] : [`${path}.${key}`]
          return lost(value, now, `${path}.${key}`)
        })
      : [path]
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
}

/** The file without the fields that nobody knows: their order is theirs. */
const withoutUnknown = (file: ControlFile): ControlFile => ({
  ...file,
  breakers: Object.fromEntries(
    Object.entries(file.breakers).map(([name, breaker]) => [
      name,
      { ...breaker, probe: breaker.probe && { ...breaker.probe, unknown: {} }, unknown: {} }
    ])
  ),
  budget: {
    ...file.budget,
    expired: file.budget.expired.map((late) => ({ ...late, unknown: {} })),
    reservations: file.budget.reservations.map((held) => ({ ...held, unknown: {} })),
    unknown: {}
  },
  pauses: Object.fromEntries(Object.entries(file.pauses).map(([scope, pause]) => [scope, { ...pause, unknown: {} }])),
  unknown: {}
})

const reversed = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(reversed)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, field]) => [key, reversed(field)])
        )
      : value

describe("ControlCodec (SPEC.md CF)", () => {
  it("[CF1] [PO1] decoding what was encoded gives the same file and policy, unknown fields at every level included", () => {
    keeps(roundTrip, { leastTried: 300, numRuns: 300 })
  })

  it("[CF1] an unknown field comes back from every object of the file, whatever JavaScript thinks of its name", () => {
    const strange = '{"__proto__":{"a":1},"constructor":[1],"10":null,"9":"","toString":0,"":{"b":{}}}'
    const unknown = (known: string): string => `${known.slice(0, -1)},${strange.slice(1)}`
    const breaker = unknown(
      `{"state":"half-open","probe":${unknown('{"run_key":"k","expires_at":"2026-11-23T00:00:00Z"}')}}`
    )
    const grant = unknown(
      '{"ecosystem":"npm","run_key":"k","kind":"run","generation":0,"admitted_at":"2026-11-22T00:00:00Z","expires_at":"2026-11-23T00:00:00Z","batch_size":1,"max_attempts":1,"minutes":{},"by":"ci"}'
    )
    const over = unknown('{"ecosystem":"npm","run_key":"j","expired_at":"2026-11-22T00:00:00Z","minutes":{}}')
    const budget = unknown(
      `{"macos_minutes_used":0,"linux_minutes_used":0,"reservations":[${grant}],"expired":[${over}]}`
    )
    const pause = unknown('{"reason":"r","by":"a"}')
    const text = unknown(
      `{"enabled":true,"circuit_breaker":{"npm":${breaker}},"budget":${budget},"pauses":{"npm":${pause}}}`
    )
    assert.deepEqual(lost(JSON.parse(text), encodedJson(text)), [])
    assert.equal(text.split('"toString"').length, JSON.stringify(encodedJson(text)).split('"toString"').length)
  })

  it("[CF2] encoding a published file loses no field and changes no value, and a second rewrite no byte", () => {
    fc.assert(
      fc.property(published, (shape) => {
        const once = ControlCodec.encode(decoded(JSON.stringify(shape)))
        assert.deepEqual(lost(shape, JSON.parse(once)), [])
        assert.equal(ControlCodec.encode(decoded(once)), once)
      }),
      { numRuns: 300 }
    )
  })

  const HISTORY = join(import.meta.dirname, "../../../../..", "shared", "data", "control-history.jsonl")
  it.skipIf(!existsSync(HISTORY))(
    "[CF2] every recorded revision of a real registry survives a rewrite (skipped where the recording is absent)",
    () => {
      const lines = readFileSync(HISTORY, "utf8").trim().split("\n")
      assert.equal(lines.length, 746)
      for (const line of lines) {
        const { control } = JSON.parse(line) as { readonly control: JsonObject }
        const once = ControlCodec.encode(decoded(JSON.stringify(control)))
        assert.deepEqual(lost(control, JSON.parse(once)), [])
        assert.equal(ControlCodec.encode(decoded(once)), once)
      }
    }
  )

  it("[CF3] an empty string is none in every published field", () => {
    const empty = decoded(
      '{"enabled":true,"reason":"","incident_url":"","disabled_by":"","disabled_at":"","expected_resume":"",' +
        '"circuit_breaker":{"npm":{"state":"open","last_failure":"","opens_at":""}},"budget":{"week_start":""}}'
    )
    const absent = decoded('{"enabled":true,"circuit_breaker":{"npm":{"state":"open"}},"budget":{}}')
    assert.deepEqual(empty, absent)
    assert.equal(empty.breakers.npm?.opensAt, undefined)
  })

  it("[CF3] a file is unreadable exactly when it does not say whether it is enabled", () => {
    fc.assert(
      fc.property(published, ({ enabled, ...rest }) => {
        const without = ControlCodec.decode(JSON.stringify(rest))
        assert.ok(Result.isFailure(without))
        assert.deepEqual(
          without.failure.map(({ path }) => path),
          ["enabled"]
        )
        assert.ok(Result.isSuccess(ControlCodec.decode(JSON.stringify({ ...rest, enabled: enabled ?? true }))))
      })
    )
  })

  it("[CF4] a published stop becomes a pause by hand edit that never ends by itself, and no pause is made otherwise", () => {
    fc.assert(
      fc.property(published, (shape) => {
        const { pauses } = decoded(JSON.stringify(shape))
        const names = Array.isArray(shape.disabled_ecosystems) ? shape.disabled_ecosystems : []
        assert.deepEqual(
          new Set(Object.keys(pauses)),
          new Set([...(shape.enabled === true ? [] : [Pause.EVERYTHING]), ...names])
        )
        for (const pause of Object.values(pauses)) {
          assert.equal(pause.author, Pause.HAND_EDIT)
          assert.equal(Pause.endOf(pause), undefined)
        }
      })
    )
  })

  it("[CF4] a published stop leaves a pause that is recorded as it is, and enabled: true cancels none", () => {
    fc.assert(
      fc.property(stateAt, fc.boolean(), ({ file }, enabled) => {
        const shape = { ...ControlCodec.toJson(file), disabled_ecosystems: [], enabled }
        const { pauses } = decoded(JSON.stringify(shape))
        for (const [scope, pause] of Object.entries(file.pauses)) assert.deepEqual(pauses[scope], pause)
        assert.equal(Object.hasOwn(pauses, "*"), !enabled || Object.hasOwn(file.pauses, "*"))
      })
    )
  })

  it("[CF7] a change of one breaker changes no line of another's, nor of anything else", () => {
    const other = fc.constantFrom(...ECOSYSTEMS)
    const changed = fc
      .tuple(stateAt, other)
      .chain(([{ file, now }, name]) =>
        BreakerArbitrary.readable(now).map((breaker) => ({ after: withBreaker(file, name, breaker), file, name }))
      )
    fc.assert(
      fc.property(changed, ({ after, file, name }) => {
        const { circuit_breaker: breakers, ...rest } = ControlCodec.toJson(file)
        const { circuit_breaker: _after, ...restAfter } = ControlCodec.toJson(after)
        assert.equal(JSON.stringify(restAfter), JSON.stringify(rest))
        const text = ControlCodec.encode(after)
        for (const [other, block] of Object.entries(isObject(breakers) ? breakers : {})) {
          const lines = JSON.stringify({ [other]: block }, null, 2)
            .split("\n")
            .slice(1, -1)
          if (other !== name) assert.ok(text.includes(lines.map((line) => `  ${line}`).join("\n")))
        }
      })
    )
  })

  it("[CF7] the text has two-space JSON, a final newline, and one key order whatever order the file had", () => {
    fc.assert(
      fc.property(
        stateAt.map(({ file }) => withoutUnknown(file)),
        (file) => {
          const text = ControlCodec.encode(file)
          assert.equal(text, `${JSON.stringify(JSON.parse(text), null, 2)}\n`)
          assert.equal(ControlCodec.encode(decoded(JSON.stringify(reversed(JSON.parse(text))))), text)
        }
      )
    )
  })

  it("[CF8] a file of a newer version is refused, this one and one without a version are not", () => {
    fc.assert(
      fc.property(published, fc.integer({ max: 1000, min: 2 }), (shape, version) => {
        const newer = ControlCodec.decode(JSON.stringify({ ...shape, version }))
        assert.ok(Result.isFailure(newer))
        assert.deepEqual(
          newer.failure.map(({ path }) => path),
          ["version"]
        )
        assert.ok(Result.isSuccess(ControlCodec.decode(JSON.stringify({ ...shape, version: 1 }))))
      })
    )
  })
})
