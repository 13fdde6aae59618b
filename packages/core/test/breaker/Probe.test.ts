import { strict as assert } from "node:assert"
import { initial } from "@batchbrake/core/breaker/BreakerState"
import * as Probe from "@batchbrake/core/breaker/Probe"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const recipe = fc.integer({ max: 30, min: 0 }).map((number) => `recipes/${number}.rb`)
const candidates = fc.array(recipe, { maxLength: 30 })
const recent = fc.uniqueArray(recipe, { maxLength: 20 })
const count = fc.integer({ max: 6, min: 1 })

describe("Probe (SPEC.md BR)", () => {
  it("[BR30] a choice has each candidate at most once, and as many as there are up to the count", () => {
    fc.assert(
      fc.property(candidates, recent, count, (offered, probed, size) => {
        const chosen = Probe.choose(offered, probed, size)
        assert.equal(new Set(chosen).size, chosen.length)
        assert.equal(chosen.length, Math.min(size, new Set(offered).size))
        assert.ok(chosen.every((one) => offered.includes(one)))
      })
    )
  })

  it("[BR30] no candidate left out is fresher than one that was chosen", () => {
    fc.assert(
      fc.property(candidates, recent, count, (offered, probed, size) => {
        const chosen = Probe.choose(offered, probed, size)
        // How lately: -1 for never, then the place in the memory, whose newest is last.
        const lately = (one: string): number => probed.indexOf(one)
        for (const left of offered.filter((one) => !chosen.includes(one))) {
          for (const one of chosen) assert.ok(lately(one) <= lately(left))
        }
        assert.deepEqual(
          chosen.map(lately),
          [...chosen.map(lately)].sort((a, b) => a - b)
        )
      })
    )
  })

  it("[BR30] the memory holds the newest twenty, each once, the newest last", () => {
    fc.assert(
      fc.property(fc.array(fc.array(recipe, { maxLength: 4 }), { maxLength: 20 }), (probes) => {
        const memory = probes.reduce<ReadonlyArray<string>>(Probe.remember, [])
        const newestFirst = [...new Set(probes.flatMap((probe) => [...new Set(probe)]).reverse())]
        assert.equal(memory.length, Math.min(20, newestFirst.length))
        assert.deepEqual(new Set(memory), new Set(newestFirst.slice(0, 20)))
        const last = probes.findLast((probe) => probe.length > 0)
        assert.ok(last === undefined || last.includes(memory.at(-1) ?? ""))
      })
    )
    const numbered = [...Array(21).keys()].map(String)
    assert.deepEqual(initial.recentProbes, [])
    assert.deepEqual(Probe.remember([], numbered), numbered.slice(1))
    assert.deepEqual(Probe.remember(numbered.slice(0, 20), ["5"]).slice(-2), ["19", "5"])
    assert.deepEqual(Probe.remember(["a", "b"], ["c", "c"]), ["a", "b", "c"])
  })

  it("[BR30] every candidate has its turn, also when they are more than are remembered", () => {
    fc.assert(
      fc.property(fc.integer({ max: 60, min: 1 }), recent, (size, before) => {
        const offered = [...Array(size).keys()].map((number) => `recipes/${number}.rb`)
        let memory: ReadonlyArray<string> = before
        const probed = new Set<string>()
        for (let turn = 0; turn < 2 * size + 20; turn++) {
          const chosen = Probe.choose(offered, memory, 1)
          memory = Probe.remember(memory, chosen)
          chosen.forEach((one) => void probed.add(one))
        }
        assert.equal(probed.size, size)
      })
    )
  })

  it("[BR30] no candidates are no choice", () => {
    assert.deepEqual(Probe.choose([], ["a"], 3), [])
  })
})
