import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { withPauses } from "@batchbrake/core/control/ControlFile"
import { type Decision, decide } from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import * as Pause from "@batchbrake/core/control/Pause"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { explained, granted as grantedLaw, retrying } from "@batchbrake/core/testing/laws/decisions"
import { unknownHolds } from "@batchbrake/core/testing/laws/doors"
import { live } from "@batchbrake/core/testing/laws/live"
import { monotoneState } from "@batchbrake/core/testing/laws/monotone"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { ask, readable, type World, worldWith } from "@batchbrake/core/testing/WorldArbitrary"
import { DAY, HOUR, parse, WEEK } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { keeps } from "../support/keeps.ts"
import { withClaim } from "../support/worlds.ts"

const codes = ({ reasons }: Decision): ReadonlyArray<string> => reasons.map(({ code }) => code)

const apply = (policy: Policy.Policy, control: Control.Control, event: ControlEvent): Control.Control =>
  Result.getOrThrowWith(reduce(policy, control, event), (rejection) => new Error(JSON.stringify(rejection))).control

const asked = worldWith(({ ecosystems }) =>
  fc.record({
    ecosystem: fc.constantFrom(...ecosystems),
    runKey: fc.option(fc.constantFrom("mine", "run-3"), { nil: undefined })
  })
)

describe("Decision (SPEC.md DE)", () => {
  it("[DE1] a decision changes nothing, has a reason, and grants nothing while it holds", () => {
    keeps(explained, { leastTried: 300, numRuns: 300 })
  })

  it("[DE1] what a claim is told, the reducer grants, and what it holds, the reducer rejects", () => {
    keeps(grantedLaw, { leastTried: 200, numRuns: 200 })
  })

  it("[DE1] its JSON has every key of the published shape", () => {
    fc.assert(
      fc.property(asked, ([{ control, now, policy }, { ecosystem, runKey }]) => {
        const decision = decide(policy, control, ask(ecosystem, runKey), now)
        const json = DecisionJson.toJson(decision)
        const keys = "ecosystem decision reasons batch_size max_attempts sampling retry_at grant run_key"
        assert.equal(Object.keys(json).join(" "), keys)
        assert.deepEqual(JSON.parse(JSON.stringify(json)), json)
        assert.equal(DecisionJson.canProceed([decision]), decision.decision !== "hold")
        if (decision.retryAt !== undefined) assert.equal(parse(String(json.retry_at)), decision.retryAt)
      })
    )
  })

  it("[DE8] what is to land is held by what holds a start, but for the budget", () => {
    fc.assert(
      fc.property(asked, ([{ control, now, policy }, { ecosystem, runKey }]) => {
        const request = ask(ecosystem, runKey)
        const starting = decide(policy, control, request, now)
        const landing = decide(policy, control, { ...request, landing: true }, now)
        const left = codes(starting).filter((code) => code !== "budget-exhausted")
        if (starting.decision !== "hold") assert.deepEqual(landing, starting)
        else if (left.length > 0) assert.deepEqual([landing.decision, codes(landing)], ["hold", left])
        else assert.notEqual(landing.decision, "hold")
      })
    )
  })

  it("[DE2] [EV12] an ecosystem that the policy does not know is on hold, whatever the file says of it", () => {
    keeps(unknownHolds, { leastTried: 100 })
  })

  it("[DE3] a pause, a reservation or spent minutes more, or a failure in place of a pass, never loosens a decision", () => {
    keeps(monotoneState, { leastTried: 300, numRuns: 300 })
  })

  const granted = asked.map(([made, { ecosystem }]) => {
    const { control, now, policy } = made
    const reduced = reduce(policy, control, { _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey: "mine" })
    return { ...made, ecosystem, granted: Result.isSuccess(reduced) ? reduced.success.control : undefined }
  })
  it("[DE4] asking again with the key of a live grant answers the same grant, until it ends, whatever the minutes are", () => {
    let tried = 0
    fc.assert(
      fc.property(granted, fc.nat({ max: 3000 }), ({ ecosystem, granted, now, policy }, minutes) => {
        if (granted === undefined) return
        tried++
        const spent: ControlEvent = {
          _tag: "BudgetAdjusted",
          at: now,
          author: "ops",
          id: "x",
          minutes: { linux: minutes, macos: minutes },
          reason: "r"
        }
        const busy = apply(policy, granted, spent)
        const first = decide(policy, granted, ask(ecosystem, "mine"), now)
        const { grant } = first
        if (grant === undefined) return assert.fail("no grant")
        const last = decide(policy, busy, ask(ecosystem, "mine"), grant.expiresAt - 1)
        assert.deepEqual([last.decision, last.grant, codes(last)], [first.decision, grant, ["granted"]])
        assert.equal(last.admission, undefined)
        assert.deepEqual(codes(decide(policy, busy, ask(ecosystem, "mine"), grant.expiresAt)), ["key-used"])
      })
    )
    assert.ok(tried > 15)
  })

  it("[DE4] a grant is held once a pause applies, and once its breaker has moved", () => {
    fc.assert(
      fc.property(granted, fc.boolean(), ({ ecosystem, granted, now, policy }, everything) => {
        if (granted === undefined) return
        const order = { at: now, author: "ops", id: "x", reason: "r" }
        const scope = everything ? Pause.EVERYTHING : ecosystem
        const paused = apply(policy, granted, { ...order, _tag: "Paused", autoResume: false, scope })
        assert.deepEqual(codes(decide(policy, paused, ask(ecosystem, "mine"), now)), ["paused"])
        const resumed = apply(policy, paused, { ...order, _tag: "Resumed", scope })
        assert.notEqual(decide(policy, resumed, ask(ecosystem, "mine"), now).grant, undefined)
        const moved = apply(policy, granted, { ...order, _tag: "BreakerReset", ecosystem })
        const held = decide(policy, moved, ask(ecosystem, "mine"), now)
        assert.deepEqual(
          [held.decision, codes(held), held.grant, held.retryAt],
          ["hold", ["fenced"], undefined, undefined]
        )
      })
    )
  })

  it("[DE5] a run key that had a grant or a result is used, for its ecosystem alone, and another is not", () => {
    const one = PolicyArbitrary.decoded(Policy.starter(["cask", "npm"]))
    const at = InstantArbitrary.FIRST_EVENT
    const run = { at, author: "ci", ecosystem: "npm", runKey: "mine" } as const
    const report: ControlEvent = { ...run, _tag: "RunCompleted", attempts: { failed: 0, passed: 1, skipped: 0 } }
    const claimed = apply(one, Control.initial, { ...run, _tag: "RunAdmitted" })
    const used = [
      withClaim(Control.initial, "npm", "mine", at),
      apply(one, Control.initial, report),
      apply(one, claimed, report),
      apply(one, claimed, { ...run, _tag: "RunAbandoned" })
    ]
    for (const control of used) {
      const again = decide(one, control, ask("npm", "mine"), at + DAY)
      assert.deepEqual([again.decision, codes(again)], ["hold", ["key-used"]])
      assert.equal(decide(one, control, ask("npm", "other"), at + DAY).decision, "run")
      assert.equal(decide(one, control, ask("cask", "mine"), at + DAY).decision, "run")
      assert.equal(decide(one, control, ask("npm"), at + DAY).decision, "run")
    }
  })

  it("[BR29] a breaker that only observes holds nothing, says what it would have held, and has its probes taken", () => {
    const file = { ...Policy.starter(["npm"]), breaker: { mode: "observe" } }
    const [enforce, observe] = [PolicyArbitrary.decoded(Policy.starter(["npm"])), PolicyArbitrary.decoded(file)]
    const at = InstantArbitrary.FIRST_EVENT
    const run = { at, author: "ci", ecosystem: "npm" } as const
    const attempts = { failed: 10, passed: 0, skipped: 0 }
    const open = apply(observe, Control.initial, { ...run, _tag: "RunCompleted", attempts, runKey: "a" })
    const asked = (control: Control.Control, policy: Policy.Policy, now: number) =>
      decide(policy, control, ask("npm", "new"), now)
    assert.equal(asked(open, enforce, at).decision, "hold")
    assert.deepEqual(codes(asked(open, observe, at)), ["would-hold-cooling-down"])
    assert.equal(asked(open, observe, at).decision, "run")
    assert.equal(asked(open, observe, at + HOUR).decision, "probe")
    const probed = apply(observe, open, { ...run, _tag: "RunAdmitted", at: at + HOUR, runKey: "b" })
    assert.equal(asked(probed, enforce, at + HOUR).decision, "hold")
    assert.deepEqual(codes(asked(probed, observe, at + HOUR)), ["would-hold-probe-live"])
    const stop = { ...run, _tag: "Paused", autoResume: false, id: "x", reason: "r", scope: "npm" } as const
    assert.deepEqual(codes(asked(apply(observe, open, stop), observe, at)), ["paused"])
    const minutes = { linux: 9000 }
    const spent = apply(observe, open, { ...run, _tag: "BudgetAdjusted", id: "y", minutes, reason: "r" })
    assert.deepEqual(codes(asked(spent, observe, at)), ["budget-exhausted"])
  })

  it("[DE7] a hold that time alone will end says when, and asking then finds each of its obstacles gone", () => {
    keeps(retrying, { leastTried: 20, numRuns: 200 })
  })

  it("[DE7] minutes that other grants hold beyond the week's end are waited for, and a reserve that fits no week is not", () => {
    const policy = PolicyArbitrary.decoded({
      ...Policy.starter(["npm"]),
      budget: { caps: { linux: 0, macos: 100 }, reserve: { linux: 0, macos: 90 } },
      lease_minutes: 20_160
    })
    const noLinux = decide(policy, Control.initial, ask("npm"), InstantArbitrary.FIRST_EVENT)
    assert.deepEqual([codes(noLinux), noLinux.retryAt], [["budget-exhausted"], undefined])
    const open = PolicyArbitrary.decoded({
      ...Policy.starter(["npm"]),
      budget: { caps: { macos: 100 }, reserve: { macos: 90 } },
      lease_minutes: 20_160
    })
    const monday = parse("2026-11-23T00:00:00Z") ?? 0
    const claimed = apply(open, Control.initial, {
      _tag: "RunAdmitted",
      at: monday,
      author: "ci",
      ecosystem: "npm",
      runKey: "long"
    })
    const held = decide(open, claimed, ask("npm"), monday)
    assert.deepEqual([codes(held), held.retryAt], [["budget-exhausted"], monday + 3 * WEEK])
    assert.equal(decide(open, claimed, ask("npm"), monday + 3 * WEEK - 1).decision, "hold")
    assert.equal(decide(open, claimed, ask("npm"), monday + 3 * WEEK).decision, "run")
  })

  it("[DE7] a hold that time alone does not end names no time", () => {
    fc.assert(
      fc.property(asked, ([{ control, now, policy }, { ecosystem }]) => {
        const stop: Pause.Pause = {
          at: now,
          author: "ops",
          autoResume: false,
          category: undefined,
          expectedResume: now + HOUR,
          incidentUrl: undefined,
          reason: "r",
          unknown: {}
        }
        const paused = { ...control, file: withPauses(control.file, Pause.add(control.file.pauses, ecosystem, stop)) }
        assert.equal(decide(policy, paused, ask(ecosystem, "new"), now).retryAt, undefined)
        assert.equal(decide(policy, control, ask("nobody-knows"), now).retryAt, undefined)
      })
    )
  })
})

describe("The gate is live (SPEC.md DE)", () => {
  /** Budgets that every reserve fits into: what the law presupposes. */
  const roomy: fc.Arbitrary<World> = PolicyArbitrary.policy
    .map((policy) => ({
      ...policy,
      budget: {
        ...policy.budget,
        caps: Object.fromEntries(Object.keys(policy.budget.caps).map((platform) => [platform, 1000])),
        pauseAtMillionths: Math.max(policy.budget.pauseAtMillionths, 100_000)
      }
    }))
    .chain(readable)

  it("[DE6] claims and passing attempts close every breaker within cool-down cap, lease and one week", () => {
    keeps(live, { leastTried: 50, numRuns: 250, worlds: roomy })
  })
})
