import { strict as assert } from "node:assert"
import * as Alert from "@batchbrake/core/sli/Alert"
import { CONDITIONS, type Level, readingOf, type Signal } from "@batchbrake/core/sli/Signal"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const reading = fc.constantFrom("raised", "lingering", "cleared")
const levels: fc.Arbitrary<ReadonlyArray<Level> | undefined> = fc.option(
  fc.tuple(reading, reading).map(
    ([grave, slight]): ReadonlyArray<Level> => [
      { incident: "high", reading: grave, severity: "critical" },
      { incident: "medium", reading: slight, severity: "warning" }
    ]
  ),
  { nil: undefined }
)
const signal: fc.Arbitrary<Signal> = fc.record({
  condition: fc.constantFrom("success-rate", "stale"),
  levels,
  message: fc.constantFrom("one", "two"),
  subject: fc.constantFrom("npm", "cask")
})
const looks = fc.array(
  fc.record({ signals: fc.array(signal, { maxLength: 5 }), unread: fc.subarray([...CONDITIONS]) }),
  { maxLength: 12 }
)

interface Past {
  readonly alerts: ReadonlyArray<Alert.Alert>
  readonly changes: ReadonlyArray<Alert.Change>
}

/** Every look's outcome, one an hour. */
const play = (all: ReadonlyArray<Omit<Alert.Look, "at">>): ReadonlyArray<Past> => {
  const past: Array<Past> = []
  for (const [index, look] of all.entries())
    past.push(Alert.step(past.at(-1)?.alerts ?? [], { ...look, at: NOW + index * HOUR }))
  return past
}

const rate = (grave: Level["reading"], slight: Level["reading"]): Signal => ({
  condition: "success-rate",
  levels: [
    { incident: "high", reading: grave, severity: "critical" },
    { incident: "medium", reading: slight, severity: "warning" }
  ],
  message: `${grave} ${slight}`,
  subject: "npm"
})
const look = (...signals: ReadonlyArray<Signal>) => ({ signals, unread: [] })
/** What is told, look by look: transition and severity. */
const told = (...all: ReadonlyArray<Omit<Alert.Look, "at">>): ReadonlyArray<string> =>
  play(all).map(({ changes }) => changes.map((one) => `${one.transition} ${one.alert.severity}`).join(", "))

describe("Alert (SPEC.md AL)", () => {
  it("[AL1] whatever is seen, a condition has one alert at most, and what is told of it is opened, updated, resolved", () => {
    fc.assert(
      fc.property(looks, (all) => {
        const open = new Set<string>()
        for (const { alerts, changes } of play(all)) {
          for (const { alert, transition } of changes) {
            const key = Alert.keyOf(alert)
            assert.equal(open.has(key), transition !== "opened", `${transition} ${key}`)
            if (transition === "resolved") open.delete(key)
            else open.add(key)
          }
          assert.deepEqual(alerts.map(Alert.keyOf).sort(), [...open].sort())
        }
      }),
      { numRuns: 500 }
    )
  })

  it("[AL1] seeing the same again tells nothing", () => {
    fc.assert(
      fc.property(looks, fc.array(signal, { maxLength: 5 }), (all, signals) => {
        const [, again] = play([...all, look(...signals), look(...signals)]).slice(-2)
        assert.deepEqual(again?.changes, [])
      })
    )
  })

  it("[AL1] an update is told when the severity changes, not when the figures do", () => {
    assert.deepEqual(
      told(
        look(rate("cleared", "raised")),
        look({ ...rate("cleared", "raised"), message: "another figure" }),
        look(rate("raised", "raised")),
        look(rate("lingering", "raised")),
        look(rate("cleared", "lingering")),
        look(rate("cleared", "cleared"))
      ),
      ["opened warning", "", "updated critical", "", "updated warning", "resolved warning"]
    )
  })

  it("[AL2] between its thresholds a condition opens nothing, resolves nothing and becomes no graver", () => {
    assert.deepEqual(told(look(rate("lingering", "lingering"))), [""])
    assert.deepEqual(told(look(rate("cleared", "raised")), look(rate("lingering", "lingering"))), [
      "opened warning",
      ""
    ])
    assert.deepEqual(told(look(rate("raised", "raised")), look(rate("lingering", "raised"))), ["opened critical", ""])
    assert.deepEqual([readingOf(0.8, 0.8, 0.75), readingOf(0.7999, 0.8, 0.75)], ["raised", "lingering"])
    assert.deepEqual([readingOf(0.75, 0.8, 0.75), readingOf(0.7499, 0.8, 0.75)], ["lingering", "cleared"])
  })

  it("[AL3] where nothing can be said an alert stays as it is and says since when, and no look can tell opens none", () => {
    const silent = { ...rate("raised", "raised"), levels: undefined }
    const past = play([look(rate("raised", "raised")), look(silent), look(silent), look(rate("raised", "raised"))])
    assert.deepEqual(
      past.map(({ alerts }) => alerts[0]?.frozenSince),
      [undefined, NOW + HOUR, NOW + HOUR, undefined]
    )
    assert.ok(past.slice(1).every(({ changes }) => changes.length === 0))
    assert.deepEqual(told(look(silent)), [""])
  })

  it("[AL4] an alert whose subject is gone is resolved; one whose source did not answer freezes", () => {
    const first = look(rate("raised", "raised"))
    assert.deepEqual(told(first, look()), ["opened critical", "resolved critical"])
    const [, after] = play([first, { signals: [], unread: ["success-rate"] }])
    assert.deepEqual([after?.changes, after?.alerts[0]?.frozenSince], [[], NOW + HOUR])
  })

  it("[AL1] the gravest stand first", () => {
    const [past] = play([
      look({ ...rate("cleared", "raised"), subject: "a" }, { ...rate("raised", "raised"), subject: "z" })
    ])
    assert.deepEqual(
      past?.alerts.map(({ subject }) => subject),
      ["z", "a"]
    )
  })
})
