import { strict as assert } from "node:assert"
import * as Latency from "@batchbrake/core/sli/Latency"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const seconds = fc.double({ max: 10_000, min: 0, noNaN: true })
const histogram = (durations: ReadonlyArray<number>): ReadonlyArray<number> =>
  Latency.EMPTY.map((_, bucket) => durations.filter((one) => Latency.bucketOf(one) === bucket).length)

describe("Latency (SPEC.md SL)", () => {
  it("[SL9] a bound is in its own bucket, the next moment in the next one, and the last bucket is open", () => {
    for (const [bucket, bound] of Latency.BOUNDS.entries()) {
      assert.equal(Latency.bucketOf(bound), bucket)
      assert.equal(Latency.bucketOf(bound + 1e-6), bucket + 1)
    }
    assert.equal(Latency.bucketOf(0), 0)
    assert.equal(Latency.bucketOf(1e12), Latency.BUCKETS - 1)
    assert.equal(Latency.EMPTY.length, Latency.BUCKETS)
    assert.deepEqual(
      [...Latency.BOUNDS],
      [...new Set(Latency.BOUNDS)].sort((left, right) => left - right)
    )
  })

  it("[SL10] a percentile lies in the bucket of the duration that has that rank", () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { maxLength: 60, minLength: 1 }),
        fc.constantFrom(0.5, 0.95),
        (durations, share) => {
          const sorted = [...durations].sort((left, right) => left - right)
          const bucket = Latency.bucketOf(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
          const found = Latency.percentile(histogram(durations), share)
          assert.equal(found?.isAtLeast, bucket === Latency.BUCKETS - 1)
          const [low, high] = [Latency.BOUNDS[bucket - 1] ?? 0, Latency.BOUNDS[bucket] ?? 3600]
          assert.ok(found !== undefined && found.seconds >= low && found.seconds <= high)
        }
      )
    )
  })

  it("[SL10] a percentile of nothing is none, and a higher one is never shorter", () => {
    assert.equal(Latency.percentile(Latency.EMPTY, 0.5), undefined)
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 60, minLength: 1 }), (durations) => {
        const [half, most] = [0.5, 0.95].map((share) => Latency.percentile(histogram(durations), share)?.seconds ?? 0)
        assert.ok((half ?? 0) <= (most ?? 0))
      })
    )
  })

  it("[SL9] histograms of two lists add up to the histogram of both", () => {
    fc.assert(
      fc.property(fc.array(seconds), fc.array(seconds), (left, right) => {
        assert.deepEqual(Latency.add(histogram(left), histogram(right)), histogram([...left, ...right]))
      })
    )
  })
})
