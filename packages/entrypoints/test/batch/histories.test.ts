/** Random histories in real repositories, rolled back in every way and looked at with plain git (SPEC.md RB). */
import { strict as assert } from "node:assert"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { type History, history } from "../support/history/History.ts"
import { playHistory } from "../support/history/playHistory.ts"

const RUNS = 16

/** A directory that the batch replaces by a file of its name. */
const REPLACED: History = {
  batch: [[{ kind: "write", line: 0, path: "recipes/d", value: 1 }]],
  between: [],
  isConfirmed: false,
  landing: "merge",
  later: [],
  modes: ["three-way", "force", "skip"],
  place: "clone",
  review: []
}

describe("A random history of a real repository", () => {
  it("[RB1-RB6] loses nothing that was changed since, and of the rest the batch alone", {
    timeout: 280_000
  }, async () => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(history, async (run) => {
        const played = await playHistory(run)
        for (const outcome of played === "nothing to seal" ? [played] : Object.values(played)) outcomes.add(outcome)
      }),
      { examples: [[REPLACED]], numRuns: RUNS }
    )
    assert.ok(outcomes.has("rolled-back"), [...outcomes].join())
  })
})
