import { strict as assert } from "node:assert"
import * as Budget from "@batchbrake/core/budget/Budget"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import { HORIZON } from "@batchbrake/core/control/Identity"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import { overshoot, pauseLine } from "@batchbrake/core/testing/laws/minutes"
import { decoded, fraction } from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY, policyWith, Story, storyAt } from "../Story.ts"
import { keeps } from "../support/keeps.ts"

const NOW = MONDAY + DAY

const policyOf = (budget: JsonObject, more: JsonObject = {}): Policy =>
  decoded({ budget, ecosystems: { cask: {}, npm: {} }, lease_minutes: 120, version: 1, ...more })

/** A cap on macOS alone that matters. */
const capped = (macos: number, reserve: number, more: JsonObject = {}): Policy =>
  policyOf({ caps: { linux: 1_000_000, macos }, reserve: { linux: 0, macos: reserve } }, more)

const used = (story: Story, platform = "macos"): number => Minutes.of(story.control.file.budget.used, platform)
const committed = (story: Story, platform = "macos"): number =>
  Minutes.of(Budget.committed(story.control.file.budget), platform)

const adjust = (story: Story, macos: number, at: number, id = `adjust-${at}-${macos}`): void => {
  story.tell({ _tag: "BudgetAdjusted", at, author: "operator", id, minutes: { macos }, reason: "by the invoice" })
}

const spent = (policy: Policy, macos: number): Story => {
  const story = new Story(policy)
  adjust(story, macos, NOW)
  return story
}

describe("Budget, reduced (SPEC.md BU)", () => {
  it("[BU2] a grant reserves the reserve of every capped platform and of no other", () => {
    const story = new Story(policyOf({ caps: { linux: 900, macos: 900, windows: 10 }, reserve: { arm: 7, macos: 30 } }))
    story.claim("npm", "run", NOW)
    assert.deepEqual(
      story.control.file.budget.reservations.map(({ minutes }) => minutes),
      [{ linux: 60, macos: 30, windows: 0 }]
    )
    assert.deepEqual(story.control.file.budget.used, {})
  })

  it("[BU3] at 95 % of 1000 the last grant is the one that ends exactly at 950", () => {
    for (const [before, admitted] of [
      [929, true],
      [930, true],
      [931, false],
      [950, false]
    ] as const) {
      const story = spent(capped(1000, 20), before)
      assert.equal(story.decide("npm", NOW).decision, admitted ? "run" : "hold")
      assert.equal(story.claim("npm", "run", NOW).applied, admitted)
      assert.equal(committed(story), admitted ? before + 20 : before)
    }
  })

  it("[BU3] a probe waits for the budget too, until the week is over", () => {
    const story = new Story(capped(1000, 20, { breaker: { window: 1 } }))
    story.report("npm", "trip", NOW, "F", { macos: 931 })
    const held = story.decide("npm", NOW + 2 * HOUR)
    assert.deepEqual([held.decision, held.retryAt], ["hold", MONDAY + WEEK])
    assert.equal(story.decide("npm", MONDAY + WEEK - 1).decision, "hold")
    assert.equal(story.decide("npm", MONDAY + WEEK).decision, "probe")
    adjust(story, -1, NOW + 2 * HOUR)
    assert.equal(story.decide("npm", NOW + 2 * HOUR).decision, "probe")
  })

  it("[BU4] [BU5] [BU6] [BU7] [BU8] [BU9] minutes are those of a plain ledger, and pass the line by no more than grants overran", () => {
    interface Grant {
      readonly key: string
      readonly until: number
      state: "live" | "expired" | "abandoned" | "over"
      expiredWeek: number
    }
    const happening = fc.record({
      kind: fc.constantFrom("claim", "claim", "report", "report", "silent report", "abandon"),
      minutes: fc.integer({ max: 60, min: 0 }),
      wait: fc.oneof(fc.integer({ max: 3 * HOUR, min: 0 }), fc.constantFrom(0, 2 * HOUR, DAY, WEEK)),
      which: fc.nat({ max: 5 })
    })
    const given = fc.tuple(
      fc.integer({ max: 400, min: 0 }),
      fc.integer({ max: 40, min: 0 }),
      fraction,
      fc.array(happening, { maxLength: 40, size: "max" })
    )
    fc.assert(
      fc.property(given, ([cap, reserve, share, happenings]) => {
        const policy = policyOf({
          caps: { linux: 1_000_000, macos: cap },
          pause_at: share,
          reserve: { linux: 0, macos: reserve },
          sample_at: 0
        })
        const line = Math.floor((cap * Math.round(share * 1_000_000)) / 1_000_000 + 1e-9)
        const story = new Story(policy)
        const grants: Array<Grant> = []
        let [now, spentMinutes, overrun] = [MONDAY, 0, 0]
        const weekOf = (at: number): number => Math.floor((at - MONDAY) / WEEK)
        for (const [index, { kind, minutes, wait, which }] of happenings.entries()) {
          const [before, week] = [weekOf(now), weekOf(now + wait)]
          now += wait
          if (week > before) [spentMinutes, overrun] = [0, 0]
          for (const grant of grants.filter(({ state, until }) => state === "live" && until <= now)) {
            grant.state = "expired"
            grant.expiredWeek = weekOf(grant.until)
            if (grant.expiredWeek === week) spentMinutes += reserve
          }
          // A claim past the horizon is forgotten, and its late report counts as unclaimed: EV6, not the budget's affair.
          const reportable = grants.filter(
            ({ state, until }) => state === "live" || (state === "expired" && now - (until - 2 * HOUR) <= HORIZON)
          )
          const grant = reportable[which % Math.max(1, reportable.length)]
          if (kind === "claim") {
            if (story.claim("npm", `run-${index}`, now).applied) {
              grants.push({ expiredWeek: -1, key: `run-${index}`, state: "live", until: now + 2 * HOUR })
            }
          } else if (grant !== undefined && kind === "abandon") {
            story.abandon("npm", grant.key, now, { macos: minutes })
            if (grant.state === "live") {
              spentMinutes += minutes
              overrun += Math.max(0, minutes - reserve)
              grant.state = "abandoned"
            }
          } else if (grant !== undefined) {
            const isSilent = kind === "silent report"
            const actual = isSilent ? reserve : minutes
            story.report("npm", grant.key, now, "P", isSilent ? undefined : { macos: minutes })
            if (grant.state === "live") spentMinutes += actual
            else if (grant.expiredWeek === week) spentMinutes += actual - reserve
            if (grant.state === "live" || grant.expiredWeek === week) overrun += Math.max(0, actual - reserve)
            grant.state = "over"
          } else story.report("cask", `tick-${index}`, now, "")
          // A claim that is held leaves no trace, so the file may stand in the past: look at it as of now.
          const seen = Budget.advance(policy.budget, story.control.file.budget, now)
          const live = grants.filter(({ state }) => state === "live").length
          assert.equal(Minutes.of(seen.used, "macos"), spentMinutes)
          assert.equal(Minutes.of(Budget.reserved(seen), "macos"), live * reserve)
          assert.ok(spentMinutes + live * reserve <= line + overrun)
        }
      }),
      { numRuns: 400 }
    )
  })

  it("[BU3] [BU17] a grant is refused for its minutes exactly at a line, or when its own reserve would pass it", () => {
    keeps(pauseLine, { leastTried: 200, numRuns: 200 })
  })

  it("[BU4] under any policy grants pass the line by at most what each used above its reserve", () => {
    keeps(overshoot, { leastTried: 50, numRuns: 150 })
  })

  it("[BU4] grants that keep to their reserves never pass the line, and reach it", () => {
    const story = new Story(capped(1000, 20))
    let runs = 0
    while (story.claim("npm", `run-${runs}`, NOW + runs).applied) {
      story.report("npm", `run-${runs}`, NOW + runs, "P", { macos: runs % 3 === 0 ? 19 : 20 })
      runs++
    }
    assert.ok(used(story) <= 950 && used(story) > 930)
  })

  it("[BU5] a completion settles what it states, and platforms that it does not state used none", () => {
    const story = new Story(policyOf({}))
    story.claim("npm", "run", NOW)
    story.report("npm", "run", NOW, "P", { macos: 33 })
    assert.deepEqual([used(story), used(story, "linux")], [33, 0])
    assert.deepEqual(story.control.file.budget.reservations, [])
  })

  it("[BU6] a completion without minutes and an expiry cost the reservation", () => {
    for (const silent of [undefined, {}]) {
      const story = new Story(policyOf({}))
      story.claim("npm", "run", NOW)
      story.report("npm", "run", NOW, "P", silent)
      assert.deepEqual([used(story), used(story, "linux")], [20, 60])
    }
    const story = new Story(policyOf({}))
    story.claim("npm", "run", NOW)
    story.report("cask", "other", NOW + 2 * HOUR - 1, "")
    assert.equal(used(story), 0)
    assert.ok(story.report("cask", "another", NOW + 2 * HOUR, "").notices.includes("lease-expired"))
    assert.deepEqual([used(story), used(story, "linux")], [20, 60])
  })

  it("[BU7] an abandon costs what it states and gives the rest back", () => {
    for (const [stated, expected] of [
      [undefined, 0],
      [{}, 0],
      [{ macos: 3 }, 3]
    ] as const) {
      const story = new Story(policyOf({}))
      story.claim("npm", "run", NOW)
      story.abandon("npm", "run", NOW, stated)
      assert.deepEqual([committed(story), committed(story, "linux")], [expected, 0])
    }
  })

  it("[BU8] a late completion corrects up to the end of the week of the expiry and not at its first instant after", () => {
    const expiry = NOW + 2 * HOUR
    for (const [at, expected] of [
      [expiry, 5],
      [MONDAY + WEEK - 1, 5],
      [MONDAY + WEEK, 0],
      [MONDAY + 2 * WEEK, 0]
    ] as const) {
      const story = new Story(capped(1000, 20))
      story.claim("npm", "run", NOW)
      story.report("npm", "run", at, "P", { macos: 5 })
      assert.equal(used(story), expected)
    }
  })

  it("[BU9] a grant that crosses into a new week is reserved there, and its minutes count there", () => {
    const story = new Story(capped(1000, 20))
    const late = MONDAY + WEEK - MINUTE
    story.report("npm", "earlier", late, "P", { macos: 700 })
    story.claim("npm", "run", late)
    story.report("cask", "tick", MONDAY + WEEK, "")
    assert.deepEqual([used(story), committed(story)], [0, 20])
    story.report("npm", "run", MONDAY + WEEK + MINUTE, "P", { macos: 25 })
    assert.equal(used(story), 25)
  })

  it("[BU9] a lease that ends at the first instant of a week is settled in it, and one that ends before is not", () => {
    for (const [start, expected] of [
      [MONDAY + WEEK - 2 * HOUR - 1, 0],
      [MONDAY + WEEK - 2 * HOUR, 20],
      [MONDAY + WEEK - 2 * HOUR + 1, 20]
    ] as const) {
      const story = new Story(capped(1000, 20))
      story.claim("npm", "run", start)
      story.report("cask", "tick", MONDAY + WEEK + DAY, "")
      assert.equal(used(story), expected)
    }
  })

  it("[BU10] sampling begins at exactly 80 % of what was there before the request", () => {
    const rate = (macos: number, at = NOW): number | undefined =>
      spent(capped(1000, 20), macos).decide("npm", at).sampling.macos
    assert.deepEqual([rate(799), rate(800), rate(801)], [1, 0.1, 0.1])
    assert.equal(rate(800, MONDAY + WEEK), 1)
    const story = spent(capped(1000, 20), 780)
    assert.equal(story.decide("npm", NOW).batchSize, 25)
    story.claim("npm", "run", NOW)
    assert.equal(story.control.file.budget.samplingActive, true)
    assert.equal(story.decide("npm", NOW).batchSize, 12)
    assert.equal(story.decide("npm", NOW, "run").batchSize, 25)
    story.report("npm", "run", NOW, "P", { macos: 19 })
    assert.equal(story.control.file.budget.samplingActive, false)
  })

  it("[BU11] while sampling is active a batch is half as large, rounded down and at least one, else whole", () => {
    fc.assert(
      fc.property(fc.integer({ max: 1000, min: 1 }), fraction, (size, rate) => {
        const policy = capped(1000, 20, { batch_size: size, sampling: { rates: { linux: rate } } })
        const [active, calm] = [spent(policy, 800).decide("npm", NOW), spent(policy, 799).decide("npm", NOW)]
        assert.equal(active.batchSize, size === 1 ? 1 : (size - (size % 2)) / 2)
        assert.equal(active.maxAttempts, active.batchSize)
        assert.equal(calm.batchSize, size)
        assert.deepEqual(active.sampling, { linux: rate, macos: 0.1 })
        assert.deepEqual(calm.sampling, { linux: 1, macos: 1 })
      })
    )
  })

  it("[BU12] each line is noticed by the event that reaches it, once a platform and crossing", () => {
    const notices = (story: Story, run: string, minutes: Minutes.Minutes, at = NOW): ReadonlyArray<string> =>
      story.report("npm", run, at, "P", minutes).notices.filter((code) => code.startsWith("budget-"))
    const story = new Story(policyOf({ caps: { linux: 1000, macos: 1000 } }))
    assert.deepEqual(notices(story, "a", { macos: 799 }), [])
    assert.deepEqual(notices(story, "b", { macos: 1 }), ["budget-sampling"])
    assert.deepEqual(notices(story, "c", { macos: 149 }), [])
    assert.deepEqual(notices(story, "d", { macos: 1 }), ["budget-paused"])
    assert.deepEqual(notices(story, "e", { macos: 1000 }), [])
    assert.deepEqual(notices(story, "f", { linux: 950 }), ["budget-sampling", "budget-paused"])
    assert.deepEqual(notices(story, "g", {}, NOW + WEEK), [])
    assert.deepEqual(notices(story, "h", { macos: 800 }, NOW + WEEK), ["budget-sampling"])
  })

  it("[BU12] a claim that takes reserved minutes to a line is noticed, and what fell back and returns is noticed again", () => {
    const story = spent(capped(1000, 20), 780)
    assert.deepEqual(story.claim("npm", "a", NOW).notices, ["budget-sampling"])
    assert.deepEqual(story.abandon("npm", "a", NOW).notices, [])
    assert.deepEqual(story.claim("npm", "b", NOW).notices, ["budget-sampling"])
  })

  it("[BU13] a week that has not begun keeps its usage and is noticed, and one that has is not", () => {
    fc.assert(
      fc.property(fc.integer({ max: 100 * WEEK, min: 1 }), fc.integer({ max: 900, min: 0 }), (ahead, macos) => {
        const story = new Story(capped(1000, 20))
        const { file } = story.control
        const at = (weekStart: number): Story =>
          new Story(story.policy, { ...file, budget: { ...file.budget, used: { linux: 0, macos }, weekStart } })
        const future = at(NOW + ahead)
        assert.ok(future.report("npm", "run", NOW, "P", { macos: 1 }).notices.includes("week-start-ahead"))
        assert.deepEqual([used(future), future.control.file.budget.weekStart], [macos + 1, NOW + ahead])
        const present = at(NOW)
        assert.ok(!present.report("npm", "run", NOW, "P", { macos: 1 }).notices.includes("week-start-ahead"))
        assert.equal(used(present), macos + 1)
      })
    )
  })

  it("[BU14] a correction by hand opens the gate that the line had closed, and closes it", () => {
    const story = spent(capped(1000, 20), 931)
    assert.equal(story.decide("npm", NOW).decision, "hold")
    adjust(story, -1, NOW)
    assert.equal(story.decide("npm", NOW).decision, "run")
    adjust(story, 1, NOW)
    assert.equal(story.decide("npm", NOW).decision, "hold")
    adjust(story, -5000, NOW)
    assert.equal(used(story), 0)
  })

  it("[BU16] an unclaimed result adds the minutes that it states, in whatever state the breaker is", () => {
    const stated = fc.constantFrom<Minutes.Minutes | undefined>(undefined, {}, { macos: 7 }, { linux: 3, macos: 5 })
    fc.assert(
      fc.property(BreakerArbitrary.readable(NOW), stated, BreakerArbitrary.attempts, (breaker, minutes, attempts) => {
        const story = storyAt(policyWith({}), breaker)
        story.report("npm", "nobody", NOW, attempts, minutes)
        assert.deepEqual(
          [used(story), used(story, "linux")],
          [Minutes.of(minutes ?? {}, "macos"), Minutes.of(minutes ?? {}, "linux")]
        )
      })
    )
  })

  it("[BU16] the minutes of a fenced result count as well, and settle its grant", () => {
    const story = new Story(policyWith({ window: 1 }, { budget: { caps: { linux: 9000, macos: 9000 } } }))
    story.claim("npm", "slow", NOW)
    story.report("npm", "trip", NOW, "F")
    story.report("npm", "slow", NOW, "P", { macos: 11 })
    assert.deepEqual([used(story), committed(story)], [11, 11])
  })
})
