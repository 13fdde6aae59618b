import { strict as assert } from "node:assert"
import { afterEach, describe, it } from "vitest"
import { runsOn } from "../support/runsOn.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const minutes = (count: number): number => count * 60_000

/** The middle and the longest of some durations, for the reader of the log. */
const spread = (seconds: ReadonlyArray<number>): string => {
  const sorted = [...seconds].sort((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `shortest ${at(0)} s, middle ${at(0.5)} s, nine of ten ${at(0.9)} s, longest ${at(1)} s`
}

describe("Many writers", () => {
  let workshop: Workshop
  afterEach(() => workshop.dispose())

  it("sixty-four at once are all recorded within five minutes", { timeout: minutes(6) }, async () => {
    const ecosystems = Array.from({ length: 64 }, (_, index) => `eco-${index}`)
    workshop = await openWorkshop(ecosystems)
    const clones = ecosystems.map((ecosystem) => workshop.cloneTo(ecosystem, "--depth=1"))
    const began = performance.now()
    const ended = await Promise.all(
      ecosystems.map((ecosystem, index) =>
        workshop.run(["record", "--ecosystem", ecosystem, "--run", "one", "--passed", "3", "--failed", "1"], {
          cwd: clones[index] ?? ""
        })
      )
    )
    const seconds = (performance.now() - began) / 1000
    console.log(`64 writers: ${seconds.toFixed(1)} s in all; ${spread(ended.map((one) => one.seconds))}`)
    assert.deepEqual(
      ended.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr),
      []
    )
    assert.deepEqual([...runsOn(workshop)].sort(), ecosystems.map((ecosystem) => `${ecosystem} one`).sort())
    assert.ok(seconds < 300)
  })

  it("six of ten updates to one ecosystem, by one person in one second, lose none and double none", {
    timeout: minutes(9)
  }, async () => {
    workshop = await openWorkshop(["npm"])
    const clones = Array.from({ length: 6 }, (_, writer) => workshop.cloneTo(`writer-${writer}`, "--depth=1"))
    const keys = clones.map((_, writer) => Array.from({ length: 10 }, (_unused, update) => `${writer}-${update}`))
    const seconds: Array<number> = []
    const recordAll = () =>
      Promise.all(
        clones.map(async (cwd, writer) => {
          const applied: Array<boolean> = []
          for (const key of keys[writer] ?? []) {
            const args = ["record", "--ecosystem", "npm", "--run", key, "--passed", "9", "--failed", "1"]
            const ended = await workshop.expecting(0, [...args, "--at", "2026-01-05T00:00:00Z", "--json"], { cwd })
            seconds.push(ended.seconds)
            applied.push(JSON.parse(ended.stdout).applied)
          }
          return applied
        })
      )
    const first = await recordAll()
    console.log(`60 updates by 6 writers: ${spread(seconds)}`)
    assert.ok(first.flat().every((applied) => applied))
    const expected = keys
      .flat()
      .map((key) => `npm ${key}`)
      .sort()
    assert.deepEqual([...runsOn(workshop)].sort(), expected)
    const second = await recordAll()
    assert.ok(second.flat().every((applied) => !applied))
    assert.deepEqual([...runsOn(workshop)].sort(), expected)
  })
})
