/** Events of runs and of people, one at a time: what each leaves behind, and what it is told. */
import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { ControlEvent, Of } from "@batchbrake/core/control/ControlEvent"
import { breakerOf, initial, withPauses } from "@batchbrake/core/control/ControlFile"
import * as Identity from "@batchbrake/core/control/Identity"
import * as OperatorEvents from "@batchbrake/core/control/OperatorEvents"
import type { Pause } from "@batchbrake/core/control/Pause"
import { reduce } from "@batchbrake/core/control/Reducer"
import * as RunEvents from "@batchbrake/core/control/RunEvents"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { isObject } from "@batchbrake/core/json/Json"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { MONDAY, policyWith, Story } from "../Story.ts"

const policy = policyWith({ cool_down_minutes: 60, minimum_attempts: 2, probe_lease_minutes: 30, window: 4 })
const stranger = decoded({ ecosystems: { cask: {} }, version: 1 })
const origin = { at: MONDAY, author: "ops" }
const run = { at: MONDAY, author: "ci", ecosystem: "npm" }
const LAST = 253_118_476_800_000

const claim = (runKey: string, maxAttempts?: number): Of<"RunAdmitted"> => ({
  ...run,
  _tag: "RunAdmitted",
  runKey,
  ...(maxAttempts === undefined ? {} : { maxAttempts })
})
const report = (more: Partial<Of<"RunCompleted">> = {}): Of<"RunCompleted"> => ({
  ...run,
  _tag: "RunCompleted",
  attempts: { failed: 0, passed: 1, skipped: 0 },
  runKey: "run",
  ...more
})
const extend = (runKey: string, at: number): Of<"LeaseExtended"> => ({
  ...run,
  _tag: "LeaseExtended",
  at,
  id: `${runKey}-${at}`,
  runKey
})
const resume = (scope: string): Of<"Resumed"> => ({ ...origin, _tag: "Resumed", id: "r", scope })
const pause: Pause = {
  at: MONDAY,
  author: "ops",
  autoResume: false,
  category: undefined,
  expectedResume: undefined,
  incidentUrl: undefined,
  reason: "full",
  unknown: {}
}
const toldBy = (control: Control.Control, event: ControlEvent, by = policy): ReadonlyArray<string> =>
  Result.match(reduce(by, control, event), {
    onFailure: ({ code, message }) => [`${code}: ${message}`],
    onSuccess: ({ notices }) => notices.map(({ code, message, severity }) => `${severity} ${code}: ${message}`)
  })
const withPausesOf = (...scopes: ReadonlyArray<string>): Control.Control => ({
  ...Control.initial,
  file: withPauses(initial, Object.fromEntries(scopes.map((scope) => [scope, pause])))
})

describe("Events, one at a time (SPEC.md EV)", () => {
  it("[LI3] a grant has a limit only where its claim asked for one, and recipes only as a probe", () => {
    const story = new Story(policy)
    for (const [key, limit] of [["a"], ["b", 3]] as const) assert.ok(story.tell(claim(key, limit)).applied)
    story.report("npm", "trip", MONDAY, "FF")
    assert.ok(story.claim("npm", "probe", MONDAY + HOUR, ["x"]).applied)
    const { reservations } = story.control.file.budget
    assert.deepEqual(
      reservations.map((grant) => [grant.kind, Object.hasOwn(grant, "limit"), grant.limit, grant.probeRecipes]),
      [
        ["run", false, undefined, []],
        ["run", true, 3, []],
        ["probe", false, undefined, ["x"]]
      ]
    )
    const bare = new Story(policy)
    bare.report("npm", "trip", MONDAY, "FF")
    assert.ok(bare.tell({ ...claim("probe"), at: MONDAY + HOUR }).applied)
    assert.deepEqual(bare.control.file.budget.reservations[0]?.probeRecipes, [])
    assert.deepEqual(bare.breaker("npm").recentProbes, [])
  })

  it("[LI5] more attempts than the claim asked for are counted with those that failed, as the grant or the ledger has it", () => {
    const story = new Story(policy)
    story.tell(claim("run", 3))
    const attempts = { failed: 1, passed: 2, skipped: 5 }
    assert.deepEqual(toldBy(story.control, report({ attempts })), [])
    const more = report({ attempts: { ...attempts, failed: 2 } })
    const told = ["warning over-limit: npm run: made 4 attempts where its claim asked for at most 3; all of them count"]
    assert.deepEqual(toldBy(story.control, more), told)
    assert.deepEqual(toldBy({ ...story.control, ledger: Identity.empty }, more), told)
    assert.deepEqual(toldBy(story.control, { ...more, at: MONDAY + 5 * HOUR }).slice(-1), told)
  })

  it("[BU8] minutes of a run whose grant ended in an earlier week are not counted, and of one that had none are", () => {
    const story = new Story(policy)
    story.tell(claim("run"))
    story.report("npm", "next", MONDAY + WEEK, "P", { linux: 1 })
    story.report("npm", "run", MONDAY + WEEK, "P", { linux: 5 })
    assert.deepEqual(story.control.file.budget.used, { linux: 1 })
    story.report("npm", "none", MONDAY + WEEK, "P", { linux: 2 })
    assert.deepEqual(story.control.file.budget.used, { linux: 3 })
  })

  it("[EV14] of several grants the one that was asked for is prolonged, and a probe's claim with its grant alone", () => {
    const story = new Story(policy)
    for (const key of ["a", "b"]) story.tell(claim(key))
    const ends = () => story.control.file.budget.reservations.map(({ expiresAt }) => (expiresAt - MONDAY) / MINUTE)
    const [lease] = ends()
    assert.ok(lease !== undefined)
    story.tell(extend("a", MONDAY + MINUTE))
    assert.deepEqual(ends(), [lease + 1, lease])
    assert.equal(story.breaker("npm").probe, undefined)
    story.report("npm", "trip", MONDAY + 2 * MINUTE, "FF")
    story.claim("npm", "probe", MONDAY + 62 * MINUTE, ["x"])
    story.tell(extend("b", MONDAY + 63 * MINUTE))
    assert.deepEqual(ends(), [lease + 1, lease + 63, 92])
    assert.equal(story.breaker("npm").probe?.expiresAt, MONDAY + 92 * MINUTE)
    story.tell(extend("probe", MONDAY + 70 * MINUTE))
    assert.deepEqual(ends(), [lease + 1, lease + 63, 100])
    assert.deepEqual(story.breaker("npm").probe, { expiresAt: MONDAY + 100 * MINUTE, runKey: "probe", unknown: {} })
  })

  it("[EV12] of an ecosystem that the policy does not know nothing is reported or prolonged, and all is given back", () => {
    const story = new Story(policy)
    story.tell(claim("run"))
    const unknown = "unknown-ecosystem: the policy does not know npm; it knows: cask"
    assert.deepEqual(toldBy(story.control, report(), stranger), [unknown])
    const direct = RunEvents.completed(stranger, story.control, report())
    assert.deepEqual(Result.isFailure(direct) ? [direct.failure.code, direct.failure.message] : [], [
      "unknown-ecosystem",
      "the policy does not know npm"
    ])
    const prolonged = RunEvents.leaseExtended(stranger, story.control.file, extend("run", MONDAY))
    assert.equal(Result.isFailure(prolonged) ? prolonged.failure.code : "", "no-grant")
    const none = decoded({ ecosystems: {}, version: 1 })
    assert.deepEqual(toldBy(story.control, report(), none), [
      "unknown-ecosystem: the policy does not know npm; it knows: none"
    ])
    assert.deepEqual(toldBy(story.control, { ...run, _tag: "RunAbandoned", runKey: "run" }, stranger), [])
    assert.deepEqual(toldBy(withPausesOf("npm"), resume("npm"), stranger), ["info resumed: resumed by ops: npm"])
  })

  it("[EV7] a run that is too old is told when it started", () => {
    const story = new Story(policy)
    story.report("npm", "new", MONDAY, "P")
    const old = report({ at: MONDAY + HOUR, startedAt: MONDAY - 35 * DAY })
    assert.deepEqual(toldBy(story.control, old), [])
    assert.deepEqual(toldBy(story.control, { ...old, startedAt: MONDAY - 35 * DAY - 1 }), [
      "too-old: the run run started at 2026-10-18T23:59:59.999Z, more than 35 days before the newest event of npm; whether it was recorded before can no longer be told"
    ])
  })

  it("[EV15] all attempts of a run are counted, those that failed and those that were skipped too", () => {
    const told = (passed: number, failed: number, skipped: number) =>
      toldBy(Control.initial, report({ attempts: { failed, passed, skipped } }))[0]?.replace(/^critical .*/, "")
    assert.equal(told(99_997, 1, 2), undefined)
    assert.equal(told(99_998, 1, 2), "invalid: attempts: found 100001, expected at most 100000 a run")
    assert.equal(told(99_998, 2, 1), "invalid: attempts: found 100001, expected at most 100000 a run")
    assert.equal(told(99_998, 10, 1), "invalid: attempts: found 100009, expected at most 100000 a run")
  })

  it("[EV1] instants from the first of 1970 to the last that a deadline has room after are taken, and no others", () => {
    const rejected = (at: number) => toldBy(Control.initial, { ...report(), at })
    for (const at of [0, LAST]) assert.ok(!rejected(at).some((line) => line.startsWith("invalid")), `${at}`)
    for (const at of [-1, LAST + 1]) {
      assert.deepEqual(rejected(at), [`invalid: at: found ${at}, expected an instant from 1970 to 9990`])
    }
  })

  it("[EV1] an event of a batch, or of a policy, moves time on and nothing else, and is remembered without a nonce", () => {
    const batch = { ...origin, batch: "2026-11-23-001", digest: "d" }
    const events: ReadonlyArray<ControlEvent> = [
      { ...batch, _tag: "BatchOpened", ecosystems: ["npm"] },
      { ...batch, _tag: "BatchSealed", base: "b", head: "h" },
      { ...batch, _tag: "BatchProposed", commit: "c", id: "i", pullRequest: "u" },
      { ...batch, _tag: "BatchMerged", commit: "c" },
      { ...batch, _tag: "BatchRolledBack", branch: "b", commit: "c", reason: "r" },
      { ...origin, _tag: "BatchAdopted", batches: [], id: "i" },
      { ...origin, _tag: "PolicyAdopted", hash: "h" }
    ]
    for (const event of events) {
      const { applied, control, identity, notices } = Result.getOrThrow(reduce(policy, Control.initial, event))
      assert.deepEqual([applied, identity?.nonce, notices], [true, "", []], event._tag)
      assert.deepEqual(breakerOf(control.file, "npm"), breakerOf(initial, "npm"))
    }
  })

  it("[PA4] a resumption tells what still stands in the way: every pause of others only to who resumed everything", () => {
    const still = "warning still-paused: still paused: cask, npm; `batchbrake resume --everything` lifts every pause"
    const all = "warning still-paused: everything is still paused: `batchbrake resume` lifts that"
    assert.deepEqual(toldBy(withPausesOf("*", "cask", "npm"), resume("*")), [
      "info resumed: resumed by ops: everything",
      still
    ])
    assert.deepEqual(toldBy(withPausesOf("cask", "npm"), resume("*")), [
      "info not-paused: everything was not paused: nothing to resume",
      still
    ])
    assert.deepEqual(toldBy(withPausesOf("*"), resume("*")), ["info resumed: resumed by ops: everything"])
    assert.deepEqual(toldBy(withPausesOf("cask", "npm"), resume("npm")), ["info resumed: resumed by ops: npm"])
    assert.deepEqual(toldBy(withPausesOf("*", "cask", "npm"), resume("npm")), [
      "info resumed: resumed by ops: npm",
      all
    ])
    const everything = "info resumed: resumed by ops: everything, cask, npm"
    assert.deepEqual(toldBy(withPausesOf("*", "cask", "npm"), resume("everything")), [everything])
  })

  it("a correction of nothing has a plus, and one downwards its minus", () => {
    const minutes = { linux: 0, macos: -1, windows: 1 }
    assert.deepEqual(
      toldBy(Control.initial, { ...origin, _tag: "BudgetAdjusted", id: "a", minutes, reason: "billed" }),
      ["info budget-adjusted: minutes corrected by ops: linux +0, macos -1, windows +1; billed"]
    )
  })

  it("[EV1] a file that is taken over must be readable, and an import finds nothing there; an edit by hand may", () => {
    const story = new Story(policy)
    story.report("npm", "run", MONDAY, "P", { linux: 5 })
    const control = objectOf(ControlCodec.encode(initial))
    const imported: Of<"Imported"> = { ...origin, _tag: "Imported", control, id: "i" }
    const adopted: Of<"HandEditAdopted"> = { ...origin, _tag: "HandEditAdopted", control, id: "h", reason: "r" }
    const { file } = story.control
    assert.deepEqual(Result.getOrThrow(OperatorEvents.takenOver(file, adopted)).file.budget.used, {
      linux: 0,
      macos: 0
    })
    assert.deepEqual(toldBy(story.control, imported), [
      "already-initialised: the control file exists already and is left as it is"
    ])
    assert.deepEqual(toldBy(Control.initial, imported), [])
    for (const event of [imported, adopted]) {
      const [told] = toldBy(Control.initial, { ...event, control: {} })
      assert.match(told ?? "", /^unreadable: enabled: found nothing, expected the key to be there/)
    }
  })
})

const objectOf = (text: string): JsonObject => {
  const value: unknown = JSON.parse(text)
  assert.ok(isObject(value))
  return value
}
