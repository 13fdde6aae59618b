import { strict as assert } from "node:assert"
import * as JobMinutes from "@batchbrake/core/budget/JobMinutes"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import { MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const job = (
  platform: string | undefined,
  startedAt: number | undefined,
  completedAt: number | undefined
): JobMinutes.Job => ({ completedAt, isSuccessful: undefined, name: "validate", platform, startedAt })

const anyJob: fc.Arbitrary<JobMinutes.Job> = fc
  .record({
    length: fc.integer({ max: 6 * 60 * MINUTE, min: 0 }),
    platform: fc.constantFrom("linux", "macos", undefined),
    startedAt: fc.option(fc.integer({ max: 1e12, min: 0 }), { nil: undefined })
  })
  .map(({ length, platform, startedAt }) =>
    job(platform, startedAt, startedAt === undefined ? undefined : startedAt + length)
  )

describe("Minutes of jobs (SPEC.md FG)", () => {
  it("[FG3] each started minute of a job is one, and a job that ran costs one at least", () => {
    const of = (length: number) => JobMinutes.of([job("macos", 1000, 1000 + length)], 0)
    assert.deepEqual(of(0), { macos: 1 })
    assert.deepEqual(of(MINUTE), { macos: 1 })
    assert.deepEqual(of(MINUTE + 1), { macos: 2 })
    assert.deepEqual(of(25 * MINUTE), { macos: 25 })
  })

  it("[FG3] a job that still runs counts up to now; one that never began, or has no platform, not at all", () => {
    assert.deepEqual(JobMinutes.of([job("linux", 0, undefined)], 90_000), { linux: 2 })
    assert.deepEqual(JobMinutes.of([job("linux", 5000, undefined)], 0), { linux: 1 })
    assert.deepEqual(JobMinutes.of([job("linux", undefined, undefined), job(undefined, 0, MINUTE)], MINUTE), {})
  })

  it("[FG3] jobs are rounded one by one and then summed, in any order", () => {
    assert.deepEqual(JobMinutes.of([job("macos", 0, 30_000), job("macos", 0, 30_000)], 0), { macos: 2 })
    fc.assert(
      fc.property(fc.array(anyJob), fc.array(anyJob), (some, others) => {
        const sum = Minutes.add(JobMinutes.of(some, 0), JobMinutes.of(others, 0))
        assert.deepEqual(JobMinutes.of([...others, ...some], 0), sum)
      })
    )
  })
})
