/**
 * A look at alerts that keeps one issue for each that stands. The forge is asked first: where no book remembers, as on a
 * new runner, the open issues do. What stands is answered whatever becomes of the forge.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Policy } from "../policy/Policy.ts"
import type { Issue } from "../port/Forge.ts"
import * as IssuePlan from "../sli/IssuePlan.ts"
import { CONDITIONS } from "../sli/Signal.ts"
import type { EpochMillis } from "../time/Instant.ts"
import { evaluateAlerts } from "./evaluateAlerts.ts"
import { keepIssues, nothingKept, openIssues } from "./keepIssues.ts"

/** As {@link evaluateAlerts}, and the issues under a label kept. */
export const evaluateWithIssues = Effect.fn("evaluateWithIssues")(function* (
  policy: Policy,
  at: EpochMillis,
  label: string
) {
  const opened = yield* openIssues(label)
  const before = Result.getOrElse(opened, (): ReadonlyArray<Issue> => [])
  const looked = yield* evaluateAlerts(policy, at, IssuePlan.remembered(before, at))
  const { alerts, lastLookAt, unread } = looked
  // A look of an earlier time than the newest one changes nothing.
  const isOld = lastLookAt !== undefined && lastLookAt > at
  const kept =
    Result.isFailure(opened) || isOld
      ? nothingKept(alerts, Result.isFailure(opened) ? opened.failure : undefined)
      : yield* keepIssues({ about: CONDITIONS, alerts, at, lastLookAt, unread }, label, before)
  return {
    ...looked,
    alerts: kept.alerts,
    failure: kept.failure,
    issues: kept.issues,
    notices: [...looked.notices, ...kept.notices]
  }
})
