/** The small pieces of what is written: pauses, grants, identities, and the keys that have no value. */
import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as Identity from "@batchbrake/core/control/Identity"
import * as IdentityLine from "@batchbrake/core/control/IdentityLine"
import * as PauseCodec from "@batchbrake/core/control/PauseCodec"
import * as ReservationCodec from "@batchbrake/core/control/ReservationCodec"
import * as Written from "@batchbrake/core/control/Written"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const AT = "2026-11-23T00:00:00Z"

describe("What is written", () => {
  it("[CF3] leaves out what has no value, and takes the empty text for none", () => {
    assert.deepEqual(Object.entries(Written.written({ a: undefined, b: null, c: "" })), [
      ["b", null],
      ["c", ""]
    ])
    assert.deepEqual([undefined, "", AT].map(Written.instantOf), [undefined, undefined, MONDAY])
    assert.deepEqual([undefined, "", " "].map(PauseCodec.present), [undefined, undefined, " "])
    const pause = { auto_resume: true, by: "ops", category: "", expected_resume: "", incident_url: "", reason: "" }
    assert.deepEqual(PauseCodec.readPause(pause, { ...pause, more: 1 }), {
      at: undefined,
      author: "ops",
      autoResume: true,
      category: undefined,
      expectedResume: undefined,
      incidentUrl: undefined,
      reason: "",
      unknown: { more: 1 }
    })
  })

  it("looks up keys of an object's own alone, and nothing in what is no object", () => {
    assert.equal(Written.entryOf({ a: 1 }, "a"), 1)
    for (const parent of [undefined, null, "text", 3, true, ["a"], {}]) {
      for (const key of ["length", "constructor", "toString", "0"]) {
        assert.equal(Written.entryOf(parent, key), undefined)
      }
      assert.deepEqual(Written.unknownOf(parent, []), {})
    }
  })

  it("[CF1] keeps grants and ended ones in the order of their holders, each with its own unknown keys", () => {
    const shape = {
      admitted_at: AT,
      batch_size: 2,
      by: "ci",
      ecosystem: "npm",
      expires_at: AT,
      generation: 1,
      kind: "run" as const,
      max_attempts: 2,
      minutes: { macos: 2, linux: 1 },
      run_key: "b"
    }
    const shapes = [shape, { ...shape, limit: 1, run_key: "a" }, { ...shape, ecosystem: "cask" }]
    const raw = { reservations: shapes.map((each, index) => ({ ...each, index })) }
    const read = ReservationCodec.readReservations(shapes, raw)
    assert.deepEqual(
      read.map(({ ecosystem, limit, runKey, unknown }) => [ecosystem, runKey, limit, unknown]),
      [
        ["cask", "b", undefined, { index: 2 }],
        ["npm", "a", 1, { index: 1 }],
        ["npm", "b", undefined, { index: 0 }]
      ]
    )
    assert.deepEqual(
      read.map((each) => "limit" in each),
      [false, true, false]
    )
    assert.deepEqual(
      read.map(ReservationCodec.writeReservation),
      [2, 1, 0].map((index) => raw.reservations[index])
    )
    const ended = shapes.map(({ ecosystem, minutes, run_key }) => ({ ecosystem, expired_at: AT, minutes, run_key }))
    const listed = { expired: ended.map((each, index) => ({ ...each, index })) }
    assert.deepEqual(
      ReservationCodec.readExpired(ended, listed).map(ReservationCodec.writeExpired),
      [2, 1, 0].map((index) => listed.expired[index])
    )
  })

  it("[EV6] an identity has a limit only where a claim that was granted asked for one", () => {
    const origin = { at: MONDAY, author: "ci", ecosystem: "npm", runKey: "run" }
    const claim: ControlEvent = { ...origin, _tag: "RunAdmitted" }
    const limited: ControlEvent = { ...claim, maxAttempts: 3 }
    const report: ControlEvent = { ...origin, _tag: "RunCompleted", attempts: { failed: 0, passed: 1, skipped: 0 } }
    const limits = [
      Identity.of(limited, "n", 0),
      Identity.of(limited, "n", undefined),
      Identity.of(claim, "n", 0),
      Identity.of(report, "n", 0)
    ].map((identity) => ["limit" in identity, identity.limit])
    assert.deepEqual(limits, [
      [true, 3],
      [false, undefined],
      [false, undefined],
      [false, undefined]
    ])
  })

  it("[EV6] a line of an identity has four to six parts, and no other line is one", () => {
    const whole = ["RunAdmitted npm a", MONDAY, "p", "n", 0, 1]
    for (const length of [4, 5, 6]) {
      const line = JSON.stringify(whole.slice(0, length))
      const read = IdentityLine.parse("npm", line)
      assert.ok(read !== undefined)
      assert.deepEqual(["limit" in read, read.generation], [length === 6, length === 4 ? undefined : 0])
      assert.equal(IdentityLine.print(read), line)
    }
    for (const odd of [whole.slice(0, 3), [...whole, 1], [...whole.slice(0, 4), -1], [...whole.slice(0, 5), 0]]) {
      assert.equal(IdentityLine.parse("npm", JSON.stringify(odd)), undefined, JSON.stringify(odd))
    }
  })
})
