import * as Breaker from "../breaker/Breaker.ts"
import * as Budget from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { Policy } from "../policy/Policy.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import * as ControlFile from "./ControlFile.ts"
import * as Identity from "./Identity.ts"
import { type Notice, notice } from "./Notice.ts"
import * as Pause from "./Pause.ts"

/** What a reduction starts from and ends in: the control file, and which events have been applied lately. */
export interface Control {
  readonly file: ControlFile.ControlFile
  readonly ledger: Identity.Ledger
}

export const initial: Control = { file: ControlFile.initial, ledger: Identity.empty }

/** A state after time alone has passed. */
export interface Advanced {
  readonly file: ControlFile.ControlFile
  readonly notices: ReadonlyArray<Notice>
}

const freeProbes = (file: ControlFile.ControlFile, now: EpochMillis): ControlFile.ControlFile =>
  Object.entries(file.breakers).reduce((freed, [name, breaker]) => {
    const next = Breaker.expire(breaker, now)
    return next === breaker ? freed : ControlFile.withBreaker(freed, name, next)
  }, file)

const leaseNotices = (before: Budget.BudgetState, after: Budget.BudgetState): ReadonlyArray<Notice> =>
  before.reservations
    .filter((held) => !after.reservations.includes(held))
    .map((held) =>
      notice(
        "lease-expired",
        "warning",
        `${held.ecosystem}: the grant of ${held.runKey} ran out at ${format(held.expiresAt)}; ` +
          `${Minutes.print(held.minutes)} counted as spent`
      )
    )

const weekNotices = (
  before: Budget.BudgetState,
  after: Budget.BudgetState,
  now: EpochMillis
): ReadonlyArray<Notice> => [
  ...(before.weekStart !== undefined && after.weekStart !== undefined && before.weekStart < after.weekStart
    ? [notice("week-began", "info", `a new budget week began at ${format(after.weekStart)}`)]
    : []),
  ...(before.weekStart !== undefined && Budget.weekIsAhead(before, now)
    ? [
        notice(
          "week-start-ahead",
          "warning",
          `budget.week_start ${format(before.weekStart)} is after ${format(now)}: the usage is kept; check the clocks, ` +
            "or correct the usage with `batchbrake budget adjust`"
        )
      ]
    : [])
]

const resumeNotices = (ended: ReadonlyArray<string>): ReadonlyArray<Notice> =>
  ended.map((scope) =>
    notice("resumed", "info", `the pause of ${scope === Pause.EVERYTHING ? "everything" : scope} ended as scheduled`)
  )

/** What time alone does: the week rolls over, leases run out and free their probes, scheduled pauses end. */
export const advance = (policy: Policy, file: ControlFile.ControlFile, now: EpochMillis): Advanced => {
  const budget = Budget.advance(policy.budget, file.budget, now)
  const ended = Object.entries(file.pauses)
    .filter(([, pause]) => !Pause.holds(pause, now))
    .map(([scope]) => scope)
  const freed = freeProbes(budget === file.budget ? file : { ...file, budget }, now)
  return {
    file:
      ended.length === 0
        ? freed
        : ControlFile.withPauses(
            freed,
            Pause.without(freed.pauses, (scope) => ended.includes(scope))
          ),
    notices: [...leaseNotices(file.budget, budget), ...weekNotices(file.budget, budget, now), ...resumeNotices(ended)]
  }
}
