import { strict as assert } from "node:assert"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { type Finding, mended, parsePath, printPath } from "@batchbrake/core/policy/Finding"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Soundness from "@batchbrake/core/policy/Soundness"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY, Story } from "../Story.ts"

const nameOf = ({ code, path }: Finding): string => `${code} ${printPath(path)}`
const namesIn = (file: Json): ReadonlyArray<string> => Soundness.check(file).findings.map(nameOf)
const codesIn = (file: Json): ReadonlyArray<string> => Soundness.check(file).findings.map(({ code }) => code)

const start: JsonObject = Policy.starter(["npm", "homebrew", "cask"])
const withKeys = (keys: JsonObject): JsonObject => ({ ...start, ...keys })

/** Valid files in which what the linter looks for is often there. */
const risky: fc.Arbitrary<JsonObject> = fc
  .tuple(
    PolicyArbitrary.file,
    fc.record(
      {
        batch_size: fc.integer({ max: 60, min: 1 }),
        breaker: fc.constantFrom<JsonObject>({ threshold: 0 }, { probe_lease_minutes: 1 }, { probe_attempts: 40 }),
        budget: fc.constantFrom<JsonObject>(
          { pause_at: 0, sample_at: 0 },
          { caps: { linux: 0, macos: 3 }, pause_at: 0, reserve: { macos: 3 }, sample_at: 0 },
          { caps: { macos: 0 } },
          { caps: { windows: 1 } },
          { reserve: { linux: 0, macos: 2_000_000 } }
        ),
        lease_minutes: fc.integer({ max: 90, min: 1 }),
        sampling: fc.constantFrom<JsonObject>(
          { rates: { linux: 0, macos: 0 } },
          {
            rates: { linux: 0 },
            rules: [
              { match: "recipes/a*", rate: "never" },
              { match: "**", rate: 0 }
            ]
          },
          { rates: { linux: 0 }, rules: [{ match: "*.rb", platform: "linux", rate: "always" }] }
        ),
        slo: fc.constantFrom(0, 0.2, 0.285_714, 0.285_715, 1)
      },
      { noNullPrototype: true, requiredKeys: [] }
    )
  )
  .map(([file, keys]) => ({ ...file, ...keys }))
  .filter((file) => Soundness.check(file).policy !== undefined)

describe("Reachability (SPEC.md RC)", () => {
  it("[RC1] the policy that init writes has no finding, whatever its ecosystems are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(PolicyArbitrary.ecosystemName, { maxLength: 5, minLength: 1 }), (names) => {
        assert.deepEqual(namesIn(Policy.starter(names)), [])
        assert.deepEqual(namesIn(decoded(Policy.starter(names)).normal), [])
      })
    )
  })

  it("[RC2] the change that a finding proposes removes it and adds none", () => {
    let tried = 0
    fc.assert(
      fc.property(risky, (file) => {
        const { findings } = Soundness.check(file)
        for (const each of findings) {
          tried++
          const after = mended(file, each)
          assert.notEqual(Soundness.check(after).policy, undefined, JSON.stringify([file, each]))
          const left = namesIn(after)
          assert.ok(!left.includes(nameOf(each)), `${nameOf(each)} stays: ${JSON.stringify(file)}`)
          for (const name of left)
            assert.ok(findings.map(nameOf).includes(name), `${name} is new: ${JSON.stringify([file, each])}`)
        }
      }),
      { numRuns: 400 }
    )
    assert.ok(tried > 400)
  })

  it("[RC2] a change touches its own place and no other", () => {
    fc.assert(
      fc.property(risky, (file) => {
        for (const each of Soundness.check(file).findings) {
          const after = mended(file, each)
          for (const key of Object.keys(file)) {
            if (!each.mend.some(({ path }) => path[0] === key)) {
              assert.deepEqual((after as JsonObject)[key], file[key])
            }
          }
        }
      })
    )
  })

  it("[RC3] a breaker is found never to open exactly when failures alone do not trip it", () => {
    for (const [threshold, found] of [
      [0, true],
      [0.000_001, false],
      [1, false]
    ] as const) {
      const file = withKeys({ breaker: { threshold }, ecosystems: { npm: {} } })
      assert.equal(namesIn(file).includes("breaker-never-opens breaker.threshold"), found)
      const story = new Story(decoded({ ...file, budget: { caps: { linux: 100_000, macos: 100_000 } } }))
      story.report("npm", "all-fail", MONDAY, "F".repeat(100))
      assert.equal(story.breaker("npm").state, found ? "closed" : "open")
    }
    const own = withKeys({ breaker: { threshold: 0 }, ecosystems: { cask: {}, npm: { breaker: { threshold: 0.5 } } } })
    assert.deepEqual(namesIn(own), ["breaker-never-opens breaker.threshold"])
    const its = withKeys({ ecosystems: { "crates.io": { breaker: { threshold: 0, window: 4 } }, npm: {} } })
    assert.deepEqual(
      Soundness.check(its).findings.map((each) => [printPath(each.path), each.mend[0]?.value]),
      [['ecosystems["crates.io"].breaker.threshold', 0.25]]
    )
  })

  it("[RC4] a breaker is found never to close exactly when a probe that takes its share of the reserve comes too late", () => {
    // A run of 25 recipes reserves 60 minutes, so a probe of 10 takes 24.
    for (const [lease, found] of [
      [23, true],
      [24, true],
      [25, false]
    ] as const) {
      const file = withKeys({ breaker: { close_after: 10, probe_attempts: 10, probe_lease_minutes: lease, window: 1 } })
      assert.equal(codesIn(file).includes("breaker-never-closes"), found)
      const story = new Story(decoded(file))
      story.report("npm", "trip", MONDAY, "F")
      assert.ok(story.claim("npm", "probe", MONDAY + HOUR).applied)
      story.report("npm", "probe", MONDAY + HOUR + 24 * MINUTE, "P".repeat(10))
      assert.equal(story.breaker("npm").state, found ? "half-open" : "closed")
    }
  })

  it("[RC5] an alert is found never to fire exactly below the objective at which failures alone reach its burn rate", () => {
    for (const [slo, found] of [
      [0, true],
      [0.285_714, true],
      [0.285_715, false],
      [0.999_999, false]
    ] as const) {
      assert.equal(namesIn(withKeys({ slo })).includes("alert-never-fires slo"), found)
      assert.equal(1 / (1 - slo) < 1.4, found)
    }
    assert.deepEqual(namesIn(withKeys({ ecosystems: { cask: {}, npm: { slo: 0.1 } } })), [
      "alert-never-fires ecosystems.npm.slo"
    ])
  })

  it("[RC6] an alert is found never to resolve exactly where the objective leaves no error budget", () => {
    assert.deepEqual(namesIn(withKeys({ slo: 1 })), ["alert-never-resolves slo"])
    assert.deepEqual(namesIn(withKeys({ slo: 0.999_999 })), [])
    // One failure among so many: a rate that passes can bring back to the objective, and one that they cannot.
    for (const [slo, ends] of [
      [0.999_999, true],
      [1, false]
    ] as const) {
      assert.equal(999_999 / 1_000_000 >= slo, ends)
    }
    assert.deepEqual(namesIn(withKeys({ ecosystems: { npm: {} }, slo: 0.5 })), [])
  })

  it("[RC7] a budget is found to pause before one batch exactly when a fresh week admits no run", () => {
    fc.assert(
      fc.property(risky, (file) => {
        const policy = decoded(file)
        const [name] = Object.keys(policy.ecosystems)
        if (name === undefined) return
        const held = new Story(policy).decide(name, MONDAY).decision === "hold"
        assert.equal(codesIn(file).includes("budget-before-one-batch"), held)
      }),
      { numRuns: 200 }
    )
    const budget = (cap: number) => withKeys({ budget: { caps: { macos: cap } } })
    assert.deepEqual(namesIn(budget(22)), [])
    assert.deepEqual(namesIn(budget(21)), ["budget-before-one-batch budget.caps.macos"])
    assert.deepEqual(Soundness.check(budget(21)).findings[0]?.mend, [{ path: ["budget", "caps", "macos"], value: 22 }])
    const nothing = withKeys({ budget: { pause_at: 0, sample_at: 0 } })
    assert.deepEqual(Soundness.check(nothing).findings[0]?.mend, [{ path: ["budget", "pause_at"], value: 0.02 }])
    // Nothing of nothing is at the line as well.
    const empty = withKeys({ budget: { caps: { macos: 0 }, reserve: { macos: 0 } } })
    assert.ok(namesIn(empty).includes("budget-before-one-batch budget.caps.macos"))
    assert.deepEqual(Soundness.check(empty).findings[0]?.mend, [{ path: ["budget", "caps", "macos"], value: 1 }])
  })

  it("[RC8] a lease is found too short exactly when it is not longer than the greatest reserve of a run", () => {
    assert.deepEqual(namesIn(withKeys({ lease_minutes: 61 })), [])
    assert.deepEqual(namesIn(withKeys({ lease_minutes: 60 })), ["lease-too-short lease_minutes"])
    const long = withKeys({ batch_size: 100, budget: { caps: { linux: 10_000 }, reserve: { linux: 300 } } })
    assert.deepEqual(Soundness.check(long).findings[0]?.mend, [{ path: ["lease_minutes"], value: 301 }])
    const none = withKeys({ budget: { reserve: { linux: 0, macos: 0 } }, lease_minutes: 1 })
    assert.ok(namesIn(none).includes("lease-too-short lease_minutes"))
    const story = new Story(decoded(withKeys({ lease_minutes: 60 })))
    story.claim("npm", "run", MONDAY)
    assert.ok(story.report("npm", "run", MONDAY + HOUR, "P").notices.includes("lease-expired"))
  })

  it("[RC9] a capped platform of which a grant reserves nothing is found, and one with a minute is not", () => {
    const budget = (reserve: JsonObject) => withKeys({ budget: { caps: { windows: 100 }, reserve } })
    assert.deepEqual(namesIn(budget({})), ["capped-without-reserve budget.reserve.windows"])
    assert.deepEqual(namesIn(budget({ linux: 0, windows: 1 })), ["capped-without-reserve budget.reserve.linux"])
    assert.deepEqual(namesIn(budget({ windows: 1 })), [])
  })

  it("[RC10] a platform is found starved exactly when sampling keeps none of its recipes", () => {
    const sampling = (keys: JsonObject) => withKeys({ batch_size: 10, sampling: keys })
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0 } })), ["sampling-starves sampling.rates.macos"])
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0.000_001 } })), [])
    assert.deepEqual(Soundness.check(sampling({ rates: { macos: 0 } })).findings[0]?.mend[0]?.value, 0.2)
    const never = { match: "**", rate: "never" }
    const kept = { match: "recipes/core/**", rate: "always" }
    assert.deepEqual(namesIn(sampling({ rules: [never] })), ["sampling-starves sampling.rules[0].rate"])
    assert.deepEqual(namesIn(sampling({ rules: [{ ...never, match: "recipes/**" }] })), [
      "sampling-starves sampling.rules[0].rate"
    ])
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0 }, rules: [kept, never] })), [])
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0 }, rules: [{ ...kept, platform: "linux" }] })), [
      "sampling-starves sampling.rates.macos"
    ])
    assert.deepEqual(namesIn(sampling({ rules: [{ match: "recipes/old/**", rate: 0 }] })), [])
  })
})

describe("The shape of a policy file (SPEC.md RC)", () => {
  it("[RC11] a probe of zero is found by its own name, and one is the least that mends it", () => {
    for (const key of ["probe_attempts", "close_after"]) {
      for (const count of [0, -3]) {
        const { findings } = Soundness.check(withKeys({ ecosystems: { npm: { breaker: { [key]: count } } } }))
        assert.deepEqual(findings.map(nameOf), [`probes-of-zero ecosystems.npm.breaker.${key}`])
        assert.deepEqual(findings[0]?.mend[0]?.value, 1)
      }
      assert.deepEqual(namesIn(withKeys({ breaker: { [key]: 1 } })), [])
    }
  })

  /** A file with one value put where it does not belong. */
  const damaged: fc.Arbitrary<JsonObject> = fc
    .tuple(
      PolicyArbitrary.file,
      fc.constantFrom<readonly [ReadonlyArray<string | number>, Json]>(
        [["version"], 2],
        [["ecosystems"], []],
        [["ecosystems", "npm"], 5],
        [["ecosystems", "Bad Name!"], {}],
        [["ecosystems", "crates.io", "breaker", "window"], "10"],
        [["breaker", "windw"], 10],
        [["breaker", "threshold"], 1.5],
        [["breaker", "probe_attempts"], 0],
        [["breaker", "mode"], "watch"],
        [["budget", "caps", "macos"], -1],
        [["budget", "pause_at"], null],
        [
          ["sampling", "rules"],
          [{ match: "**", rate: 1 }, { rate: 2 }]
        ],
        [["content"], ["recipes/**", ""]],
        [["content"], [""]],
        [["content_branch"], "a..b"],
        [["control_branch"], "main"],
        [["lease_minutes"], 0.5],
        [["breaker"], { minimum_attempts: 30 }],
        [["breaker"], { cool_down_cap_minutes: 1, cool_down_minutes: 2 }],
        [["budget"], { pause_at: 0.5, sample_at: 0.6 }]
      )
    )
    .map(([file, [path, value]]) => {
      const whole = { ...file, content_branch: "main" }
      return mended(whole, { code: "", mend: [{ path, value }], message: "", path }) as JsonObject
    })

  it("[RC12] every fault of shape is a finding with its path, and its change removes it and adds none of its kind", () => {
    let tried = 0
    fc.assert(
      fc.property(damaged, (file) => {
        const { findings, policy } = Soundness.check(file)
        if (policy !== undefined) return
        assert.ok(findings.length > 0)
        for (const each of findings) {
          tried++
          const left = Soundness.check(mended(file, each))
          assert.ok(!left.findings.map(nameOf).includes(nameOf(each)), JSON.stringify([file, each]))
          if (left.policy !== undefined) continue
          const hidden = each.code === "contradiction" ? [] : ["contradiction"]
          for (const other of left.findings) {
            assert.ok(
              findings.map(nameOf).includes(nameOf(other)) || hidden.includes(other.code),
              JSON.stringify([file, each, other])
            )
          }
        }
        const whole = findings.reduce<Json>(mended, file)
        assert.ok(Soundness.check(whole).findings.every(({ code }) => code !== "schema"))
      }),
      { numRuns: 300 }
    )
    assert.ok(tried > 200)
  })

  it("[RC12] what is no object at all is one finding about the whole file", () => {
    for (const file of [null, [], 3, "x"]) {
      assert.deepEqual(namesIn(file), ["schema "])
      const [only] = Soundness.check(file).findings
      assert.notEqual(only === undefined ? undefined : Soundness.check(mended(file, only)).policy, undefined)
    }
  })

  it("[RC12] a path reads back as it was printed", () => {
    const key = fc.oneof(fc.string(), fc.nat({ max: 20 }), PolicyArbitrary.ecosystemName)
    fc.assert(
      fc.property(fc.array(key), (path) => {
        assert.deepEqual(parsePath(printPath(path)), path)
      })
    )
  })
})

/** The file once every finding was mended, and those of the mended file, until there is none. */
const mendedWhole = (file: JsonObject): JsonObject => {
  let whole: Json = file
  for (let round = 0; round < 5 && Soundness.check(whole).findings.length > 0; round++)
    whole = Soundness.check(whole).findings.reduce<Json>(mended, whole)
  assert.deepEqual(namesIn(whole), [])
  return whole as JsonObject
}

describe("A breaker that the linter lets pass (SPEC.md RC)", () => {
  it("[RC3] [RC4] opens on failures alone and closes again on a probe of full length, under any policy", () => {
    fc.assert(
      fc.property(risky, (file) => {
        const policy = decoded(mendedWhole(file))
        const [name] = Object.keys(policy.ecosystems)
        const own = name === undefined ? undefined : Policy.ecosystemOf(policy, name)
        if (name === undefined || own === undefined) return
        const story = new Story(policy)
        story.report(name, "trip", MONDAY, "F".repeat(own.breaker.window), { linux: 0 })
        assert.equal(story.breaker(name).state, "open")
        const share = Math.max(...Object.keys(policy.budget.caps).map((each) => policy.budget.reserve[each] ?? 0))
        const takes = (share * own.breaker.probeAttempts * MINUTE) / policy.batchSize
        let at = story.breaker(name).opensAt ?? 0
        for (let probe = 0; probe < own.breaker.closeAfter && story.breaker(name).state !== "closed"; probe++) {
          assert.ok(story.claim(name, `probe-${probe}`, at).applied)
          at += Math.ceil(takes)
          story.report(name, `probe-${probe}`, at, "P".repeat(own.breaker.probeAttempts), { linux: 0 })
        }
        assert.equal(breakerOf(story.control.file, name).state, "closed")
      }),
      { numRuns: 200 }
    )
  })
})
