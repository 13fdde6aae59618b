/** JSON for properties, and fields that this version does not know: what a newer one may have written beside ours. */
import * as fc from "fast-check"
import type { Json, JsonObject } from "../json/Json.ts"

const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "a", "b", "10", "9", "__proto__", "constructor", 'say "x"', "crates.io"),
  fc.string({ maxLength: 5, unit: "grapheme" })
)

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => number + 0),
  fc.string({ maxLength: 8, unit: "binary" })
)

const { json } = fc.letrec<{ readonly json: Json; readonly array: ReadonlyArray<Json>; readonly object: JsonObject }>(
  (tie) => ({
    array: fc.array(tie("json"), { maxLength: 4 }),
    json: fc.oneof({ depthSize: "small" }, leaf, tie("array"), tie("object")),
    object: fc
      .uniqueArray(fc.tuple(key, tie("json")), { maxLength: 4, selector: ([name]) => name })
      .map((entries): JsonObject => Object.fromEntries(entries))
  })
)

/** Any JSON that survives being written and read: no negative zero. */
export { json }

/** None most of the time. No key of it is one that the files know. */
export const unknownFields: fc.Arbitrary<JsonObject> = fc.oneof(
  { arbitrary: fc.constant<JsonObject>({}), weight: 3 },
  {
    arbitrary: fc
      .uniqueArray(fc.tuple(key, json), { maxLength: 3, selector: ([name]) => name })
      .map((entries): JsonObject => Object.fromEntries(entries.map(([name, value]) => [`x-${name}`, value]))),
    weight: 1
  }
)
