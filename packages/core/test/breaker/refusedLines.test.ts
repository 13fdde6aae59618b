import { strict as assert } from "node:assert"
import * as ResultLines from "@batchbrake/core/breaker/ResultLines"
import { print } from "@batchbrake/core/json/Fault"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const refused = (text: string): ReadonlyArray<string> =>
  Result.match(ResultLines.parse(text), { onFailure: (faults) => faults.map(print), onSuccess: () => [] })

describe("Refused lines (SPEC.md RE)", () => {
  it("a line that is no object is refused by the name of what belongs there, and one of a job by its keys", () => {
    for (const line of ["7", "null", "[]", '"job"']) {
      assert.deepEqual(refused(line), [`line 1: found ${line}, expected ResultLine`])
    }
    assert.deepEqual(refused('\n{"job":"validate","platform":"macos"}'), [
      "line 2, duration_seconds: found nothing, expected the key to be there"
    ])
  })

  it("a key that nobody knows is passed over, in a line of a recipe and in one of a job", () => {
    assert.deepEqual(refused('{"recipe":"a","status":"passed","more":1}'), [])
    assert.deepEqual(refused('{"job":"validate","platform":"macos","duration_seconds":1,"more":1}'), [])
  })

  it("an end that broke off is left out, and nothing is where the last line is whole, blank, or ended", () => {
    const line = '{"recipe":"a","status":"passed"}'
    assert.equal(ResultLines.withoutCutEnd(`${line}\n{"rec`), `${line}\n`)
    assert.equal(ResultLines.withoutCutEnd('{"rec'), "")
    for (const whole of ["", " ", line, `${line}\n`, `${line}\n \t`, `7\n${line}`, '{"rec\n']) {
      assert.equal(ResultLines.withoutCutEnd(whole), undefined, whole)
    }
  })
})
