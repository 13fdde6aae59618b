/** Budgets that stop before the first batch, and caps that a grant counts nothing against. */
import * as Minutes from "../../budget/Minutes.ts"
import { type Change, type Finding, finding } from "../Finding.ts"
import type { BudgetPolicy } from "../Policy.ts"
import type { Written } from "./Origin.ts"

const MILLION = 1_000_000

/** Whether a week in which nothing is spent admits one grant on a platform: what {@link Budget.refusedBy} asks. */
const fits = (cap: number, reserve: number, lineMillionths: number): boolean =>
  cap * lineMillionths > 0 && reserve * MILLION <= cap * lineMillionths

/** The smallest cap whose line has room for one grant. */
const leastCap = (reserve: number, lineMillionths: number): number =>
  Math.max(1, Math.ceil((reserve * MILLION) / lineMillionths))

/** The smallest line that has room for one grant on every platform whose cap has room for one at all. */
const leastLine = ({ caps, reserve }: BudgetPolicy): number => {
  const lines = Object.entries(caps)
    .filter(([platform, cap]) => fits(cap, Minutes.of(reserve, platform), MILLION))
    .map(([platform, cap]) => Math.max(1, Math.ceil((Minutes.of(reserve, platform) * MILLION) / cap)))
  return lines.length === 0 ? MILLION : Math.max(...lines)
}

const capChange = (platform: string, reserve: number, lineMillionths: number): Change => ({
  path: ["budget", "caps", platform],
  value: leastCap(reserve, lineMillionths)
})

/** Platforms whose cap has room for a run, and whose line has not. */
const belowLine = ({ caps, pauseAtMillionths, reserve }: BudgetPolicy): ReadonlyArray<string> =>
  Object.entries(caps)
    .filter(([platform, cap]) => {
      const minutes = Minutes.of(reserve, platform)
      return fits(cap, minutes, MILLION) && !fits(cap, minutes, pauseAtMillionths)
    })
    .map(([platform]) => platform)

/** A line that stops one platform is mended by that platform's cap, one that stops several by itself. */
const isLineAtFault = (policy: BudgetPolicy): boolean => policy.pauseAtMillionths === 0 || belowLine(policy).length > 1

/** The pause line as it is once what is wrong with it was mended. */
const lineOf = (policy: BudgetPolicy): number => (isLineAtFault(policy) ? leastLine(policy) : policy.pauseAtMillionths)

const lineFindings = (policy: BudgetPolicy): ReadonlyArray<Finding> => {
  const path = ["budget", "pause_at"]
  if (!isLineAtFault(policy)) return []
  const reason =
    policy.pauseAtMillionths === 0
      ? "the pause line is at 0, where every week begins"
      : `below the pause line, ${policy.pauseAtMillionths / 10_000} % of a cap, there is no room for one run's reserve of ` +
        `${belowLine(policy).join(" or ")} minutes in any week`
  const message = `${reason}: no run is ever admitted, a probe neither`
  return [finding("budget-before-one-batch", path, message, [{ path, value: leastLine(policy) / MILLION }])]
}

const capFindings = (policy: BudgetPolicy): ReadonlyArray<Finding> => {
  const line = lineOf(policy)
  return Object.entries(policy.caps)
    .filter(([platform, cap]) => !fits(cap, Minutes.of(policy.reserve, platform), line))
    .map(([platform, cap]) => {
      const reserve = Minutes.of(policy.reserve, platform)
      const change = capChange(platform, reserve, line)
      return finding(
        "budget-before-one-batch",
        change.path,
        `a run reserves ${reserve} ${platform} minutes, and ${line / 10_000} % of ${cap} have no room for that in any week: ` +
          "no run is ever admitted, a probe neither",
        [change]
      )
    })
}

const reserveFindings = (policy: BudgetPolicy): ReadonlyArray<Finding> =>
  Object.entries(policy.caps)
    .filter(([platform]) => Minutes.of(policy.reserve, platform) === 0)
    .map(([platform, cap]) => {
      const path = ["budget", "reserve", platform]
      const line = lineOf(policy)
      return finding(
        "capped-without-reserve",
        path,
        `${platform} has a cap and a grant reserves nothing of it: runs that start together can all be admitted at its last ` +
          "minute. State what a run uses; 1 is the least",
        [{ path, value: 1 }, ...(fits(cap, 1, line) ? [] : [capChange(platform, 1, line)])]
      )
    })

export const budgetReach = ({ policy: { budget } }: Written): ReadonlyArray<Finding> => [
  ...lineFindings(budget),
  ...capFindings(budget),
  ...reserveFindings(budget)
]
