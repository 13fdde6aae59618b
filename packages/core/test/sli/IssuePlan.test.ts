import { strict as assert } from "node:assert"
import * as Alert from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import * as IssuePlan from "@batchbrake/core/sli/IssuePlan"
import { CONDITIONS, type Condition, type Level, type Signal } from "@batchbrake/core/sli/Signal"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

interface Issue extends AlertIssue.OpenIssue {
  readonly state: "open" | "closed"
}

/** What a forge makes of a plan, or of its first steps: keys are for ever. */
const apply = (issues: ReadonlyArray<Issue>, { steps }: IssuePlan.Plan<Issue>, count = steps.length): Array<Issue> => {
  const next = [...issues]
  for (const step of steps.slice(0, count)) {
    if (step.action === "open") {
      const at = next.findIndex(({ key }) => key === step.draft.key)
      if (at >= 0) next[at] = { ...step.draft, number: at + 1, state: "open" }
      else next.push({ ...step.draft, number: next.length + 1, state: "open" })
    } else if (step.action !== "keep") {
      const { number } = step.issue
      next[number - 1] = { ...step.issue, ...step.change }
    }
  }
  return next
}
const openOf = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> => issues.filter(({ state }) => state === "open")
const identities = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> =>
  openOf(issues)
    .map(({ key }) => key.slice(0, key.lastIndexOf("/")))
    .sort()
const actions = ({ steps }: IssuePlan.Plan<Issue>): ReadonlyArray<string> =>
  steps.map((step) => `${step.action} ${step.action === "open" ? step.draft.key : step.issue.number}`)

const reading = fc.constantFrom("raised", "lingering", "cleared")
const levels: fc.Arbitrary<ReadonlyArray<Level> | undefined> = fc.option(
  fc
    .tuple(reading, reading)
    .map(([grave, slight]) => [
      { incident: "high", reading: grave, severity: "critical" } as const,
      { incident: "medium", reading: slight, severity: "warning" } as const
    ]),
  { freq: 5, nil: undefined }
)
const signal: fc.Arbitrary<Signal> = fc.record({
  condition: fc.constantFrom("success-rate", "stale"),
  levels,
  message: fc.constantFrom("one", "two"),
  subject: fc.constantFrom("npm", "npm 1d", "cask")
})
interface Look {
  readonly signals: ReadonlyArray<Signal>
  readonly unread: ReadonlyArray<Condition>
}
const unread = fc.oneof(
  { arbitrary: fc.constant([]), weight: 3 },
  fc.subarray<Condition>(["stale", "open-batch"], { minLength: 1 })
)
const looks: fc.Arbitrary<ReadonlyArray<Look>> = fc.array(
  fc.record({ signals: fc.array(signal, { maxLength: 5 }), unread }),
  { maxLength: 10, minLength: 1 }
)

interface World {
  readonly issues: ReadonlyArray<Issue>
  /** The book; a new runner has none. */
  readonly book: ReadonlyArray<Alert.Alert> | undefined
  readonly lastLookAt: number | undefined
}
const EMPTY: World = { book: undefined, issues: [], lastLookAt: undefined }

/** One look of a runner, up to where the forge fails. */
const look = (world: World, { signals, unread }: Look, at: number, count?: number) => {
  const before = world.book ?? IssuePlan.remembered(openOf(world.issues), at)
  const { alerts } = Alert.step(before, { at, signals, unread })
  const scene: IssuePlan.Scene = { about: CONDITIONS, alerts, at, lastLookAt: world.lastLookAt, unread }
  const plan = IssuePlan.plan(scene, openOf(world.issues))
  return { alerts, issues: apply(world.issues, plan, count), plan, scene }
}

const ALERT: Alert.Alert = {
  condition: "stale",
  frozenSince: undefined,
  incident: "medium",
  message: "npm: no run has completed",
  openedAt: NOW,
  severity: "warning",
  subject: "npm",
  updatedAt: NOW
}
const SCENE: IssuePlan.Scene = { about: CONDITIONS, alerts: [ALERT], at: NOW, lastLookAt: undefined, unread: [] }
const issueOf = (alert: Alert.Alert, number: number): Issue => ({
  body: AlertIssue.bodyOf(alert),
  key: AlertIssue.keyOf(alert),
  number,
  state: "open",
  title: AlertIssue.titleOf(alert)
})

describe("IssuePlan (SPEC.md IS)", () => {
  for (const [runner, remembers] of [
    ["one that remembers", true],
    ["a new runner each time", false]
  ] as const) {
    it(`[IS1] [IS2] [IS3] of ${runner}: one open issue for each alert that stands and none for what is over; a second time nothing is done`, () => {
      fc.assert(
        fc.property(looks, fc.array(fc.nat({ max: 4 }), { maxLength: 10 }), (all, counts) => {
          let world = EMPTY
          for (const [place, one] of all.entries()) {
            const at = NOW + place * HOUR
            // The forge fails in between now and then; the last look gets through.
            const count = place === all.length - 1 ? undefined : counts[place]
            const { alerts, issues, plan, scene } = look(world, one, at, count)
            const standing = alerts.map(AlertIssue.identityOf).sort()
            const isWhole = one.unread.length === 0
            if (!isWhole) assert.ok(plan.steps.every(({ action }) => action !== "close"))
            if (count === undefined) {
              const open = identities(issues)
              const missing = standing.filter((identity) => !open.includes(identity))
              assert.deepEqual(missing, [])
              const frozen = new Set(
                alerts.filter(({ frozenSince }) => frozenSince !== undefined).map(AlertIssue.identityOf)
              )
              const known = (identity: string) => !frozen.has(identity)
              if (isWhole) assert.deepEqual(open.filter(known), standing.filter(known))
              const again = IssuePlan.plan({ ...scene, alerts: plan.alerts }, openOf(issues))
              assert.ok(again.steps.every(({ action }) => action === "keep"))
            }
            for (const step of plan.steps.filter(({ action }) => action === "open")) {
              const identity = AlertIssue.identityOf(step.alert)
              const left = openOf(world.issues).filter(({ key }) => key.startsWith(`${identity}/`))
              const closing = plan.steps.flatMap((each) => (each.action === "close" ? [each.issue.number] : []))
              assert.deepEqual(
                left.filter(({ number }) => !closing.includes(number)),
                []
              )
            }
            world = remembers ? { book: alerts, issues, lastLookAt: at } : { ...EMPTY, issues }
          }
        }),
        { numRuns: 300 }
      )
    })
  }

  it("[IS7] a runner that forgets everything answers what one with a book answers, since when included", () => {
    fc.assert(
      fc.property(looks, (all) => {
        let [kept, forgetful] = [EMPTY, EMPTY]
        for (const [place, { signals }] of all.entries()) {
          const at = NOW + place * HOUR
          const [own, other] = [kept, forgetful].map((world) => look(world, { signals, unread: [] }, at))
          if (own === undefined || other === undefined) return
          assert.deepEqual(other.plan.alerts, own.plan.alerts)
          assert.deepEqual(other.issues, own.issues)
          kept = { book: own.alerts, issues: own.issues, lastLookAt: at }
          forgetful = { ...EMPTY, issues: other.issues }
        }
      }),
      { numRuns: 300 }
    )
  })

  it("[IS4] what was over and comes back is another issue, under another key; the old one stays closed", () => {
    fc.assert(
      fc.property(looks, fc.boolean(), (all, remembers) => {
        let world = EMPTY
        for (const [place, { signals }] of all.entries()) {
          const at = NOW + place * HOUR
          const { alerts, issues, plan } = look(world, { signals, unread: [] }, at)
          for (const step of plan.steps) {
            if (step.action === "open") assert.ok(!world.issues.some(({ key }) => key === step.draft.key))
          }
          for (const { number, state } of world.issues) {
            if (state === "closed") assert.equal(issues[number - 1]?.state, "closed")
          }
          world = remembers ? { book: alerts, issues, lastLookAt: at } : { ...EMPTY, issues }
        }
      })
    )
  })

  it("[IS4] an issue that should have been closed before the alert came back is closed then", () => {
    const old = issueOf({ ...ALERT, openedAt: NOW - 5 * HOUR, updatedAt: NOW - 5 * HOUR }, 1)
    const planned = (lastLookAt: number | undefined, more: Partial<IssuePlan.Scene> = {}) =>
      actions(IssuePlan.plan({ ...SCENE, lastLookAt, ...more }, [old]))
    const opening = `open ${AlertIssue.keyOf(ALERT)}`
    assert.deepEqual(planned(NOW - HOUR), [opening, "close 1"])
    assert.deepEqual(planned(NOW - 5 * HOUR), [opening, "close 1"])
    // The look before did not come behind the issue, or saw the alert: it is the same one, and stands since the issue says.
    for (const same of [planned(NOW - 5 * HOUR - 1), planned(NOW), planned(undefined)])
      assert.deepEqual(same, ["update 1"])
    assert.deepEqual(planned(NOW - HOUR, { unread: ["open-batch"] }), ["update 1"])
  })

  it("[IS7] an alert whose issue is open stands since the issue says, or since longer", () => {
    const older = { ...ALERT, openedAt: NOW - HOUR, updatedAt: NOW - HOUR }
    const [read] = IssuePlan.plan(SCENE, [issueOf(older, 4)]).alerts
    assert.equal(read?.openedAt, NOW - HOUR)
    const [own] = IssuePlan.plan({ ...SCENE, alerts: [older] }, [issueOf(ALERT, 4)]).alerts
    assert.equal(own?.openedAt, NOW - HOUR)
  })

  it("[IS5] of several open issues of one alert the oldest stays, and the others are closed by its number", () => {
    const copies = [7, 3, 5].map((number) => issueOf({ ...ALERT, openedAt: NOW - number, updatedAt: NOW }, number))
    const { steps } = IssuePlan.plan(SCENE, copies)
    const closed = steps.filter((step) => step.action === "close")
    assert.deepEqual(
      closed.map(({ issue }) => issue.number),
      [5, 7]
    )
    assert.ok(closed.every(({ change }) => change.body.startsWith("The same as #3, which is older.\n")))
    const kept = steps.filter((step) => step.action === "update" || step.action === "keep")
    assert.deepEqual(
      kept.map(({ issue }) => issue.number),
      [3]
    )
    // The same key twice is the same thing.
    assert.deepEqual(actions(IssuePlan.plan(SCENE, [issueOf(ALERT, 2), issueOf(ALERT, 1)])), ["close 2", "keep 1"])
  })

  it("[IS3] nothing is closed while anything could not be looked at, and nothing of a frozen alert", () => {
    const copies = [issueOf(ALERT, 1), issueOf(ALERT, 2), issueOf({ ...ALERT, subject: "cask" }, 3)]
    assert.deepEqual(actions(IssuePlan.plan(SCENE, copies)), ["close 2", "close 3", "keep 1"])
    assert.deepEqual(actions(IssuePlan.plan({ ...SCENE, unread: ["open-batch"] }, copies)), ["keep 1"])
    const frozen = { ...ALERT, frozenSince: NOW }
    assert.deepEqual(actions(IssuePlan.plan({ ...SCENE, alerts: [frozen] }, copies)), ["update 1", "close 3"])
    // What stands is told all the same.
    const fresh = { ...ALERT, subject: "crates.io" }
    const told = IssuePlan.plan({ ...SCENE, alerts: [fresh], unread: ["stale"] }, copies)
    assert.deepEqual(actions(told), [`open ${AlertIssue.keyOf(fresh)}`])
  })

  it("[IS8] issues that cannot be believed are left alone and named; those of nobody are not even named", () => {
    const strange = { ...issueOf(ALERT, 8), key: "alert/stale/npm/yesterday" }
    const others = { ...issueOf(ALERT, 9), key: "npm/slo" }
    const { steps, unreadable } = IssuePlan.plan(SCENE, [strange, others])
    assert.deepEqual([steps.map(({ action }) => action), unreadable], [["open"], [8]])
    assert.deepEqual(IssuePlan.remembered([strange, others], NOW), [])
  })

  it("[IS2] an issue that somebody gave another title keeps it", () => {
    const renamed = { ...issueOf(ALERT, 1), title: "npm is down, Ann looks at it" }
    assert.deepEqual(actions(IssuePlan.plan(SCENE, [renamed])), ["keep 1"])
    const [step] = IssuePlan.plan({ ...SCENE, alerts: [{ ...ALERT, message: "other" }] }, [renamed]).steps
    assert.deepEqual(Object.keys(step?.action === "update" ? step.change : {}), ["body"])
  })

  it("[IS13] a look at some conditions leaves the issues of the others alone", () => {
    const edit = { ...ALERT, condition: "hand-edit", subject: "batch-control.json" } as const
    const issues = [issueOf(ALERT, 1), issueOf(edit, 2)]
    const about: ReadonlyArray<Condition> = ["hand-edit"]
    assert.deepEqual(actions(IssuePlan.plan({ ...SCENE, about, alerts: [] }, issues)), ["close 2"])
    assert.deepEqual(actions(IssuePlan.plan({ ...SCENE, about, alerts: [ALERT, edit] }, issues)), ["keep 2"])
  })
})
