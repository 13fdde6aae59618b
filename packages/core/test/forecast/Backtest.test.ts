import { strict as assert } from "node:assert"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as Backtest from "@batchbrake/core/forecast/Backtest"
import * as History from "@batchbrake/core/forecast/History"
import * as Tally from "@batchbrake/core/forecast/Tally"
import * as Verdict from "@batchbrake/core/forecast/Verdict"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR, parse } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { runs } from "./histories.ts"

const RECORDED = fileURLToPath(new URL("../../../../../shared/data/attempts.jsonl", import.meta.url))
const AT = parse("2026-03-02T00:00:00Z") ?? 0

const policyWith = (breaker: JsonObject, ecosystems = ["npm"]): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(ecosystems), breaker }))

const DEFAULT = policyWith({})

const run = (hour: number, passed: number, failed: number, more: Partial<History.Run> = {}): History.Run => ({
  at: AT + hour * HOUR,
  attempts: { failed, passed, skipped: 0 },
  ecosystem: "npm",
  made: true,
  minutes: { linux: 1 },
  ...more
})

const recordOf = (list: ReadonlyArray<History.Run>): History.History => ({
  known: {},
  leftOut: {},
  rules: [],
  runs: list
})

describe("A history (SPEC.md BT)", () => {
  const lines = [
    '{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","passed":3,"failed":1,"minutes":{"macos":4}}',
    "",
    '{"at":"2026-03-02T01:00:00Z","ecosystem":"pypi","results":"PFS","categories":{"network":[1]}}',
    '{"at":"2026-03-02T03:00:00Z","ecosystem":"npm","held":true}',
    '{"at":"2026-03-02T04:00:00Z","ecosystem":"npm","outcome":"failure","before":"closed/0","after":"closed/1","attempted":3,"counts":"inferred"}',
    '{"at":"2026-03-02T05:00:00Z","ecosystem":"npm","outcome":"skipped-open","before":"open/5","after":"open/5"}',
    '{"at":"2026-03-02T06:00:00Z","ecosystem":"npm","outcome":"manual","before":"open/5","after":"closed/0"}',
    '{"at":"2026-03-02T07:00:00Z","ecosystem":"npm","outcome":"success","before":"closed/0","after":"closed/0","persisted":false}'
  ]

  it("[BT5] is read from lines of ours and from the rows of a recorded registry, in the order of their time", () => {
    const history = Result.getOrThrow(History.parse(lines.join("\n")))
    const at = (hour: number): number => AT + hour * HOUR
    const none = { linux: 0, macos: 0 }
    assert.deepEqual(history.runs, [
      {
        at: at(1),
        attempts: { categories: { network: [1] }, results: "PFS" },
        ecosystem: "pypi",
        made: true,
        minutes: undefined
      },
      {
        at: at(2),
        attempts: { failed: 1, passed: 3, skipped: 0 },
        ecosystem: "npm",
        made: true,
        minutes: { macos: 4 }
      },
      { at: at(3), attempts: { failed: 0, passed: 0, skipped: 0 }, ecosystem: "npm", made: false, minutes: undefined },
      { at: at(4), attempts: { failed: 3, passed: 0, skipped: 0 }, ecosystem: "npm", made: true, minutes: none },
      { at: at(5), attempts: { failed: 0, passed: 0, skipped: 0 }, ecosystem: "npm", made: false, minutes: none }
    ])
    assert.deepEqual(history.leftOut, { lost: 1, manual: 1 })
    assert.deepEqual(history.known, { exact: 2, inferred: 1 })
    assert.ok(history.rules.length > 5)
    assert.deepEqual(Result.getOrThrow(History.parse(lines.slice(0, 3).join("\n"))).rules, [])
  })

  it.each([
    ['{"at":"yesterday","ecosystem":"npm"}', "line 2, at"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"NPM"}', "line 2, ecosystem"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","passed":-1}', "line 2, passed"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","passed":100001}', "line 2, passed"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","results":"PX"}', "line 2, results"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","pased":3}', "line 2, pased"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","failed":0,"results":"PF"}', "line 2, failed"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","passed":3,"categories":{}}', "line 2, categories"],
    [
      '{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","results":"PF","categories":{"network":[1,2]}}',
      "line 2, categories.network[1]"
    ],
    [
      '{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","results":"PF","categories":{"network":[0]}}',
      "line 2, categories.network[0]"
    ],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","held":true,"failed":1}', "line 2, failed"],
    ['{"at":"2026-03-02T02:00:00Z","ecosystem":"npm","held":true,"results":"P"}', "line 2, results"],
    ['{"outcome":"failure"}', "line 2, after"],
    ["{", "line 2"]
  ])("[BT5] that cannot be read names its first faulty line: %s", (line, path) => {
    const found = History.parse(`${lines[0]}\n${line}\n`)
    assert.ok(Result.isFailure(found))
    assert.equal(found.failure.path, path)
  })

  it("[BT5] of a control branch has each report once, and counts what was done by hand", () => {
    const completed = {
      _tag: "RunCompleted",
      at: AT,
      attempts: { failed: 1, passed: 0, skipped: 0 },
      author: "ci",
      ecosystem: "npm",
      runKey: "a"
    } as const
    const events: ReadonlyArray<ControlEvent> = [
      { ...completed, at: AT + 5, runKey: "b" },
      completed,
      completed,
      { _tag: "BreakerReset", at: AT, author: "o", ecosystem: "npm", id: "1", reason: "r" },
      { _tag: "Resumed", at: AT, author: "o", id: "2", scope: "*" }
    ]
    const history = History.fromEvents(events)
    assert.deepEqual(
      history.runs.map(({ at }) => at),
      [AT, AT + 5]
    )
    assert.deepEqual(history.leftOut, { "by-hand": 2 })
  })
})

describe("A comparison of two policies (SPEC.md BT)", () => {
  it("[BT6] of a policy with itself has no difference, on any record without unknown outcomes", () => {
    fc.assert(
      fc.property(
        PolicyArbitrary.policy.chain((policy) => fc.tuple(fc.constant(policy), runs(Object.keys(policy.ecosystems)))),
        ([policy, list]) => {
          const compared = Backtest.compare({ new: policy, old: policy }, recordOf(list))
          assert.equal(compared.divergence, undefined)
          for (const key of Tally.KEYS) {
            if (key === "runsHeld" || key === "heldByBudget") continue
            assert.deepEqual(
              [compared.new.low[key], compared.new.high[key]],
              [compared.old.low[key], compared.old.high[key]],
              key
            )
          }
          assert.equal(Verdict.of(compared), "same")
        }
      )
    )
  })

  it("[BT6] names the first run that is decided otherwise", () => {
    const list = [run(0, 5, 0), run(1, 0, 5), run(2, 0, 1), run(3, 0, 1), run(4, 1, 0)]
    const stricter = policyWith({ threshold: 0.2, window: 5 })
    const compared = Backtest.compare(
      { new: stricter, old: DEFAULT },
      { ...recordOf([...list, run(9, 0, 0, { made: false })]) }
    )
    // Five failures: 5 of 10 for the old one, which is at the threshold; 0 of 5 for the new one, which trips.
    assert.deepEqual(compared.divergence, { at: list[1]?.at, ecosystem: "npm", new: ["run and trip"], old: ["run"] })
    // The run that was held may trip either, though after few attempts on record it need not.
    const trips = (at: number | undefined) => [
      { at, certain: true },
      { at: AT + 9 * HOUR, certain: false }
    ]
    assert.deepEqual(compared.lines[0]?.new.trips, trips(list[1]?.at))
    assert.deepEqual(compared.lines[0]?.old.trips, trips(list[2]?.at))
  })

  it("[BT6] the same several possibilities are a difference, unless the rules are the same", () => {
    // One failure more trips the one, two the other: of ten attempts that nobody made both may have been.
    const list = [run(0, 10, 0), run(1, 0, 5), run(2, 0, 0, { made: false })]
    const parted = Backtest.compare({ new: policyWith({ threshold: 0.4 }), old: DEFAULT }, recordOf(list)).divergence
    assert.deepEqual(parted, {
      at: list[2]?.at,
      ecosystem: "npm",
      new: ["run", "run and trip"],
      old: ["run", "run and trip"]
    })
    assert.equal(Backtest.compare({ new: policyWith({}), old: DEFAULT }, recordOf(list)).divergence, undefined)
  })

  it("[BT7] what the old policy held and left no line is put in for the new one, and bounds what it would have done", () => {
    // Hourly runs; the old policy trips at the third and closes at hour 13. The new one never trips.
    const list = [run(0, 5, 0), run(1, 5, 0), run(2, 0, 9), run(13, 1, 0), run(14, 5, 0), run(15, 5, 0)]
    const [old, lenient] = [policyWith({ cool_down_minutes: 600 }), policyWith({ threshold: 0.1 })]
    const compared = Backtest.compare({ new: lenient, old }, recordOf(list))
    assert.equal(compared.filled, 9)
    assert.deepEqual(compared.divergence, { at: AT + 2 * HOUR, ecosystem: "npm", new: ["run"], old: ["run and trip"] })
    assert.deepEqual(compared.old.low, compared.old.high)
    const { high, low } = compared.new
    assert.ok(low.attemptsAdmitted < high.attemptsAdmitted && low.trips === 0 && high.trips > 0)
    assert.equal(high.attemptsAdmitted, 30 + 9 * lenient.batchSize)
    // A policy that holds as long as the old one asks about none of them.
    const same = Backtest.compare({ new: old, old }, recordOf(list))
    assert.deepEqual([same.divergence, same.new.low.trips], [undefined, 1])
    // Where the record says itself what was held, nothing is put in.
    const said = Backtest.compare({ new: lenient, old }, recordOf([...list, run(16, 0, 0, { made: false })]))
    assert.deepEqual([said.filled, said.held], [0, 1])
  })

  it("[BT7] so is what the budget of the old policy held, to the end of its week and no further", () => {
    const budget = (cap: number): Policy.Policy =>
      Result.getOrThrow(
        Policy.fromJson({
          ...Policy.starter(["npm"]),
          budget: { caps: { linux: cap, macos: 1000 }, reserve: { linux: 10, macos: 0 } }
        })
      )
    // A Monday; the third run takes the minutes past the line, and the next one is on the Monday after.
    const minutes = { linux: 40 }
    const list = [0, 12, 24, 168, 180].map((hour) => run(hour, 5, 0, { minutes }))
    const compared = Backtest.compare({ new: budget(10_000), old: budget(120) }, recordOf(list))
    assert.equal(compared.filled, 11)
    assert.deepEqual(compared.old.low, compared.old.high)
    // One that was put in may trip the breaker, so that one on record is held.
    assert.deepEqual([compared.new.low.minutes, compared.new.high.minutes], [160, 200 + 11 * 40])
    assert.equal(compared.divergence?.at, AT + 36 * HOUR)
    assert.deepEqual(compared.divergence?.old, ["not asked"])
    assert.equal(Backtest.compare({ new: budget(120), old: budget(120) }, recordOf(list)).divergence, undefined)
  })

  it("[BT9] is called looser or stricter only where the bounds decide it", () => {
    const list = [run(0, 10, 0), run(1, 0, 10), run(2, 0, 10), run(3, 0, 10)]
    const [strict, loose] = [policyWith({ cool_down_minutes: 600 }), DEFAULT]
    const word = (old: Policy.Policy, next: Policy.Policy, record = list): Verdict.Word =>
      Verdict.of(Backtest.compare({ new: next, old }, recordOf(record)))
    assert.equal(word(strict, policyWith({ threshold: 0 }), [...list, run(4, 0, 0, { made: false })]), "looser")
    assert.equal(word(policyWith({ threshold: 0 }), strict), "stricter")
    assert.equal(word(loose, loose, [run(0, 1, 0), run(1, 0, 1)]), "same")
    // A trip at the very end decides about no run any more, and is a difference all the same.
    assert.equal(word(policyWith({ threshold: 0.1 }), loose, [run(0, 0, 0), run(1, 4, 6)]), "stricter")
    assert.equal(word(loose, policyWith({ threshold: 0.1 }), [run(0, 0, 0), run(1, 4, 6)]), "looser")
    const unknown = [run(0, 10, 0), run(1, 0, 5), run(2, 0, 0, { made: false }), run(3, 0, 0), run(4, 3, 1)]
    assert.equal(word(DEFAULT, DEFAULT, unknown), "same")
    assert.equal(word(policyWith({ threshold: 0.4 }), DEFAULT, unknown), "mixed")
  })
})

describe("The word for a comparison (SPEC.md BT)", () => {
  /** Of an ecosystem that nobody knows: the record is one that says itself what was held. */
  const stranger = run(-10_000_000, 0, 0, { ecosystem: "stranger", made: false })
  const contradicts = (word: Verdict.Word, real: Verdict.Word): boolean =>
    word === "same"
      ? real !== "same"
      : word === "looser"
        ? real === "stricter"
        : word === "stricter" && real === "looser"

  it("[BT9] is not contradicted by anything that the held runs may have come to", () => {
    const policies = fc
      .tuple(PolicyArbitrary.policy, PolicyArbitrary.policy, fc.boolean())
      .map(([old, other, isSame]) => ({ new: isSame ? old : { ...other, ecosystems: other.ecosystems }, old }))
    const words = new Set<Verdict.Word>()
    fc.assert(
      fc.property(
        policies.chain((both) => fc.tuple(fc.constant(both), runs(Object.keys(both.old.ecosystems), true, 12))),
        fc.infiniteStream(fc.string({ maxLength: 50, unit: fc.constantFrom("P", "F") })),
        ([{ new: next, old }, list], results) => {
          // Both know the ecosystems of the old one; the breakers of the new one's stand in for its own.
          const [breaker] = Object.values(next.ecosystems)
          const known = Object.fromEntries(
            Object.entries(old.ecosystems).map(([name, own]) => [name, next === old ? own : (breaker ?? own)])
          )
          const both = { new: { ...next, ecosystems: known }, old }
          const limit = Math.max(next.batchSize, old.batchSize)
          const record = recordOf([stranger, ...list])
          const word = Verdict.of(Backtest.compare(both, record))
          words.add(word)
          for (let turn = 0; turn < 3; turn++) {
            const real = list.map((each) =>
              each.made
                ? each
                : { ...each, attempts: { categories: {}, results: results.next().value.slice(0, limit) }, made: true }
            )
            const found = Verdict.of(Backtest.compare(both, recordOf([stranger, ...real])))
            assert.ok(!contradicts(word, found), `${word}, really ${found}`)
          }
        }
      )
    )
    assert.ok(words.size > 1)
  })

  it("[BT9] says nothing of a record whose held run may have been large, or bad in its order", () => {
    // With runs of five the new threshold lets through as much; a batch of 25 failures may trip either.
    const list = [run(0, 5, 0), run(1, 5, 0), run(2, 0, 0, { made: false }), run(3, 5, 0), run(4, 5, 0)]
    const word = Verdict.of(
      Backtest.compare({ new: policyWith({ threshold: 0.4 }), old: policyWith({}) }, recordOf(list))
    )
    assert.equal(word, "mixed")
  })
})

describe.skipIf(!existsSync(RECORDED))("The recorded registry, backtested (skipped where its record is absent)", () => {
  it("[BT10] caps of 6 hours, 24 hours and 7 days need fewer and fewer probes, with bounds that decide it", () => {
    const history = Result.getOrThrow(History.parse(readFileSync(RECORDED, "utf8")))
    const names = [...new Set(history.runs.map(({ ecosystem }) => ecosystem))]
    const probes = [60, 360, 1440, 10_080].map((cap) => {
      const next = policyWith({ cool_down_cap_minutes: cap, cool_down_multiplier: cap === 60 ? 1 : 2 }, names)
      const compared = Backtest.compare({ new: next, old: policyWith({}, names) }, history)
      assert.equal(compared.filled, 0)
      assert.ok(compared.lines.every((line) => line.new.lostFrom === undefined))
      for (const key of Tally.KEYS) assert.ok(compared.new.low[key] <= compared.new.high[key], key)
      return compared.new
    })
    probes.slice(1).forEach((tally, index) => {
      assert.ok(tally.high.probes < (probes[index]?.low.probes ?? 0), `cap ${index}`)
    })
    assert.equal(probes[0]?.low.runsAdmitted !== undefined, true)
  })
})
