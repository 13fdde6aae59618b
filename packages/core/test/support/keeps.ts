import { strict as assert } from "node:assert"
import type { Law } from "@batchbrake/core/testing/laws/Law"
import { type World, world } from "@batchbrake/core/testing/WorldArbitrary"
import * as fc from "fast-check"

/** How often a law is asked, of which worlds, and in how many cases it must have had something to say. */
interface Asked {
  readonly numRuns?: number
  readonly worlds?: fc.Arbitrary<World>
  readonly leastTried?: number
}

/** Asserts that a law holds, under any policy unless the worlds say otherwise. */
export const keeps = (law: Law, { leastTried = 1, numRuns = 100, worlds = world }: Asked = {}): void => {
  let asked = 0
  let tried = 0
  fc.assert(
    fc.property(law.cases(worlds), (each) => {
      asked++
      const verdict = each.judge()
      if (verdict._tag === "Broken") assert.fail(verdict.because)
      if (verdict._tag === "Held") tried++
    }),
    { numRuns }
  )
  // Whoever asks less often than the test says expects proportionally less.
  assert.ok(tried * numRuns >= leastTried * asked, `${law.name}: only ${tried} cases were any`)
}
