import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { explore } from "./explore.ts"
import { registry } from "./Registry.ts"

const LIMIT_MILLIS = 60_000

describe("A small registry, to the end (SPEC.md MC)", () => {
  it("[MC1] [MC2] breaks no law in any of its states, and can reach closed again from each", () => {
    const { depth, fault, isComplete, states, transitions } = explore(registry(), () => true)
    console.info(`model check: ${states} states, ${transitions} transitions, all that there are, in ${depth} steps`)
    assert.deepEqual([fault, isComplete], [undefined, true])
  })

  it("[MC1] [MC2] nor with every run's events on their way at once, as deep as a minute allows", () => {
    const begun = performance.now()
    const growth = 3
    let last = begun
    let took = 0
    // A layer is begun only if it can be expected to end in time.
    const mayGoOn = (): boolean => {
      const now = performance.now()
      took = now - last
      last = now
      return now - begun + took * growth < LIMIT_MILLIS
    }
    const { depth, fault, states, transitions } = explore(registry({ mostOnTheirWay: 3 }), mayGoOn)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
    assert.ok(depth >= 8)
  })
})
