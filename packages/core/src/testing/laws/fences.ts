/** What came too late, and what is not the one probe, moves no breaker. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Budget from "../../budget/Budget.ts"
import * as Minutes from "../../budget/Minutes.ts"
import type { ControlEvent, Of } from "../../control/ControlEvent.ts"
import { breakerOf } from "../../control/ControlFile.ts"
import { reduce } from "../../control/Reducer.ts"
import * as Policy from "../../policy/Policy.ts"
import { HOUR } from "../../time/Instant.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { all, inTurn, isTrue, law, next, same, UNTRIED, type Verdict } from "./Law.ts"

export const oneProbe = law(
  {
    name: "one probe",
    rules: ["BR9", "BR10"],
    says: "of the claims that come while a probe is live none takes another",
    speaksOf: "a claim that takes the probe"
  },
  ({ ecosystems, now }) =>
    fc
      .tuple(
        fc.constantFrom(...ecosystems),
        fc.array(fc.integer({ max: 3 * HOUR, min: 0 }), { maxLength: 5, minLength: 2 })
      )
      .map(([ecosystem, waits]) =>
        waits
          .sort((left, right) => left - right)
          .map(
            (wait, index): Of<"RunAdmitted"> => ({
              _tag: "RunAdmitted",
              at: now + wait,
              author: "ci",
              ecosystem,
              runKey: `claim-${index}`
            })
          )
      ),
  (claims) => claims,
  ({ control, policy }, claims) => {
    let state = control
    let until = Number.NEGATIVE_INFINITY
    const take = (claim: Of<"RunAdmitted">): Verdict => {
      const before = breakerOf(state.file, claim.ecosystem)
      state = next(policy, state, claim)
      const grant = Budget.grantOf(state.file.budget, claim.ecosystem, claim.runKey)
      if (grant?.kind !== "probe") return UNTRIED
      const held = isTrue(
        `${claim.runKey} is not a second live probe of ${claim.ecosystem}`,
        claim.at >= until && (before.probe === undefined || claim.at >= before.probe.expiresAt)
      )
      until = grant.expiresAt
      return held
    }
    return all(claims.map(take))
  }
)

/** A claim, whatever comes between, and the claimant's report. */
interface Late {
  readonly claim: Of<"RunAdmitted">
  readonly between: ControlEvent
  readonly report: Of<"RunCompleted">
}

export const fenced = law(
  {
    name: "fenced",
    rules: ["BR18"],
    says: "a result of an older generation moves no breaker and is noticed, and its minutes count all the same",
    speaksOf: "a report under a grant of an older generation"
  },
  ({ ecosystems, now }) =>
    fc
      .tuple(
        fc.constantFrom(...ecosystems),
        EventArbitrary.attempts,
        fc.nat({ max: 60 }),
        fc.constantFrom("reset", "failures", "passes")
      )
      .map(([ecosystem, attempts, linux, way]): Late => {
        const run = { at: now, author: "ci", ecosystem }
        const letters = way === "failures" ? "F".repeat(1000) : "P".repeat(5)
        return {
          between:
            way === "reset"
              ? { ...run, _tag: "BreakerReset", id: "reset", reason: "mended by hand" }
              : {
                  ...run,
                  _tag: "RunCompleted",
                  attempts: { categories: {}, results: letters },
                  minutes: { linux: 0 },
                  runKey: "other"
                },
          claim: { ...run, _tag: "RunAdmitted", runKey: "slow" },
          report: { ...run, _tag: "RunCompleted", attempts, minutes: { linux }, runKey: "slow" }
        }
      }),
  ({ between, claim, report }) => [claim, between, report],
  ({ control, policy }, { between, claim, report }) => {
    const { ecosystem, runKey } = claim
    const claimed = next(policy, control, claim)
    const grant = Budget.grantOf(claimed.file.budget, ecosystem, runKey)
    const moved = next(policy, claimed, between)
    const before = breakerOf(moved.file, ecosystem)
    if (grant === undefined || grant.generation === before.generation) return UNTRIED
    const outcome = reduce(policy, moved, report)
    if (Result.isFailure(outcome)) return same("the answer to the report", outcome.failure, "applied")
    const { applied, control: reported, notices } = outcome.success
    const linux = (state: typeof moved): number => Minutes.of(state.file.budget.used, "linux")
    return inTurn(
      () => same("the breaker", { ...breakerOf(reported.file, ecosystem), probe: 0 }, { ...before, probe: 0 }),
      () =>
        isTrue(
          "the report is applied, and noticed as fenced",
          applied && notices.some(({ code }) => code === "fenced")
        ),
      () => same("the Linux minutes", linux(reported), linux(moved) + Minutes.of(report.minutes ?? {}, "linux")),
      () => isTrue("its grant is over", Budget.grantOf(reported.file.budget, ecosystem, runKey) === undefined)
    )
  }
)

export const vacuous = law(
  {
    name: "vacuous",
    rules: ["BR16"],
    says: "a run without a counted attempt moves no breaker, in any state, granted or not"
  },
  ({ ecosystems, now }) =>
    fc
      .record({ claimed: fc.boolean(), ecosystem: fc.constantFrom(...ecosystems), skipped: fc.nat({ max: 30 }) })
      .map(({ claimed, ecosystem, skipped }): ReadonlyArray<ControlEvent> => {
        const run = { at: now, author: "ci", ecosystem, runKey: "empty" }
        return [
          ...(claimed ? [{ ...run, _tag: "RunAdmitted" } as const] : []),
          { ...run, _tag: "RunCompleted", attempts: { failed: 0, passed: 0, skipped } }
        ]
      }),
  (events) => events,
  ({ control, policy }, events) => {
    const report = events.at(-1)
    if (report?._tag !== "RunCompleted" || Policy.ecosystemOf(policy, report.ecosystem) === undefined) return UNTRIED
    const claimed = events.slice(0, -1).reduce((state, event) => next(policy, state, event), control)
    const before = breakerOf(claimed.file, report.ecosystem)
    const isOwn = before.probe?.runKey === report.runKey
    const now = breakerOf(next(policy, claimed, report).file, report.ecosystem)
    // Time alone may have freed the probe of another; the run itself frees only its own.
    const isFreed = before.probe !== undefined && (isOwn || report.at >= before.probe.expiresAt)
    return same("the breaker", now, isFreed ? { ...before, probe: undefined } : before)
  }
)
