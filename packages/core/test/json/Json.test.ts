import { strict as assert } from "node:assert"
import { isObject, type Json, print } from "@batchbrake/core/json/Json"
import * as JsonArbitrary from "@batchbrake/core/testing/JsonArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

/** The same value with the keys of every object in the opposite order. */
const reversed = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(reversed)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, member]) => [key, reversed(member)] as const)
            .reverse()
        )
      : value

describe("Json (SPEC.md HA)", () => {
  it("[HA2] canonical JSON is the same in whatever order the keys were written", () => {
    fc.assert(
      fc.property(JsonArbitrary.json, (value) => {
        assert.equal(print(reversed(value)), print(value))
      })
    )
  })

  it("[HA2] canonical JSON reads as the value it was made of, so that different values have different texts", () => {
    fc.assert(
      fc.property(JsonArbitrary.json, (value) => {
        assert.deepEqual(JSON.parse(print(value)), value)
      })
    )
  })

  it("[HA2] keys are ordered by their code units, and arrays are left as they are", () => {
    assert.equal(print({ b: [3, 1, 2], a: { z: 1, Z: 2 } }), '{"a":{"Z":2,"z":1},"b":[3,1,2]}')
    assert.equal(print(JSON.parse('{"__proto__":{"b":1,"a":2}}')), '{"__proto__":{"a":2,"b":1}}')
  })
})
