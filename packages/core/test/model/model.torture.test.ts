import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { explore } from "./explore.ts"
import { DOUBLE, registry } from "./Registry.ts"

describe("A small registry, further than the suite goes (SPEC.md MC)", () => {
  it("[MC1] [MC2] breaks no law with every run's events on their way at once, in every order of ten steps", () => {
    const { depth, fault, states, transitions } = explore(registry({ mostOnTheirWay: 3 }), (next) => next <= 10)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
  })

  it("[MC1] [MC2] nor under a longer window, growing cool-downs and two passes, in every order of eleven steps", () => {
    const { depth, fault, states, transitions } = explore(registry({ setting: DOUBLE }), (next) => next <= 11)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
  })
})
