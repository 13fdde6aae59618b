import { strict as assert } from "node:assert"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as StatedMinutes from "@batchbrake/core/budget/StatedMinutes"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const platform = fc.constantFrom("macos", "linux", "constructor")
/** Minutes in hundredths, as a job's clock gives them. */
const job = fc.tuple(platform, fc.integer({ max: 100_000, min: 0 }))

const refuses = (text: string): boolean => Result.isFailure(StatedMinutes.parse([text]))

describe("StatedMinutes (SPEC.md RE)", () => {
  it("[RE4] each job's minutes are rounded up, then summed by platform", () => {
    fc.assert(
      fc.property(fc.array(job, { maxLength: 8, minLength: 1 }), (jobs) => {
        const texts = jobs.map(
          ([name, hundredths]) => `${name}=${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`
        )
        const stated = Result.getOrThrow(StatedMinutes.parse(texts)) ?? {}
        for (const name of ["macos", "linux", "constructor"]) {
          const whole = jobs
            .filter(([own]) => own === name)
            .map(([, hundredths]) => (hundredths + ((100 - (hundredths % 100)) % 100)) / 100)
          assert.equal(
            Minutes.of(stated, name),
            whole.reduce((sum, minutes) => sum + minutes, 0)
          )
        }
      })
    )
    assert.deepEqual(StatedMinutes.parse(["macos=0.4", "macos=0.4", "linux=3"]), Result.succeed({ linux: 3, macos: 2 }))
  })

  it("[RE4] nothing stated is not the same as none used", () => {
    assert.deepEqual(StatedMinutes.parse([]), Result.succeed(undefined))
    assert.deepEqual(StatedMinutes.parse(["macos=0"]), Result.succeed({ macos: 0 }))
  })

  it("[RE4] changes are whole, have a sign, and are summed", () => {
    assert.deepEqual(
      StatedMinutes.parseChanges(["macos=-30", "macos=+5", "linux=7"]),
      Result.succeed({ linux: 7, macos: -25 })
    )
    for (const text of ["macos=1.5", "macos=", "macos=--1", "macos=1000000001"]) {
      assert.ok(Result.isFailure(StatedMinutes.parseChanges([text])))
    }
    assert.ok(Result.isSuccess(StatedMinutes.parseChanges(["macos=-1000000000"])))
  })

  it.each([
    "macos",
    "55",
    "macos=",
    "=5",
    "macos=-5",
    "macos=5m",
    "macos=1e3",
    "macos=Infinity",
    "macos= 5",
    "Mac OS=5",
    "macos=5=5",
    "macos=.5",
    "macos=1000000001"
  ])("[RE4] the statement %j is refused", (text) => {
    assert.ok(refuses(text))
  })

  it("[RE4] a refusal says what was found and what was expected", () => {
    assert.deepEqual(
      StatedMinutes.parse(["macos=1", "macos=5m"]),
      Result.fail('found "macos=5m", expected PLATFORM=MINUTES, such as macos=12.5')
    )
    assert.deepEqual(
      StatedMinutes.parseChanges(["macos"]),
      Result.fail('found "macos", expected PLATFORM=CHANGE in whole minutes, such as macos=-30')
    )
  })
})
