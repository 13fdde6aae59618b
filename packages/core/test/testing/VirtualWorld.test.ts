import { strict as assert } from "node:assert"
import * as Policy from "@batchbrake/core/policy/Policy"
import { readings } from "@batchbrake/core/testing/ClockArbitrary"
import { jobs } from "@batchbrake/core/testing/JobArbitrary"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { type Job, play } from "@batchbrake/core/testing/VirtualWorld"
import { printed } from "@batchbrake/core/testing/WorldArbitrary"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const policy = decoded({ ...Policy.starter(["npm", "cask"]), breaker: { window: 1 } })

const job = (more: Partial<Job> = {}): Job => ({
  deliveriesMillis: [0],
  ecosystem: "npm",
  end: "reports",
  minutes: undefined,
  results: "P",
  skewMillis: 0,
  startsAfterMillis: 0,
  takesMillis: 10 * MINUTE,
  ...more
})

const told = (...all: ReadonlyArray<Job>): ReadonlyArray<string> =>
  play(policy, MONDAY, all).happened.map(
    ({ answer, at, event }) =>
      `${(at - MONDAY) / MINUTE} ${event._tag} ${"runKey" in event ? event.runKey : ""} ${answer}`
  )

describe("A virtual world (SPEC.md RC)", () => {
  it("[RC16] happens the same way each time, in the order of the true clock", () => {
    fc.assert(
      fc.property(jobs(["npm", "cask"]), (all) => {
        const [one, other] = [play(policy, MONDAY, all), play(policy, MONDAY, all)]
        assert.equal(printed(one.control), printed(other.control))
        assert.deepEqual(one.happened, other.happened)
        const times = one.happened.map(({ at }) => at)
        assert.deepEqual(
          times,
          [...times].sort((left, right) => left - right)
        )
        assert.equal(one.decisions.length, all.length)
      })
    )
  })

  it("[RC16] delivers a report when it arrives, again where it was sent again, and not at all where it was lost", () => {
    assert.deepEqual(told(job({ deliveriesMillis: [5 * MINUTE, HOUR] })), [
      "0 RunAdmitted job-0 applied",
      "15 RunCompleted job-0 applied",
      "70 RunCompleted job-0 not applied"
    ])
    assert.deepEqual(told(job({ deliveriesMillis: [] })), ["0 RunAdmitted job-0 applied"])
  })

  it("[RC16] lets a cancelled job give its grant back, and a dead one say nothing", () => {
    assert.deepEqual(told(job({ end: "cancelled" })), ["0 RunAdmitted job-0 applied", "10 RunAbandoned job-0 applied"])
    assert.deepEqual(told(job({ end: "crashes" })), ["0 RunAdmitted job-0 applied"])
  })

  it("[RC16] starts no job that is held, and gives a probe no more attempts than it is granted", () => {
    const fails = job({ results: "FF" })
    const { control, decisions, happened } = play(policy, MONDAY, [
      fails,
      job({ startsAfterMillis: 30 * MINUTE }),
      job({ results: "PFFF", startsAfterMillis: 70 * MINUTE })
    ])
    assert.deepEqual(
      decisions.map(({ decision }) => decision),
      ["run", "hold", "probe"]
    )
    assert.equal(happened.length, 4)
    assert.equal(control.file.breakers.npm?.state, "closed")
  })

  it("[RC16] has each machine date its events by its own clock", () => {
    const { happened } = play(
      policy,
      MONDAY,
      [job({ skewMillis: -3 * MINUTE })],
      [
        {
          afterMillis: HOUR,
          make: (at) => ({ _tag: "Paused", at, author: "ops", autoResume: false, id: "p", reason: "r", scope: "*" })
        }
      ]
    )
    assert.deepEqual(
      happened.map(({ at, event }) => event.at - at),
      [-3 * MINUTE, -3 * MINUTE, 0]
    )
  })

  it("[RC16] reads clocks that are off by minutes and no more", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 9 * HOUR })).chain((times) => fc.tuple(fc.constant(times), readings(times))),
        ([times, read]) => {
          assert.equal(read.length, times.length)
          for (const [index, at] of times.entries()) assert.ok(Math.abs((read[index] ?? 0) - at) <= 6 * MINUTE)
        }
      )
    )
  })
})
