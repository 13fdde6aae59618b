import { strict as assert } from "node:assert"
import type { Fault } from "@batchbrake/core/json/Fault"
import { print as printFault } from "@batchbrake/core/json/Fault"
import { isObject, type Json, type JsonObject, print } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { MINUTE } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const { decoded } = PolicyArbitrary

const faultsOf = (json: Json): ReadonlyArray<Fault> =>
  Result.match(Policy.fromJson(json), { onFailure: (faults) => faults, onSuccess: () => [] })
const pathsOf = (json: Json): ReadonlyArray<string> => faultsOf(json).map(({ path }) => path)

type Keys = ReadonlyArray<string | number>

/** Every place inside a value. */
const places = (value: Json, at: Keys = []): ReadonlyArray<{ readonly keys: Keys; readonly value: Json }> => [
  { keys: at, value },
  ...(Array.isArray(value)
    ? value.flatMap((member, index) => places(member, [...at, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, member]) => places(member, [...at, key]))
      : [])
]

/** The same value with another one at a place. */
const put = (value: Json, [key, ...rest]: Keys, replacement: Json): Json => {
  if (key === undefined) return replacement
  if (Array.isArray(value))
    return value.map((member, index) => (index === key ? put(member, rest, replacement) : member))
  if (!isObject(value)) return value
  return { ...value, [key]: put(value[key] ?? {}, rest, replacement) }
}

const written = (keys: Keys): string =>
  keys
    .map((key) => (typeof key === "number" ? `[${key}]` : /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `["${key}"]`))
    .join("")
    .replace(/^\./, "")

const keysReversed = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(keysReversed)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, member]) => [key, keysReversed(member)] as const)
            .reverse()
        )
      : value

/** The defaults as the design states them. */
const DEFAULTS = {
  alerts: { minimum_attempts: 20, open_batch_hours: 24, stale_hours: 48 },
  batch_size: 25,
  breaker: {
    close_after: 1,
    cool_down_cap_minutes: 1440,
    cool_down_minutes: 60,
    cool_down_multiplier: 1,
    ignore_categories: [],
    mode: "enforce",
    probe_attempts: 1,
    probe_lease_minutes: 30,
    threshold: 0.5,
    window: 10
  },
  budget: {
    caps: { linux: 5000, macos: 1000 },
    pause_at: 0.95,
    reserve: { linux: 60, macos: 20 },
    sample_at: 0.8,
    week_starts: "monday"
  },
  content: ["recipes/**"],
  control_branch: "batch-control",
  drift: { delay_hours: 24 },
  lease_minutes: 120,
  sampling: { rates: { macos: 0.1 }, rules: [], seed: "batchbrake" }
} as const satisfies JsonObject

/** A file with every default written out that it leaves out. */
const filled = (file: Json, defaults: Json): Json =>
  file === undefined || !isObject(file) || !isObject(defaults)
    ? file
    : {
        ...file,
        ...Object.fromEntries(
          Object.entries(defaults).map(([key, value]) => {
            const stated = file[key]
            return [key, stated === undefined ? value : filled(stated, value)]
          })
        )
      }

const breakerOf = (policy: Policy.Policy, name: string): Policy.BreakerPolicy => {
  const own = Policy.ecosystemOf(policy, name)
  assert.ok(own !== undefined)
  return own.breaker
}

describe("Policy (SPEC.md PO)", () => {
  it("[PO1] the normal form decodes to the same policy and the same hash, through text too", () => {
    fc.assert(
      fc.property(PolicyArbitrary.policy, (policy) => {
        assert.deepEqual(decoded(policy.normal), policy)
        assert.deepEqual(Result.getOrThrow(Policy.parse(print(policy.normal))), policy)
      })
    )
  })

  it("[PO1] the normal form of the starter policy writes out every default of the design", () => {
    const { hash: _hash, normal, ...starter } = decoded(Policy.starter(["homebrew", "cask", "npm"], "main"))
    const breaker = { ...DEFAULTS.breaker, minimum_attempts: 10 }
    assert.deepEqual(normal, {
      ...DEFAULTS,
      breaker,
      content_branch: "main",
      ecosystems: { cask: { breaker, slo: 0.95 }, homebrew: { breaker, slo: 0.85 }, npm: { breaker, slo: 0.98 } },
      slo: 0.98,
      version: 1
    })
    assert.equal(starter.leaseMillis, 120 * MINUTE)
    assert.deepEqual(starter.alerts, {
      minimumAttempts: 20,
      openBatchMillis: 24 * 60 * MINUTE,
      staleMillis: 48 * 60 * MINUTE
    })
    assert.deepEqual(starter.budget, {
      caps: { linux: 5000, macos: 1000 },
      pauseAtMillionths: 950_000,
      reserve: { linux: 60, macos: 20 },
      sampleAtMillionths: 800_000,
      weekStartsOn: 0
    })
    assert.deepEqual(starter.ecosystems.npm?.breaker, {
      closeAfter: 1,
      coolDownCapMillis: 1440 * MINUTE,
      coolDownMillis: 60 * MINUTE,
      coolDownMultiplier: 1,
      ignoreCategories: [],
      minimumAttempts: 10,
      mode: "enforce",
      probeAttempts: 1,
      probeLeaseMillis: 30 * MINUTE,
      thresholdMillionths: 500_000,
      window: 10
    })
  })

  it("[PO1] an ecosystem with the name of something built in has the objective of any other", () => {
    for (const name of ["constructor", "valueof", "hasownproperty"]) {
      assert.equal(decoded(Policy.starter([name])).ecosystems[name]?.slo, 0.98)
    }
    assert.equal(Policy.ecosystemOf(decoded(Policy.starter(["npm"])), "constructor"), undefined)
    const apart = { ...Policy.starter(["npm"]), budget: { caps: { windows: 1 } }, sampling: { rates: { arm: 1 } } }
    assert.deepEqual(Policy.platformsOf(decoded(apart)), ["arm", "linux", "macos", "windows"])
  })

  it("[PO1] an ecosystem's objective is its own, else the file's, else the one of its kind", () => {
    const objectives = (more: JsonObject, own: JsonObject): ReadonlyArray<number> =>
      Object.values(decoded({ ecosystems: { cask: {}, homebrew: {}, npm: own }, version: 1, ...more }).ecosystems).map(
        ({ slo }) => slo
      )
    assert.deepEqual(objectives({}, {}), [0.95, 0.85, 0.98])
    assert.deepEqual(objectives({ slo: 0.5 }, {}), [0.5, 0.5, 0.5])
    assert.deepEqual(objectives({ slo: 0.5 }, { slo: 0 }), [0.5, 0.5, 0])
  })

  it("[PO2] the order of keys changes no hash", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, (file) => {
        const other = keysReversed(file)
        assert.equal(Result.getOrThrow(Policy.fromJson(other)).hash, decoded(file).hash)
      })
    )
  })

  it("[PO2] writing a default out changes no hash", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, (file) => {
        const other = filled(file, DEFAULTS)
        assert.equal(Result.getOrThrow(Policy.fromJson(other)).hash, decoded(file).hash)
      })
    )
  })

  it("[PO2] categories are a set, and always and never are words for 1 and 0", () => {
    const hash = (ignored: ReadonlyArray<string>, rate: Json): string =>
      decoded({
        ...Policy.starter(["npm"]),
        breaker: { ignore_categories: ignored },
        sampling: { rules: [{ match: "**", rate }] }
      }).hash
    assert.equal(hash(["flaky", "network"], "always"), hash(["network", "flaky", "network"], 1))
    assert.equal(hash([], "never"), hash([], 0))
    assert.notEqual(hash([], "never"), hash([], "always"))
    assert.notEqual(hash(["flaky"], 1), hash(["network"], 1))
  })

  it("[PO2] another value at any place of the normal form is another hash", () => {
    const changed = (value: Json): Json =>
      typeof value === "number"
        ? value === 1
          ? 0.5
          : 1
        : typeof value === "string"
          ? value === "enforce"
            ? "observe"
            : value === "observe"
              ? "enforce"
              : value === "monday"
                ? "sunday"
                : `${value}x`
          : value
    fc.assert(
      fc.property(PolicyArbitrary.policy, fc.nat(), (policy, choice) => {
        const leaves = places(policy.normal).filter(({ value }) => !isObject(value) && !Array.isArray(value))
        const leaf = leaves[choice % leaves.length]
        assert.ok(leaf !== undefined)
        const other = Policy.fromJson(put(policy.normal, leaf.keys, changed(leaf.value)))
        if (Result.isSuccess(other)) assert.notEqual(other.success.hash, policy.hash)
      }),
      { numRuns: 300 }
    )
  })

  it("[PO3] an unknown key is the one fault of a file, wherever it stands, and its path names it", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, fc.nat(), (file, choice) => {
        const objects = places(file).filter(({ value }) => isObject(value))
        const place = objects[choice % objects.length]
        assert.ok(place !== undefined)
        const keys = [...place.keys, "Not_known"]
        assert.deepEqual(faultsOf(put(file, keys, {})), [
          { expected: "no such key", found: 'the unknown key "Not_known"', path: written(keys) }
        ])
      }),
      { numRuns: 300 }
    )
  })

  it("[PO3] a misspelt key of each object is a fault, and its right spelling is none", () => {
    const starter = Policy.starter(["npm"])
    assert.deepEqual(pathsOf({ ...starter, breaker: { treshold: 0.5 } }), ["breaker.treshold"])
    assert.deepEqual(pathsOf({ ...starter, breaker: { threshold: 0.5 } }), [])
    assert.deepEqual(pathsOf({ ...starter, ecosystems: { "crates.io": { breaker: { windows: 1 } } } }), [
      'ecosystems["crates.io"].breaker.windows'
    ])
    assert.deepEqual(pathsOf(JSON.parse('{"version":1,"ecosystems":{"npm":{}},"__proto__":{}}')), ["__proto__"])
  })

  it("[PO4] a minimum at the window is allowed and one above it is not, in the base and in an override", () => {
    fc.assert(
      fc.property(fc.integer({ max: 1000, min: 1 }), (window) => {
        const at = { minimum_attempts: window, window }
        const above = { minimum_attempts: window + 1, window }
        const file = (base: JsonObject, own: JsonObject): JsonObject => ({
          breaker: base,
          ecosystems: { "crates.io": { breaker: own }, npm: {} },
          version: 1
        })
        assert.deepEqual(pathsOf(file(at, {})), [])
        assert.deepEqual(pathsOf(file({}, at)), [])
        assert.deepEqual(pathsOf(file(above, {})), ["breaker.minimum_attempts"])
        assert.deepEqual(pathsOf(file({}, above)), ['ecosystems["crates.io"].breaker.minimum_attempts'])
      })
    )
  })

  it("[PO4] a cap at the cool-down is allowed and one below it is not", () => {
    fc.assert(
      fc.property(fc.integer({ max: 527_040, min: 2 }), (minutes) => {
        const file = (cap: number): JsonObject => ({
          ...Policy.starter(["npm"]),
          breaker: { cool_down_cap_minutes: cap, cool_down_minutes: minutes }
        })
        assert.deepEqual(pathsOf(file(minutes)), [])
        assert.deepEqual(pathsOf(file(minutes - 1)), ["breaker.cool_down_cap_minutes"])
      })
    )
  })

  it("[PO4] a sampling line at the pause line is allowed and one above it is not", () => {
    fc.assert(
      fc.property(fc.integer({ max: 999_999, min: 0 }), (millionths) => {
        const file = (sample: number): JsonObject => ({
          ...Policy.starter(["npm"]),
          budget: { pause_at: millionths / 1_000_000, sample_at: sample / 1_000_000 }
        })
        assert.deepEqual(pathsOf(file(millionths)), [])
        assert.deepEqual(pathsOf(file(millionths + 1)), ["budget.sample_at"])
      })
    )
  })

  it("[PO4] the control branch is not the content branch, by default neither", () => {
    const file = (branches: JsonObject): JsonObject => ({ ecosystems: { npm: {} }, version: 1, ...branches })
    assert.deepEqual(pathsOf(file({ content_branch: "batch-control" })), ["control_branch"])
    assert.deepEqual(pathsOf(file({ content_branch: "main", control_branch: "main" })), ["control_branch"])
    assert.deepEqual(pathsOf(file({ content_branch: "main", control_branch: "main2" })), [])
    assert.deepEqual(pathsOf(file({})), [])
  })

  it("[PO4] what an ecosystem inherits is reported at the base alone, and what it does itself beside it", () => {
    const contradictory = { minimum_attempts: 9, window: 8 }
    const file = (own: JsonObject): JsonObject => ({
      breaker: contradictory,
      ecosystems: { cask: {}, npm: { breaker: own } },
      version: 1
    })
    assert.deepEqual(pathsOf(file({})), ["breaker.minimum_attempts"])
    assert.deepEqual(pathsOf(file({ cool_down_minutes: 1441 })), [
      "breaker.minimum_attempts",
      "ecosystems.npm.breaker.cool_down_cap_minutes"
    ])
    assert.deepEqual(pathsOf(file({ minimum_attempts: 10 })), [
      "breaker.minimum_attempts",
      "ecosystems.npm.breaker.minimum_attempts"
    ])
    assert.deepEqual(pathsOf(file({ window: 7 })), [
      "breaker.minimum_attempts",
      "ecosystems.npm.breaker.minimum_attempts"
    ])
  })

  it("[PO5] an ecosystem has the breaker of a base in which its own keys are written over", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, (file) => {
        const policy = decoded(file)
        const ecosystems = isObject(file.ecosystems) ? file.ecosystems : {}
        for (const [name, own] of Object.entries(ecosystems)) {
          const base = isObject(file.breaker) ? file.breaker : {}
          const over = isObject(own) && isObject(own.breaker) ? own.breaker : {}
          const alone = decoded({ breaker: { ...base, ...over }, ecosystems: { [name]: {} }, version: 1 })
          assert.deepEqual(breakerOf(policy, name), breakerOf(alone, name))
        }
      })
    )
  })

  it("[PO5] a minimum that nobody states is the window, an overridden one too", () => {
    const size = fc.integer({ max: 1000, min: 1 })
    fc.assert(
      fc.property(size, size, (base, own) => {
        const policy = decoded({
          breaker: { window: base },
          ecosystems: { cask: {}, npm: { breaker: { window: own } } },
          version: 1
        })
        assert.equal(breakerOf(policy, "cask").minimumAttempts, base)
        assert.equal(breakerOf(policy, "npm").minimumAttempts, own)
      })
    )
  })

  it("[PO6] a wrong value is reported where it stands, with what was found and what was expected", () => {
    fc.assert(
      fc.property(PolicyArbitrary.file, fc.nat(), (file, choice) => {
        const all = places(file)
        const place = all[choice % all.length]
        assert.ok(place !== undefined)
        const fault = faultsOf(put(file, place.keys, null)).find(({ path }) => path === written(place.keys))
        assert.equal(fault?.found, "null")
        assert.match(fault?.expected ?? "", /\w/)
      }),
      { numRuns: 300 }
    )
  })

  it("[PO6] all faults of a file are reported in one pass", () => {
    const file = {
      batch_size: 0,
      breaker: { threshold: 1.5, window: 0 },
      content_branch: "a..b",
      ecosystems: { Npm: {} },
      extra: 1,
      version: 2
    }
    assert.deepEqual([...pathsOf(file)].sort(), [
      "batch_size",
      "breaker.threshold",
      "breaker.window",
      "content_branch",
      "ecosystems.Npm",
      "extra",
      "version"
    ])
  })

  it.each<[string, string]>([
    [
      "",
      "found not valid JSON: Unexpected end of JSON input, expected one JSON value, each key once, numbers that can be kept"
    ],
    [
      '{"version":1,"version":1}',
      "version: found the key stands twice in one object; keep one of the two, expected one JSON value, each key once, numbers that can be kept"
    ],
    ['{"version":1}', "ecosystems: found nothing, expected the key to be there"],
    [
      '{"version":1,"ecosystems":{},"breaker":{"threshold":0.3333333}}',
      "breaker.threshold: found 0.3333333, expected a number from 0 to 1 with at most six decimals"
    ]
  ])("[PO6] the fault of %j reads as a sentence", (text, sentence) => {
    const read = Policy.parse(text)
    assert.ok(Result.isFailure(read))
    assert.deepEqual(read.failure.map(printFault), [sentence])
  })

  it.each([
    ["main", true],
    ["release/2026.11", true],
    ["a@b", true],
    ["ünïcode", true],
    ["-main", false],
    ["/main", false],
    ["main/", false],
    [".hidden", false],
    ["a/.hidden", false],
    ["a..b", false],
    ["a//b", false],
    ["main.", false],
    ["main.lock", false],
    ["main.lock/x", false],
    ["a b", false],
    ["a~1", false],
    ["a^", false],
    ["a:b", false],
    ["a?", false],
    ["a*", false],
    ["a[b", false],
    ["a\\b", false],
    ["a@{1}", false],
    ["a\u007f", false],
    ["", false]
  ])("[PO6] whether the branch %j is taken as git takes it: %s", (branch, allowed) => {
    assert.deepEqual(pathsOf({ ...Policy.starter(["npm"]), content_branch: branch }), allowed ? [] : ["content_branch"])
  })
})
