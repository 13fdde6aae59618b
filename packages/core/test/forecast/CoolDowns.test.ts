import { strict as assert } from "node:assert"
import * as Backtest from "@batchbrake/core/forecast/Backtest"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { AT, policyWith, run } from "./week.ts"

const POLICY = policyWith({ breaker: { cool_down_minutes: 180, minimum_attempts: 2, window: 2 } })

describe("Cool-downs of a replay (SPEC.md BT)", () => {
  it("[BT7] are noted where they are certain: where a probe may have closed it nobody knows of any", () => {
    const heldBy = (probe: readonly [passed: number, failed: number]) => {
      const history = { known: {}, leftOut: {}, rules: [], runs: [run(0, 0, 2), run(4, ...probe), run(5, 0, 2)] }
      return Backtest.compare({ new: POLICY, old: POLICY }, history).lines[0]?.new?.held
    }
    const hours = (from: number) => ({ from: AT + from * HOUR, to: AT + (from + 3) * HOUR })
    assert.deepEqual(heldBy([0, 2]), [hours(0), hours(4)])
    assert.deepEqual(heldBy([2, 0]), [hours(0), hours(5)])
    assert.deepEqual(heldBy([1, 1]), [hours(0)])
  })
})
