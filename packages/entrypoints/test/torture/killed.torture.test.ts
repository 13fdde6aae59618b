import { strict as assert } from "node:assert"
import { randomInt } from "node:crypto"
import { afterEach, describe, it } from "vitest"
import { killEach, treeOf } from "../support/processTree.ts"
import { runsOn } from "../support/runsOn.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const TEST_MILLIS = 590_000
const ROUNDS = 200

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, millis)
  })

/** Starts a writer, ends it at a random moment, and answers whether it had said by then that it was done. */
const killOne = async (
  workshop: Workshop,
  args: ReadonlyArray<string>,
  kill: "all" | "itself",
  longestMillis: number
): Promise<boolean> => {
  const running = workshop.begin(args)
  await Promise.race([pause(randomInt(longestMillis)), running.ended])
  killEach(kill === "all" ? treeOf(running.pid) : [running.pid])
  return (await running.ended).exitCode === 0
}

describe("Writers that are killed", () => {
  let workshop: Workshop
  afterEach(() => workshop.dispose())

  it.each([
    ["on a remote", [] as ReadonlyArray<string>, "remote" as const, 700],
    ["with --local", ["--local"] as ReadonlyArray<string>, "local" as const, 350]
  ])(
    "%s, in %# of two ways: what was said to be done is in the log, nothing is twice, and the next one works",
    {
      timeout: TEST_MILLIS
    },
    async (_, place, where, longestMillis) => {
      workshop = await openWorkshop(["npm"])
      await workshop.expecting(0, ["init", ...place])
      const report = (key: string): ReadonlyArray<string> => [
        "record",
        "--ecosystem",
        "npm",
        "--run",
        key,
        "--passed",
        "1",
        "--failed",
        "0",
        ...place
      ]
      const done: Array<string> = []
      const began = performance.now()
      for (let round = 0; round < ROUNDS; round++) {
        const kill = round % 2 === 0 ? "all" : "itself"
        if (await killOne(workshop, report(`killed-${round}`), kill, longestMillis)) done.push(`npm killed-${round}`)
        if (round % 20 === 19) {
          await workshop.expecting(0, report(`plain-${round}`))
          done.push(`npm plain-${round}`)
        }
      }
      const runs = runsOn(workshop, where)
      const written = runs.length - done.length
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      console.log(`${ROUNDS} rounds ${where}: ${done.length} said done, ${written} more were written, ${seconds} s`)
      assert.deepEqual(
        done.filter((run) => !runs.includes(run)),
        []
      )
      assert.equal(new Set(runs).size, runs.length)
      const last = await workshop.json(0, report("last"))
      assert.equal(last.applied, true)
      await workshop.expecting(0, ["audit", ...place])
    }
  )
})
