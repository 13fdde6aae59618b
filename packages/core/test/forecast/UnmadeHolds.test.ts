import { strict as assert } from "node:assert"
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as OutcomeWindow from "@batchbrake/core/breaker/OutcomeWindow"
import * as Branch from "@batchbrake/core/forecast/Branch"
import * as Tally from "@batchbrake/core/forecast/Tally"
import * as Unmade from "@batchbrake/core/forecast/Unmade"
import type { BreakerPolicy } from "@batchbrake/core/policy/Policy"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

/** A window in doubt: what is certain, and what is possible. */
type Doubtful = readonly [least: string, worst: string]

const closed = (window: string): BreakerState => ({ ...initial, failures: OutcomeWindow.countFailures(window), window })

const between = ([least, worst]: Doubtful): ReadonlyArray<string> =>
  [...least].reduce<ReadonlyArray<string>>(
    (all, outcome, place) =>
      all.flatMap((window) => (outcome === worst[place] ? [window + outcome] : [`${window}P`, `${window}F`])),
    [""]
  )

/** Every window that attempts lead to, by the breaker itself. */
const reached = (policy: BreakerPolicy, doubts: ReadonlyArray<Doubtful>, most: number): ReadonlySet<string> => {
  const windows = new Set<string>()
  let front: ReadonlySet<string> = new Set(doubts.flatMap(between))
  for (let attempt = 0; attempt < most; attempt++) {
    const next = new Set<string>()
    for (const window of front) {
      for (const outcome of ["P", "F"] as const) {
        const after = Breaker.step(policy, closed(window), outcome, 0)
        if (after.state === "closed") next.add(after.window ?? "")
      }
    }
    for (const window of next) windows.add(window)
    front = next
  }
  return windows
}

const isWithin = (window: string, [least, worst]: Doubtful): boolean =>
  window.length === least.length &&
  [...window].every((outcome, place) => (outcome === "F" ? worst[place] : least[place]) === outcome)

const missedBy = (policy: BreakerPolicy, doubts: ReadonlyArray<Doubtful>, counted: number): ReadonlyArray<string> => {
  const asked = doubts.map(([least, worst]) => {
    const branch: Branch.Branch = { state: closed(least), tally: Tally.certain(), worst }
    return { branch, decision: Branch.RAN }
  })
  const limits = { attempts: counted, counted, hasUncounted: false, minutes: 1 }
  const answers = Unmade.admit(policy, asked, limits, 0).flatMap(({ became, branch: { state, worst } }) =>
    became === Branch.RAN ? [[state.window ?? "", worst ?? state.window ?? ""] as const] : []
  )
  return [...reached(policy, doubts, counted)].filter((window) => !answers.some((each) => isWithin(window, each)))
}

describe("What is said of a run that was never made (SPEC.md BT)", () => {
  it("[BT2] holds every window that any course of attempts leads to, from any window in doubt", () => {
    const small = policyOf({ minimumAttempts: 1, thresholdMillionths: 200_000, window: 3 })
    assert.deepEqual(missedBy(small, [["FF", "FF"]], 4), [])
    const large = policyOf({ minimumAttempts: 5, thresholdMillionths: 700_000, window: 6 })
    assert.deepEqual(
      missedBy(
        large,
        [
          ["F", "F"],
          ["P", "P"]
        ],
        5
      ),
      []
    )
    const rule = fc.integer({ max: 6, min: 2 }).chain((window) =>
      fc.record({
        minimumAttempts: fc.integer({ max: window, min: 1 }),
        thresholdMillionths: fc.constantFrom(200_000, 400_000, 500_000, 700_000),
        window: fc.constant(window)
      })
    )
    const place = fc.constantFrom("PP", "PF", "FF")
    const doubtsUpTo = (window: number): fc.Arbitrary<ReadonlyArray<Doubtful>> =>
      fc.array(
        fc
          .array(place, { maxLength: window })
          .map((places) => [places.map((each) => each[0]).join(""), places.map((each) => each[1]).join("")] as const),
        { maxLength: 3, minLength: 1 }
      )
    const cases = rule.chain((own) =>
      fc.tuple(fc.constant(own), doubtsUpTo(own.window), fc.integer({ max: 8, min: 1 }))
    )
    fc.assert(
      fc.property(cases, ([own, doubts, counted]) => {
        assert.deepEqual(missedBy(policyOf(own), doubts, counted), [])
      })
    )
  })
})
