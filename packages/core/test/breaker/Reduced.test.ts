import { strict as assert } from "node:assert"
import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { edges, resetting } from "@batchbrake/core/testing/laws/edges"
import { fenced, oneProbe, vacuous } from "@batchbrake/core/testing/laws/fences"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY, policyWith, Story, storyAt } from "../Story.ts"
import { keeps } from "../support/keeps.ts"

const NOW = MONDAY

/** Trips at the first failure, opens for an hour, probes for half of one. */
const touchy = policyWith({ window: 1 })

const tripped = (policy = touchy): Story => {
  const story = new Story(policy)
  story.report("npm", "trip", NOW, "F".repeat(20))
  assert.equal(story.breaker("npm").state, "open")
  return story
}

const standing = ({ generation, openedAt, opensAt, state, trips, window }: BreakerState): object => ({
  generation,
  openedAt,
  opensAt,
  state,
  trips,
  window
})

/** Any event but a reset and a takeover of the whole file, about the one ecosystem or about all. */
const anyEvent = (at: number): fc.Arbitrary<ControlEvent> => {
  const runKey = BreakerArbitrary.runKey
  const written = { at, author: "someone", ecosystem: "npm" } as const
  return fc.oneof(
    runKey.map((key): ControlEvent => ({ ...written, _tag: "RunAdmitted", probeRecipes: [], runKey: key })),
    fc
      .tuple(runKey, BreakerArbitrary.attempts)
      .map(([key, attempts]): ControlEvent => ({ ...written, _tag: "RunCompleted", attempts, runKey: key })),
    runKey.map((key): ControlEvent => ({ ...written, _tag: "RunAbandoned", runKey: key })),
    runKey.map((key): ControlEvent => ({ ...written, _tag: "LeaseExtended", id: "longer", runKey: key })),
    fc.constantFrom<ControlEvent>(
      { _tag: "Paused", at, author: "a", autoResume: false, id: "p", reason: "r", scope: "npm" },
      { _tag: "Resumed", at, author: "a", id: "r", scope: "everything" },
      { _tag: "BudgetAdjusted", at, author: "a", id: "b", minutes: { macos: 5 }, reason: "r" },
      { _tag: "PolicyAdopted", at, author: "a", hash: "0" }
    )
  )
}

describe("Breaker, reduced (SPEC.md BR)", () => {
  it("[BR8] [BR17] no event but a reset takes an open breaker to closed, and every edge raises the generation", () => {
    keeps(edges, { leastTried: 50, numRuns: 150 })
  })

  it("[BR23] a reset ends in closed from any state, with nothing held against the ecosystem", () => {
    keeps(resetting, { leastTried: 100 })
  })

  it("[BR9] [BR10] of the claims that come while a probe is live none takes another", () => {
    keeps(oneProbe, { leastTried: 10, numRuns: 200 })
  })

  it("[BR16] a run without a counted attempt moves no breaker, in any state, granted or not", () => {
    keeps(vacuous, { leastTried: 200, numRuns: 200 })
  })

  it("[BR18] a result of an older generation moves no breaker and is noticed, and its minutes count all the same", () => {
    keeps(fenced, { leastTried: 20, numRuns: 200 })
  })

  it("[BR8] a claim and a passing probe take it there by way of half-open", () => {
    const story = tripped()
    story.claim("npm", "probe", NOW + HOUR)
    assert.equal(story.breaker("npm").state, "half-open")
    assert.deepEqual(story.report("npm", "probe", NOW + HOUR, "P").notices, ["breaker-closed"])
    assert.equal(story.breaker("npm").state, "closed")
  })

  it("[BR9] a claim before opens_at is held and leaves it open, one at it takes the probe, a second one is held", () => {
    const story = tripped()
    assert.equal(story.claim("npm", "early", NOW + HOUR - 1).rejected, "held")
    assert.equal(story.breaker("npm").state, "open")
    assert.ok(story.claim("npm", "first", NOW + HOUR).applied)
    assert.equal(story.breaker("npm").probe?.runKey, "first")
    assert.equal(story.claim("npm", "second", NOW + HOUR).rejected, "held")
    assert.equal(story.breaker("npm").probe?.runKey, "first")
    assert.equal(story.decide("npm", NOW + HOUR).decision, "hold")
  })

  it("[BR9] asking without a claim changes nothing and time alone never makes half-open", () => {
    const story = tripped()
    assert.equal(story.decide("npm", NOW + HOUR).decision, "probe")
    story.report("cask", "other", NOW + 100 * HOUR, "P")
    assert.equal(story.breaker("npm").state, "open")
  })

  it("[BR10] [BR15] at its expiry a probe is claimable again, and not before", () => {
    const story = tripped()
    story.claim("npm", "first", NOW + HOUR)
    const until = NOW + HOUR + 30 * MINUTE
    assert.equal(story.claim("npm", "second", until - 1).rejected, "held")
    assert.ok(story.claim("npm", "second", until).applied)
    assert.equal(story.breaker("npm").probe?.runKey, "second")
  })

  it("[BR14] a probe's result counts one millisecond before its expiry; at it or later it moves no breaker", () => {
    fc.assert(
      fc.property(
        fc.integer({ max: 5 * HOUR, min: 0 }),
        fc.constantFrom("P", "F"),
        fc.boolean(),
        (late, outcome, reclaimed) => {
          const until = NOW + HOUR + 30 * MINUTE
          const [early, story] = [tripped(), tripped()]
          early.claim("npm", "first", NOW + HOUR)
          assert.notEqual(early.report("npm", "first", until - 1, outcome).notices[0], "fenced")
          assert.equal(early.breaker("npm").state, outcome === "P" ? "closed" : "open")

          story.claim("npm", "first", NOW + HOUR)
          if (reclaimed) story.claim("npm", "second", until)
          const before = story.breaker("npm")
          const heard = story.report("npm", "first", until + late, outcome)
          assert.ok(heard.applied && heard.notices.includes("fenced"))
          assert.deepEqual(standing(story.breaker("npm")), standing(before))
          assert.equal(story.breaker("npm").state, "half-open")
          if (reclaimed && late < 30 * MINUTE) assert.equal(story.breaker("npm").probe?.runKey, "second")
        }
      )
    )
  })

  it("[BR15] a vacuous, abandoned or expired probe stays half-open, moves nothing, and is claimable at once", () => {
    const end = fc.constantFrom("vacuous", "skipped", "abandoned", "expired")
    fc.assert(
      fc.property(end, fc.integer({ max: 30 * MINUTE - 1, min: 0 }), (how, after) => {
        const story = tripped()
        story.claim("npm", "first", NOW + HOUR)
        const probing = story.breaker("npm")
        const at = how === "expired" ? NOW + HOUR + 30 * MINUTE : NOW + HOUR + after
        if (how === "vacuous") story.report("npm", "first", at, "")
        if (how === "skipped") story.report("npm", "first", at, { failed: 0, passed: 0, skipped: 3 })
        if (how === "abandoned") story.abandon("npm", "first", at)
        if (how === "expired") story.report("cask", "other", at, "")
        assert.deepEqual(story.breaker("npm"), { ...probing, probe: undefined })
        assert.equal(story.decide("npm", at).decision, "probe")
        assert.ok(story.claim("npm", "second", at).applied)
        story.report("npm", "second", at, "P")
        assert.equal(story.breaker("npm").state, "closed")
      })
    )
  })

  it("[BR16] empty runs neither open, close nor shift anything, however many they are", () => {
    const story = tripped()
    for (let run = 0; run < 24; run++) {
      const at = NOW + (run + 1) * HOUR
      story.claim("npm", `run-${run}`, at)
      assert.ok(
        story
          .report("npm", `run-${run}`, at + MINUTE, { failed: 0, passed: 0, skipped: 25 })
          .notices.includes("vacuous")
      )
      assert.equal(story.breaker("npm").state, "half-open")
    }
    const calm = new Story(policyWith({}))
    calm.report("npm", "a", NOW, "FFFFPPPP")
    const before = calm.breaker("npm")
    calm.report("npm", "b", NOW, { failed: 0, passed: 0, skipped: 9 })
    assert.deepEqual(calm.breaker("npm"), before)
  })

  it("[BR18] a granted result of an older generation moves no breaker, is applied, and is noticed as fenced", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("open", "half-open", "closed again", "reset"),
        fc.constantFrom("P", "F", "FFFFFFFFFFFF"),
        (meets, outcomes) => {
          const story = new Story(touchy)
          story.claim("npm", "slow", NOW)
          story.claim("npm", "quick", NOW)
          story.report("npm", "quick", NOW, "F")
          if (meets === "reset") story.reset("npm", "reset-1", NOW)
          if (meets === "half-open" || meets === "closed again") story.claim("npm", "probe", NOW + HOUR)
          if (meets === "closed again") story.report("npm", "probe", NOW + HOUR, "P")
          const before = story.breaker("npm")
          const heard = story.report("npm", "slow", NOW + HOUR, outcomes, { linux: 7 })
          assert.deepEqual(story.breaker("npm"), before)
          assert.deepEqual(heard, { applied: true, notices: ["fenced"], rejected: undefined })
        }
      )
    )
  })

  it("[BR19] an ordinary grant's result after its lease counts while the generation is the same", () => {
    fc.assert(
      fc.property(fc.integer({ max: 30 * 24 * HOUR, min: 0 }), (late) => {
        const story = new Story(touchy)
        story.claim("npm", "slow", NOW)
        assert.ok(story.report("npm", "slow", NOW + 2 * HOUR + late, "F").applied)
        assert.equal(story.breaker("npm").state, "open")
      })
    )
  })

  it("[BR20] an unclaimed result counts while closed; else it is not applied and noticed as not-admitted", () => {
    const closed = new Story(touchy)
    assert.ok(closed.report("npm", "nobody", NOW, "F").applied)
    assert.equal(closed.breaker("npm").state, "open")
    for (const claims of [false, true]) {
      const story = tripped()
      if (claims) story.claim("npm", "first", NOW + HOUR)
      const before = story.breaker("npm")
      const heard = story.report("npm", "nobody", NOW + HOUR, "PPP")
      assert.ok(!heard.applied && heard.rejected === undefined && heard.notices.includes("not-admitted"))
      assert.deepEqual(story.breaker("npm"), before)
    }
  })

  it("[BR20] a result after its run was abandoned counts as unclaimed", () => {
    const story = tripped()
    story.claim("npm", "first", NOW + HOUR)
    story.abandon("npm", "first", NOW + HOUR)
    assert.ok(story.report("npm", "first", NOW + HOUR, "P").notices.includes("not-admitted"))
    assert.equal(story.breaker("npm").state, "half-open")
    const calm = new Story(touchy)
    calm.claim("npm", "first", NOW)
    calm.abandon("npm", "first", NOW)
    calm.report("npm", "first", NOW, "F")
    assert.equal(calm.breaker("npm").state, "open")
  })

  it("[BR23] a reset fences what is under way, and the window starts empty", () => {
    const story = new Story(policyWith({}))
    story.claim("npm", "slow", NOW)
    story.report("npm", "a", NOW, "FFFFFFFFF")
    story.reset("npm", "reset-1", NOW)
    assert.ok(story.report("npm", "slow", NOW, "F".repeat(20)).notices.includes("fenced"))
    assert.equal(story.breaker("npm").state, "closed")
    story.report("npm", "b", NOW, "FFFFFFFFF")
    assert.equal(story.breaker("npm").state, "closed")
    story.report("npm", "c", NOW, "F")
    assert.equal(story.breaker("npm").state, "open")
  })

  it("[BR28] reports of skewed clocks move no deadline of an open or half-open breaker backwards", () => {
    const given = InstantArbitrary.offset.chain((offset) =>
      fc.tuple(
        fc.oneof(BreakerArbitrary.open(NOW), BreakerArbitrary.halfOpen(NOW)),
        fc.array(anyEvent(NOW + offset), { maxLength: 6 })
      )
    )
    fc.assert(
      fc.property(given, ([breaker, events]) => {
        const story = storyAt(touchy, breaker)
        for (const event of events) {
          const before = story.breaker("npm")
          story.tell(event)
          const after = story.breaker("npm")
          if (after.state === "closed") return
          assert.ok((after.opensAt ?? 0) >= (before.opensAt ?? 0))
          if (before.probe !== undefined && after.probe?.runKey === before.probe.runKey) {
            assert.ok(after.probe.expiresAt >= before.probe.expiresAt)
          }
        }
      }),
      { numRuns: 500 }
    )
  })

  it("[BR28] a probe that failed on a clock that is behind reopens for no less than it was open before", () => {
    const story = tripped()
    story.claim("npm", "first", NOW + HOUR)
    story.report("npm", "first", NOW - 5 * MINUTE, "F")
    assert.equal(story.breaker("npm").state, "open")
    assert.equal(story.breaker("npm").opensAt, NOW + HOUR)
    assert.equal(story.breaker("npm").openedAt, NOW)
  })

  it("[BR29] while observing a breaker holds nothing, and says what it would have held", () => {
    const given = fc.tuple(BreakerArbitrary.readable(NOW), InstantArbitrary.offset)
    fc.assert(
      fc.property(given, ([breaker, offset]) => {
        const enforced = storyAt(policyWith({ mode: "enforce" }), breaker).decide("npm", NOW + offset)
        const observed = storyAt(policyWith({ mode: "observe" }), breaker).decide("npm", NOW + offset)
        if (enforced.decision === "hold") {
          assert.equal(observed.decision, "run")
          const wouldHold = enforced.reasons.map(({ code }) => `would-hold-${code}`)
          assert.deepEqual(
            observed.reasons.map(({ code }) => code),
            wouldHold
          )
          assert.ok(wouldHold.every((code) => ["would-hold-cooling-down", "would-hold-probe-live"].includes(code)))
        } else assert.deepEqual(observed, enforced)
      }),
      { numRuns: 300 }
    )
  })

  it("[BR29] while observing, a claim at opens_at takes the probe and one before it is an ordinary run that moves nothing", () => {
    const story = tripped(policyWith({ mode: "observe", window: 1 }))
    assert.ok(story.claim("npm", "early", NOW + HOUR - 1).applied)
    assert.equal(story.breaker("npm").state, "open")
    assert.ok(story.claim("npm", "probe", NOW + HOUR).applied)
    assert.equal(story.breaker("npm").probe?.runKey, "probe")
    assert.ok(story.claim("npm", "beside", NOW + HOUR).applied)
    assert.equal(story.breaker("npm").probe?.runKey, "probe")
    for (const run of ["early", "beside"]) {
      const before = story.breaker("npm")
      story.report("npm", run, NOW + HOUR, "FFFFF")
      assert.deepEqual(story.breaker("npm"), before)
    }
    story.report("npm", "probe", NOW + HOUR, "P")
    assert.equal(story.breaker("npm").state, "closed")
  })

  it("[BR29] while observing, pauses and budget hold all the same", () => {
    const paused = tripped(policyWith({ mode: "observe", window: 1 }))
    paused.tell({ _tag: "Paused", at: NOW, author: "a", autoResume: false, id: "p", reason: "r", scope: "npm" })
    assert.equal(paused.decide("npm", NOW).decision, "hold")
    const spent = new Story(
      policyWith({ mode: "observe", window: 1 }, { budget: { caps: { linux: 100, macos: 100 } } })
    )
    spent.report("npm", "trip", NOW, "F", { macos: 95 })
    assert.deepEqual(
      spent.decide("npm", NOW).reasons.map(({ code }) => code),
      ["budget-exhausted"]
    )
  })

  it("[BR30] each probe of a story tries the recipe that was probed longest ago", () => {
    const story = tripped()
    const recipes = ["a", "b", "c"]
    const probed: Array<string> = []
    for (let run = 0; run < 7; run++) {
      const at = story.breaker("npm").opensAt ?? 0
      const request = {
        author: "ci",
        batch: undefined,
        candidates: recipes,
        claim: true,
        ecosystem: "npm",
        runKey: `p-${run}`
      }
      const chosen = story.choose(request, at)
      probed.push(...chosen)
      story.claim("npm", `p-${run}`, at, chosen)
      story.report("npm", `p-${run}`, at, "F")
    }
    assert.deepEqual(probed, ["a", "b", "c", "a", "b", "c", "a"])
  })
})
