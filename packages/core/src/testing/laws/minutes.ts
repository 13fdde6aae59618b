/** The week's minutes: what a grant must leave, and how far grants can go past the line. */
import * as fc from "fast-check"
import * as Budget from "../../budget/Budget.ts"
import * as Minutes from "../../budget/Minutes.ts"
import * as Control from "../../control/Control.ts"
import type { ControlEvent, Of } from "../../control/ControlEvent.ts"
import { decide } from "../../control/Decision.ts"
import type { BudgetPolicy } from "../../policy/Policy.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { ask } from "../WorldArbitrary.ts"
import { all, HELD, inTurn, isTrue, law, next, same, type Verdict } from "./Law.ts"

const MILLION = 1_000_000n

/** Minutes against a cap's pause line, in integers that nothing rounds. */
const isPast = (policy: BudgetPolicy, platform: string, minutes: number, how: "at" | "past"): boolean => {
  const [have, line] = [
    BigInt(minutes) * MILLION,
    BigInt(Minutes.of(policy.caps, platform)) * BigInt(policy.pauseAtMillionths)
  ]
  return how === "at" ? have >= line : have > line
}

export const pauseLine = law(
  {
    name: "pause line",
    rules: ["BU3", "BU17"],
    says: "a grant is refused for its minutes exactly when a platform is at its line, or the grant's reserve would take it past"
  },
  ({ ecosystems }) => fc.constantFrom(...ecosystems),
  (ecosystem, { now }) => [{ _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey: "new" }],
  ({ control, now, policy }, ecosystem) => {
    const before = Budget.committed(Control.advance(policy, control.file, now).file.budget)
    const refused = Object.keys(policy.budget.caps).some((platform) => {
      const spent = Minutes.of(before, platform)
      const withOwn = spent + Minutes.of(policy.budget.reserve, platform)
      return isPast(policy.budget, platform, spent, "at") || isPast(policy.budget, platform, withOwn, "past")
    })
    const { reasons } = decide(policy, control, ask(ecosystem, "new"), now)
    return same(
      "whether the budget refuses",
      reasons.some(({ code }) => code === "budget-exhausted"),
      refused
    )
  }
)

type RunEvent = Of<"RunAdmitted"> | Of<"RunCompleted"> | Of<"RunAbandoned">

const isOfRun = (event: ControlEvent): event is RunEvent =>
  event._tag === "RunAdmitted" || event._tag === "RunCompleted" || event._tag === "RunAbandoned"

/** By how much the stated minutes of a run are above what its grant reserved. */
const overrun = (event: RunEvent, reserve: Minutes.Minutes, platform: string): number =>
  event._tag === "RunAdmitted"
    ? 0
    : Math.max(0, Minutes.of(event.minutes ?? {}, platform) - Minutes.of(reserve, platform))

export const overshoot = law(
  {
    name: "overshoot",
    rules: ["BU4"],
    says: "grants take a week's minutes past the pause line by at most what each used above its reserve"
  },
  ({ ecosystems, now }) => EventArbitrary.history(ecosystems, now, 30).map((events) => events.filter(isOfRun)),
  (events) => events,
  ({ control, now, policy }, events) => {
    const platforms = Object.keys(policy.budget.caps)
    const begun = Budget.committed(Control.advance(policy, control.file, now).file.budget)
    const above = new Map(platforms.map((platform) => [platform, 0]))
    const granted = new Set<string>()
    let state = control
    let latest = now
    const step = (event: RunEvent): Verdict => {
      const run = `${event.ecosystem} ${event.runKey}`
      // Minutes that nobody was granted are counted too, but no grant is to blame for them.
      if (event._tag !== "RunAdmitted" && !granted.has(run)) return HELD
      const hasGrant = (): boolean => Budget.grantOf(state.file.budget, event.ecosystem, event.runKey) !== undefined
      const had = hasGrant()
      state = next(policy, state, event)
      if (event._tag === "RunAdmitted") {
        if (!had && hasGrant()) granted.add(run)
      } else if (event._tag === "RunAbandoned") granted.delete(run)
      // A claim that is held leaves the file where it was, maybe in a week that is over: look at it as of now.
      latest = Math.max(latest, event.at)
      const minutes = Budget.committed(Control.advance(policy, state.file, latest).file.budget)
      return all(
        platforms.map((platform) => {
          const over = (above.get(platform) ?? 0) + overrun(event, policy.budget.reserve, platform)
          above.set(platform, over)
          const within = Minutes.of(minutes, platform) - over
          return isTrue(
            `${platform} stands at ${Minutes.of(minutes, platform)}, past its line by no more than ${over}`,
            within <= Minutes.of(begun, platform) || !isPast(policy.budget, platform, within, "past")
          )
        })
      )
    }
    return inTurn(() => all([HELD, ...events.map(step)]))
  }
)
