import { strict as assert } from "node:assert"
import * as Event from "@batchbrake/core/control/ControlEvent"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { hostileText } from "@batchbrake/core/testing/TextArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const hex = fc.stringMatching(/^[0-9a-f]{40}$/)
const entry: fc.Arbitrary<ControlLog.Entry> = InstantArbitrary.ofEvent.chain((now) =>
  fc.record(
    {
      control: hex,
      events: fc.array(EventArbitrary.event(["npm", "crates.io"], now), { maxLength: 4, minLength: 1 }),
      nonce: hex,
      policy: hex
    },
    { noNullPrototype: true }
  )
)

describe("ControlLog (SPEC.md EV)", () => {
  it("[EV9] a message reads back as it was written, whatever anybody typed", () => {
    fc.assert(
      fc.property(entry, hostileText, (written, subject) => {
        const message = ControlLog.render(subject, written)
        assert.deepEqual(ControlLog.parse(message), Result.succeed(written))
        assert.equal(ControlLog.controlOf(message), written.control)
        assert.equal(ControlLog.policyOf(message), written.policy)
      }),
      { numRuns: 300 }
    )
  })

  it("[EV9] an event keeps the order of what it holds, so that a file in it comes back byte for byte", () => {
    fc.assert(
      fc.property(entry, (written) => {
        const read = Result.getOrThrow(ControlLog.parse(ControlLog.render("s", written)))
        assert.equal(JSON.stringify(read.events.map(Event.toJson)), JSON.stringify(written.events.map(Event.toJson)))
        assert.deepEqual(read.events.map(Event.payloadHash), written.events.map(Event.payloadHash))
      })
    )
  })

  it("[EV9] the subject is one short line, and every line below it is plain ASCII", () => {
    fc.assert(
      fc.property(entry, hostileText, (written, subject) => {
        const [first = "", second, ...rest] = ControlLog.render(subject, written).split("\n")
        assert.ok(first.length > 0 && [...first].length <= 120)
        assert.ok(!/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(first), JSON.stringify(first))
        assert.equal(second, "")
        for (const line of rest) assert.match(line, /^[ -~]*$/)
        assert.equal(rest.filter((line) => line.trim() === "").length, 1)
      })
    )
  })

  it("[EV9] no commit of a person reads as one of ours for what stands in its subject or above its last paragraph", () => {
    fc.assert(
      fc.property(entry, hostileText, hostileText, (written, subject, words) => {
        const ours = ControlLog.render(subject, written)
        assert.equal(
          ControlLog.controlOf(`Revert "${subject.split("\n")[0]}"\n\n${ours}\n\nThis reverts a commit.`),
          undefined
        )
        const harmless = words.replaceAll("Batchbrake-Event", "Batchbrake-Events")
        assert.equal(ControlLog.controlOf(harmless), undefined)
        assert.ok(Result.isFailure(ControlLog.parse(harmless)))
      })
    )
  })

  it("[EV9] a message with two digests, without an event, or with one that cannot be read is none of ours", () => {
    const message = ControlLog.render("s", {
      control: "c".repeat(40),
      events: [{ _tag: "Resumed", at: 0, author: "a", id: "i", scope: "*" }],
      nonce: "n",
      policy: "p"
    })
    assert.equal(ControlLog.controlOf(message), "c".repeat(40))
    assert.equal(ControlLog.controlOf(`${message}Batchbrake-Control: ${"d".repeat(40)}\n`), undefined)
    assert.equal(ControlLog.controlOf(message.replace("Batchbrake-Event: Resumed\n", "")), undefined)
    assert.ok(Result.isFailure(ControlLog.parse(message.replace(/Batchbrake-Payload.*\n/, ""))))
    assert.ok(Result.isFailure(ControlLog.parse(message.replace('"scope":"*"', '"scope":"*","more":1'))))
    assert.ok(Result.isFailure(ControlLog.parse(message.replace("Batchbrake-Nonce: n\n", ""))))
    assert.ok(Result.isSuccess(ControlLog.parse(message.replaceAll("\n", "\n").trimEnd())))
  })
})
