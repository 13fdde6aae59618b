/** A week of npm's runs for the tests of forecasts, under a small budget. */
import type { Run } from "@batchbrake/core/forecast/History"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { HOUR, parse } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"

/** A Monday. */
export const AT = parse("2026-03-02T00:00:00Z") ?? 0

export const policyWith = (more: JsonObject = {}): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(["npm"]), ...more }))
export const POLICY = policyWith({ budget: { caps: { linux: 1000, macos: 100 }, reserve: { linux: 10, macos: 20 } } })

export const run = (hour: number, passed = 0, failed = 0, more: Partial<Run> = {}): Run => ({
  at: AT + hour * HOUR,
  attempts: { failed, passed, skipped: 0 },
  ecosystem: "npm",
  made: true,
  minutes: { macos: 0 },
  ...more
})
