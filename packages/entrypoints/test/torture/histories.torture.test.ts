import * as fc from "fast-check"
import { describe, it } from "vitest"
import { history } from "../support/history/History.ts"
import { playHistory } from "../support/history/playHistory.ts"

const RUNS = 200

describe("Random histories of real repositories, many", () => {
  it("are rolled back as promised (SPEC.md RB)", { timeout: 1_190_000 }, async () => {
    const counts: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(history, async (run) => {
        const played = await playHistory(run)
        for (const outcome of played === "nothing to seal" ? [played] : Object.values(played)) {
          counts[outcome] = (counts[outcome] ?? 0) + 1
        }
      }),
      { numRuns: RUNS }
    )
    console.log(`${RUNS} histories: ${JSON.stringify(counts)}`)
  })
})
