import { strict as assert } from "node:assert"
import type { Json } from "@batchbrake/core/json/Json"
import * as StrictJson from "@batchbrake/core/json/StrictJson"
import * as JsonArbitrary from "@batchbrake/core/testing/JsonArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const faultPath = (text: string): string | undefined =>
  Result.match(StrictJson.parse(text), { onFailure: ({ path }) => path, onSuccess: () => undefined })

/** A JSON text of any spelling: white space wherever it may stand, letters of keys and strings escaped at will. */
const space = fc.constantFrom("", " ", "\n\t", "\r\n")
const spelt = (text: string, escapes: ReadonlyArray<boolean>): string =>
  `"${[...Array(text.length).keys()]
    .map((index) => {
      const unit = text.charCodeAt(index)
      return escapes[index % Math.max(1, escapes.length)] === true || unit < 32 || '"\\'.includes(text.charAt(index))
        ? `\\u${unit.toString(16).padStart(4, "0")}`
        : text.charAt(index)
    })
    .join("")}"`

const plainKey = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,5}$/)

/** Where an object stands: the path to it, and the text around it. */
interface Place {
  readonly path: string
  readonly before: string
  readonly after: string
}

const step = fc.oneof(
  plainKey.map((key): Place => ({ after: "}", before: `{${JSON.stringify(`${key}_`)}:`, path: `.${key}_` })),
  fc
    .integer({ max: 2, min: 0 })
    .map((index): Place => ({ after: ',"x"]', before: `[${"{},".repeat(index)}`, path: `[${index}]` })),
  fc.constant<Place>({ after: "}", before: '{"crates.io":', path: '["crates.io"]' })
)

const place: fc.Arbitrary<Place> = fc.array(step, { maxLength: 4 }).map((steps) => ({
  after: steps
    .map(({ after }) => after)
    .reverse()
    .join(""),
  before: steps.map(({ before }) => before).join(""),
  path: steps.map(({ path }) => path).join("")
}))

describe("StrictJson (SPEC.md HA)", () => {
  it("[HA3] a key that stands twice is found with its path, however deep and however it is spelt", () => {
    fc.assert(
      fc.property(
        place,
        plainKey,
        fc.array(fc.boolean(), { maxLength: 4 }),
        space,
        JsonArbitrary.json,
        (where, key, escapes, gap, value) => {
          const first = `${gap}${JSON.stringify(key)}${gap}:${gap}${JSON.stringify(value)}`
          const between = '"between:{[,": "a \\" : {"'
          const text = `${where.before}{${first},${between},${spelt(key, escapes)}:0}${where.after}`
          JSON.parse(text)
          assert.equal(faultPath(text), `${where.path}.${key}`.replace(/^\./, ""))
        }
      ),
      { numRuns: 500 }
    )
  })

  it("[HA3] the same key in different objects is no fault", () => {
    assert.deepEqual(faultPath('{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"a","d":["a","a"]}'), undefined)
  })

  it("[HA3] a merge that left both answers behind is refused, not read as the last one", () => {
    assert.equal(faultPath('{"enabled": false,\n "enabled": true}'), "enabled")
    assert.equal(faultPath('{"pauses": {"npm": {}, "npm": {}}}'), "pauses.npm")
    assert.equal(
      faultPath('{"circuit_breaker": {"crates.io": {}, "crates\\u002eio": {}}}'),
      'circuit_breaker["crates.io"]'
    )
    assert.equal(faultPath('{"__proto__": 1, "__proto__": 2}'), "__proto__")
    assert.equal(faultPath('[[{"a": 1}, {"b": 1, "b": 1}]]'), "[0][1].b")
  })

  it("[HA4] any JSON is read as the platform reads it", () => {
    fc.assert(
      fc.property(JsonArbitrary.json, fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const read: Json = JSON.parse(text)
        assert.deepEqual(StrictJson.parse(text), Result.succeed(read))
      }),
      { numRuns: 500 }
    )
  })

  it("[HA4] what the platform does not read is refused", () => {
    const alphabet = fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', "1", "-", "true", " ", '"', "\\", "//")
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 8 }), (tokens) => {
        const text = tokens.join("")
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        if (!valid) assert.equal(faultPath(text), "")
      }),
      { numRuns: 1000 }
    )
  })

  it.each([
    ["9007199254740991", undefined],
    ["-9007199254740991", undefined],
    ["9007199254740993", "a[1].b"],
    ["12345678901234567891", "a[1].b"],
    ["10000000000000000000", undefined],
    ["12345678901234567000", undefined],
    ["1e308", undefined],
    ["1e309", "a[1].b"],
    ["-1e309", "a[1].b"],
    [`1${"0".repeat(400)}`, "a[1].b"],
    ["0.1", undefined],
    ["1.0", undefined],
    ["-0", undefined]
  ])("[HA4] the number %.24s, which is written back as it was or refused: fault at %s", (number, path) => {
    assert.equal(faultPath(`{"a":[{}, {"b": ${number}}]}`), path)
  })

  it("[HA4] every number that this platform writes is one that it reads", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        assert.equal(faultPath(JSON.stringify([number])), undefined)
      }),
      { numRuns: 2000 }
    )
  })

  it("[HA4] 200 levels are read, and one more is refused, however many", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)
    assert.equal(faultPath(nested(200)), undefined)
    assert.equal(faultPath(nested(201)), "")
    assert.equal(faultPath(nested(100_000)), "")
    assert.equal(faultPath(`${`{"a":`.repeat(201)}1${"}".repeat(201)}`), "")
  })

  it("[HA4] a text of many megabytes is read", () => {
    const value = { a: "x\n".repeat(4_000_000) }
    assert.deepEqual(StrictJson.parse(JSON.stringify(value)), Result.succeed(value))
  })
})
