import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { identityOf, payloadHash, scopeOf } from "@batchbrake/core/control/ControlEvent"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import { decide } from "@batchbrake/core/control/Decision"
import * as Identity from "@batchbrake/core/control/Identity"
import * as Pause from "@batchbrake/core/control/Pause"
import { type Reduced, reduce } from "@batchbrake/core/control/Reducer"
import type { Rejection } from "@batchbrake/core/control/Rejection"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { commutingClaims, commutingReports, skewed } from "@batchbrake/core/testing/laws/order"
import { determinate, idempotent, rejecting, rereading } from "@batchbrake/core/testing/laws/outcomes"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { ask, namesOf, printed, type World, world, worldWith } from "@batchbrake/core/testing/WorldArbitrary"
import { DAY, MINUTE } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { keeps } from "../support/keeps.ts"

type Outcome = Result.Result<Reduced, Rejection>

const after = (control: Control.Control, outcome: Outcome): Control.Control =>
  Result.isSuccess(outcome) ? outcome.success.control : control

const done = (policy: Policy.Policy, control: Control.Control, event: ControlEvent): Reduced =>
  Result.getOrThrowWith(reduce(policy, control, event), (rejection) => new Error(JSON.stringify(rejection)))

const codeOf = (outcome: Outcome): string | undefined => (Result.isFailure(outcome) ? outcome.failure.code : undefined)

const worldAndEvent = worldWith(({ ecosystems, now }) => EventArbitrary.event(ecosystems, now))

const fold = (policy: Policy.Policy, control: Control.Control, events: ReadonlyArray<ControlEvent>): Control.Control =>
  events.reduce((state, event) => after(state, reduce(policy, state, event)), control)

describe("Reducer (SPEC.md EV)", () => {
  it("[EV1] any event on any state has one outcome, changes its input nowhere, and leaves a file that can be read", () => {
    keeps(determinate, { numRuns: 250 })
  })

  it("[EV1] a state after its file was written and read goes on like the state that was not", () => {
    keeps(rereading)
  })

  it("[CF5] every pause stands in the published fields after every event, so that a reader of those alone stops too", () => {
    fc.assert(
      fc.property(worldAndEvent, ([{ control, ecosystems, policy }, event]) => {
        const outcome = reduce(policy, control, event)
        if (!Result.isSuccess(outcome) || outcome.success.identity === undefined) return
        const { pauses, stop } = outcome.success.control.file
        const scopes = Object.keys(pauses).filter((scope) => scope !== Pause.EVERYTHING)
        assert.deepEqual([...stop.disabledEcosystems].sort(), scopes.sort())
        assert.equal(stop.enabled, !Object.hasOwn(pauses, Pause.EVERYTHING))
        for (const name of ecosystems) {
          const { reasons } = decide(policy, outcome.success.control, ask(name), event.at)
          const stopped = !stop.enabled || stop.disabledEcosystems.includes(name)
          assert.equal(
            reasons.some(({ code }) => code === "paused"),
            stopped
          )
        }
      }),
      { numRuns: 150 }
    )
  })

  it("[EV2] an event that comes again, right away or much later, changes nothing and is answered as not applied", () => {
    keeps(idempotent, { leastTried: 50 })
  })

  const likes = worldWith(({ ecosystems, now }) =>
    fc.array(EventArbitrary.event(ecosystems, now), { maxLength: 30, minLength: 30, size: "max" })
  )
  /** Another event under the name of one of its kind. */
  const renamed = (one: ControlEvent, other: ControlEvent): ControlEvent => {
    const names = [
      "ecosystem",
      "hash",
      "id",
      "runKey",
      "scope",
      "instead",
      ...("digest" in one ? ["batch", "commit"] : [])
    ]
    const own = Object.entries(one).filter(([key]) => names.includes(key))
    return { ...other, ...Object.fromEntries(own) }
  }
  it("[EV3] under one identity another payload is a conflict, another time or author is none", () => {
    let conflicts = 0
    fc.assert(
      fc.property(likes, fc.nat({ max: DAY }), ([{ control, policy }, [one, ...others]], later) => {
        const first = one === undefined ? undefined : reduce(policy, control, one)
        if (one === undefined || first === undefined || codeOf(first) !== undefined) return
        const state = after(control, first)
        // An event from beyond the horizon is forgotten as soon as it is applied.
        if ((Identity.newestOf(state.ledger, scopeOf(one)) ?? 0) - one.at > Identity.HORIZON) return
        const same = reduce(policy, state, { ...one, at: one.at + later, author: "someone else" })
        assert.ok(Result.isSuccess(same))
        assert.equal(
          same.success.applied,
          Result.isSuccess(first) && first.success.identity === undefined && same.success.identity !== undefined
        )
        if (Result.isSuccess(first) && first.success.identity === undefined) return
        for (const other of others.filter(
          (other) => other._tag === one._tag && "instead" in other === "instead" in one
        )) {
          const twin = renamed(one, other)
          assert.equal(identityOf(twin), identityOf(one))
          const differs: boolean = payloadHash(twin) !== payloadHash(one)
          if (differs) conflicts++
          assert.equal(codeOf(reduce(policy, state, twin)), differs ? "conflict" : undefined)
        }
      }),
      { numRuns: 60 }
    )
    assert.ok(conflicts > 20, `only ${conflicts} conflicts were tried`)
  })

  it("[EV4] completions of different ecosystems at one instant give equal files in any order", () => {
    keeps(commutingReports, { leastTried: 50, numRuns: 200 })
  })

  it("[EV4] late corrections commute with other reports, also after minutes were taken back by hand", () => {
    const policy = PolicyArbitrary.decoded({ ...Policy.starter(["cask", "npm"]) })
    const at = InstantArbitrary.FIRST_EVENT
    const base = { at, author: "ci" }
    const begun = fold(policy, Control.initial, [
      { ...base, _tag: "RunAdmitted", ecosystem: "npm", runKey: "a" },
      {
        ...base,
        _tag: "BudgetAdjusted",
        at: at + 3 * 60 * MINUTE,
        id: "x",
        minutes: { linux: -60, macos: -5 },
        reason: "r"
      }
    ])
    const late: ControlEvent = {
      ...base,
      _tag: "RunCompleted",
      at: at + 4 * 60 * MINUTE,
      attempts: { failed: 0, passed: 1, skipped: 0 },
      ecosystem: "npm",
      minutes: { linux: 7 },
      runKey: "a"
    }
    const other: ControlEvent = { ...late, ecosystem: "cask", runKey: "b" }
    const [one, two] = [fold(policy, begun, [late, other]), fold(policy, begun, [other, late])]
    assert.equal(printed(one), printed(two))
    assert.deepEqual(one.file.budget.used, { linux: 14, macos: 0 })
  })

  it("[EV5] claims commute when both orders admit both within the same limits", () => {
    keeps(commutingClaims, { leastTried: 20, numRuns: 150 })
  })

  it("[EV7] a completion is too old once its run began more than 35 days before the ecosystem's newest event", () => {
    const policy = PolicyArbitrary.decoded(Policy.starter(["cask", "npm"]))
    const base = { attempts: { failed: 0, passed: 1, skipped: 0 }, author: "ci", ecosystem: "npm" } as const
    fc.assert(
      fc.property(
        InstantArbitrary.ofEvent,
        fc.integer({ max: 3 * DAY, min: 1 }),
        fc.boolean(),
        (now, more, elsewhere) => {
          const newest = {
            ...base,
            _tag: "RunCompleted",
            at: now,
            ecosystem: elsewhere ? "cask" : "npm",
            runKey: "new"
          } as const
          const begun = done(policy, Control.initial, newest).control
          const old = (startedAt: number) =>
            reduce(policy, begun, { ...base, _tag: "RunCompleted", at: now, runKey: "old", startedAt })
          assert.equal(codeOf(old(now - 35 * DAY)), undefined)
          assert.equal(codeOf(old(now - 35 * DAY - more)), elsewhere ? undefined : "too-old")
        }
      )
    )
  })

  it("[EV7] without a stated start the claim's time counts, and without a claim the event's own", () => {
    const policy = PolicyArbitrary.decoded({ ...Policy.starter(["npm"]), lease_minutes: 100_000 })
    const at = InstantArbitrary.FIRST_EVENT
    const base = { author: "ci", ecosystem: "npm" } as const
    const report = { ...base, _tag: "RunCompleted", attempts: { failed: 0, passed: 1, skipped: 0 } } as const
    const claimed = done(policy, Control.initial, { ...base, _tag: "RunAdmitted", at, runKey: "slow" }).control
    const until = (days: number, millis: number) =>
      done(policy, claimed, { ...report, at: at + days * DAY + millis, runKey: "fast" }).control
    assert.equal(codeOf(reduce(policy, until(35, 0), { ...report, at: at + 36 * DAY, runKey: "slow" })), undefined)
    assert.equal(codeOf(reduce(policy, until(35, 1), { ...report, at: at + 36 * DAY, runKey: "slow" })), "too-old")
    assert.equal(codeOf(reduce(policy, until(80, 0), { ...report, at: at + 80 * DAY, runKey: "unclaimed" })), undefined)
    assert.equal(codeOf(reduce(policy, until(80, 0), { ...report, at, runKey: "unclaimed" })), "too-old")
  })

  it("[EV10] what is rejected has changed nothing, and says why in one line", () => {
    keeps(rejecting, { leastTried: 15, numRuns: 150 })
  })

  it("[EV11] [BR28] under clocks that differ by minutes no report is lost and no deadline moves backwards", () => {
    keeps(skewed, { numRuns: 200 })
  })

  it("[EV12] an event of an ecosystem that the policy does not know is rejected, save what gives back or lifts", () => {
    fc.assert(
      fc.property(worldAndEvent, ([{ control, policy }, event]) => {
        const renamed: ControlEvent =
          "ecosystem" in event
            ? { ...event, ecosystem: "nobody-knows" }
            : event._tag === "Paused"
              ? { ...event, scope: "nobody-knows" }
              : event
        const outcome = reduce(policy, control, renamed)
        if (scopeOf(renamed) !== "nobody-knows") return
        if (renamed._tag === "RunAbandoned") assert.equal(done(policy, control, renamed).applied, false)
        else assert.equal(codeOf(outcome), "unknown-ecosystem")
      }),
      { numRuns: 150 }
    )
  })

  it("[EV12] a grant of an ecosystem that the policy has dropped can be given back", () => {
    fc.assert(
      fc.property(world, ({ control, now, policy }) => {
        const { file } = Control.advance(policy, control.file, now)
        const held = file.budget.reservations[0]
        if (held === undefined) return
        const [known, ...others] = Object.entries(policy.ecosystems).filter(([name]) => name !== held.ecosystem)
        if (known === undefined) return
        const without = { ...policy, ecosystems: Object.fromEntries([known, ...others]) }
        const given = done(without, control, {
          _tag: "RunAbandoned",
          at: now,
          author: "ci",
          ecosystem: held.ecosystem,
          runKey: held.runKey
        })
        assert.equal(given.applied, true)
        assert.ok(
          !given.control.file.budget.reservations.some(
            ({ runKey, ecosystem }) => runKey === held.runKey && ecosystem === held.ecosystem
          )
        )
      })
    )
  })

  const liveGrant = ({ control, now, policy }: World) => {
    const { file } = Control.advance(policy, control.file, now)
    return file.budget.reservations.find(({ ecosystem }) => Policy.ecosystemOf(policy, ecosystem) !== undefined)
  }

  it("[EV13] an abandon is applied while the grant lives, once, and not from its expiry on", () => {
    let tried = 0
    fc.assert(
      fc.property(world, (made) => {
        const held = liveGrant(made)
        if (held === undefined) return
        tried++
        const { control, policy } = made
        const abandon = (at: number): ControlEvent => ({
          _tag: "RunAbandoned",
          at,
          author: "ci",
          ecosystem: held.ecosystem,
          runKey: held.runKey
        })
        const early = done(policy, control, abandon(held.expiresAt - 1))
        assert.equal(early.applied, true)
        assert.equal(done(policy, early.control, abandon(held.expiresAt - 1)).applied, false)
        const late = done(policy, control, abandon(held.expiresAt))
        assert.deepEqual([late.applied, late.identity, late.notices[0]?.code], [false, undefined, "no-grant"])
        const stranger = done(policy, control, {
          ...abandon(made.now),
          _tag: "RunAbandoned",
          ecosystem: held.ecosystem,
          runKey: "stranger"
        })
        assert.equal(stranger.applied, false)
      })
    )
    assert.ok(tried > 20)
  })

  it("[EV13] a result after an abandon counts as unclaimed: in a closed breaker's window, and else for its minutes alone", () => {
    let open = 0
    fc.assert(
      fc.property(world, (made) => {
        const held = liveGrant(made)
        if (held === undefined) return
        const { control, now, policy } = made
        const run = { at: now, author: "ci", ecosystem: held.ecosystem, runKey: held.runKey }
        const given = done(policy, control, { ...run, _tag: "RunAbandoned" }).control
        const report = {
          ...run,
          _tag: "RunCompleted",
          attempts: { categories: {}, results: "F" },
          minutes: { linux: 3 }
        } as const
        const unclaimed = done(policy, given, { ...report, runKey: "never-claimed" })
        const reported = done(policy, given, report)
        assert.deepEqual(reported.control.file, unclaimed.control.file)
        assert.equal(reported.applied, breakerOf(given.file, held.ecosystem).state === "closed")
        if (!reported.applied) open++
      })
    )
    assert.ok(open > 5)
  })

  it("[EV15] a report of 100,000 attempts is taken and one of more is rejected, bare or line by line", () => {
    const policy = PolicyArbitrary.decoded(Policy.starter(["npm"]))
    const report = (attempts: Extract<ControlEvent, { _tag: "RunCompleted" }>["attempts"]): ControlEvent => ({
      _tag: "RunCompleted",
      at: InstantArbitrary.FIRST_EVENT,
      attempts,
      author: "ci",
      ecosystem: "npm",
      runKey: "k"
    })
    const bare = (passed: number, skipped: number): ControlEvent => report({ failed: 0, passed, skipped })
    const ordered = (count: number): ControlEvent => report({ categories: {}, results: "S".repeat(count) })
    for (const event of [bare(99_999, 1), ordered(100_000)]) {
      assert.equal(codeOf(reduce(policy, Control.initial, event)), undefined)
    }
    for (const event of [bare(99_999, 2), bare(Number.MAX_SAFE_INTEGER, 0), ordered(100_001)]) {
      assert.equal(codeOf(reduce(policy, Control.initial, event)), "invalid")
    }
  })

  it("[BR15] a probe's grant that is given back, or has run out, frees the probe, and the next claim may take it", () => {
    const policy = PolicyArbitrary.decoded(Policy.starter(["npm"]))
    const run = { at: InstantArbitrary.FIRST_EVENT, author: "ci", ecosystem: "npm" } as const
    const attempts = { failed: 10, passed: 0, skipped: 0 }
    const open = done(policy, Control.initial, { ...run, _tag: "RunCompleted", attempts, runKey: "a" }).control
    const at = run.at + 60 * MINUTE
    const probed = done(policy, open, { ...run, _tag: "RunAdmitted", at, runKey: "b" }).control
    assert.equal(breakerOf(probed.file, "npm").probe?.runKey, "b")
    assert.equal(decide(policy, probed, ask("npm"), at).decision, "hold")
    const given = done(policy, probed, { ...run, _tag: "RunAbandoned", at, runKey: "b" }).control
    const passed = Control.advance(policy, probed.file, at + 30 * MINUTE).file
    for (const [file, now] of [
      [given.file, at],
      [passed, at + 30 * MINUTE]
    ] as const) {
      const { probe, state } = breakerOf(file, "npm")
      assert.deepEqual([probe, state], [undefined, "half-open"])
      assert.equal(decide(policy, { ...given, file }, ask("npm"), now).decision, "probe")
    }
    assert.notEqual(breakerOf(Control.advance(policy, probed.file, at + 30 * MINUTE - 1).file, "npm").probe, undefined)
  })

  it("[EV14] a prolonged lease runs its full length from the request and never ends earlier than before", () => {
    fc.assert(
      fc.property(world, fc.nat({ max: 60 * MINUTE }), (made, before) => {
        const held = liveGrant(made)
        if (held === undefined) return
        const { control, policy } = made
        const own = Policy.ecosystemOf(policy, held.ecosystem)
        const lease = held.kind === "probe" ? (own?.breaker.probeLeaseMillis ?? 0) : policy.leaseMillis
        const extend = (at: number): ControlEvent => ({
          _tag: "LeaseExtended",
          at,
          author: "ci",
          ecosystem: held.ecosystem,
          id: "x",
          runKey: held.runKey
        })
        const at = held.expiresAt - 1 - before
        const { file } = done(policy, control, extend(at)).control
        const now = file.budget.reservations.find(
          ({ ecosystem, runKey }) => runKey === held.runKey && ecosystem === held.ecosystem
        )
        assert.equal(now?.expiresAt, Math.max(held.expiresAt, at + lease))
        const { probe } = breakerOf(file, held.ecosystem)
        if (probe?.runKey === held.runKey) assert.equal(probe.expiresAt, now?.expiresAt)
        assert.equal(codeOf(reduce(policy, control, extend(held.expiresAt))), "no-grant")
      })
    )
  })

  it("[BU12] a line that is crossed again in a new week is noticed again, and within a week once", () => {
    const policy = PolicyArbitrary.decoded({
      ...Policy.starter(["npm"]),
      budget: { caps: { macos: 100 }, reserve: { linux: 0, macos: 0 } }
    })
    const spend = (at: number, id: string): ControlEvent => {
      return { _tag: "BudgetAdjusted", at, author: "ops", id, minutes: { macos: 96 }, reason: "r" }
    }
    const codes = ({ notices }: Reduced) => notices.map(({ code }) => code).filter((code) => code !== "budget-adjusted")
    const first = done(policy, Control.initial, spend(InstantArbitrary.FIRST_EVENT, "a"))
    assert.deepEqual(codes(first), ["budget-sampling", "budget-paused"])
    const second = done(policy, first.control, spend(InstantArbitrary.FIRST_EVENT + 1, "b"))
    assert.deepEqual(codes(second), [])
    const third = done(policy, second.control, spend(InstantArbitrary.FIRST_EVENT + 7 * DAY, "c"))
    assert.deepEqual(codes(third), ["week-began", "budget-sampling", "budget-paused"])
  })

  it("[EV1] a control branch can begin under any policy, empty or with any published file", () => {
    fc.assert(
      fc.property(PolicyArbitrary.policy, InstantArbitrary.ofEvent, (policy, at) => {
        const begun = done(policy, Control.initial, { _tag: "Initialised", at, author: "ops", id: "x" })
        assert.equal(begun.applied, true)
        const again = reduce(policy, begun.control, {
          _tag: "Imported",
          at,
          author: "ops",
          control: { enabled: true },
          id: "y"
        })
        assert.equal(codeOf(again), "already-initialised")
        assert.ok(namesOf(policy).length > 0)
      })
    )
  })
})
