/** What a finding proposes where it has to choose: one place or several, the last value that is allowed, what stays unsaid. */
import { strict as assert } from "node:assert"
import type { Json, JsonObject } from "@batchbrake/core/json/Json"
import { printPath } from "@batchbrake/core/policy/Finding"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as Soundness from "@batchbrake/core/policy/Soundness"
import { describe, it } from "vitest"

const start: JsonObject = Policy.starter(["npm"])
/** Each finding by its code and place, with what it proposes. */
const mendsOf = (
  keys: JsonObject
): ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, Json | undefined]>]> =>
  Soundness.check({ ...start, ...keys }).findings.map(({ code, mend, path }) => [
    `${code} ${printPath(path)}`,
    mend.map((change) => [printPath(change.path), change.value])
  ])
const namesOf = (keys: JsonObject): ReadonlyArray<string> => mendsOf(keys).map(([name]) => name)

const TRIPS = "breaker-trips-within-objective"
const LONGEST = 527_040

describe("What a finding proposes (SPEC.md RC)", () => {
  it("[RC19] a threshold is lowered where it stands if all who have it need that, and else for those alone", () => {
    const whole = { cask: {}, npm: { breaker: { threshold: 0.5 } } }
    assert.deepEqual(mendsOf({ breaker: { threshold: 1 }, ecosystems: whole, slo: 0.9 }), [
      [`${TRIPS} breaker.threshold`, [["breaker.threshold", 0.9]]]
    ])
    const apart = { a: { slo: 0.8 }, b: { slo: 0.95 }, c: { breaker: { threshold: 0.9 }, slo: 0.7 } }
    assert.deepEqual(mendsOf({ breaker: { threshold: 0.9 }, ecosystems: apart }), [
      [`${TRIPS} breaker.threshold`, [["ecosystems.a.breaker.threshold", 0.8]]],
      [`${TRIPS} ecosystems.c.breaker.threshold`, [["ecosystems.c.breaker.threshold", 0.7]]]
    ])
  })

  it("[RC19] an objective from the least that an alert can reach on is not raised for its breaker", () => {
    const keys = (slo: number) => ({ breaker: { threshold: 0.5 }, slo })
    assert.deepEqual(namesOf(keys(0.285_715)), [`${TRIPS} breaker.threshold`])
    assert.deepEqual(namesOf(keys(0.285_714)), ["alert-never-fires slo"])
    const almost = { breaker: { threshold: 0.999_999 }, slo: 0.1 }
    assert.deepEqual(namesOf(almost), ["alert-never-fires slo"])
    assert.ok(namesOf({ ...almost, breaker: { threshold: 1 } }).includes(`${TRIPS} breaker.threshold`))
  })

  it("[RC8] [RC21] a lease is prolonged up to the longest one, and reserves that need more are cut", () => {
    const budget = (linux: number) => ({ caps: { linux: 10_000_000 }, reserve: { linux } })
    const lease = (linux: number) => mendsOf({ budget: budget(linux) }).filter(([name]) => name.startsWith("lease-"))
    assert.deepEqual(lease(LONGEST - 1), [["lease-too-short lease_minutes", [["lease_minutes", LONGEST]]]])
    for (const linux of [LONGEST, LONGEST + 1]) {
      assert.deepEqual(lease(linux), [
        [
          "lease-too-short lease_minutes",
          [
            ["lease_minutes", LONGEST],
            ["budget.reserve.linux", LONGEST - 1]
          ]
        ]
      ])
    }
    const probes = (attempts: number) =>
      mendsOf({
        batch_size: 25,
        breaker: { probe_attempts: attempts, probe_lease_minutes: 60 },
        budget: budget(LONGEST)
      }).filter(([name]) => name.startsWith("probe-lease-"))
    const found = "probe-lease-too-short breaker.probe_lease_minutes"
    assert.deepEqual(probes(25), [[found, [["breaker.probe_lease_minutes", LONGEST]]]])
    assert.deepEqual(probes(26), [])
  })

  it("[RC7] a line of nothing above caps that have room for nothing is mended to the whole", () => {
    const budget = { caps: { linux: 1, macos: 1 }, pause_at: 0, reserve: { linux: 30, macos: 20 }, sample_at: 0 }
    assert.deepEqual(mendsOf({ budget }), [
      ["budget-before-one-batch budget.pause_at", [["budget.pause_at", 1]]],
      ["budget-before-one-batch budget.caps.linux", [["budget.caps.linux", 30]]],
      ["budget-before-one-batch budget.caps.macos", [["budget.caps.macos", 20]]]
    ])
  })

  it("[RC12] a contradiction is mended by the nearest value, a broken ecosystem by its removal, and a broken table by an empty one", () => {
    assert.deepEqual(mendsOf({ breaker: { minimum_attempts: 9, window: 4 } }), [
      ["contradiction breaker.minimum_attempts", [["breaker.minimum_attempts", 4]]]
    ])
    assert.deepEqual(mendsOf({ content_branch: "x", control_branch: "x" }), [
      ["contradiction control_branch", [["control_branch", "x-control"]]]
    ])
    assert.deepEqual(mendsOf({ ecosystems: { npm: 5 } }), [["schema ecosystems.npm", [["ecosystems.npm", undefined]]]])
    assert.deepEqual(mendsOf({ ecosystems: 5, odd: 1 }).toSorted(), [
      ["schema ecosystems", [["ecosystems", {}]]],
      ["schema odd", [["odd", undefined]]]
    ])
  })

  it("[RC12] of a place at fault nothing more is said, and of a list only if nothing is taken out of one", () => {
    const alerts = (minimum_attempts: Json) => ({
      alerts: { minimum_attempts },
      batch_size: 1,
      budget: { caps: { macos: 22 } },
      sampling: { rates: { macos: 1 } }
    })
    assert.deepEqual(namesOf(alerts(25)), ["alert-never-fires alerts.minimum_attempts"])
    assert.deepEqual(namesOf(alerts("x")), ["schema alerts.minimum_attempts"])
    assert.deepEqual(namesOf({ ...alerts("x"), odd: 1 }).toSorted(), ["schema alerts.minimum_attempts", "schema odd"])
    const never = { match: "**", rate: "never" }
    const starved = "sampling-starves sampling.rules[0].rate"
    assert.deepEqual(namesOf({ odd: 1, sampling: { rules: [never] } }), ["schema odd", starved])
    const wrong = "schema sampling.rules[0].match"
    const rules = [{ match: 3, rate: 1 }, never]
    assert.deepEqual(namesOf({ sampling: { rules } }), [wrong])
    assert.deepEqual(namesOf({ odd: 1, sampling: { rules } }).toSorted(), ["schema odd", wrong])
  })
})
