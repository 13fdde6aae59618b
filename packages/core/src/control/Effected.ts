import * as Budget from "../budget/Budget.ts"
import * as Minutes from "../budget/Minutes.ts"
import type { BudgetPolicy } from "../policy/Policy.ts"
import type { ControlFile } from "./ControlFile.ts"
import { type Notice, notice } from "./Notice.ts"

/** What one kind of event does to a file that time has already been applied to. */
export interface Effected {
  readonly file: ControlFile
  readonly notices: ReadonlyArray<Notice>
  readonly applied: boolean
  /** Whether the event is to be written; one that found nothing to do is not. */
  readonly leavesTrace: boolean
  /** The generation that a claim was given. */
  readonly generation: number | undefined
}

/** An event that did its work and has nothing to remark. */
export const unchanged = (file: ControlFile): Effected => ({
  applied: true,
  file,
  generation: undefined,
  leavesTrace: true,
  notices: []
})

/** An event that found nothing to do: answered, not written. */
export const nothingToDo = (file: ControlFile, remark: Notice): Effected => ({
  applied: false,
  file,
  generation: undefined,
  leavesTrace: false,
  notices: [remark]
})

/** One notice a platform and line, at the event that takes spent and reserved minutes to the line or over it. */
export const budgetNotices = (
  policy: BudgetPolicy,
  before: Budget.BudgetState,
  after: Budget.BudgetState
): ReadonlyArray<Notice> => {
  const line = (
    platformsAt: typeof Budget.samplingPlatforms,
    code: string,
    severity: Notice["severity"],
    millionths: number
  ): ReadonlyArray<Notice> => {
    const earlier = platformsAt(policy, before)
    return platformsAt(policy, after)
      .filter((platform) => !earlier.includes(platform))
      .map((platform) => {
        const minutes = Minutes.of(Budget.committed(after), platform)
        return notice(
          code,
          severity,
          `${platform}: ${minutes} of ${policy.caps[platform] ?? 0} minutes are spent or reserved, at or above ${millionths / 10_000} %`
        )
      })
  }
  return [
    ...line(Budget.samplingPlatforms, "budget-sampling", "warning", policy.sampleAtMillionths),
    ...line(Budget.pausedPlatforms, "budget-paused", "critical", policy.pauseAtMillionths)
  ]
}
