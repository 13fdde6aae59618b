import { strict as assert } from "node:assert"
import type { Run } from "@batchbrake/core/forecast/History"
import * as Unrecorded from "@batchbrake/core/forecast/Unrecorded"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { AT, POLICY, policyWith, run } from "./week.ts"

describe("Runs that a record has no line of (SPEC.md BT)", () => {
  const policies = {
    new: POLICY,
    old: policyWith({ budget: { caps: { linux: 1000, macos: 100 }, reserve: { linux: 0, macos: 25 } } })
  }
  const hours = (filled: ReadonlyArray<Run>): ReadonlyArray<number> => filled.map(({ at }) => (at - AT) / HOUR)
  const fill = (runs: ReadonlyArray<Run>, held: ReadonlyArray<readonly [number, number]>, end = 100) =>
    Unrecorded.fill(
      policies,
      runs,
      held.map(([from, to]) => ({ from: AT + from * HOUR, to: AT + to * HOUR })),
      AT + end * HOUR
    )

  it("[BT7] are one each pace in what was held, but where one is on record", () => {
    const record = [run(0), run(0), run(2), run(4), run(20), run(22)]
    assert.deepEqual(hours(fill(record, [[4, 12]])), [6, 8, 10])
    assert.deepEqual(hours(fill(record, [[4, 12.1]])), [6, 8, 10, 12])
    assert.deepEqual(hours(fill(record, [[4, 12]], 9)), [6, 8])
    assert.deepEqual(hours(fill(record, [[15, 24]])), [17])
    assert.deepEqual(hours(fill(record, [[16.5, 26]])), [18.5, 24.5])
    assert.deepEqual(
      hours(
        fill(record, [
          [8, 13],
          [4, 11]
        ])
      ),
      [6, 8, 10, 12]
    )
    assert.deepEqual(hours(fill(record, [])), [])
    assert.deepEqual(hours(fill([run(0), run(0), run(0), run(0), run(2)], [[2, 5]])), [4])
    const [first] = fill(record, [[4, 12]])
    assert.deepEqual(first, {
      ...run(6),
      made: false,
      minutes: { linux: 10, macos: 25 }
    })
  })

  it("[BT7] are none where a record has no pace, and no more than are followed", () => {
    assert.deepEqual(fill([], [[0, 9]]), [])
    assert.deepEqual(fill([run(0)], [[0, 9]]), [])
    assert.deepEqual(fill([run(0), run(0)], [[0, 9]]), [])
    const end = Unrecorded.MOST_FILLED + 10
    assert.equal(fill([run(0), run(1)], [[1, end]], end).length, Unrecorded.MOST_FILLED)
  })

  it("[BT2] that were held and state no minutes may have used the most that one did, or a reservation", () => {
    const held = { made: false, minutes: undefined }
    const record = [
      run(0, 1, 0, { minutes: { linux: 50, macos: 5 } }),
      run(1, 0, 0, held),
      run(2, 0, 0, { made: false })
    ]
    const lists = new Map([["npm", record]])
    assert.deepEqual(
      Unrecorded.withMinutes(policies, lists, record).map(({ minutes }) => minutes),
      [{ linux: 50, macos: 5 }, { linux: 50, macos: 25 }, { macos: 0 }]
    )
    const made = [run(0, 1, 0, { minutes: undefined })]
    assert.equal(Unrecorded.withMinutes(policies, new Map([["npm", made]]), made), made)
    const mixed = [...made, ...record]
    assert.equal(Unrecorded.withMinutes(policies, new Map([["npm", mixed]]), mixed)[0]?.minutes, undefined)
    assert.equal(Unrecorded.countOf(run(0, 2, 3)), 5)
  })
})
