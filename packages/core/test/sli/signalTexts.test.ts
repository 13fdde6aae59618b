import { strict as assert } from "node:assert"
import * as BreakerStates from "@batchbrake/core/breaker/BreakerState"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as controls from "@batchbrake/core/sli/controlSignals"
import * as Latency from "@batchbrake/core/sli/Latency"
import { metricsSignals, strangerSignal } from "@batchbrake/core/sli/metricsSignals"
import type { Signal } from "@batchbrake/core/sli/Signal"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { NOW, sliOf, totals } from "./figures.ts"

const POLICY = PolicyArbitrary.decoded(Policy.starter(["npm"]))

/** Condition, subject, message, and of each level its severity, class and reading. */
const printed = ({ condition, levels, message, subject }: Signal): string => {
  const all = levels?.map(({ incident, reading, severity }) => `${severity} ${incident} ${reading}`).join(", ")
  return `${condition} of ${subject} (${all ?? "unknown"}): ${message}`
}

const CALM = [
  "anomaly of npm rate-jump (info low cleared): npm: no rate-jump any more",
  "anomaly of npm duration-jump (info low cleared): npm: no duration-jump any more",
  "anomaly of npm impossible-value (warning medium cleared): npm: no impossible-value any more",
  "anomaly of npm unexplained-run (warning high cleared): npm: no unexplained-run any more",
  "anomaly of npm too-perfect (info low cleared): npm: no too-perfect any more"
]

describe("What signals of figures say", () => {
  it("tells each figure and its line", () => {
    const latency = Latency.EMPTY.map((_, bucket) => (bucket === 8 ? 60 : bucket === 13 ? 40 : 0))
    assert.deepEqual(metricsSignals(sliOf(totals(85, 15, { latency })), 20).map(printed), [
      "success-rate of npm (critical high cleared, warning medium lingering): " +
        "npm: 85.0 % of 100 attempts passed (76.7 % to 90.7 %), the objective is 90.0 %",
      "slow-validation of npm (info low cleared): npm: 40 of 100 validations took over 120 s",
      "burn-rate of npm 1d (warning medium raised): " +
        "npm: the error budget burns 1.50 times as fast as a week allows (over 1d and now; the line is 1.4)",
      "burn-rate of npm 3d (warning medium raised): " +
        "npm: the error budget burns 1.50 times as fast as a week allows (over 3d and now; the line is 0.98)",
      "error-budget of npm (warning medium raised, info low raised): npm: 150.0 % of the error budget is used",
      ...CALM
    ])
  })

  it("tells that nothing counted", () => {
    assert.deepEqual(metricsSignals(sliOf(totals(0, 0, { runs: 0 })), 20).map(printed), [
      "success-rate of npm (unknown): npm: nothing counted",
      "slow-validation of npm (unknown): npm: 0 of 0 validations took over 120 s",
      "burn-rate of npm 1d (unknown): " +
        "npm: the error budget burns 0.00 times as fast as a week allows (over 1d and now; the line is 1.4)",
      "burn-rate of npm 3d (unknown): " +
        "npm: the error budget burns 0.00 times as fast as a week allows (over 3d and now; the line is 0.98)",
      "error-budget of npm (unknown): npm: 0.0 % of the error budget is used",
      ...CALM.map((line) => line.replace(/\(.*?\)/, "(unknown)"))
    ])
  })

  it("tells what an anomaly is, and lets one that is only likely linger", () => {
    const sli = sliOf(totals(900, 100), { last: new Map([[DAY, totals(15, 5)]]), unexplained: ["a"] })
    const [jump, ...others] = metricsSignals(sli, 20).filter(({ condition }) => condition === "anomaly")
    assert.equal(
      jump && printed(jump),
      "anomaly of npm rate-jump (info low lingering): " +
        "npm: the success rate went from 90.0 % to 75.0 % within a day"
    )
    assert.deepEqual(others.map(printed), [
      "anomaly of npm duration-jump (unknown): npm: no duration-jump any more",
      CALM[2],
      "anomaly of npm unexplained-run (warning high raised): npm: no event of the control branch tells of a",
      CALM[4]
    ])
  })

  it("tells an ecosystem that the policy does not know from one that it knows", () => {
    const all = [undefined, [], ["a", "b"]].map((runs) => printed(strangerSignal("gem", runs)))
    const said = (level: string, words: string): string =>
      `anomaly of gem unexplained-run (${level}): gem, which the policy does not know: ${words}`
    assert.deepEqual(all, [
      said("unknown", "no unexplained-run any more"),
      said("warning high cleared", "no unexplained-run any more"),
      said("warning high raised", "no event of the control branch tells of a; b")
    ])
  })
})

describe("What signals of the control file say", () => {
  const breaker = (state: "closed" | "open" | "half-open", openedAt?: number): ReadonlyArray<string> =>
    controls
      .controlSignals(
        POLICY,
        { breakers: { npm: { ...BreakerStates.initial, openedAt, state } }, minutes: {} },
        { npm: [NOW - 2, NOW - 1, NOW] },
        NOW
      )
      .slice(0, 2)
      .map(printed)

  it("tells how a breaker stands and since when, and how often it closed", () => {
    const flaps =
      "flapping of npm (warning medium raised): " +
      "npm: the breaker closed 3 times within a day, and opened again in between"
    const since = "since 2026-11-23T06:00:00Z"
    assert.deepEqual(breaker("open", NOW), [
      `breaker-open of npm (critical high raised): npm: the breaker is open ${since}`,
      flaps
    ])
    assert.deepEqual(breaker("half-open", NOW), [
      `breaker-open of npm (critical high lingering): npm: the breaker is half-open ${since}`,
      flaps
    ])
    assert.deepEqual(breaker("open"), ["breaker-open of npm (critical high raised): npm: the breaker is open", flaps])
    assert.deepEqual(breaker("closed", NOW), [
      "breaker-open of npm (critical high cleared): npm: the breaker is closed",
      flaps
    ])
  })

  it("counts closings after a day ago and up to now", () => {
    const count = (...closings: ReadonlyArray<number>): string | undefined =>
      controls.controlSignals(
        POLICY,
        { breakers: { npm: BreakerStates.initial }, minutes: {} },
        { npm: closings },
        NOW
      )[1]?.message
    const closed = (times: number): string =>
      `npm: the breaker closed ${times} times within a day, and opened again in between`
    assert.equal(count(NOW - DAY + 1, NOW), closed(2))
    assert.equal(count(NOW - DAY, NOW + 1), closed(0))
  })

  it("[AL13] counts no closings of an ecosystem that is called like what every object has", () => {
    const breakers = { constructor: BreakerStates.initial }
    const [, flaps] = controls.controlSignals(POLICY, { breakers, minutes: {} }, {}, NOW)
    assert.equal(flaps?.message, "constructor: the breaker closed 0 times within a day, and opened again in between")
  })

  it("tells of each platform with a cap what is used of it, and of no other", () => {
    const capped = (caps: Readonly<Record<string, number>>) =>
      controls
        .controlSignals(
          { ...POLICY, budget: { ...POLICY.budget, caps } },
          { breakers: {}, minutes: { linux: 5, macos: 850 } },
          {},
          NOW
        )
        .map(printed)
    assert.deepEqual(capped({ linux: 0, macos: 1000, windows: 1 }), [
      "minutes-budget of macos (critical medium cleared, warning low raised): " +
        "macos: 850 of 1000 minutes of this week are spent or reserved",
      "minutes-budget of windows (critical medium cleared, warning low cleared): " +
        "windows: 0 of 1 minutes of this week are spent or reserved"
    ])
  })

  it("tells what was done to the control file by hand", () => {
    const paths = ["circuit_breaker.npm.state", "hold"]
    const all = (["none", "stricter", "loosened", "unreadable"] as const).map((edit) =>
      printed(controls.handEditSignal(edit, paths))
    )
    const said = (critical: string, warning: string): string =>
      `hand-edit of batch-control.json (critical critical ${critical}, warning low ${warning}): the control file `
    assert.deepEqual(all, [
      `${said("cleared", "cleared")}is as the last event wrote it`,
      `${said("cleared", "raised")}was changed by hand; nothing was loosened, and the next event takes it over`,
      `${said("raised", "cleared")}was loosened by hand at circuit_breaker.npm.state, hold: everything is on hold`,
      `${said("raised", "cleared")}cannot be read: everything is on hold`
    ])
  })

  it("takes an edit by hand for none once it is taken back, and for a loosening where something is looser", () => {
    const edited = (paths: ReadonlyArray<string>, isTakenBack: boolean) =>
      controls.handEditOf({ isTakenBack, loosenings: paths.map((path) => ({ path })) })
    assert.deepEqual(controls.handEditOf(undefined), { edit: "none", paths: [] })
    assert.deepEqual(edited(["hold"], true), { edit: "none", paths: ["hold"] })
    assert.deepEqual(edited(["hold"], false), { edit: "loosened", paths: ["hold"] })
    assert.deepEqual(edited([], false), { edit: "stricter", paths: [] })
  })

  it("tells the age of the newest run in whole hours, and of a batch how long it waits", () => {
    const stale = (newestRunAt: number | undefined) =>
      printed(
        controls.staleSignal({
          at: NOW,
          begunAt: NOW,
          ecosystem: "npm",
          isControlRead: true,
          newestRunAt,
          staleMillis: 48 * HOUR
        })
      )
    assert.equal(
      stale(NOW - 50 * HOUR + 1),
      "stale of npm (warning medium raised): npm: the newest completed run is of 2026-11-21T04:00:00.001Z, 49 h ago"
    )
    assert.equal(stale(undefined), "stale of npm (warning medium cleared): npm: no run has completed")
    const waiting = { id: "2026-11-21-001", openedAt: NOW - 50 * HOUR + 1, state: "sealed" }
    assert.deepEqual(controls.batchSignals([waiting], NOW, DAY).map(printed), [
      "open-batch of 2026-11-21-001 (warning medium raised): 2026-11-21-001: sealed for 49 h and not merged"
    ])
  })
})
