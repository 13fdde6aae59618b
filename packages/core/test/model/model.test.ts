import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { type Explored, explore } from "./explore.ts"
import * as faults from "./faults.ts"
import { DOUBLE, type Parts, type Reduce, registry } from "./Registry.ts"

/** Enough for every seeded fault. */
const DEPTH = 7
/** Its states have no end that one would wait for: `npm run torture` goes further. */
const DEPTH_OF_DOUBLE = 8
/** For a machine that does other things besides. */
const SLOW_MILLIS = 120_000

const exploredTo = (depth: number, parts: Parts = {}): Explored => explore(registry(parts), (next) => next <= depth)

const faultOf = (parts: Parts): NonNullable<Explored["fault"]> => {
  const { fault } = exploredTo(DEPTH, parts)
  assert.ok(fault !== undefined, "the fault was not found")
  return fault
}

describe("A small registry, every way in which it can go (SPEC.md MC)", { timeout: SLOW_MILLIS }, () => {
  it("[MC1] [MC2] breaks no law in any of its states, and can reach closed again from each", () => {
    const { depth, fault, isComplete, states, transitions } = explore(registry(), () => true)
    console.info(`model check: ${states} states, ${transitions} transitions, all that there are, in ${depth} steps`)
    assert.deepEqual([fault, isComplete], [undefined, true])
    assert.ok(depth >= 12 && states > 50_000)
  })

  it.each([
    ["counts a vacuous run", faults.countsVacuousRuns, /vacuous run moved/, /^run-0 claims npm; run-0 reports V$/],
    ["forgets what it has applied", faults.forgetsIdentities, /said twice/, /reports P; run-0 reports P again$/],
    ["never ends a probe", faults.keepsProbes, /cannot reach closed/, /reports F; 1 h pass; run-1 claims npm$/],
    [
      "ignores a probe's lease",
      faults.ignoresLeases,
      /after its lease moved/,
      /^run-0 claims npm; run-0 reports F; 1 h pass; run-1 claims npm; 0\.5 h pass; run-1 reports \w$/
    ],
    [
      "drops the generation check",
      faults.dropsGenerations,
      /older generation moved/,
      /^run-0 claims npm; run-1 claims npm; run-\d reports F; 1 h pass; run-2 claims npm; run-2 reports P; run-\d reports \w$/
    ],
    [
      "trips without a cool-down",
      faults.tripsWithoutCoolDown,
      /cool-down's end of npm is .*00:00.*notebook says .*01:00/,
      /^run-0 claims npm; run-0 reports F$/
    ],
    [
      "reopens after a failed probe without a cool-down",
      faults.reopensWithoutCoolDown,
      /cool-down's end of npm is .*01:00.*notebook says .*02:00/,
      /^run-0 claims npm; run-0 reports F; 1 h pass; run-1 claims npm; run-1 reports F$/
    ],
    [
      "probes while it cools down",
      faults.probesWhileCoolingDown,
      /probe was granted 1 h before the cool-down's end/,
      /^run-0 claims npm; run-0 reports F; run-1 claims npm$/
    ],
    [
      "trips one ecosystem for the other",
      faults.tripsItsNeighbour,
      /breaker of cask is open, and the notebook says closed/,
      /^run-0 claims npm; run-0 reports F$/
    ],
    [
      "closes when a person resumes",
      faults.closesOnResume,
      /breaker of npm is closed, and the notebook says half-open/,
      /^run-0 claims npm; run-0 reports F; (?:a person pauses cask; )?1 h pass; run-1 claims npm; .*a person resumes$/
    ]
  ] as const)("[MC3] finds a reducer that %s, with the shortest way there", (_, reduce, says, way) => {
    const fault = faultOf({ reduce })
    assert.match(fault.says, says)
    assert.match(fault.trace.join("; "), way)
  })

  it("[MC1] [MC2] breaks no law under a longer window, growing cool-downs and two passes either", () => {
    const { depth, fault, states, transitions } = exploredTo(DEPTH_OF_DOUBLE, { setting: DOUBLE })
    console.info(`model check: ${states} states, ${transitions} transitions, every order of ${depth} steps`)
    assert.deepEqual(fault, undefined)
    assert.ok(states > 20_000)
  })

  it.each<readonly [string, Reduce, RegExp, RegExp]>([
    [
      "keeps one attempt of its window",
      faults.keepsOneAttempt,
      /window of npm is P, and the notebook says PP/,
      /^run-0 claims npm; run-0 reports P; run-1 claims npm; run-1 reports P$/
    ],
    [
      "never lets a cool-down grow",
      faults.keepsCoolDowns,
      /cool-down's end of npm is .*02:00.*notebook says .*03:00/,
      /^run-0 claims npm; run-0 reports FF; 1 h pass; run-1 claims npm; run-1 reports F$/
    ],
    [
      "closes after one pass of two",
      faults.closesAfterOnePass,
      /breaker of npm is closed, and the notebook says half-open/,
      /^run-0 claims npm; run-0 reports FF; 1 h pass; run-1 claims npm; run-1 reports P$/
    ]
  ])("[MC3] finds a reducer that %s, under a policy that asks for more", (_, reduce, says, way) => {
    const fault = faultOf({ reduce, setting: DOUBLE })
    assert.match(fault.says, says)
    assert.match(fault.trace.join("; "), way)
  })

  it("[MC4] finds a store that does not compare before it swaps", () => {
    const { says, trace } = faultOf({ compares: false })
    assert.match(says, /minutes are (?:spent|reserved), and the notebook says/)
    assert.match(trace.join("; "), /on its way.*; .*arrives$/)
  })
})
