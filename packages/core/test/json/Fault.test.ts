import { strict as assert } from "node:assert"
import * as Fault from "@batchbrake/core/json/Fault"
import type { Json } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const Shape = Schema.Struct({
  lines: Schema.optionalKey(Schema.Array(Schema.Struct({ minutes: Schema.Int }))),
  name: Schema.String
})

const faultsOf = (value: Json, keys: "closed" | "open"): ReadonlyArray<Fault.Fault> =>
  Result.match(Fault.decodeWith(Shape, keys)(value), { onFailure: (faults) => faults, onSuccess: () => [] })
const linesOf = (value: Json, keys: "closed" | "open" = "closed"): ReadonlyArray<string> =>
  faultsOf(value, keys).map(Fault.print)

describe("Fault (SPEC.md CF)", () => {
  it("shows a value on one line, whole up to sixty characters, cut with a mark beyond", () => {
    assert.equal(Fault.describe(undefined), "nothing")
    assert.equal(Fault.describe("x".repeat(58)), `"${"x".repeat(58)}"`)
    assert.equal(Fault.describe("x".repeat(59)), `"${"x".repeat(59)}…`)
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const [shown, text] = [Fault.describe(value), JSON.stringify(value)]
        assert.ok(shown === text || (text.length > 60 && shown === `${text.slice(0, 60)}…`))
      })
    )
  })

  it("says where, what is there and what should be there, and several one after the other", () => {
    const [whole, field] = ["", "a.b"].map((path) => ({ expected: "a number", found: "{}", path }))
    assert.ok(whole && field)
    assert.equal(Fault.print(whole), "found {}, expected a number")
    assert.equal(Fault.printAll([whole, field]), "found {}, expected a number; a.b: found {}, expected a number")
    assert.equal(Fault.printAll([]), "")
  })

  it("finds every fault in one pass, each with its path and what stands there", () => {
    const faults = faultsOf({ lines: [{ minutes: 1 }, { minutes: "2" }, {}], name: 3 }, "open")
    assert.deepEqual(faults.map(({ found, path }) => [path, found]).sort(), [
      ["lines[1].minutes", '"2"'],
      ["lines[2].minutes", "nothing"],
      ["name", "3"]
    ])
    assert.deepEqual(linesOf({}), ["name: found nothing, expected the key to be there"])
    assert.deepEqual(
      faultsOf([], "open").map(({ found, path }) => [path, found]),
      [["", "[]"]]
    )
    assert.ok(linesOf({ name: 3 }).every((line) => /expected [^E]/.test(line)))
  })

  it("takes a key that nobody knows for a fault where keys are closed, and for nothing where they are open", () => {
    const odd = { lines: [{ minutes: 1, "odd key": 1 }], name: "n", toString: "s" }
    assert.deepEqual(linesOf(odd, "open"), [])
    assert.deepEqual(linesOf(odd).toSorted(), [
      'lines[0]["odd key"]: found the unknown key "odd key", expected no such key',
      'toString: found the unknown key "toString", expected no such key'
    ])
  })

  it("tells of a text that is no JSON in one fault", () => {
    assert.deepEqual(Fault.parseText('{"a":[1]}'), Result.succeed({ a: [1] }))
    const faults = Result.match(Fault.parseText('{"a":{"b":1,"b":2}}'), {
      onFailure: (all) => all,
      onSuccess: () => []
    })
    assert.deepEqual(
      faults.map(({ path }) => path),
      ["a.b"]
    )
  })
})
