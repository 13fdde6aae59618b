import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { type Explored, explore } from "./explore.ts"
import { countsVacuousRuns, dropsGenerations, forgetsIdentities, ignoresLeases, keepsProbes } from "./faults.ts"
import { type Parts, registry } from "./Registry.ts"

/** A third of all the states that there are; `npm run torture` goes to the end. */
const DEPTH = 8
/** For a machine that does other things besides. */
const SLOW_MILLIS = 120_000

const exploredTo = (depth: number, parts: Parts = {}): Explored => explore(registry(parts), (next) => next <= depth)

const faultOf = (parts: Parts): NonNullable<Explored["fault"]> => {
  const { fault } = exploredTo(DEPTH, parts)
  assert.ok(fault !== undefined, "the fault was not found")
  return fault
}

describe("A small registry, every way in which it can go (SPEC.md MC)", { timeout: SLOW_MILLIS }, () => {
  it("[MC1] [MC2] breaks no law in any order of events, and can reach closed again from every state", () => {
    const { depth, fault, states, transitions } = exploredTo(DEPTH)
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
    assert.ok(states > 20_000)
  })

  it.each([
    ["counts a vacuous run", countsVacuousRuns, /vacuous run moved/, /^run-0 claims npm; run-0 reports V$/],
    ["forgets what it has applied", forgetsIdentities, /said twice/, /reports P; run-0 reports P again$/],
    ["never ends a probe", keepsProbes, /cannot reach closed/, /reports F; 1 h pass; run-1 claims npm$/],
    [
      "ignores a probe's lease",
      ignoresLeases,
      /after its lease moved/,
      /^run-0 claims npm; run-0 reports F; 1 h pass; run-1 claims npm; 0\.5 h pass; run-1 reports \w$/
    ],
    [
      "drops the generation check",
      dropsGenerations,
      /older generation moved/,
      /^run-0 claims npm; run-1 claims npm; run-\d reports F; 1 h pass; run-2 claims npm; run-2 reports P; run-\d reports \w$/
    ]
  ] as const)("[MC3] finds a reducer that %s, with the shortest way there", (_, reduce, says, way) => {
    const fault = faultOf({ reduce })
    assert.match(fault.says, says)
    assert.match(fault.trace.join("; "), way)
  })

  it("[MC4] finds a store that does not compare before it swaps", () => {
    const { says, trace } = faultOf({ compares: false })
    assert.match(says, /minutes are (?:spent|reserved), and the notebook says/)
    assert.match(trace.join("; "), /on its way.*; .*arrives$/)
  })
})
