/** Whether what the pipeline may take and what the policy's leases give agree. */
import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import { MINUTE } from "@batchbrake/core/time/Instant"
import { longestMinutes } from "@batchbrake/entrypoints/workflows/lease"
import { DEFAULTS, planOf, startingSettings } from "@batchbrake/entrypoints/workflows/Plan"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const policyOf = (ecosystems: number, lease: number, probeLease: number): Policy.Policy =>
  Result.getOrThrow(
    Policy.fromJson({
      breaker: { minimum_attempts: 1, probe_lease_minutes: probeLease, window: 1 },
      ecosystems: Object.fromEntries(Array.from({ length: ecosystems }, (_, place) => [`e${place}`, {}])),
      lease_minutes: lease,
      version: 1
    })
  )

/** Where the breaker stands after a trip and a probe that passes and is recorded so many minutes after its claim. */
const afterProbe = (policy: Policy.Policy, minutes: number): string => {
  const [ecosystem, author, monday] = ["e0", "ci", Date.UTC(2026, 10, 23)]
  const probing = monday + 120 * MINUTE
  const events: ReadonlyArray<ControlEvent> = [
    { _tag: "RunAdmitted", at: monday, author, ecosystem, runKey: "1" },
    {
      _tag: "RunCompleted",
      at: monday,
      attempts: { failed: 1, passed: 0, skipped: 0 },
      author,
      ecosystem,
      runKey: "1"
    },
    { _tag: "RunAdmitted", at: probing, author, ecosystem, runKey: "2" },
    {
      _tag: "RunCompleted",
      at: probing + minutes * MINUTE,
      attempts: { failed: 0, passed: 1, skipped: 0 },
      author,
      ecosystem,
      runKey: "2"
    }
  ]
  let control = Control.initial
  for (const event of events) control = Result.getOrThrow(reduce(policy, control, event)).control
  return breakerOf(control.file, ecosystem).state
}

const times = fc.record({
  at_once: fc.integer({ max: 40, min: 1 }),
  command_minutes: fc.integer({ max: 90, min: 5 }),
  ecosystems: fc.integer({ max: 60, min: 1 }),
  lease: fc.integer({ max: 400, min: 61 }),
  probeLease: fc.integer({ max: 400, min: 21 })
})

describe("The leases of the pipeline (SPEC.md WF)", () => {
  it("[WF25] a probe that takes as long as settings allow still closes, and one minute more of them is refused in time", () => {
    fc.assert(
      fc.property(times, ({ at_once, command_minutes, ecosystems, lease, probeLease }) => {
        const policy = policyOf(ecosystems, lease, probeLease)
        const longest = longestMinutes(policy, { at_once, command_minutes })
        const plan = planOf({ ...DEFAULTS, at_once, command_minutes }, policy)
        assert.equal(Result.isSuccess(plan), longest < Math.min(lease, probeLease))
        if (Result.isSuccess(plan)) assert.equal(afterProbe(policy, longest), "closed")
        if (longest >= probeLease) assert.notEqual(afterProbe(policy, longest), "closed")
      })
    )
  })

  it("[WF25] settings that are written where none are fit the policy, and a refusal names both fields and the remedy", () => {
    for (const [lease, probeLease, expected] of [
      [120, 30, 14],
      [120, 90, 60],
      [70, 90, 54]
    ] as const) {
      const policy = policyOf(3, lease, probeLease)
      const settings = startingSettings(policy, "main")
      assert.equal(settings.command_minutes, expected)
      assert.ok(Result.isSuccess(planOf(settings, policy)))
    }
    const refused = planOf({ ...DEFAULTS, at_once: 10, command_minutes: 15 }, policyOf(11, 120, 30))
    assert.ok(Result.isFailure(refused))
    assert.deepEqual(refused.failure, [
      {
        expected:
          "breaker.probe_lease_minutes in batch-policy.json of 46 or more, or at most 7 here, or a greater at_once: " +
          "from claim to record a run may take 5 + 2 × 15 + 10 minutes, and its grant ends after 30",
        found: "15",
        path: "command_minutes"
      }
    ])
  })
})
