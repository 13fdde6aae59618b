import { strict as assert } from "node:assert"
import type { Control } from "@batchbrake/core/control/Control"
import type { ControlEvent, Of } from "@batchbrake/core/control/ControlEvent"
import { withPauses } from "@batchbrake/core/control/ControlFile"
import { decide } from "@batchbrake/core/control/Decision"
import * as Pause from "@batchbrake/core/control/Pause"
import { type Reduced, reduce } from "@batchbrake/core/control/Reducer"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import { pausedHolds } from "@batchbrake/core/testing/laws/doors"
import { hostileText } from "@batchbrake/core/testing/TextArbitrary"
import { ask, type World, worldWith } from "@batchbrake/core/testing/WorldArbitrary"
import { DAY } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { keeps } from "../support/keeps.ts"

const done = ({ policy }: World, control: Control, event: ControlEvent): Reduced =>
  Result.getOrThrowWith(reduce(policy, control, event), (rejection) => new Error(JSON.stringify(rejection)))

const unpaused = ({ control }: World): Control => ({ ...control, file: withPauses(control.file, {}) })

const isPaused = ({ policy }: World, control: Control, ecosystem: string, now: number): boolean =>
  decide(policy, control, ask(ecosystem), now).reasons.some(({ code }) => code === "paused")

const order = worldWith(({ ecosystems, now }) =>
  fc.record({
    author: hostileText,
    later: fc.integer({ max: 400 * DAY, min: 0 }),
    length: fc.integer({ max: 30 * DAY, min: 1 }),
    reason: hostileText,
    scope: fc.constantFrom(Pause.EVERYTHING, ...ecosystems),
    standing: ControlArbitrary.pause(now)
  })
)

const pausing = (at: number, id: string, scope: string, end?: number): Of<"Paused"> => ({
  _tag: "Paused",
  at,
  author: "ops",
  autoResume: end !== undefined,
  id,
  reason: "upstream is down",
  scope,
  ...(end === undefined ? {} : { expectedResume: end })
})

const resuming = (at: number, scope: string): ControlEvent => ({
  _tag: "Resumed",
  at,
  author: "ops",
  id: "back",
  scope
})

describe("Pause (SPEC.md PA)", () => {
  it("[PA1] a pause holds its scope and nothing else, for ever, until it is lifted", () => {
    fc.assert(
      fc.property(order, ([made, { author, later, reason, scope }]) => {
        const event = { ...pausing(made.now, "stop", scope), author, reason }
        const { control } = done(made, unpaused(made), event)
        for (const name of made.ecosystems) {
          const held = scope === Pause.EVERYTHING || scope === name
          assert.equal(isPaused(made, control, name, made.now + later), held)
          const lifted = done(made, control, resuming(made.now + later, scope)).control
          assert.equal(isPaused(made, lifted, name, made.now + later), false)
        }
      })
    )
  })

  it("[PA1] [PA2] no claim is admitted under a pause, to the millisecond until its end where it has one", () => {
    keeps(pausedHolds, { leastTried: 100 })
  })

  it("[PA1] an expected end alone ends nothing, nor does an end by itself that says no time", () => {
    fc.assert(
      fc.property(order, fc.boolean(), ([made, { later, length, scope }], autoResume) => {
        const expected = { ...pausing(made.now, "stop", scope), expectedResume: made.now + length }
        const endless = { ...pausing(made.now, "stop", scope), autoResume: true }
        const { control } = done(made, unpaused(made), autoResume ? endless : expected)
        assert.ok(made.ecosystems.some((name) => isPaused(made, control, name, made.now + length + later)))
      })
    )
  })

  it("[PA2] a pause with an end holds one millisecond before it, and no longer at it", () => {
    fc.assert(
      fc.property(order, ([made, { later, length, scope }]) => {
        const end = made.now + length
        const { control } = done(made, unpaused(made), pausing(made.now, "stop", scope, end))
        const held = made.ecosystems.filter((name) => scope === Pause.EVERYTHING || scope === name)
        for (const name of held) {
          assert.equal(isPaused(made, control, name, end - 1), true)
          assert.equal(isPaused(made, control, name, end), false)
          assert.equal(isPaused(made, control, name, end + later), false)
        }
        const report = done(made, control, {
          _tag: "BudgetAdjusted",
          at: end,
          author: "ci",
          id: "b",
          minutes: {},
          reason: "r"
        })
        assert.deepEqual([report.control.file.pauses, report.control.file.stop.enabled], [{}, true])
        assert.ok(report.notices.some(({ code }) => code === "resumed"))
      })
    )
  })

  it("[PA2] a pause that would be over already is no pause", () => {
    fc.assert(
      fc.property(order, ([made, { later, scope }]) => {
        const over = done(made, unpaused(made), pausing(made.now, "stop", scope, made.now - later))
        assert.deepEqual([over.applied, over.identity, over.notices[0]?.code], [false, undefined, "already-over"])
        assert.equal(done(made, unpaused(made), pausing(made.now, "stop", scope, made.now + 1)).applied, true)
      })
    )
  })

  const ends = fc.option(fc.integer({ max: 30 * DAY, min: 1 }), { nil: undefined })
  it("[PA3] of two pauses of one scope the later end stays, whichever came first, and no end is latest", () => {
    fc.assert(
      fc.property(order, ends, ends, ([made, { scope }], one, other) => {
        const at = made.now
        const [first, second] = [one, other].map((length) => (length === undefined ? undefined : at + length))
        const latest = first === undefined || second === undefined ? undefined : Math.max(first, second)
        const both = done(
          made,
          done(made, unpaused(made), pausing(at, "a", scope, first)).control,
          pausing(at, "b", scope, second)
        )
        const pause = both.control.file.pauses[scope]
        assert.ok(pause !== undefined)
        assert.equal(Pause.endOf(pause), latest)
        assert.equal(Object.keys(both.control.file.pauses).length, 1)
      })
    )
  })

  it("[PA3] the pause that stays stays whole, and on a tie the newer one says why", () => {
    fc.assert(
      fc.property(order, ([{ now }, { standing }]) => {
        const newer = { ...standing, author: "newer" }
        assert.equal(Pause.later(standing, newer), newer)
        const longer = { ...standing, autoResume: false }
        const shorter = { ...standing, autoResume: true, expectedResume: now }
        assert.equal(Pause.later(longer, shorter), longer)
        assert.equal(Pause.later(shorter, longer), longer)
      })
    )
  })

  const several = worldWith(({ ecosystems, now }) =>
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(Pause.EVERYTHING, ...ecosystems), ControlArbitrary.pause(now)), {
        selector: ([scope]) => scope
      })
      .map((entries) => Object.fromEntries(entries.map(([scope, pause]) => [scope, { ...pause, autoResume: false }])))
  )
  it("[PA4] a resume lifts the pause of its scope and no other, everything lifts all, and nothing to lift is no event", () => {
    fc.assert(
      fc.property(several, ([made, pauses]) => {
        const control = { ...made.control, file: withPauses(made.control.file, pauses) }
        const scopes = Object.keys(pauses)
        for (const scope of [Pause.EVERYTHING, ...made.ecosystems]) {
          const { applied, control: after, identity, notices } = done(made, control, resuming(made.now, scope))
          assert.deepEqual(Object.keys(after.file.pauses).sort(), scopes.filter((name) => name !== scope).sort())
          assert.equal(applied, scopes.includes(scope))
          assert.equal(identity !== undefined, applied)
          assert.equal(
            notices.some(({ code }) => code === "not-paused"),
            !applied
          )
          const stillHeld =
            scope === Pause.EVERYTHING ? scopes.some((name) => name !== scope) : scopes.includes(Pause.EVERYTHING)
          assert.equal(
            notices.some(({ code }) => code === "still-paused"),
            stillHeld
          )
        }
        const all = done(made, control, resuming(made.now, "everything"))
        assert.deepEqual([all.control.file.pauses, all.applied], [{}, scopes.length > 0])
      })
    )
  })
})
