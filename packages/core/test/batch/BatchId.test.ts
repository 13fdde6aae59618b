import { strict as assert } from "node:assert"
import * as BatchId from "@batchbrake/core/batch/BatchId"
import * as BatchArbitrary from "@batchbrake/core/testing/BatchArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const ID = "2026-02-06-007"

describe("Batch IDs (SPEC.md BA)", () => {
  it("[BA2] an ID reads back as what it was written from, and nothing that is written otherwise is an ID", () => {
    fc.assert(
      fc.property(BatchArbitrary.date, fc.integer({ max: 999_999_999, min: 1 }), (date, number) => {
        assert.deepEqual(BatchId.parse(BatchId.format({ date, number })), { date, number })
      })
    )
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: ID.length }), fc.nat({ max: 3 }), (text, at, cut) => {
        const near = ID.slice(0, at) + text + ID.slice(at + cut)
        const parts = BatchId.parse(near)
        assert.ok(parts === undefined || BatchId.format(parts) === near)
      })
    )
  })

  it.each([
    "2026-02-06-07",
    "2026-02-06-0007",
    "2026-02-06-000",
    "2026-02-06-00",
    "2026-02-06-0",
    "2026-02-06-",
    "2026-02-06",
    "2026-02-06-homebrew",
    "2026-02-30-001",
    "2026-13-01-001",
    "2026-2-6-001",
    "2026-02-06-007 ",
    " 2026-02-06-007",
    "2026-02-06-007\n",
    "x2026-02-06-007",
    "2026-02-06-007x",
    "2026-02-06-００７",
    "２０２６-02-06-007",
    "2026-02-06-٠٠٧",
    "2026‐02‐06‐007",
    "2026-02-06-+07",
    "2026-02-06-1e3",
    "2026-02-06-1000000000"
  ])("[BA2] %j is no ID", (text) => {
    assert.equal(BatchId.parse(text), undefined)
  })

  it("[BA3] IDs are ordered by date, then by number: 1000 comes after 999", () => {
    assert.ok(BatchId.byAge("2026-02-06-999", "2026-02-06-1000") < 0)
    assert.ok(BatchId.byAge("2026-02-06-1000", "2026-02-07-001") < 0)
    assert.deepEqual(BatchId.following(["2026-02-06-999", "2026-02-05-2000"], "2026-02-06", 2), [
      "2026-02-06-1000",
      "2026-02-06-1001"
    ])
    fc.assert(
      fc.property(
        fc.array(BatchArbitrary.batchId),
        BatchArbitrary.date,
        fc.integer({ max: 5, min: 1 }),
        (ids, date, count) => {
          const next = BatchId.following(ids, date, count)
          assert.deepEqual([...next].sort(BatchId.byAge), next)
          assert.ok(next.every((id) => BatchId.dateOf(id) === date && !ids.includes(id)))
          assert.ok(ids.filter((id) => BatchId.dateOf(id) === date).every((id) => BatchId.byAge(id, next[0] ?? "") < 0))
        }
      )
    )
  })

  it("[BA10] the nearest IDs are those that a finger's slip makes", () => {
    const known = ["2026-02-06-001", "2026-02-06-007", "2025-11-30-007", "2026-02-06-homebrew"]
    assert.equal(BatchId.nearest("2026-02-06-008", known)[0], "2026-02-06-007")
    assert.equal(BatchId.nearest("2026-02-06-homebrw", known)[0], "2026-02-06-homebrew")
    assert.equal(BatchId.nearest("2026-02-06-001", known).length, 3)
  })

  it("[BA3] what is no ID is ordered as text, beside IDs too", () => {
    const ordered = ["2026-02-06-007", "2026-02-06-1000", "2026-02-06-homebrew", "2026-02-07-001", "old"]
    for (const [index, left] of ordered.entries()) {
      for (const [place, right] of ordered.entries()) {
        assert.equal(Math.sign(BatchId.byAge(left, right)), Math.sign(index - place), `${left} ${right}`)
      }
    }
  })

  it("[BA10] are at most three, the nearest first, and of those as near the newest", () => {
    const known = ["2026-02-06-001", "2026-02-06-011", "2026-02-06-012", "2026-02-05-001", "2026-02-16-111"]
    assert.deepEqual(BatchId.nearest("2026-02-06-010", known), ["2026-02-06-012", "2026-02-06-011", "2026-02-06-001"])
    assert.deepEqual(BatchId.nearest("kitten", ["sitting", "mitten", "kit", "itten"]), ["mitten", "itten", "sitting"])
    assert.deepEqual(BatchId.nearest("ab", ["", "b", "xxab"]), ["b", "xxab", ""])
    assert.deepEqual(BatchId.nearest("abcd", ["abxcd", "bcda", "ab"]), ["abxcd", "bcda", "ab"])
    assert.deepEqual(BatchId.nearest("", ["abc", "a"]), ["a", "abc"])
    assert.deepEqual(BatchId.nearest("a", []), [])
  })
})
