import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import * as Event from "@batchbrake/core/control/ControlEvent"
import { decide } from "@batchbrake/core/control/Decision"
import * as HandEdit from "@batchbrake/core/control/HandEdit"
import * as IdentityLine from "@batchbrake/core/control/IdentityLine"
import { type Reduced, reduce } from "@batchbrake/core/control/Reducer"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import { limited, limitedGrant } from "@batchbrake/core/testing/laws/limits"
import { ask } from "@batchbrake/core/testing/WorldArbitrary"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as HashMap from "effect/HashMap"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY, policyWith, Story } from "../Story.ts"
import { keeps } from "../support/keeps.ts"

const Recorded = Schema.fromJsonString(
  Schema.Struct({
    control: Schema.String,
    events: Schema.Array(Schema.MutableJson),
    identities: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
    notices: Schema.Array(Schema.Array(Schema.String)),
    policy: Schema.MutableJson
  })
)

const policy = policyWith({ minimum_attempts: 4, probe_attempts: 2, window: 4 }, { batch_size: 25 })

const claiming = (runKey: string, at: number, maxAttempts?: number): Event.Of<"RunAdmitted"> => ({
  _tag: "RunAdmitted",
  at,
  author: "ci",
  ecosystem: "npm",
  runKey,
  ...(maxAttempts === undefined ? {} : { maxAttempts })
})

const sizes = (story: Story, limit?: number, runKey?: string): ReadonlyArray<unknown> => {
  const request = { ...ask("npm", runKey), ...(limit === undefined ? {} : { limit }) }
  const { batchSize, decision, maxAttempts, reasons } = decide(story.policy, story.control, request, MONDAY + HOUR)
  return [decision, batchSize, maxAttempts, reasons.some(({ code }) => code === "limited")]
}

describe("Limits (SPEC.md LI)", () => {
  it("[LI1] [LI2] a decision is within its limit, and is else the decision without one", () => {
    keeps(limited, { leastTried: 300, numRuns: 300 })
  })

  it("[LI1] [LI3] a limited claim is granted within its limit, remembers it, and is answered again within both", () => {
    keeps(limitedGrant, { leastTried: 30, numRuns: 200 })
  })

  it("[LI1] one below what is allowed cuts, as many and more do not; a probe's own limit stays where it is lower", () => {
    const story = new Story(policy)
    assert.deepEqual(sizes(story, 24), ["run", 24, 24, true])
    assert.deepEqual(sizes(story, 25), ["run", 25, 25, false])
    assert.deepEqual(sizes(story, 26), ["run", 25, 25, false])
    story.report("npm", "tripping", MONDAY - 2 * HOUR, "FFFF")
    assert.deepEqual(sizes(story, 1), ["probe", 1, 1, true])
    assert.deepEqual(sizes(story, 2), ["probe", 2, 2, false])
    assert.deepEqual(sizes(story, 5), ["probe", 2, 2, false])
  })

  it("[LI1] a batch that is halved for the minutes is halved first, and cut to the limit then", () => {
    const short = policyWith({}, { batch_size: 7, budget: { caps: { linux: 100 }, reserve: { linux: 1 } } })
    const story = new Story(short)
    story.tell({
      _tag: "BudgetAdjusted",
      at: MONDAY + HOUR,
      author: "ops",
      id: "1",
      minutes: { linux: 80 },
      reason: "r"
    })
    assert.deepEqual(
      [sizes(story), sizes(story, 3), sizes(story, 2)],
      [
        ["run", 3, 3, false],
        ["run", 3, 3, false],
        ["run", 2, 2, true]
      ]
    )
  })

  it("[LI3] the same claim is applied once, and with another limit it is a conflict that changes nothing", () => {
    const story = new Story(policy)
    story.tell(claiming("mine", MONDAY, 3))
    const before = ControlCodec.encode(story.control.file)
    assert.deepEqual(story.tell(claiming("mine", MONDAY, 3)).notices, ["duplicate"])
    for (const other of [undefined, 2, 4]) {
      assert.equal(story.tell(claiming("mine", MONDAY, other)).rejected, "conflict")
    }
    assert.equal(ControlCodec.encode(story.control.file), before)
    assert.deepEqual(sizes(story, undefined, "mine"), ["run", 3, 3, false])
    assert.deepEqual(sizes(story, 2, "mine"), ["run", 2, 2, false])
    assert.deepEqual(sizes(story, 9, "mine"), ["run", 3, 3, false])
  })

  it("[LI3] the limit goes through the log and the ledger as it was, and outlives the lease", () => {
    fc.assert(
      fc.property(fc.integer({ max: 100_000, min: 1 }), (limit) => {
        const event = claiming("mine", MONDAY, limit)
        assert.deepEqual(Result.getOrThrow(Event.fromJson(Event.toJson(event))), event)
        const line = { at: MONDAY, generation: 3, identity: "i", limit, nonce: "n", payload: "p", scope: "npm" }
        assert.deepEqual(IdentityLine.parse("npm", IdentityLine.print(line)), line)
      })
    )
    for (const wrong of [0, -1, 1.5]) {
      assert.ok(Result.isFailure(Event.fromJson({ ...Event.toJson(claiming("mine", MONDAY)), max_attempts: wrong })))
    }
  })

  it("[LI4] a log from before there were limits replays to the same bytes and the same notices", () => {
    const text = readFileSync(new URL("log-without-limits.json", import.meta.url), "utf8")
    const log = Schema.decodeUnknownSync(Recorded)(text)
    const own = Result.getOrThrow(Policy.parse(JSON.stringify(log.policy)))
    let control = Control.initial
    const notices = log.events.map((json, place) => {
      const event = Result.getOrThrow(Event.fromJson(json))
      assert.equal(JSON.stringify(Event.toJson(event)), JSON.stringify(json))
      const reduced: Reduced = Result.getOrThrow(reduce(own, control, event, `n${place}`))
      control = reduced.control
      return reduced.notices.map(({ code }) => code)
    })
    assert.deepEqual(notices, log.notices)
    assert.equal(ControlCodec.encode(control.file), log.control)
    const lines = [...HashMap.values(control.ledger.identities)].map((each) => [each.scope, IdentityLine.print(each)])
    assert.deepEqual(lines.map(String).sort(), log.identities.map(String).sort())
  })

  it("[LI5] more attempts than the claim asked for are noticed and count; as many are not, nor any without a limit", () => {
    fc.assert(
      fc.property(
        BreakerArbitrary.outcomes(12),
        fc.option(fc.integer({ max: 12, min: 1 }), { nil: undefined }),
        fc.boolean(),
        (results, limit, isLate) => {
          const at = MONDAY + (isLate ? 3 : 1) * HOUR
          const report = (asked: number | undefined) => {
            const story = new Story(policy)
            story.tell(claiming("mine", MONDAY, asked))
            const { applied, notices } = story.report("npm", "mine", at, results, { linux: 3 })
            return { applied, breaker: story.breaker("npm"), notices, used: story.control.file.budget.used }
          }
          const made = results.replaceAll("S", "").length
          const plain = report(undefined)
          const { notices, ...rest } = report(limit)
          const expected = limit !== undefined && made > limit ? [...plain.notices, "over-limit"] : plain.notices
          assert.deepEqual(notices, expected)
          assert.deepEqual({ ...rest, notices: plain.notices }, plain)
        }
      )
    )
  })

  it("[LI5] exactly the limit is not over it, one more is", () => {
    for (const [passed, expected] of [
      [3, []],
      [4, ["over-limit"]]
    ] as const) {
      const story = new Story(policy)
      story.tell(claiming("mine", MONDAY, 3))
      const heard = story.report("npm", "mine", MONDAY + 1, { failed: 0, passed, skipped: 9 })
      assert.deepEqual(heard.notices, expected)
    }
  })

  it("[LI6] a limit that is taken away or raised by hand is a loosening, one that is lowered is not", () => {
    const story = new Story(policy)
    story.tell(claiming("mine", MONDAY, 3))
    const { file } = story.control
    const [held] = file.budget.reservations
    if (held === undefined) return assert.fail("no grant")
    const { limit, ...bare } = held
    const edited = (reservation: typeof held) =>
      HandEdit.loosenings(file, { ...file, budget: { ...file.budget, reservations: [reservation] } })
    assert.equal(limit, 3)
    assert.deepEqual(edited({ ...bare, limit: 2 }), [])
    for (const looser of [bare, { ...bare, limit: 4 }]) {
      assert.deepEqual(
        edited(looser).map(({ path }) => path),
        ["budget.reservations"]
      )
    }
  })
})
