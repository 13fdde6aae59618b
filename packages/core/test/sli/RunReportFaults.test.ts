import { strict as assert } from "node:assert"
import * as Sha256 from "@batchbrake/core/hash/Sha256"
import { print } from "@batchbrake/core/json/Fault"
import type { Json } from "@batchbrake/core/json/Json"
import { print as printJson } from "@batchbrake/core/json/Json"
import * as ReportField from "@batchbrake/core/sli/ReportField"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import { FULL, MIDNIGHT, report, result } from "@batchbrake/core/testing/SampleRuns"
import { EARLIEST, HOUR, LATEST, MINUTE } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"

const said = (value: Json): ReadonlyArray<string> => {
  const read = RunReportJson.fromJson(value)
  return Result.isFailure(read) ? read.failure.map(print) : []
}
const faults = (more: Partial<RunReport>): ReadonlyArray<string> =>
  RunReportJson.faultsOf(report("1", MIDNIGHT, more)).map(print)
const attempts = (passed: number, failed = 0, skipped = 0) => ({ failed, passed, skipped })

describe("What is said of a report that cannot be true", () => {
  it("names both times of a run that ends before it starts", () => {
    assert.deepEqual(faults({ startedAt: MIDNIGHT + 1 }), [
      'started_at: found "2026-11-23T00:00:00.001Z", ' +
        "expected an instant at or before completed_at (2026-11-23T00:00:00Z)"
    ])
    assert.deepEqual(faults({ startedAt: MIDNIGHT }), [])
  })

  it("names how far a clock may be ahead", () => {
    const ahead = RunReportJson.aheadOf(report("1", MIDNIGHT + HOUR), MIDNIGHT)
    assert.deepEqual(ahead.map(print), [
      'completed_at: found "2026-11-23T01:00:00Z", expected at most 5 minutes after now (2026-11-23T00:00:00Z)'
    ])
    assert.deepEqual(RunReportJson.aheadOf(report("1", MIDNIGHT + 5 * MINUTE), MIDNIGHT), [])
  })

  it("names times that are none, and takes the first and the last that can be written", () => {
    const none = (key: string, found: string): ReadonlyArray<string> => [
      `${key}: found ${found}, expected epoch milliseconds`
    ]
    assert.deepEqual(faults({ completedAt: 0.5 }), none("completed_at", "0.5"))
    assert.deepEqual(faults({ completedAt: LATEST + 1 }), none("completed_at", "253402300800000"))
    assert.deepEqual(faults({ completedAt: EARLIEST - 1 }), none("completed_at", "-62167219200001"))
    assert.deepEqual(faults({ startedAt: 0.5 }), none("started_at", "0.5"))
    assert.deepEqual(faults({ startedAt: EARLIEST - 1 }), none("started_at", "-62167219200001"))
    assert.deepEqual(faults({ completedAt: LATEST, startedAt: EARLIEST }), [])
  })

  it("takes results for doubles only of one recipe and platform, a missing platform being one of its own", () => {
    const of = (...platforms: ReadonlyArray<string | undefined>) =>
      faults({ attempts: attempts(1), results: platforms.map((platform) => result("a", "passed", { platform })) })
    assert.deepEqual(of(undefined, "linux", "macos"), [])
    assert.deepEqual(of("linux", undefined, undefined), [
      'results[2].recipe: found "a", expected one result a recipe and platform'
    ])
    assert.deepEqual(of("linux", "linux"), ['results[1].recipe: found "a", expected one result a recipe and platform'])
  })

  it("counts the platforms of results that name one and of minutes, each once", () => {
    const named = Array.from({ length: 31 }, (_, place) => result("a", "passed", { platform: `p${place}` }))
    const results = [...named, result("a", "passed")]
    assert.deepEqual(faults({ attempts: attempts(1), minutes: { p0: 1, p31: 1 }, results }), [])
    assert.deepEqual(faults({ attempts: attempts(1), minutes: { p31: 1, p32: 1 }, results }), [
      "results: found 33, expected at most 32 platforms in one run"
    ])
  })

  it("says what results come to", () => {
    const results = [result("a", "passed"), result("b", "failed", { weight: 2 })]
    assert.deepEqual(faults({ attempts: attempts(2, 0, 1), results, weighted: { failed: 0, passed: 3 } }), [
      "attempts.passed: found 2, expected 1, what results come to",
      "attempts.failed: found 0, expected 1, what results come to",
      "attempts.skipped: found 1, expected 0, what results come to",
      "weighted.passed: found 3, expected 1, what results come to",
      "weighted.failed: found 0, expected 2, what results come to"
    ])
  })

  it("takes 100,000 attempts in one run, of whatever outcome, and no more", () => {
    assert.deepEqual(faults({ attempts: attempts(40_000, 30_000, 30_000) }), [])
    for (const more of [attempts(40_001, 30_000, 30_000), attempts(1, 100_000), attempts(1, 0, 100_000)]) {
      assert.deepEqual(faults({ attempts: more }), [
        "attempts: found 100001, expected at most 100000 attempts in one run"
      ])
    }
  })

  it("lets sums of weights differ by a millionth, of 1 at least and of what they are where they are more", () => {
    const off = (weight: number, by: number) =>
      faults({
        attempts: attempts(1),
        results: [result("a", "passed", { weight })],
        weighted: { failed: 0, passed: weight + by }
      }).length
    assert.deepEqual([off(1, 0.9e-6), off(1, 1.2e-6), off(1000, 0.9e-3), off(1000, 1.1e-3)], [0, 1, 0, 1])
    assert.deepEqual([off(1000, -0.9e-3), off(1000, -1.1e-3)], [0, 1])
    const none = (passed: number) =>
      faults({ attempts: attempts(0, 0, 1), results: [result("a", "skipped")], weighted: { failed: 0, passed } })
    assert.deepEqual(none(0), [])
    assert.deepEqual(none(1e-6), ["weighted.passed: found 0.000001, expected 0, since none passed or failed"])
  })

  it("asks of estimates that they are of something", () => {
    const bare = (counts: RunReport["attempts"], failed: number, passed: number) =>
      faults({ attempts: counts, weighted: { failed, passed } })
    assert.deepEqual(bare(attempts(0, 0, 1), 0, 0), [])
    assert.deepEqual(bare(attempts(0, 0, 1), 1, 2), [
      "weighted.failed: found 1, expected 0, since none failed",
      "weighted.passed: found 2, expected 0, since none passed or failed"
    ])
    assert.deepEqual(bare(attempts(1), 0, 5), [])
    assert.deepEqual(bare(attempts(0, 1), 10, -10), [])
    assert.deepEqual(bare(attempts(0, 1), 10, -10.000_001), [])
    assert.deepEqual(bare(attempts(0, 1), 10, -11), [
      "weighted.passed: found -11, expected at least -10: together no fewer than 0"
    ])
  })

  it("names the bounds of what stands in a result", () => {
    const good = RunReportJson.toJson(report("1", MIDNIGHT))
    const of = (more: Record<string, Json>): Json => ({
      ...good,
      attempts: { ...attempts(1) },
      results: [{ recipe: "a", status: "passed", ...more }]
    })
    const text = "characters of well-formed text without U+0000"
    assert.deepEqual(said(of({ recipe: "" })), [`results[0].recipe: found "", expected 1 to 1024 ${text}`])
    assert.match(said(of({ recipe: "x".repeat(1025) }))[0] ?? "", /expected 1 to 1024 /)
    assert.match(said(of({ category: "x".repeat(1025) }))[0] ?? "", /expected at most 1024 /)
    assert.match(said(of({ message: "x".repeat(2001) }))[0] ?? "", /expected at most 2000 /)
    assert.deepEqual(said(of({ category: "", message: "", recipe: "x".repeat(1024) })), [])
    assert.deepEqual(said(of({ weight: 0.5 })), [
      "results[0].weight: found 0.5, expected a number from 1 to 1000000000"
    ])
    assert.deepEqual(said(of({ duration_seconds: -1 })), [
      "results[0].duration_seconds: found -1, expected a number from 0 to 1000000000"
    ])
    assert.deepEqual(said(of({ duration_seconds: 1e9, weight: 1e9 })), [])
    assert.deepEqual(said({ ...good, attempts: { ...attempts(-1) } }), [
      "attempts.passed: found -1, expected a whole number from 0 to 100000"
    ])
    assert.deepEqual(said({ ...good, weighted: { failed: -1e10, passed: 1 } }), [
      "weighted.failed: found -10000000000, expected a number from -1000000000 to 1000000000"
    ])
    assert.deepEqual(said({ ...good, weighted: { passed: 1 } }), [
      "weighted.failed: found nothing, expected the key to be there"
    ])
  })
})

describe("A report as JSON", () => {
  it("leaves out what says nothing", () => {
    assert.deepEqual(
      RunReportJson.toJson(report("1", MIDNIGHT, { attempts: attempts(1), results: [result("a", "passed")] })),
      {
        attempts: { failed: 0, passed: 1, skipped: 0 },
        completed_at: "2026-11-23T00:00:00Z",
        ecosystem: "npm",
        results: [{ recipe: "a", status: "passed" }],
        run_key: "1"
      }
    )
    assert.deepEqual(Object.keys(RunReportJson.toJson(report("1", MIDNIGHT))), [
      "attempts",
      "completed_at",
      "ecosystem",
      "run_key"
    ])
  })

  it("keeps what was estimated", () => {
    assert.deepEqual(RunReportJson.toJson(FULL).weighted, { failed: 10, passed: -6.5 })
  })

  it("is told from others by the first 128 bits of the digest of all but its completion", () => {
    const { completed_at: _, ...rest } = RunReportJson.toJson(FULL)
    assert.equal(RunReportJson.digestOf(FULL), Sha256.hex(printJson(rest)).slice(0, 32))
    const others: ReadonlyArray<Partial<RunReport>> = [
      { weighted: undefined },
      { weighted: { failed: 10, passed: -6 } },
      { results: FULL.results.slice(1) },
      { startedAt: undefined }
    ]
    for (const other of others)
      assert.notEqual(RunReportJson.digestOf({ ...FULL, ...other }), RunReportJson.digestOf(FULL))
  })
})

describe("The message of a failure", () => {
  it("is cut to what is kept, and loses what cannot be kept", () => {
    assert.equal(ReportField.fitMessage("timed out"), "timed out")
    assert.equal(ReportField.fitMessage("x".repeat(2000)), "x".repeat(2000))
    assert.equal(ReportField.fitMessage("x".repeat(2001)), "x".repeat(2000))
    assert.equal(ReportField.fitMessage("a\u0000b\u0000"), "a\ufffdb\ufffd")
    // Cut in the middle of a character, half of it is left.
    assert.equal(ReportField.fitMessage(`${"x".repeat(1999)}😀`), `${"x".repeat(1999)}\ufffd`)
  })
})
