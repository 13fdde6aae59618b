/** What a run on record came to under a policy, and what one may have come to that was never made. */
import * as Attempts from "../breaker/Attempts.ts"
import type * as Policy from "../policy/Policy.ts"
import type * as Branch from "./Branch.ts"
import type { Run } from "./History.ts"
import * as Spending from "./Spending.ts"
import type * as Unmade from "./Unmade.ts"

/** What an attempt is: as recorded, or each run as one, failed where fewer than half of its counted attempts passed. */
export type Unit = "attempts" | "runs"

const asRun = (outcomes: string): string => {
  if (outcomes === "") return ""
  let failed = 0
  for (let index = 0; index < outcomes.length; index++) if (outcomes[index] === "F") failed++
  return failed * 2 > outcomes.length ? "F" : "P"
}

/** What a probe may have met: bare counts do not say which attempts came first, so some or none of them failed. */
const probesOf = (attempts: Attempts.Attempts, own: Policy.EcosystemPolicy): ReadonlyArray<string> => {
  const { probeAttempts } = own.breaker
  const { failed, passed } = Attempts.tally(attempts)
  const known = [Attempts.countedForProbe(attempts, own.breaker.ignoreCategories)]
  return "results" in attempts || failed === 0 || passed < probeAttempts ? known : ["P".repeat(probeAttempts), ...known]
}

export const ofRecorded = (
  policy: Policy.Policy,
  run: Run,
  own: Policy.EcosystemPolicy,
  unit: Unit
): Branch.Outcomes => {
  const closed = Attempts.counted(run.attempts, own.breaker.ignoreCategories)
  const { failed, passed } = Attempts.tally(run.attempts)
  const known = { attempts: passed + failed, minutes: Spending.total(Spending.minutesOf(policy, run)) }
  if (unit === "attempts") return { ...known, closed, probes: () => probesOf(run.attempts, own) }
  const whole = asRun(closed)
  return { ...known, closed: whole, probes: () => [whole] }
}

export const ofUnmade = (
  policy: Policy.Policy,
  run: Run,
  own: Policy.EcosystemPolicy,
  unit: Unit,
  attempts: number
): Unmade.Limits => {
  const isRuns = unit === "runs"
  return {
    attempts,
    counted: isRuns ? Math.min(1, attempts) : attempts,
    hasUncounted: isRuns || own.breaker.ignoreCategories.length > 0,
    minutes: Spending.total(Spending.minutesOf(policy, run))
  }
}
