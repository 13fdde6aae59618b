import { strict as assert } from "node:assert"
import * as Breaker from "@batchbrake/core/breaker/Breaker"
import { type BreakerState, initial } from "@batchbrake/core/breaker/BreakerState"
import * as Backtest from "@batchbrake/core/forecast/Backtest"
import * as Branch from "@batchbrake/core/forecast/Branch"
import * as Doubt from "@batchbrake/core/forecast/Doubt"
import type { Run } from "@batchbrake/core/forecast/History"
import * as Replay from "@batchbrake/core/forecast/Replay"
import * as Tally from "@batchbrake/core/forecast/Tally"
import * as Unmade from "@batchbrake/core/forecast/Unmade"
import * as Verdict from "@batchbrake/core/forecast/Verdict"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { policyOf, ruleUpTo } from "./rules.ts"

const AT = 1_767_225_600_000
const HOUR = 3_600_000

const policyWith = (more: JsonObject, names = ["npm"]): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(names), ...more }))

const run = (hour: number, passed: number, failed: number, more: Partial<Run> = {}): Run => ({
  at: AT + hour * HOUR,
  attempts: { failed, passed, skipped: 0 },
  ecosystem: "npm",
  made: true,
  minutes: { macos: 0 },
  ...more
})

const recordOf = (runs: ReadonlyArray<Run>) => ({ known: {}, leftOut: {}, rules: [], runs })
const outcomes = fc.string({ maxLength: 30, unit: fc.constantFrom("P", "F") })

describe("A window in doubt (SPEC.md BT)", () => {
  it("[BT2] lies between its two, and trips only where one of those may", () => {
    const rule = ruleUpTo(14).filter(({ thresholdMillionths }) => thresholdMillionths > 0)
    const known = fc.infiniteStream(fc.boolean())
    fc.assert(
      fc.property(
        rule,
        fc.array(outcomes, { minLength: 2, maxLength: 4 }),
        outcomes,
        known,
        (one, pasts, more, knows) => {
          const policy = policyOf(one)
          const states = pasts.map((past) => {
            let state: BreakerState = initial
            for (const outcome of past) {
              const next = Breaker.step(policy, state, outcome === "F" ? "F" : "P", AT)
              if (next.state === "closed") state = next
            }
            return state
          })
          const [first = initial] = states
          const alike = states.filter((state) => (state.window ?? "").length === (first.window ?? "").length)
          let doubtful: Doubt.Doubtful = alike.reduce<Doubt.Doubtful>(
            (all, state) => Doubt.join(all, { state, worst: undefined }),
            { state: first, worst: undefined }
          )
          let real = alike.at(-1) ?? first
          for (const letter of more) {
            const outcome = letter === "F" ? "F" : "P"
            real = Breaker.step(policy, real, outcome, AT)
            const taken = Doubt.step(policy, doubtful, knows.next().value ? outcome : "?", AT)
            if (real.state !== "closed") {
              assert.equal(taken.trips?.opensAt, real.opensAt)
              return
            }
            assert.ok(taken.stays !== undefined)
            doubtful = taken.stays
            const [least, window, most] = [doubtful.state.window ?? "", real.window ?? "", doubtful.worst ?? ""]
            assert.deepEqual([least.length, most.length], [window.length, window.length])
            for (let place = 0; place < window.length; place++) {
              assert.ok(least[place] === "P" || window[place] === "F")
              assert.ok(most[place] === "F" || window[place] === "P")
            }
          }
        }
      )
    )
  })
})

describe("A run that was never made (SPEC.md BT)", () => {
  const attemptsOfNone = (ignoring: ReadonlyArray<string>) => {
    const branch = { state: initial, tally: Tally.certain(), worst: undefined }
    const limits = { attempts: 7, counted: 7, hasUncounted: ignoring.length > 0, minutes: 5 }
    const policy = policyOf({ ignoreCategories: ignoring })
    const [first] = Unmade.admit(policy, [{ branch, decision: Branch.RAN }], limits, AT)
    return first?.branch.tally.high.attemptsAdmitted
  }

  it("[BT2] may have had attempts that no breaker counts, where there are such", () => {
    assert.equal(attemptsOfNone([]), 0)
    assert.equal(attemptsOfNone(["network"]), 7)
  })

  it("[BT2] is followed up to the larger batch of the two policies, or the largest run on record", () => {
    const limitOf = (old: number, next: number, largest: number): number | undefined =>
      Backtest.compare(
        { new: policyWith({ batch_size: next }), old: policyWith({ batch_size: old }) },
        recordOf([run(0, largest, 0), run(1, 0, 0, { made: false })])
      ).lines[0]?.limit
    assert.deepEqual([limitOf(30, 9, 5), limitOf(9, 30, 5), limitOf(9, 30, 41)], [30, 30, 41])
  })
})

describe("Minutes that nobody knows (SPEC.md BT)", () => {
  const budget = { caps: { macos: 100 }, reserve: { macos: 20 } }

  it("[BT2] of a probe that takes part of a run may refuse the next one, and need not", () => {
    const policy = policyWith({ budget }, ["npm", "pypi"])
    const list = [
      run(0, 0, 10),
      run(2, 9, 0, { minutes: { macos: 90 } }),
      run(3, 1, 0, { ecosystem: "pypi", minutes: { macos: 1 } })
    ]
    const terms = { end: AT + 3 * HOUR, limits: new Map<string, number>(), unit: "attempts" as const }
    const { CLOSED, HELD_BY_BUDGET, RAN, TRIPPED } = Branch
    assert.deepEqual([...Replay.replay(policy, list, terms).decisions], [TRIPPED, CLOSED, RAN | HELD_BY_BUDGET])
  })

  it("[BT6] are a way in which one ecosystem's breaker can change what is decided about another with the same rules", () => {
    const names = ["npm", "pypi"]
    const own = { npm: { breaker: { threshold: 0.4 } }, pypi: {} }
    const policies = { new: policyWith({ budget, ecosystems: own }, names), old: policyWith({ budget }, names) }
    const list = [
      run(0, 10, 0),
      run(1, 0, 0, { made: false, minutes: { macos: 90 } }),
      run(2, 1, 0, { ecosystem: "pypi", minutes: { macos: 1 } })
    ]
    const compared = Backtest.compare(policies, recordOf(list))
    const of = (name: string) => compared.lines.find(({ ecosystem }) => ecosystem === name)?.divergence
    assert.equal(of("npm")?.at, list[1]?.at)
    assert.deepEqual(of("pypi")?.new, ["run", "hold for the budget"])
  })
})

describe("The word for bounds (SPEC.md BT)", () => {
  const bounds = (attempts: readonly [number, number], trips: readonly [number, number]): Tally.Bounds => ({
    high: { ...Tally.nothing(), attemptsAdmitted: attempts[1], trips: trips[1] },
    low: { ...Tally.nothing(), attemptsAdmitted: attempts[0], trips: trips[0] }
  })
  const compared = Backtest.compare({ new: policyWith({}), old: policyWith({}) }, recordOf([run(0, 1, 0)]))
  const divergence = { at: AT, ecosystem: "npm", new: [], old: [] }
  const word = (next: Tally.Bounds, old: Tally.Bounds) => Verdict.of({ ...compared, divergence, new: next, old })

  it("[BT9] where attempts and time open may be equal, is looser only with no more trips", () => {
    assert.equal(word(bounds([5, 9], [0, 1]), bounds([5, 5], [1, 1])), "looser")
    assert.equal(word(bounds([5, 9], [0, 2]), bounds([5, 5], [1, 1])), "mixed")
    assert.equal(word(bounds([6, 9], [0, 2]), bounds([5, 5], [1, 1])), "looser")
    assert.equal(word(bounds([5, 5], [1, 1]), bounds([5, 9], [0, 2])), "mixed")
    assert.equal(word(bounds([5, 5], [1, 1]), bounds([6, 9], [0, 2])), "stricter")
    assert.equal(word(bounds([5, 5], [1, 1]), bounds([5, 5], [1, 1])), "mixed")
    assert.equal(word(bounds([5, 5], [0, 0]), bounds([5, 5], [1, 1])), "looser")
    const open = ({ high, low }: Tally.Bounds, openMillis: number): Tally.Bounds => ({
      high: { ...high, openMillis },
      low: { ...low, openMillis }
    })
    const [more, fewer] = [bounds([5, 5], [2, 2]), bounds([5, 5], [1, 1])]
    assert.deepEqual([word(open(more, 1), open(fewer, 2)), word(open(fewer, 2), open(more, 1))], ["looser", "stricter"])
  })
})
