/**
 * What a policy can never do: settings that are each allowed, contradict nothing, and still leave a breaker, a budget, an
 * alert or a platform where no event can move it. SPEC.md, section RC.
 */
import type { JsonObject } from "../json/Json.ts"
import type { Finding } from "./Finding.ts"
import type { Policy } from "./Policy.ts"
import { alertReach } from "./reach/alertReach.ts"
import { breakerReach } from "./reach/breakerReach.ts"
import { budgetReach } from "./reach/budgetReach.ts"
import { runReach } from "./reach/runReach.ts"
import { samplingReach } from "./reach/samplingReach.ts"

/** Every finding about a policy; `file` is what it was read from, so that each names the place where its value stands. */
export const findings = (file: JsonObject, policy: Policy): ReadonlyArray<Finding> =>
  [breakerReach, alertReach, budgetReach, runReach, samplingReach].flatMap((reach) => reach({ file, policy }))
