import { strict as assert } from "node:assert"
import { byHolder, isOf } from "@batchbrake/core/budget/Reservation"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const held = (ecosystem: string, runKey: string) => ({ ecosystem, runKey })

describe("Reservation (SPEC.md EV)", () => {
  it("[EV4] those who hold minutes stand in one order, by ecosystem and then by run key", () => {
    const inOrder = [held("cask", "b"), held("npm", "a"), held("npm", "b")]
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: 3 }), (shuffled) => {
        assert.deepEqual([...shuffled].sort(byHolder), inOrder)
      })
    )
    assert.equal(byHolder(held("npm", "a"), held("npm", "a")), 0)
    assert.equal(byHolder(held("npm", "b"), held("npm", "a")), 1)
  })

  it("[EV4] a grant is a run's only with its ecosystem and its key", () => {
    const isMine = isOf("npm", "a")
    assert.deepEqual([held("npm", "a"), held("npm", "b"), held("cask", "a")].map(isMine), [true, false, false])
  })
})
