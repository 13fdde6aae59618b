import { strict as assert } from "node:assert"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { type Finding, mended, parsePath, printPath } from "@batchbrake/core/policy/Finding"
import * as Policy from "@batchbrake/core/policy/Policy"
import { areApart, covers } from "@batchbrake/core/policy/reach/Glob"
import * as Soundness from "@batchbrake/core/policy/Soundness"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import { make, match } from "effect/Glob"
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
        alerts: fc.constantFrom<JsonObject>({ minimum_attempts: 1_000_000 }, { minimum_attempts: 25 }),
        batch_size: fc.integer({ max: 60, min: 1 }),
        breaker: fc.constantFrom<JsonObject>(
          { threshold: 0 },
          { threshold: 0, window: 1 },
          { threshold: 1 },
          { probe_lease_minutes: 1 },
          { probe_attempts: 40 },
          { close_after: 1_000_000, probe_attempts: 3 }
        ),
        content: fc.constantFrom<Json>(["recipes/**", "casks/*.rb"], ["recipes/{a,b}/**"]),
        budget: fc.constantFrom<JsonObject>(
          { pause_at: 0, sample_at: 0 },
          { pause_at: 0.001, sample_at: 0 },
          { caps: { linux: 0, macos: 3 }, pause_at: 0, reserve: { macos: 3 }, sample_at: 0 },
          { caps: { macos: 0 } },
          { caps: { windows: 1 } },
          { reserve: { linux: 0, macos: 2_000_000 } }
        ),
        lease_minutes: fc.integer({ max: 90, min: 1 }),
        sampling: fc.constantFrom<JsonObject>(
          { rates: { linux: 0, macos: 0 } },
          { rates: { linux: 0.000_001, macos: 0.01 } },
          {
            rules: [
              { match: "recipes/**/*", rate: "never" },
              { match: "casks/*", rate: "never" }
            ]
          },
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

  it("[RC4] a breaker is found never to close exactly when its passes are more than a week's probes can bring", () => {
    // 95 % of 1000 macOS minutes, 20 a run: 47 probes.
    for (const [keys, mend] of [
      [{ close_after: 47 }, undefined],
      [{ close_after: 48 }, 47],
      [{ close_after: 94, probe_attempts: 2 }, undefined],
      [{ close_after: 1_000_000, probe_attempts: 2 }, 94]
    ] as const) {
      const { findings } = Soundness.check(withKeys({ breaker: keys }))
      assert.deepEqual(findings.map(nameOf), mend === undefined ? [] : ["breaker-never-closes breaker.close_after"])
      assert.deepEqual(
        findings[0]?.mend,
        mend === undefined ? undefined : [{ path: ["breaker", "close_after"], value: mend }]
      )
    }
    const story = new Story(decoded(start))
    for (let probe = 0; probe < 47; probe++) {
      assert.ok(story.claim("npm", `run-${probe}`, MONDAY).applied)
      story.report("npm", `run-${probe}`, MONDAY, "", { linux: 0, macos: 20 })
    }
    assert.equal(story.claim("npm", "one-more", MONDAY).applied, false)
  })

  it("[RC19] a breaker is found to trip within its objective exactly when its threshold is above it", () => {
    const file = (threshold: number, slo: number) => withKeys({ breaker: { threshold }, slo })
    assert.deepEqual(namesIn(file(0.9, 0.9)), [])
    assert.deepEqual(namesIn(file(0.900_001, 0.9)), ["breaker-trips-within-objective breaker.threshold"])
    assert.deepEqual(Soundness.check(file(1, 0.9)).findings[0]?.mend, [{ path: ["breaker", "threshold"], value: 0.9 }])
    const story = new Story(decoded({ ...file(1, 0.9), breaker: { minimum_attempts: 1, threshold: 0.95, window: 10 } }))
    story.report("npm", "nine-of-ten", MONDAY, "PPPPPPPPPF")
    assert.equal(story.breaker("npm").state, "open")
    // Of three, homebrew alone promises less.
    assert.deepEqual(Soundness.check(withKeys({ breaker: { threshold: 0.9 } })).findings[0]?.mend, [
      { path: ["ecosystems", "homebrew", "breaker", "threshold"], value: 0.85 }
    ])
  })

  it("[RC20] what rests on how long a run takes is a warning that says so, and other findings are errors", () => {
    const long = withKeys({
      breaker: { probe_lease_minutes: 9 },
      budget: { reserve: { linux: 240 } },
      lease_minutes: 180
    })
    const { findings } = Soundness.check(long)
    assert.deepEqual(findings.map(nameOf), [
      "probe-lease-too-short breaker.probe_lease_minutes",
      "lease-too-short lease_minutes"
    ])
    for (const { message, severity } of findings) {
      assert.equal(severity, "warning")
      assert.match(message, / if its (?:jobs there|attempts) run one after the other/)
    }
    assert.deepEqual(Soundness.check(withKeys({ slo: 1 })).findings[0]?.severity, "error")
    assert.deepEqual(namesIn(withKeys({ batch_size: 1 })), [])
  })

  it("[RC21] a probe's lease that the file states is warned of exactly when it is not longer than the probe's share", () => {
    // A run of 25 recipes reserves 60 minutes, so a probe of 10 takes 24.
    for (const [lease, found] of [
      [23, true],
      [24, true],
      [25, false]
    ] as const) {
      const file = withKeys({ breaker: { close_after: 10, probe_attempts: 10, probe_lease_minutes: lease, window: 1 } })
      assert.equal(codesIn(file).includes("probe-lease-too-short"), found)
      const story = new Story(decoded(file))
      story.report("npm", "trip", MONDAY, "F")
      assert.ok(story.claim("npm", "probe", MONDAY + HOUR).applied)
      story.report("npm", "probe", MONDAY + HOUR + 24 * MINUTE, "P".repeat(10))
      assert.equal(story.breaker("npm").state, found ? "half-open" : "closed")
    }
    assert.deepEqual(namesIn(withKeys({ breaker: { probe_attempts: 25 } })), [])
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
    const low = (threshold: number) =>
      Soundness.check(withKeys({ breaker: { threshold }, ecosystems: { cask: {}, npm: { slo: 0.1 } } })).findings
    assert.deepEqual(low(0.1).map(nameOf), ["alert-never-fires ecosystems.npm.slo"])
    assert.equal(low(0.1)[0]?.mend[0]?.value, 0.285_715)
    // One change for the alert and for a breaker that asks for more than the objective.
    assert.deepEqual(low(0.5).map(nameOf), ["alert-never-fires ecosystems.npm.slo"])
    assert.equal(low(0.5)[0]?.mend[0]?.value, 0.5)
  })

  it("[RC5] or when it waits for more attempts than the minutes of a week admit", () => {
    const alerts = (minimum_attempts: number) => Soundness.check(withKeys({ alerts: { minimum_attempts } })).findings
    // 47 runs of 25 recipes.
    assert.deepEqual(alerts(1175), [])
    assert.deepEqual(alerts(1176).map(nameOf), ["alert-never-fires alerts.minimum_attempts"])
    assert.deepEqual(alerts(1_000_000)[0]?.mend, [{ path: ["alerts", "minimum_attempts"], value: 1175 }])
  })

  it("[RC6] an alert is found never to resolve exactly where the objective leaves no error budget", () => {
    assert.deepEqual(namesIn(withKeys({ slo: 1 })), ["alert-never-resolves slo"])
    assert.deepEqual(namesIn(withKeys({ slo: 0.999_999 })), [])
    // The mend: one failure among a week's 1175 attempts burns below the least rate, all of them above the greatest.
    const mend = Soundness.check(withKeys({ slo: 1 })).findings[0]?.mend[0]?.value
    assert.equal(mend, 0.9991)
    assert.ok(1 / 1175 / (1 - 0.9991) < 0.98 && 1 / (1 - 0.9991) > 1.4)
    assert.ok(1 / 1175 / (1 - 0.9992) > 0.98)
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
    // One line mends what two caps would; what has no room in its whole cap is mended by its cap.
    const low = (budget: JsonObject) => Soundness.check(withKeys({ budget: { sample_at: 0, ...budget } })).findings
    assert.deepEqual(
      low({ pause_at: 0.001 }).map(({ mend, path }) => [printPath(path), mend.map(({ value }) => value)]),
      [["budget.pause_at", [0.02]]]
    )
    const both = ["budget-before-one-batch budget.caps.linux", "budget-before-one-batch budget.caps.macos"]
    assert.deepEqual(
      low({ caps: { macos: 19 }, pause_at: 0.011 })
        .map(nameOf)
        .sort(),
      both
    )
    // Nothing of nothing is at the line as well.
    const empty = withKeys({ budget: { caps: { macos: 0 }, reserve: { macos: 0 } } })
    assert.ok(namesIn(empty).includes("budget-before-one-batch budget.caps.macos"))
    assert.deepEqual(Soundness.check(empty).findings[0]?.mend, [{ path: ["budget", "caps", "macos"], value: 1 }])
  })

  it("[RC8] a lease is warned of as too short exactly when it is not longer than the greatest reserve of a run", () => {
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
    // 47 runs of 10 recipes: one of 470 a week, and less than one.
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0.002_128 } })), [])
    assert.deepEqual(namesIn(sampling({ rates: { macos: 0.002_127 } })), ["sampling-starves sampling.rates.macos"])
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

  it("[RC10] whatever globs starve it, in one rule or in several", () => {
    const starves = (content: ReadonlyArray<string>, ...globs: ReadonlyArray<string>): boolean =>
      codesIn(withKeys({ content, sampling: { rules: globs.map((match) => ({ match, rate: "never" })) } })).includes(
        "sampling-starves"
      )
    const BOTH = ["recipes/**", "casks/*.rb"]
    assert.ok(starves(["recipes/**"], "recipes/**/*"))
    assert.ok(starves(["recipes/**/*"], "recipes/**"))
    assert.ok(starves(BOTH, "recipes/**", "casks/*"))
    assert.ok(starves(BOTH, "{recipes,casks}/**"))
    assert.ok(starves(["recipes/{a,b}/*.toml"], "recipes/a/**", "recipes/b*/*.toml"))
    assert.ok(!starves(BOTH, "recipes/**"))
    assert.ok(!starves(BOTH, "recipes/**", "casks/a*.rb"))
    assert.ok(!starves(["recipes/**"], "recipes/*"))
    assert.ok(!starves(["recipes/**"], "casks/**"))
    // A rule that keeps some of other content keeps none of this.
    const elsewhere = [
      { match: "docs/**", rate: "always" },
      { match: "**", rate: "never" }
    ]
    assert.deepEqual(namesIn(withKeys({ sampling: { rules: elsewhere } })), ["sampling-starves sampling.rules[1].rate"])
  })

  it("[RC10] a glob that is said to cover another matches every path that the other does", () => {
    const segment = fc.constantFrom("**", "*", "*.rb", "a*", "a", "ab.rb", "{a,b}", "?b")
    const glob = fc.array(segment, { maxLength: 4, minLength: 1 }).map((segments) => segments.join("/"))
    const path = fc.array(fc.constantFrom("a", "b", "ab.rb", ".rb", "ab"), { maxLength: 4, minLength: 1 })
    const matches = (each: string, name: string): boolean => match(make(each, { dot: true }), name)
    // A folder itself is no file, though `a/**` matches `a`: a*/**/* covers a*/**.
    const takesIn = (each: string, name: string): boolean =>
      matches(each, name) && (!each.endsWith("/**") || matches(`${each}/*`, name))
    assert.ok(covers("a*/**/*", "a*/**"))
    let met = 0
    fc.assert(
      fc.property(glob, glob, fc.array(path, { maxLength: 20, minLength: 20 }), (cover, other, paths) => {
        for (const name of paths.map((segments) => segments.join("/"))) {
          if (covers(cover, other)) met++
          if (covers(cover, other) && takesIn(other, name)) assert.ok(matches(cover, name), `${cover} ${other} ${name}`)
          if (areApart(cover, other)) assert.ok(!(matches(cover, name) && matches(other, name)))
        }
      }),
      { numRuns: 1000 }
    )
    assert.ok(met > 500)
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
      return mended(whole, { code: "", mend: [{ path, value }], message: "", path, severity: "error" }) as JsonObject
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

  it("[RC12] does not hide what can be found without it", () => {
    const file = {
      ...start,
      breaker: { probe_attempts: 0, window: 4, windw: 5, minimum_attempts: 9 },
      budget: { pause_at: "late" },
      sampling: {
        rules: [
          { match: 3, rate: 1 },
          { match: "**", rate: "often" }
        ]
      },
      slo: 1
    }
    assert.deepEqual([...namesIn(file)].sort(), [
      "alert-never-resolves slo",
      "contradiction breaker.minimum_attempts",
      "probes-of-zero breaker.probe_attempts",
      "schema breaker.windw",
      "schema budget.pause_at",
      "schema sampling.rules[0].match",
      "schema sampling.rules[1].rate"
    ])
    // Without the faulty rule the other one stands elsewhere, so nothing is said of it until that one is mended.
    const rules = [
      { match: 3, rate: 1 },
      { match: "**", rate: "never" }
    ]
    assert.deepEqual(namesIn({ ...start, sampling: { rules } }), ["schema sampling.rules[0].match"])
    assert.deepEqual(namesIn({ ...start, breaker: { threshold: 2 }, slo: 0 }), [
      "schema breaker.threshold",
      "alert-never-fires slo"
    ])
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
  it("[RC3] [RC4] opens on failures alone and closes again on probes within their lease, under any policy", () => {
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
        const takes = Math.min(
          (share * own.breaker.probeAttempts * MINUTE) / policy.batchSize,
          own.breaker.probeLeaseMillis - 1
        )
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
