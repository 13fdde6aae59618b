import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import type { SamplingPolicy } from "@batchbrake/core/policy/Policy"
import * as Sampler from "@batchbrake/core/sampling/Sampler"
import { fraction } from "@batchbrake/core/testing/PolicyArbitrary"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const RANGE = 2n ** 56n
const MILLION = 1_000_000n

const millionths = (rate: number): bigint => BigInt(Math.round(rate * 1_000_000))

const text = fc.oneof(
  fc.string({ maxLength: 4, unit: "binary" }),
  fc.constantFrom("", "a", "aa", '","', '"', "\\", "\ud800")
)
const item: fc.Arbitrary<Sampler.Item> = fc.record(
  { batch: text, platform: text, recipe: text },
  { noNullPrototype: true }
)

const policyOf = (seed: string, rules: SamplingPolicy["rules"] = []): SamplingPolicy => ({ rates: {}, rules, seed })
const keeps =
  (seed: string, rate: number) =>
  (one: Sampler.Item): boolean =>
    Sampler.sample(policyOf(seed), one, rate).keep

const items = (count: number): ReadonlyArray<Sampler.Item> =>
  [...Array(count).keys()].map((index) => ({
    batch: `2026-11-23-${String(1 + (index % 7)).padStart(3, "0")}`,
    platform: index % 2 === 0 ? "macos" : "linux",
    recipe: `recipes/package-${index}.rb`
  }))

describe("Sampler (SPEC.md SA)", () => {
  // The values of OpenTelemetry's specification and of its collector.
  it.each([
    [1, "0"],
    [0.5, "8"],
    [0.25, "c"],
    [0.75, "4"],
    [0.1, "e6666666666666"],
    [0.01, "fd70a3d70a3d71"],
    [0.8, "33333333333333"],
    [0.05, "f3333333333333"],
    [1 / 2 ** 10, "ffc"],
    [0, undefined]
  ])("[SA1] the threshold of %d is th:%s", (rate, expected) => {
    assert.equal(Sampler.formatThreshold(Sampler.threshold(rate)), expected)
  })

  it("[SA1] thresholds are the nearest integer to 2^56 (1 - rate), in exact arithmetic", () => {
    fc.assert(
      fc.property(fraction, (rate) => {
        const exact = RANGE * (MILLION - millionths(rate))
        const error = 2n * (Sampler.threshold(rate) * MILLION - exact)
        assert.ok(error <= MILLION && error >= -MILLION)
      }),
      { numRuns: 1000 }
    )
  })

  it("[SA1] a rate in the notation of very small numbers has the threshold of its value", () => {
    assert.equal(Sampler.threshold(1e-7), (RANGE * 9_999_999n + 5_000_000n) / 10_000_000n)
    assert.equal(Sampler.threshold(2.5e-10), RANGE - (RANGE * 25n + 50_000_000_000n) / 100_000_000_000n)
    assert.equal(Sampler.threshold(1e-300), RANGE - 1n)
  })

  it("[SA1] the text of a threshold reads back as the threshold, and has no trailing zero", () => {
    fc.assert(
      fc.property(fraction, (rate) => {
        const value = Sampler.threshold(rate)
        const written = Sampler.formatThreshold(value)
        if (rate === 0) assert.equal(written, undefined)
        else {
          assert.match(written ?? "", /^(?:0|[0-9a-f]{0,13}[1-9a-f])$/)
          assert.equal(BigInt(`0x${(written ?? "").padEnd(14, "0")}`), value)
        }
      })
    )
  })

  it("[SA2] a rate of 1 keeps every item, weighed as one, and a rate of 0 keeps none", () => {
    fc.assert(
      fc.property(text, item, (seed, one) => {
        assert.deepEqual(Sampler.sample(policyOf(seed), one, 1), { keep: true, weight: 1 })
        assert.deepEqual(Sampler.sample(policyOf(seed), one, 0), { keep: false, weight: 0 })
      })
    )
  })

  it("[SA2] the item with the least randomness is kept at 1 and at no less, the one with the most at all but 0", () => {
    assert.ok(0n >= Sampler.threshold(1) && 0n < Sampler.threshold(0.999999))
    assert.ok(RANGE - 1n >= Sampler.threshold(0.000001) && RANGE - 1n < Sampler.threshold(0))
  })

  it("[SA3] an item kept at some rate is kept at every higher rate", () => {
    fc.assert(
      fc.property(text, item, fraction, fraction, (seed, one, first, second) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)]
        assert.ok(!keeps(seed, low)(one) || keeps(seed, high)(one))
      }),
      { numRuns: 1000 }
    )
    const at = (rate: number): ReadonlyArray<Sampler.Item> => items(2000).filter(keeps("batchbrake", rate))
    const [tenth, fifth] = [at(0.1), new Set(at(0.2))]
    assert.ok(tenth.length > 100 && tenth.length < fifth.size)
  })

  it("[SA3] the highest rate that drops an item is just below the lowest that keeps it", () => {
    fc.assert(
      fc.property(text, item, (seed, one) => {
        const randomness = Sampler.randomness(seed, one)
        // Kept when R >= 2^56 (1 - rate): in millionths, the first rate that is enough, give or take one rounding.
        const enough = Number(((RANGE - randomness) * MILLION) / RANGE) + 1
        assert.ok(keeps(seed, Math.min(1, (enough + 1) / 1_000_000))(one))
        assert.ok(!keeps(seed, Math.max(0, (enough - 2) / 1_000_000))(one))
      })
    )
  })

  it("[SA3] an item is kept where its randomness is the threshold, and dropped where the threshold is one above it", () => {
    // Only here is a rate exact as a double: below 1/16 its 53 bits reach down to the last of the 56.
    const late = items(500).filter((one) => Sampler.randomness("s", one) > (RANGE / 16n) * 15n)
    assert.ok(late.length > 10)
    for (const one of late) {
      const kept = RANGE - Sampler.randomness("s", one)
      const [at, below] = [Number(kept) / Number(RANGE), Number(kept - 1n) / Number(RANGE)]
      assert.equal(Sampler.threshold(at), RANGE - kept)
      assert.equal(Sampler.threshold(below), RANGE - kept + 1n)
      assert.ok(keeps("s", at)(one) && !keeps("s", below)(one))
    }
  })

  it("[SA4] the randomness of an item is the first 56 bits of the SHA-256 over what it is", () => {
    fc.assert(
      fc.property(text, item, (seed, one) => {
        const digest = createHash("sha256").update(JSON.stringify([seed, one.batch, one.recipe, one.platform]))
        assert.equal(Sampler.randomness(seed, one), BigInt(`0x${digest.digest("hex").slice(0, 14)}`))
      })
    )
  })

  it("[SA4] the answer for an item stays what it was in every release", () => {
    const one = { batch: "2026-11-23-001", platform: "macos", recipe: "recipes/a.rb" }
    assert.equal(Sampler.randomness("batchbrake", one).toString(16), "84167f484d0c1f")
  })

  it("[SA4] items that differ in anything differ in randomness, text moved from one field to the next included", () => {
    fc.assert(
      fc.property(text, item, text, item, (seed, one, otherSeed, other) => {
        const same =
          seed === otherSeed &&
          one.batch === other.batch &&
          one.recipe === other.recipe &&
          one.platform === other.platform
        assert.equal(Sampler.randomness(seed, one) === Sampler.randomness(otherSeed, other), same)
      }),
      { numRuns: 1000 }
    )
    const moved = { batch: "a", platform: "c", recipe: "b" }
    const all = [
      Sampler.randomness("s", moved),
      Sampler.randomness("sa", { ...moved, batch: "" }),
      Sampler.randomness("s", { ...moved, batch: "ab", recipe: "" }),
      Sampler.randomness("s", { ...moved, batch: "b", recipe: "a" }),
      Sampler.randomness("s", { ...moved, platform: "b", recipe: "c" }),
      Sampler.randomness('s","a', { ...moved, batch: "b", recipe: "c" })
    ]
    assert.equal(new Set(all).size, all.length)
  })

  it("[SA5] the first rule that matches an item decides its rate, else the platform's does", () => {
    const matches: Readonly<Record<string, (recipe: string) => boolean>> = {
      "**": () => true,
      "recipes/*.rb": (recipe) => /^recipes\/[^/]*\.rb$/.test(recipe),
      "recipes/**": (recipe) => recipe.startsWith("recipes/"),
      "recipes/a*": (recipe) => /^recipes\/a[^/]*$/.test(recipe)
    }
    const rule = fc.record(
      {
        match: fc.constantFrom(...Object.keys(matches)),
        platform: fc.constantFrom("macos", "linux"),
        rate: fc.oneof(fc.constantFrom("always" as const, "never" as const), fraction)
      },
      { noNullPrototype: true, requiredKeys: ["match", "rate"] }
    )
    const recipe = fc.constantFrom("recipes/a.rb", "recipes/b.rb", "recipes/.a.rb", "recipes/x/a.rb", "casks/a.rb")
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        recipe,
        fc.constantFrom("macos", "linux"),
        fraction,
        (rules, path, platform, rate) => {
          const one = { batch: "b", platform, recipe: path }
          const first = rules.find(
            (candidate) => matches[candidate.match]?.(path) === true && (candidate.platform ?? platform) === platform
          )
          const expected =
            first === undefined ? rate : first.rate === "always" ? 1 : first.rate === "never" ? 0 : first.rate
          assert.equal(Sampler.rateOf(policyOf("s", rules), one, rate), expected)
          const { keep, weight } = Sampler.sample(policyOf("s", rules), one, rate)
          assert.equal(keep, keeps("s", expected)(one))
          assert.equal(weight, keep ? Sampler.adjustedCount(expected) : 0)
        }
      ),
      { numRuns: 1000 }
    )
  })

  it("[SA5] a rule for one platform leaves the other to the next rule", () => {
    const rules = [
      { match: "recipes/a*", platform: "macos", rate: "never" },
      { match: "recipes/**", rate: "always" }
    ] as const
    const rate = (platform: string, recipe: string): number =>
      Sampler.rateOf(policyOf("s", rules), { batch: "b", platform, recipe }, 0.1)
    assert.deepEqual(
      [rate("macos", "recipes/a.rb"), rate("linux", "recipes/a.rb"), rate("macos", "recipes/b.rb"), rate("macos", "x")],
      [0, 1, 1, 0.1]
    )
  })

  it("[SA6] the weight of a kept item times the share of items kept is one", () => {
    fc.assert(
      fc.property(
        fraction.map((rate) => Math.max(rate, 0.000001)),
        (rate) => {
          const share = Number(RANGE - Sampler.threshold(rate)) / Number(RANGE)
          assert.ok(Math.abs(Sampler.adjustedCount(rate) * share - 1) < 1e-9)
        }
      )
    )
    assert.deepEqual([0, 0.1, 0.25, 0.8, 1, 0.000001].map(Sampler.adjustedCount), [0, 10, 4, 1.25, 1, 1_000_000])
  })

  it("[SA6] the weights of a sample add up to about the number of items, at any rate", () => {
    const all = items(20_000)
    for (const rate of [0.05, 0.1, 0.5, 0.8]) {
      const sum = all.reduce((total, one) => total + Sampler.sample(policyOf("batchbrake"), one, rate).weight, 0)
      // Six standard deviations of a sum of 20,000 weights of mean one.
      const tolerance = 6 * Math.sqrt(all.length * (1 / rate - 1))
      assert.ok(Math.abs(sum - all.length) < tolerance, `${rate}: ${sum}`)
    }
  })
})
