import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { explore } from "./explore.ts"
import { DOUBLE, registry } from "./Registry.ts"

describe("A small registry, to the end (SPEC.md MC)", () => {
  it("[MC1] [MC2] breaks no law in any of its states, and can reach closed again from each", () => {
    const { depth, fault, isComplete, states, transitions } = explore(registry(), () => true)
    console.info(`model check: ${states} states, ${transitions} transitions, all that there are, in ${depth} steps`)
    assert.deepEqual([fault, isComplete], [undefined, true])
  })

  it("[MC1] [MC2] nor with every run's events on their way at once, in every order of seven steps", () => {
    const { depth, fault, states, transitions } = explore(registry({ mostOnTheirWay: 3 }), (next) => next <= 7)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
  })

  it("[MC1] [MC2] nor under a longer window, growing cool-downs and two passes, in every order of nine steps", () => {
    const { depth, fault, states, transitions } = explore(registry({ setting: DOUBLE }), (next) => next <= 9)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
  })
})
