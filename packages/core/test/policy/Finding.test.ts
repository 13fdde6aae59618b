import { strict as assert } from "node:assert"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { type Finding, finding, mended, type Path, printChange, printPath } from "@batchbrake/core/policy/Finding"
import * as Policy from "@batchbrake/core/policy/Policy"
import { covers } from "@batchbrake/core/policy/reach/Glob"
import * as Soundness from "@batchbrake/core/policy/Soundness"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const start: JsonObject = Policy.starter(["npm", "homebrew", "cask"])
const withKeys = (keys: JsonObject): JsonObject => ({ ...start, ...keys })
const two: JsonObject = { ecosystems: { cask: {}, npm: {} } }
const found = (file: Json): ReadonlyArray<Finding> => Soundness.check(file).findings
const linesOf = (file: Json): ReadonlyArray<string> =>
  found(file).flatMap(({ mend, message, path }) => [`${printPath(path)}: ${message}`, ...mend.map(printChange)])
const namesIn = (file: Json): ReadonlyArray<string> => found(file).map(({ code, path }) => `${code} ${printPath(path)}`)

const change = (file: Json, path: Path, value: Json | undefined): Json =>
  mended(file, finding("test", path, "", [{ path, value }]))

describe("Finding (SPEC.md RC)", () => {
  it.each<[JsonObject, ReadonlyArray<string>]>([
    [
      { ...two, breaker: { threshold: 0 } },
      [
        "breaker.threshold: no success rate is below a threshold of 0, so cask, npm can fail for ever and never trip",
        "set breaker.threshold to 0.1"
      ]
    ],
    [
      { ...two, breaker: { close_after: 48 } },
      [
        "breaker.close_after: the minutes of a week admit 47 probes, which pass 47 attempts at most: cask, npm needs more " +
          "passes than that, and stays half-open week after week",
        "set breaker.close_after to 47"
      ]
    ],
    [
      { ...two, breaker: { threshold: 0.9 }, slo: 0.8 },
      [
        "breaker.threshold: the threshold is above the objective of cask, npm, 0.8: what meets its objective trips",
        "set breaker.threshold to 0.8"
      ]
    ],
    [
      { ...two, breaker: { probe_lease_minutes: 9 }, budget: { reserve: { linux: 240 } }, lease_minutes: 180 },
      [
        "breaker.probe_lease_minutes: by its share of the reserve a probe of cask, npm can take 9 minutes or more, if its " +
          "attempts run one after the other, and a result that comes at the end of its lease or later moves no breaker",
        "set breaker.probe_lease_minutes to 10",
        "lease_minutes: a run reserves 240 minutes on one platform and holds its grant for 180: if its jobs there run one " +
          "after the other, it is given up for dead before it has finished",
        "set lease_minutes to 241"
      ]
    ],
    [
      { ...two, slo: 0 },
      [
        "slo: the burn rate of cask, npm can be 1 / (1 - SLO) at most, and the alert fires at 1.4: not even failures alone " +
          "raise it",
        "set slo to 0.5"
      ]
    ],
    [
      { ...two, slo: 1 },
      [
        "slo: an objective of 1 leaves cask, npm no error budget: one failure raises the alert, and no number of passes " +
          "behind it ends it before that failure has left the window",
        "set slo to 0.9991"
      ]
    ],
    [
      { budget: { pause_at: 0.001, sample_at: 0 } },
      [
        "budget.pause_at: below the pause line, 0.1 % of a cap, there is no room for one run's reserve of linux or macos " +
          "minutes in any week: no run is ever admitted, a probe neither",
        "set budget.pause_at to 0.02"
      ]
    ],
    [
      { budget: { pause_at: 0, sample_at: 0 } },
      [
        "budget.pause_at: the pause line is at 0, where every week begins: no run is ever admitted, a probe neither",
        "set budget.pause_at to 0.02"
      ]
    ],
    [
      { budget: { caps: { macos: 21 } } },
      [
        "budget.caps.macos: a run reserves 20 macos minutes, and 95 % of 21 have no room for that in any week: no run is " +
          "ever admitted, a probe neither",
        "set budget.caps.macos to 22"
      ]
    ],
    [
      { batch_size: 10, sampling: { rates: { macos: 0.001 } } },
      [
        "sampling.rates.macos: at rates of 0.001 at most, less than one recipe a week is validated on macos while sampling " +
          "is active: the minutes admit 470 a week",
        "set sampling.rates.macos to 0.2"
      ]
    ],
    [
      { batch_size: 10, sampling: { rules: [{ match: "**", rate: "never" }] } },
      [
        "sampling.rules[0].rate: at a rate of 0 no recipe is validated on linux, macos at any time: what breaks there is " +
          "not seen",
        "set sampling.rules[0].rate to 0.2"
      ]
    ],
    [
      { breaker: { windw: 3 } },
      ['breaker.windw: found the unknown key "windw", expected no such key', "remove breaker.windw"]
    ],
    [{ version: 2 }, ["version: found 2, expected 1", "set version to 1"]]
  ])("a policy with %j says what follows, with its figures, and what mends it", (keys, lines) => {
    assert.deepEqual(linesOf(withKeys(keys)), lines)
  })

  it("[RC10] a rule that speaks of one platform starves that one, and one that always keeps starves none", () => {
    const sampled = (keys: JsonObject) => namesIn(withKeys({ batch_size: 10, sampling: keys }))
    const all = { match: "**", rate: "always" }
    assert.deepEqual(sampled({ rates: { linux: 0, macos: 0 }, rules: [all] }), [])
    assert.deepEqual(sampled({ rates: { macos: 0 }, rules: [{ ...all, platform: "macos" }] }), [])
    assert.deepEqual(sampled({ rules: [{ ...all, platform: "linux", rate: "never" }] }), [
      "sampling-starves sampling.rules[0].rate"
    ])
  })

  it("the mend of what is no policy at all names the whole file", () => {
    assert.equal(linesOf(null)[1], 'set the whole file to {"ecosystems":{},"version":1}')
  })

  it("[RC2] a change sets one value, adds what is missing at the end, and takes out what it gives none", () => {
    const file = { a: { b: 1, c: [1, 2, 3] }, d: null }
    assert.deepEqual(change(file, ["a", "b"], 2), { a: { b: 2, c: [1, 2, 3] }, d: null })
    assert.deepEqual(change(file, ["a", "b"], undefined), { a: { c: [1, 2, 3] }, d: null })
    assert.deepEqual(change(file, ["a", "c", 1], undefined), { a: { b: 1, c: [1, 3] }, d: null })
    assert.deepEqual(change(file, ["a", "c", 1], 5), { a: { b: 1, c: [1, 5, 3] }, d: null })
    assert.deepEqual(Object.keys(Object(change(file, ["e"], 1))), ["a", "d", "e"])
    assert.deepEqual(change(file, ["e", "f"], 1), { ...file, e: { f: 1 } })
    assert.equal(change(file, ["e"], undefined), file)
    assert.deepEqual(change(file, ["e", "f"], undefined), file)
    assert.deepEqual(change(file, [], { g: 1 }), { g: 1 })
    assert.deepEqual(change(file, [], undefined), {})
  })

  it("[RC12] of several faulty elements of a list each goes, and what stands between them stays", () => {
    const rules = [
      { match: 3, rate: 1 },
      { match: "a/**", rate: 2 },
      { match: "b/**", rate: 1 },
      { match: 4, rate: 1 }
    ]
    const file = withKeys({ sampling: { rules }, slo: 0 })
    assert.deepEqual(namesIn(file), [
      "schema sampling.rules[0].match",
      "schema sampling.rules[1].rate",
      "schema sampling.rules[3].match",
      "alert-never-fires slo"
    ])
    // Taken out from behind, they leave one that is whole, so that what contradicts itself elsewhere is found too.
    const more = withKeys({ breaker: { minimum_attempts: 30 }, sampling: { rules }, slo: 0 })
    assert.deepEqual(namesIn(more).slice(3), ["contradiction breaker.minimum_attempts", "alert-never-fires slo"])
  })

  it("[RC12] globs of the content go with their list, and a probe's count that is no number is a fault of shape", () => {
    assert.deepEqual(linesOf(withKeys({ content: ["a/**", ""] }))[1], "remove content")
    assert.deepEqual(namesIn(withKeys({ breaker: { probe_attempts: "0" } })), ["schema breaker.probe_attempts"])
    assert.deepEqual(namesIn(withKeys({ breaker: { probe_attempts: 1.5 } })), ["schema breaker.probe_attempts"])
    assert.deepEqual(namesIn(withKeys({ breaker: { window: 0 } })), ["schema breaker.window"])
    assert.deepEqual(namesIn(withKeys({ slo: -0.1 })), ["schema slo"])
    assert.deepEqual(namesIn(withKeys({ close_after: 0 })), ["schema close_after"])
  })
})

describe("One glob within another (SPEC.md RC)", () => {
  it.each([
    ["*", "a", true],
    ["*", "*.rb", true],
    ["*", "a/b", false],
    ["*", "?b", true],
    ["a*?", "a*b", false],
    ["a", "a", true],
    ["?b", "?b", true],
    ["*.rb", "a*.rb", true],
    ["*.rb", "a*b.rb", true],
    ["a*", "a*.rb", true],
    ["ab*", "ab*", true],
    ["ab*", "a*", false],
    ["a*", "ba*", false],
    ["*a", "a*", false],
    ["*b", "*ab", true],
    ["*ab", "*b", false],
    ["*ab", "a*b", false],
    ["aa*", "a*a", false],
    ["?*", "a*", false],
    ["a*", "a?*", false],
    ["*.rb", ".rb", true],
    ["*", ".rb", true],
    ["x*", "y", false],
    ["**", "a/b/c", true],
    ["a/**", "a/b", true],
    ["a/**", "a", false],
    ["**/a", "a", true],
    ["a/**", "a/**/b", true],
    ["a/*", "a/**", false],
    ["**/**", "a", true],
    ["a/**/**", "a/b", true],
    ["{aa,bb}", "bb", true],
    ["{aa,bb}", "{bb,aa}", true],
    ["{aa,bb}", "{bb,cc}", false],
    ["{,a}b", "b", true],
    ["{aa}", "aa", false]
  ])("[RC10] %s covers %s: %s", (cover, glob, expected) => {
    assert.equal(covers(cover, glob), expected)
  })

  it("[RC10] each covers itself", () => {
    const segment = fc.constantFrom("**", "*", "*.rb", "a*", "a", "?b", "a*b", "{a,b}", "x{a,}", "[ab]", ".x")
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4, minLength: 1 }), (segments) => {
        assert.ok(covers(segments.join("/"), segments.join("/")))
      })
    )
  })
})
