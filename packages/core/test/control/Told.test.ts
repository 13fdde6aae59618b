/** What people read of a control branch: one story told whole, its notices, rejections, reasons and the log's own lines. */
import { strict as assert } from "node:assert"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlEvent from "@batchbrake/core/control/ControlEvent"
import * as ControlFile from "@batchbrake/core/control/ControlFile"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import * as Decision from "@batchbrake/core/control/Decision"
import { shortName } from "@batchbrake/core/control/plainLine"
import * as Reducer from "@batchbrake/core/control/Reducer"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { DAY, HOUR, MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const policy = decoded({
  breaker: { cool_down_minutes: 60, minimum_attempts: 2, window: 4 },
  budget: { caps: { linux: 100, macos: 100 }, pause_at: 0.8, reserve: { linux: 30, macos: 20 }, sample_at: 0.5 },
  ecosystems: { cask: {}, npm: {} },
  version: 1
})

type Told = (teller: Teller) => ReadonlyArray<string>

/** Tells one event after the other, and says what a person hears. */
class Teller {
  control: Control.Control = Control.initial

  tell(event: ControlEvent.ControlEvent): ReadonlyArray<string> {
    return Result.match(Reducer.reduce(policy, this.control, event), {
      onFailure: ({ _tag, code, message, reasons }) => [
        `${_tag} ${code}: ${message}`,
        ...reasons.map((reason) => `  ${reason.code}: ${reason.message}`)
      ],
      onSuccess: ({ control, notices }) => {
        this.control = control
        return notices.map(({ code, message, severity }) => `${severity} ${code}: ${message}`)
      }
    })
  }

  ask(ecosystem: string, now: number, runKey?: string): ReadonlyArray<string> {
    const request = { author: "ci", batch: undefined, candidates: ["a"], claim: true, ecosystem, runKey }
    const { decision, reasons, retryAt, sampling } = Decision.decide(policy, this.control, request, now)
    const again = retryAt === undefined ? "never" : (retryAt - MONDAY) / MINUTE
    return [
      `${decision} ${again} ${JSON.stringify(sampling)}`,
      ...reasons.map(({ code, message }) => `  ${code}: ${message}`)
    ]
  }
}

const origin = (hours: number, author = "ops") => ({ at: MONDAY + hours * HOUR, author })
const pause = (hours: number, id: string, scope: string, until?: number): ControlEvent.ControlEvent => ({
  ...origin(hours),
  _tag: "Paused",
  autoResume: until !== undefined,
  id,
  reason: "storage is full",
  scope,
  ...(until === undefined ? {} : { expectedResume: MONDAY + until * HOUR })
})
const resume = (hours: number, id: string, scope: string): ControlEvent.ControlEvent => ({
  ...origin(hours),
  _tag: "Resumed",
  id,
  scope
})
const claim = (hours: number, runKey: string, ecosystem = "npm"): ControlEvent.ControlEvent => ({
  ...origin(hours, "ci"),
  _tag: "RunAdmitted",
  ecosystem,
  probeRecipes: ["a"],
  runKey
})
const report = (hours: number, runKey: string, results: string, minutes = 0): ControlEvent.ControlEvent => ({
  ...origin(hours, "ci"),
  _tag: "RunCompleted",
  attempts: { categories: {}, results },
  ecosystem: "npm",
  minutes: { linux: minutes, macos: minutes },
  runKey
})
const reset = (hours: number, id: string): ControlEvent.ControlEvent => ({
  ...origin(hours),
  _tag: "BreakerReset",
  ecosystem: "npm",
  id,
  reason: "mended"
})
const adjust = (hours: number, id: string, linux: number, macos: number): ControlEvent.ControlEvent => ({
  ...origin(hours),
  _tag: "BudgetAdjusted",
  id,
  minutes: { linux, macos },
  reason: "billed"
})
const abandon = (hours: number, runKey: string, linux: number): ControlEvent.ControlEvent => ({
  ...origin(hours, "ci"),
  _tag: "RunAbandoned",
  ecosystem: "npm",
  minutes: { linux },
  runKey
})
const extend = (hours: number, id: string, runKey: string): ControlEvent.ControlEvent => ({
  ...origin(hours, "ci"),
  _tag: "LeaseExtended",
  ecosystem: "npm",
  id,
  runKey
})
const tell =
  (event: ControlEvent.ControlEvent): Told =>
  (teller) =>
    teller.tell(event)
const ask =
  (hours: number, runKey?: string, ecosystem = "npm"): Told =>
  (teller) =>
    teller.ask(ecosystem, MONDAY + hours * HOUR, runKey)

const STORY: ReadonlyArray<readonly [Told, ReadonlyArray<string>]> = [
  [tell(pause(0, "p1", "npm", 5)), ["info paused: npm is paused by ops: storage is full"]],
  [tell(pause(0, "p1", "npm", 5)), ["info duplicate: Paused npm p1 was applied before, at 2026-11-23T00:00:00Z"]],
  [
    tell(pause(0, "p1", "npm", 6)),
    [
      "Rejection conflict: Paused npm p1 was recorded at 2026-11-23T00:00:00Z with another content; nothing was changed. Use a run key of its own for each run"
    ]
  ],
  [tell(pause(1, "p2", "npm", 4)), ["info later-end-kept: npm was paused already, for longer: that pause stands"]],
  [tell(pause(1, "p3", "*")), ["info paused: everything is paused by ops: storage is full"]],
  [
    tell(pause(1, "p4", "cask", 1)),
    ["warning already-over: the end of the pause of cask is not after 2026-11-23T01:00:00Z: nothing to pause"]
  ],
  [
    ask(2),
    [
      'hold never {"linux":1,"macos":1}',
      "  paused: everything is paused by ops since 2026-11-23T01:00:00Z: storage is full; `batchbrake resume` lifts it",
      "  paused: npm is paused by ops since 2026-11-23T00:00:00Z: storage is full; it resumes by itself at 2026-11-23T05:00:00Z"
    ]
  ],
  [
    tell(claim(2, "held")),
    [
      "Rejection held: npm: everything is paused by ops since 2026-11-23T01:00:00Z: storage is full; `batchbrake resume` lifts it; npm is paused by ops since 2026-11-23T00:00:00Z: storage is full; it resumes by itself at 2026-11-23T05:00:00Z",
      "  paused: everything is paused by ops since 2026-11-23T01:00:00Z: storage is full; `batchbrake resume` lifts it",
      "  paused: npm is paused by ops since 2026-11-23T00:00:00Z: storage is full; it resumes by itself at 2026-11-23T05:00:00Z"
    ]
  ],
  [
    tell(resume(2, "r1", "npm")),
    [
      "info resumed: resumed by ops: npm",
      "warning still-paused: everything is still paused: `batchbrake resume` lifts that"
    ]
  ],
  [
    tell(resume(2, "r2", "npm")),
    [
      "info not-paused: npm was not paused: nothing to resume",
      "warning still-paused: everything is still paused: `batchbrake resume` lifts that"
    ]
  ],
  [tell(pause(2, "p5", "cask")), ["info paused: cask is paused by ops: storage is full"]],
  [
    tell(resume(2, "r3", "*")),
    [
      "info resumed: resumed by ops: everything",
      "warning still-paused: still paused: cask; `batchbrake resume --everything` lifts every pause"
    ]
  ],
  [tell(pause(2, "p6", "npm")), ["info paused: npm is paused by ops: storage is full"]],
  [tell(resume(2, "r4", "everything")), ["info resumed: resumed by ops: cask, npm"]],
  [tell(resume(2, "r5", "everything")), ["info not-paused: everything was not paused: nothing to resume"]],
  [tell(pause(3, "p7", "npm", 4)), ["info paused: npm is paused by ops: storage is full"]],
  [
    ask(3),
    [
      'hold 240 {"linux":1,"macos":1}',
      "  paused: npm is paused by ops since 2026-11-23T03:00:00Z: storage is full; it resumes by itself at 2026-11-23T04:00:00Z"
    ]
  ],
  [tell(claim(5, "run-1")), ["info resumed: the pause of npm ended as scheduled"]],
  [
    ask(5, "run-1"),
    ['run never {"linux":1,"macos":1}', "  granted: this run has its grant, until 2026-11-23T07:00:00Z"]
  ],
  [ask(5, "run-2"), ['run never {"linux":1,"macos":1}', "  closed: the breaker is closed"]],
  [
    tell(report(6, "run-1", "FF", 10)),
    ["critical breaker-opened: npm: tripped, 0 of 2 passed; open until 2026-11-23T07:00:00Z"]
  ],
  [
    ask(6, "run-1"),
    [
      'hold never {"linux":1,"macos":1}',
      "  key-used: the run key run-1 of npm has had its grant or its result; use a new one"
    ]
  ],
  [
    ask(6),
    [
      'hold 420 {"linux":1,"macos":1}',
      "  cooling-down: the breaker is open until 2026-11-23T07:00:00Z; then one run may probe"
    ]
  ],
  [
    ask(7),
    ['probe never {"linux":1,"macos":1}', "  probe-due: the cool-down is over: one run may probe with 1 attempt"]
  ],
  [tell(claim(7, "probe-1")), []],
  [
    ask(7, "probe-2"),
    ['hold 450 {"linux":1,"macos":1}', "  probe-live: probe-1 is probing npm, at the latest until 2026-11-23T07:30:00Z"]
  ],
  [tell(reset(7, "b1")), ["info breaker-reset: npm: closed by ops: mended"]],
  [
    ask(7, "probe-1"),
    [
      'hold never {"linux":1,"macos":1}',
      "  fenced: the breaker has moved since this grant was given: stop, and record what was done"
    ]
  ],
  [
    tell(adjust(8, "a1", 45, -5)),
    [
      "warning lease-expired: npm: the grant of probe-1 ran out at 2026-11-23T07:30:00Z; linux 30, macos 20 counted as spent",
      "info budget-adjusted: minutes corrected by ops: linux +45, macos -5; billed",
      "warning budget-sampling: linux: 85 of 100 minutes are spent or reserved, at or above 50 %",
      "critical budget-paused: linux: 85 of 100 minutes are spent or reserved, at or above 80 %"
    ]
  ],
  [
    ask(8),
    [
      'hold 10080 {"linux":1,"macos":0.1}',
      "  budget-exhausted: linux: 85 of 100 minutes are spent or reserved and a run reserves 30, which would pass the line at 80 %; the week of 2026-11-30T00:00:00Z has room"
    ]
  ],
  [
    tell(claim(8, "run-3")),
    [
      "Rejection held: npm: linux: 85 of 100 minutes are spent or reserved and a run reserves 30, which would pass the line at 80 %; the week of 2026-11-30T00:00:00Z has room",
      "  budget-exhausted: linux: 85 of 100 minutes are spent or reserved and a run reserves 30, which would pass the line at 80 %; the week of 2026-11-30T00:00:00Z has room"
    ]
  ],
  [
    tell(claim(9, "run-4")),
    [
      "Rejection held: npm: linux: 85 of 100 minutes are spent or reserved and a run reserves 30, which would pass the line at 80 %; the week of 2026-11-30T00:00:00Z has room",
      "  budget-exhausted: linux: 85 of 100 minutes are spent or reserved and a run reserves 30, which would pass the line at 80 %; the week of 2026-11-30T00:00:00Z has room"
    ]
  ],
  [
    tell(claim(9, "run-5", "gems")),
    ["Rejection unknown-ecosystem: the policy does not know gems; it knows: cask, npm"]
  ],
  [
    ask(9, "run-5", "gems".repeat(17)),
    [
      "hold never {}",
      "  unknown-ecosystem: the policy does not know gemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgemsgems…; it knows: cask, npm"
    ]
  ],
  [tell(report(30, "late", "PS", 0)), []],
  [
    tell(report(24 * 8, "next", "", 0)),
    [
      "info week-began: a new budget week began at 2026-11-30T00:00:00Z",
      "info vacuous: npm next: no counted attempt, so it proves nothing and moves no breaker"
    ]
  ],
  [
    tell({ ...report(24 * 50, "far", "P"), at: MONDAY + 7 * WEEK }),
    ["info week-began: a new budget week began at 2027-01-11T00:00:00Z"]
  ],
  [
    tell({ ...claim(1, "old"), at: MONDAY - 40 * DAY }),
    [
      "warning week-start-ahead: budget.week_start 2027-01-11T00:00:00Z is after 2026-10-14T00:00:00Z: the usage is kept; check the clocks, or correct the usage with `batchbrake budget adjust`"
    ]
  ],
  [tell({ ...claim(1, "odd"), at: -1 }), ["Rejection invalid: at: found -1, expected an instant from 1970 to 9990"]]
]

/** What is held, until which hour, and what is spent. */
const held: Told = ({ control: { file } }) => [
  ...file.budget.reservations.map(
    ({ expiresAt, kind, probeRecipes, runKey }) => `${kind} ${runKey} ${(expiresAt - MONDAY) / HOUR} ${probeRecipes}`
  ),
  JSON.stringify(file.budget.used)
]

const GRANTS: ReadonlyArray<readonly [Told, ReadonlyArray<string>]> = [
  [tell(claim(0, "a")), []],
  [held, ["run a 2 ", "{}"]],
  [tell(extend(1, "x1", "a")), []],
  [tell(extend(0.5, "x2", "a")), []],
  [
    tell(extend(1, "x3", "b")),
    ["Rejection no-grant: npm b has no live grant to prolong; claim again under a new run key"]
  ],
  [held, ["run a 3 ", "{}"]],
  [tell(abandon(2, "a", 1)), []],
  [held, ['{"linux":1}']],
  [tell(abandon(2, "b", 1)), ["info no-grant: npm b never had a grant: nothing to give back"]],
  [tell(claim(2, "c")), []],
  [tell(abandon(5, "c", 1)), ["info no-grant: npm c no longer has a grant: nothing to give back"]],
  [held, ["run c 4 ", '{"linux":1}']],
  [
    tell(adjust(5, "a1", -31, -20)),
    [
      "warning lease-expired: npm: the grant of c ran out at 2026-11-23T04:00:00Z; linux 30, macos 20 counted as spent",
      "info budget-adjusted: minutes corrected by ops: linux -31, macos -20; billed"
    ]
  ],
  [tell(claim(5, "d")), []],
  [
    tell(report(6, "d", "FF", 1)),
    ["critical breaker-opened: npm: tripped, 0 of 2 passed; open until 2026-11-23T07:00:00Z"]
  ],
  [
    tell(report(6, "e", "P", 1)),
    ["warning not-admitted: npm e: reported without a grant while the breaker is not closed; only its minutes count"]
  ],
  [tell(claim(7, "f")), []],
  [held, ["probe f 7.5 a", '{"linux":2,"macos":2}']],
  [tell(extend(7.25, "x4", "f")), []],
  [held, ["probe f 7.75 a", '{"linux":2,"macos":2}']],
  [
    tell(report(7.5, "f", "F", 1)),
    ["warning breaker-reopened: npm: the probe failed; open until 2026-11-23T08:30:00Z"]
  ],
  [tell(claim(9, "g")), []],
  [tell(report(9, "g", "P", 1)), ["info breaker-closed: npm: the probe passed, closed"]],
  [tell(claim(10, "h")), []],
  [tell(reset(10, "b1")), ["info breaker-reset: npm: closed by ops: mended"]],
  [tell(report(11, "h", "FF", 1)), ["warning fenced: npm h: came too late to move the breaker; its minutes count"]],
  [held, ['{"linux":5,"macos":5}']]
]

/** The trailers that tell what an event is about. */
const trailersOf = (event: ControlEvent.ControlEvent): ReadonlyArray<string> =>
  ControlLog.render("subject", { control: "c", events: [event], nonce: "n", policy: "p" })
    .split("\n")
    .filter((line) => /^Batchbrake-(?:Event|Ecosystem|Batch|Run): /.test(line))
    .map((line) => line.slice("Batchbrake-".length))

const batch = { ...origin(0), batch: "2026-11-23-001", digest: "d" }
const EVENTS: ReadonlyArray<readonly [ControlEvent.ControlEvent, string, ReadonlyArray<string>]> = [
  [pause(0, "p1", "npm"), "Paused npm p1", ["Event: Paused", "Ecosystem: npm"]],
  [pause(0, "p1", "*"), "Paused * p1", ["Event: Paused"]],
  [resume(0, "r1", "npm"), "Resumed npm r1", ["Event: Resumed", "Ecosystem: npm"]],
  [resume(0, "r1", "everything"), "Resumed * r1", ["Event: Resumed"]],
  [claim(0, "run"), "RunAdmitted npm run", ["Event: RunAdmitted", "Ecosystem: npm", "Run: run"]],
  [adjust(0, "a1", 1, 2), "BudgetAdjusted * a1", ["Event: BudgetAdjusted"]],
  [{ ...origin(0), _tag: "PolicyAdopted", hash: "h" }, "PolicyAdopted * h", ["Event: PolicyAdopted"]],
  [{ ...batch, _tag: "BatchOpened", ecosystems: ["npm"] }, "BatchOpened * 2026-11-23-001", ["Event: BatchOpened"]],
  [{ ...batch, _tag: "BatchSealed", base: "b", head: "h" }, "BatchSealed * 2026-11-23-001", ["Event: BatchSealed"]],
  [{ ...batch, _tag: "BatchMerged", commit: "c" }, "BatchMerged * 2026-11-23-001 c", ["Event: BatchMerged"]],
  [
    { ...batch, _tag: "BatchMerged", commit: "c", instead: "i" },
    "BatchMerged * 2026-11-23-001 c i",
    ["Event: BatchMerged"]
  ],
  [
    { ...batch, _tag: "BatchRolledBack", branch: "b", commit: "c", reason: "r" },
    "BatchRolledBack * 2026-11-23-001 c",
    ["Event: BatchRolledBack"]
  ]
]

describe("What a control branch tells", () => {
  it("says of each event, and of each question, what a person is to know", () => {
    const teller = new Teller()
    for (const [place, [told, lines]] of STORY.entries()) assert.deepEqual(told(teller), lines, `line ${place}`)
  })

  it("says what becomes of each grant, what is held, and until when", () => {
    const teller = new Teller()
    for (const [place, [told, lines]] of GRANTS.entries()) assert.deepEqual(told(teller), lines, `line ${place}`)
  })

  it("[BU10] says which platforms are sampled, and from what share of the minutes on", () => {
    const teller = new Teller()
    teller.tell(adjust(0, "a1", 50, 49))
    assert.deepEqual(teller.ask("npm", MONDAY), [
      'run never {"linux":1,"macos":0.1}',
      "  closed: the breaker is closed",
      "  sampling: linux: at or above 50 % of the week's minutes; the batch is halved and validation is sampled"
    ])
    teller.tell(adjust(0, "a2", 0, 1))
    assert.match(teller.ask("npm", MONDAY)[2] ?? "", /^ {2}sampling: linux, macos: at or above 50 %/)
  })

  it("[DE7] names the first week with room, behind the grants that reach into the next one", () => {
    const teller = new Teller()
    const sunday = 7 * 24 - 1
    for (const key of ["a", "b"]) teller.tell(claim(sunday, key))
    assert.equal(teller.control.file.budget.reservations.length, 2)
    const [asked, reason] = teller.ask("npm", MONDAY + sunday * HOUR, "c")
    assert.equal(asked, `hold ${2 * 7 * 24 * 60} {"linux":1,"macos":0.1}`)
    assert.match(reason ?? "", /which would pass the line at 80 %; the week of 2026-12-07T00:00:00Z has room$/)
  })

  it("[CF5] the published fields tell of the pause of everything, else of the newest, and name each ecosystem", () => {
    const teller = new Teller()
    const stops = [pause(1, "p1", "npm", 5), pause(0, "p2", "cask"), pause(2, "p3", "*"), resume(3, "r1", "everything")]
    const told = stops.map((event) => {
      teller.tell(event)
      const { disabledAt, disabledBy, disabledEcosystems, enabled, expectedResume, reason } = teller.control.file.stop
      return [disabledAt, expectedResume, disabledEcosystems.join(" "), enabled, `${disabledBy}: ${reason}`]
    })
    const said = "ops: storage is full"
    assert.deepEqual(told, [
      [MONDAY + HOUR, MONDAY + 5 * HOUR, "npm", true, said],
      [MONDAY + HOUR, MONDAY + 5 * HOUR, "cask npm", true, said],
      [MONDAY + 2 * HOUR, undefined, "cask npm", false, said],
      [undefined, undefined, "", true, ": "]
    ])
    assert.deepEqual(ControlFile.initial.stop, teller.control.file.stop)
  })

  it("[CF5] stops that a file's pauses ask for are mirrored, and words beside them left as they are", () => {
    const teller = new Teller()
    teller.tell(pause(0, "p1", "npm"))
    const { file } = teller.control
    assert.equal(ControlFile.withStopsMirrored(file), file)
    for (const wrong of [{ enabled: false }, { disabledEcosystems: [] }, { disabledEcosystems: ["n", "pm"] }]) {
      assert.deepEqual(ControlFile.withStopsMirrored({ ...file, stop: { ...file.stop, ...wrong } }), file)
    }
  })

  it("[EV3] an event is known by its type, its scope and its own name, and its commit says what it is about", () => {
    for (const [event, identity, trailers] of EVENTS) {
      assert.equal(ControlEvent.identityOf(event), identity)
      const of = "digest" in event ? [...trailers, "Batch: 2026-11-23-001"] : trailers
      assert.deepEqual(trailersOf(event), of)
      assert.equal(ControlEvent.payloadHash(event).length, 32)
      assert.equal(ControlEvent.payloadHash(event), ControlEvent.payloadHash({ ...event, ...origin(7, "other") }))
    }
  })

  it("a subject is one line of plain text, cut at 120 characters, and never empty", () => {
    const subjectOf = (text: string) =>
      ControlLog.render(text, { control: "c", events: [], nonce: "n", policy: "p" }).split("\n")[0]
    assert.equal(subjectOf(" a\r\n\u202e\u2028b "), "a b")
    assert.equal(subjectOf("a\ud800b"), "a\ufffdb")
    assert.equal(subjectOf(" \n"), "control")
    assert.equal(subjectOf("😀".repeat(120)), "😀".repeat(120))
    assert.equal(subjectOf("😀".repeat(121)), `${"😀".repeat(119)}…`)
    assert.equal(shortName("x".repeat(64)), "x".repeat(64))
    assert.equal(shortName("x".repeat(65)), `${"x".repeat(64)}…`)
  })

  it("a message that lacks a trailer or an event, or holds one that nobody can read, is none of ours", () => {
    const whole = ControlLog.render("s", { control: "c", events: [claim(0, "run")], nonce: "n", policy: "p" })
    assert.ok(Result.isSuccess(ControlLog.parse(whole)))
    const without = (name: string) => whole.replace(new RegExp(`Batchbrake-${name}: .*\n`), "")
    for (const name of ["Policy", "Control", "Nonce"]) {
      assert.match(failureOf(without(name)), /lacks one of the trailers/)
    }
    assert.equal(failureOf(without("Payload")), "a control commit without an event")
    assert.match(failureOf(whole.replace('"type":"RunAdmitted"', '"type":"Nothing"')), /^unreadable event: .*found/)
  })
})

const failureOf = (message: string): string =>
  Result.match(ControlLog.parse(message), { onFailure: (fault) => fault, onSuccess: () => "" })
