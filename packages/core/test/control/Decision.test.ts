import { strict as assert } from "node:assert"
import type { Reservation } from "@batchbrake/core/budget/Reservation"
import * as Week from "@batchbrake/core/budget/Week"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { breakerOf, withBreaker, withPauses } from "@batchbrake/core/control/ControlFile"
import { type Decision, decide } from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import * as Pause from "@batchbrake/core/control/Pause"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, MINUTE, parse, WEEK } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { ask, printed, type World, withClaim, world, worldWith } from "../support/worlds.ts"

const codes = ({ reasons }: Decision): ReadonlyArray<string> => reasons.map(({ code }) => code)

const apply = (policy: Policy.Policy, control: Control.Control, event: ControlEvent): Control.Control =>
  Result.getOrThrowWith(reduce(policy, control, event), (rejection) => new Error(JSON.stringify(rejection))).control

const asked = worldWith(({ ecosystems }) =>
  fc.record({
    ecosystem: fc.constantFrom(...ecosystems),
    runKey: fc.option(fc.constantFrom("mine", "run-3"), { nil: undefined })
  })
)

const RANK = { hold: 0, probe: 1, run: 2 } as const

/** Whether the second answer allows anything that the first did not. */
const isLooser = (before: Decision, after: Decision): boolean =>
  RANK[after.decision] > RANK[before.decision] ||
  after.batchSize > before.batchSize ||
  after.maxAttempts > before.maxAttempts ||
  Object.entries(after.sampling).some(([platform, rate]) => rate > (before.sampling[platform] ?? 1)) ||
  (after.decision === "hold" &&
    before.decision === "hold" &&
    (after.retryAt ?? Infinity) < (before.retryAt ?? Infinity))

/** The state once an event has been reduced on it: from then on it says which week it is in. */
const inItsWeek = ({ control, now, policy }: World): Control.Control => {
  const { weekStart = Week.startOf(now, policy.budget.weekStartsOn) } = control.file.budget
  return { ...control, file: { ...control.file, budget: { ...control.file.budget, weekStart } } }
}

describe("Decision (SPEC.md DE)", () => {
  it("[DE1] a decision changes nothing, has a reason, and grants nothing while it holds", () => {
    fc.assert(
      fc.property(asked, ([{ control, now, policy }, { ecosystem, runKey }]) => {
        const before = printed(control)
        const decision = decide(policy, control, ask(ecosystem, runKey), now)
        assert.equal(printed(control), before)
        assert.ok(decision.reasons.length > 0)
        for (const { code, message } of decision.reasons) {
          assert.match(code, /^[a-z-]+$/)
          assert.ok(message !== "" && !/[\n\r\u2028\u0085]/.test(message))
        }
        if (decision.decision === "hold") {
          const { admission, batchSize, grant, maxAttempts } = decision
          assert.deepEqual([admission, batchSize, grant, maxAttempts], [undefined, 0, undefined, 0])
        } else {
          assert.ok(decision.batchSize >= 1 && decision.maxAttempts >= 1)
          assert.equal(decision.retryAt, undefined)
          assert.notEqual(decision.grant === undefined, decision.admission === undefined)
        }
        for (const rate of Object.values(decision.sampling)) assert.ok(rate >= 0 && rate <= 1)
      }),
      { numRuns: 300 }
    )
  })

  it("[DE1] what a claim is told, the reducer grants, and what it holds, the reducer rejects", () => {
    fc.assert(
      fc.property(asked, ([{ control, now, policy }, { ecosystem }]) => {
        const decision = decide(policy, control, ask(ecosystem, "new"), now)
        const event: ControlEvent = { _tag: "RunAdmitted", at: now, author: "ci", ecosystem, runKey: "new" }
        const reduced = reduce(policy, control, event)
        assert.equal(Result.isSuccess(reduced), decision.decision !== "hold")
        if (Result.isFailure(reduced)) {
          assert.equal(reduced.failure.code, "held")
          assert.deepEqual(reduced.failure.reasons, decision.reasons)
          return
        }
        const again = decide(policy, reduced.success.control, ask(ecosystem, "new"), now)
        assert.deepEqual(
          [again.decision, again.batchSize, again.grant?.batchSize, again.grant?.maxAttempts],
          [decision.decision, decision.batchSize, decision.batchSize, decision.maxAttempts]
        )
      }),
      { numRuns: 200 }
    )
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

  it("[DE2] an ecosystem that the policy does not know is on hold, whatever the file says of it", () => {
    fc.assert(
      fc.property(
        world,
        fc.constantFrom("nobody-knows", "forgotten", "tostring", ""),
        ({ control, now, policy }, name) => {
          const decision = decide(policy, control, ask(name, "mine"), now)
          assert.deepEqual([decision.decision, codes(decision)], ["hold", ["unknown-ecosystem"]])
        }
      )
    )
  })

  const reservation = (ecosystem: string, now: number): fc.Arbitrary<Reservation> =>
    fc
      .record({
        length: fc.integer({ max: 3 * DAY, min: -DAY }),
        linux: fc.nat({ max: 400 }),
        macos: fc.nat({ max: 400 }),
        windows: fc.nat({ max: 90 })
      })
      .map(({ length, ...minutes }) => ({
        admittedAt: now - DAY,
        author: "ci",
        batch: undefined,
        batchSize: 5,
        ecosystem,
        expiresAt: now + length,
        generation: 1,
        kind: "run",
        maxAttempts: 5,
        minutes,
        probeRecipes: [],
        runKey: "another",
        unknown: {}
      }))
  const stricter = worldWith(({ ecosystems, now }) =>
    fc.record({
      ecosystem: fc.constantFrom(...ecosystems),
      held: reservation(ecosystems[0] ?? "", now),
      pause: ControlArbitrary.pause(now),
      scope: fc.constantFrom(Pause.EVERYTHING, ...ecosystems),
      spent: fc.dictionary(fc.constantFrom("linux", "macos", "windows"), fc.nat({ max: 2000 }), {
        noNullPrototype: true
      }),
      which: fc.constantFrom("pause", "reservation", "spent", "window")
    })
  )
  const madeStricter = (
    { control }: World,
    made: {
      readonly ecosystem: string
      readonly held: Reservation
      readonly pause: Pause.Pause
      readonly scope: string
      readonly spent: Readonly<Record<string, number>>
      readonly which: string
    }
  ): Control.Control => {
    const { file } = control
    const { budget } = file
    const used = { ...budget.used }
    for (const [platform, minutes] of Object.entries(made.spent)) used[platform] = (used[platform] ?? 0) + minutes
    const breaker = breakerOf(file, made.ecosystem)
    switch (made.which) {
      case "pause":
        return { ...control, file: withPauses(file, Pause.add(file.pauses, made.scope, made.pause)) }
      case "reservation":
        return {
          ...control,
          file: { ...file, budget: { ...budget, reservations: [...budget.reservations, made.held] } }
        }
      case "spent":
        return { ...control, file: { ...file, budget: { ...budget, used } } }
      default: {
        const window = breaker.window?.replace("P", "F")
        const failures = breaker.failures + (window === breaker.window ? 0 : 1)
        return { ...control, file: withBreaker(file, made.ecosystem, { ...breaker, failures, window }) }
      }
    }
  }
  it("[DE3] a pause, a reservation or spent minutes more, or a failure in place of a pass, never loosens a decision", () => {
    fc.assert(
      fc.property(stricter, ([made, addition]) => {
        const changed = madeStricter(made, addition)
        for (const runKey of [undefined, "mine", "run-3"]) {
          const before = decide(made.policy, made.control, ask(addition.ecosystem, runKey), made.now)
          const after = decide(made.policy, changed, ask(addition.ecosystem, runKey), made.now)
          assert.ok(!isLooser(before, after), `${JSON.stringify(before)} became ${JSON.stringify(after)}`)
        }
      }),
      { numRuns: 300 }
    )
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
    let tried = 0
    fc.assert(
      fc.property(asked, ([made, { ecosystem, runKey }]) => {
        const { now, policy } = made
        const control = inItsWeek(made)
        const decision = decide(policy, control, ask(ecosystem, runKey), now)
        if (decision.decision !== "hold" || decision.retryAt === undefined) return
        tried++
        assert.ok(decision.retryAt > now)
        const then = decide(policy, control, ask(ecosystem, runKey), decision.retryAt)
        const freshProbe = then.reasons.some(({ code }) => code === "key-used")
        assert.ok(then.decision !== "hold" || freshProbe, `${JSON.stringify(decision)} then ${JSON.stringify(then)}`)
        const early = decide(policy, control, ask(ecosystem, runKey), decision.retryAt - 1)
        assert.equal(early.decision, "hold")
      }),
      { numRuns: 200 }
    )
    assert.ok(tried > 20)
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

/** A claimant that asks when the gate says, or hourly, and whose every attempt passes. */
const play = (
  policy: Policy.Policy,
  begun: Control.Control,
  ecosystem: string,
  from: number,
  until: number
): number | undefined => {
  let control = begun
  let now = from
  for (let turn = 0; now <= until && turn < 5000; turn++) {
    if (breakerOf(control.file, ecosystem).state === "closed") return now
    const runKey = `play-${turn}`
    const decision = decide(policy, control, ask(ecosystem, runKey), now)
    if (decision.decision === "hold") {
      now = Math.min(decision.retryAt ?? Infinity, now + HOUR)
      continue
    }
    const run = { at: now, author: "ci", ecosystem, runKey }
    control = apply(policy, control, { ...run, _tag: "RunAdmitted" })
    const passed = decision.maxAttempts
    control = apply(policy, control, {
      ...run,
      _tag: "RunCompleted",
      attempts: { failed: 0, passed, skipped: 0 },
      minutes: { linux: 0 }
    })
    // A run that was let through by a breaker that only observes proves nothing: the claimant comes back in an hour.
    if (decision.decision === "run") now += HOUR
  }
  return undefined
}

describe("The gate is live (SPEC.md DE)", () => {
  /** What the rule asks for: no stop for ever, no deadline further ahead than a policy could have set it, reserves within the lines. */
  const withinReason = (made: World, ecosystem: string): World => {
    const { ecosystems, now, policy } = made
    const control = inItsWeek(made)
    const own = Policy.ecosystemOf(policy, ecosystem)
    const lease = Math.max(policy.leaseMillis, own?.breaker.probeLeaseMillis ?? 0)
    const caps = Object.fromEntries(Object.keys(policy.budget.caps).map((platform) => [platform, 1000]))
    const budgetPolicy = {
      ...policy.budget,
      caps,
      pauseAtMillionths: Math.max(policy.budget.pauseAtMillionths, 100_000)
    }
    const { budget } = control.file
    const breaker = breakerOf(control.file, ecosystem)
    const limited = {
      ...breaker,
      opensAt:
        breaker.opensAt === undefined
          ? undefined
          : Math.min(breaker.opensAt, now + (own?.breaker.coolDownCapMillis ?? 0)),
      probe:
        breaker.probe === undefined
          ? undefined
          : {
              ...breaker.probe,
              expiresAt: Math.min(breaker.probe.expiresAt, now + (own?.breaker.probeLeaseMillis ?? 0))
            }
    }
    const reservations = budget.reservations.map((held) => ({
      ...held,
      expiresAt: Math.min(held.expiresAt, now + lease)
    }))
    const weekStart = Math.min(budget.weekStart ?? now, now)
    const file = withBreaker({ ...control.file, budget: { ...budget, reservations, weekStart } }, ecosystem, limited)
    return {
      control: { ...control, file: withPauses(file, {}) },
      ecosystems,
      now,
      policy: { ...policy, budget: budgetPolicy }
    }
  }

  it("[DE6] claims and passing attempts close every breaker within cool-down cap, lease and one week", () => {
    let open = 0
    fc.assert(
      fc.property(asked, ([made, { ecosystem }]) => {
        const { control, now, policy } = withinReason(made, ecosystem)
        if (breakerOf(control.file, ecosystem).state !== "closed") open++
        const own = Policy.ecosystemOf(policy, ecosystem)
        const lease = Math.max(policy.leaseMillis, own?.breaker.probeLeaseMillis ?? 0)
        const bound = (own?.breaker.coolDownCapMillis ?? 0) + lease + WEEK + HOUR
        assert.notEqual(play(policy, control, ecosystem, now, now + bound), undefined)
      }),
      { numRuns: 200 }
    )
    assert.ok(open > 50)
  })

  it("[DE6] a pause that ends by itself only puts that off until its end", () => {
    fc.assert(
      fc.property(asked, fc.integer({ max: 3 * DAY, min: MINUTE }), ([made, { ecosystem }], length) => {
        const { control, now, policy } = withinReason(made, ecosystem)
        const own = Policy.ecosystemOf(policy, ecosystem)
        const paused = apply(policy, control, {
          _tag: "Paused",
          at: now,
          author: "ops",
          autoResume: true,
          expectedResume: now + length,
          id: "x",
          reason: "r",
          scope: "*"
        })
        const lease = Math.max(policy.leaseMillis, own?.breaker.probeLeaseMillis ?? 0)
        const bound = length + (own?.breaker.coolDownCapMillis ?? 0) + lease + WEEK + HOUR
        assert.notEqual(play(policy, paused, ecosystem, now, now + bound), undefined)
      }),
      { numRuns: 50 }
    )
  })
})
