import { strict as assert } from "node:assert"
import type { Alert, Change } from "@batchbrake/core/sli/Alert"
import * as AlertBook from "@batchbrake/core/sli/AlertBook"
import { DAY, HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const ALERT: Alert = {
  condition: "stale",
  frozenSince: undefined,
  incident: "medium",
  message: "",
  openedAt: NOW,
  severity: "warning",
  subject: "npm",
  updatedAt: NOW
}
const some = (transition: Change["transition"], at: number, openedAt = at): Change => ({
  alert: { ...ALERT, openedAt },
  at,
  transition
})
const bookOf = (...undelivered: ReadonlyArray<Change>): AlertBook.Book => ({ ...AlertBook.empty, undelivered })

describe("The bounds of a book of alerts", () => {
  it("keep the last two hundred changes that nobody could be told", () => {
    const many = (count: number): AlertBook.Book =>
      bookOf(...Array.from({ length: count }, (_, place) => some("opened", NOW + place)))
    const kept = (count: number) =>
      Result.getOrThrow(AlertBook.parse(AlertBook.encode(many(count)))).undelivered.map(({ at }) => at - NOW)
    assert.deepEqual(kept(200), [...Array(200).keys()])
    assert.deepEqual([kept(201).length, kept(201)[0]], [200, 1])
  })

  it("leave out what is not there, and refuse what nobody knows", () => {
    const text = AlertBook.encode(AlertBook.empty)
    assert.equal(text, '{"alerts":[],"closings":{},"evaluated_at":0,"undelivered":[],"version":1}')
    assert.ok(Result.isSuccess(AlertBook.parse(text)))
    assert.ok(Result.isFailure(AlertBook.parse(text.replace("{", '{"zeal":1,'))))
    const change = AlertBook.encode(bookOf(some("opened", NOW)))
    assert.ok(Result.isSuccess(AlertBook.parse(change)))
    assert.ok(Result.isFailure(AlertBook.parse(change.replace('"opened"', '"ajar"'))))
    assert.equal(AlertBook.inPlaceOf("x".repeat(2000)).setAside, "x".repeat(2000))
  })

  it("let what is remembered elsewhere into a book that knows of no look, and into no other", () => {
    assert.deepEqual(AlertBook.remembering(AlertBook.empty, [ALERT]), { ...AlertBook.empty, alerts: [ALERT] })
    const later = { ...AlertBook.empty, evaluatedAt: 0 }
    assert.deepEqual(AlertBook.remembering(later, [ALERT]), later)
  })

  it("give a change 128 bits to be known by", () => {
    const id = AlertBook.idOf(some("opened", NOW))
    assert.match(id, /^[0-9a-f]{32}$/)
    const graver: Change = { ...some("opened", NOW), alert: { ...ALERT, severity: "critical" } }
    const other: Change = { ...some("opened", NOW), alert: { ...ALERT, subject: "gem" } }
    assert.equal(new Set([id, AlertBook.idOf(graver), AlertBook.idOf(other)]).size, 3)
  })
})

describe("The closings of breakers", () => {
  const seen = (
    before: AlertBook.Book["closings"],
    breakers: Readonly<Record<string, { readonly closedAt: number | undefined }>>,
    logged?: AlertBook.Book["closings"]
  ) => AlertBook.withClosings(before, breakers, NOW, logged)

  it("[AL13] are of the book, of this look and of the log, in the order of names and times, each once", () => {
    const closings = seen(
      { npm: [NOW - 1, NOW - 5], zig: [NOW - 2] },
      { constructor: { closedAt: NOW - 6 }, npm: { closedAt: NOW - 3 } },
      { gem: [NOW], npm: [NOW - 4, NOW - 5, NOW - DAY] }
    )
    assert.deepEqual(closings, {
      constructor: [NOW - 6],
      npm: [NOW - 5, NOW - 4, NOW - 3, NOW - 1],
      zig: [NOW - 2]
    })
    assert.deepEqual(Object.keys(closings), ["constructor", "npm", "zig"])
  })

  it("of a breaker that is gone stay, and of one that never closed there are none", () => {
    assert.deepEqual(seen({ npm: [NOW] }, {}), { npm: [NOW] })
    assert.deepEqual(seen({}, { npm: { closedAt: undefined } }), {})
    assert.deepEqual(seen({}, { npm: { closedAt: undefined } }, { npm: [NOW - 1] }), { npm: [NOW - 1] })
  })
})

describe("What may be told of a book", () => {
  it("of what was perhaps heard stays what is neither told nor refused", () => {
    const [one, two, three] = [some("opened", NOW), some("opened", NOW + 1), some("opened", NOW + 2)]
    const begun = AlertBook.withBegun(bookOf(one, two, three), [one, two, three])
    const after = AlertBook.withOutcome(begun, {
      told: new Set([AlertBook.idOf(one)]),
      unheard: new Set([AlertBook.idOf(two)])
    })
    assert.deepEqual(after.perhapsHeard, [AlertBook.idOf(three)])
    assert.deepEqual(after.undelivered, [two, three])
    assert.deepEqual(AlertBook.withBegun(begun, [one]).perhapsHeard, begun.perhapsHeard)
  })

  it("is what is two minutes old, or one's own, a queue for each alert", () => {
    const gem: Change = { ...some("opened", NOW), alert: { ...ALERT, subject: "gem" } }
    const told = (at: number, ...fresh: ReadonlyArray<Change>) =>
      AlertBook.queuesOf(
        bookOf(some("opened", NOW), gem, some("updated", NOW + 1, NOW)),
        new Set(fresh.map(AlertBook.idOf)),
        at
      ).map((queue) => queue.map(({ alert, transition }) => `${transition} ${alert.subject}`))
    assert.deepEqual(told(NOW + 2 * MINUTE - 1), [])
    assert.deepEqual(told(NOW + 2 * MINUTE - 1, gem), [["opened gem"]])
    assert.deepEqual(told(NOW + 2 * MINUTE), [["opened npm"], ["opened gem"]])
    assert.deepEqual(told(NOW + 2 * MINUTE + 1), [["opened npm", "updated npm"], ["opened gem"]])
  })

  it("is not that something began and is over, once two minutes passed", () => {
    const after = (waiting: ReadonlyArray<Change>, at: number, ...changes: ReadonlyArray<Change>) =>
      AlertBook.withNews(bookOf(...waiting), changes, at).undelivered.map(({ transition }) => transition)
    const [opened, over] = [some("opened", NOW), some("resolved", NOW + HOUR, NOW)]
    assert.deepEqual(after([opened], NOW + 2 * MINUTE - 1, over), ["opened", "resolved"])
    assert.deepEqual(after([opened], NOW + 2 * MINUTE, over), [])
    // What only changed was heard of before, and what changed again is not over.
    const changed = some("updated", NOW + 1, NOW)
    assert.deepEqual(after([changed], NOW + HOUR, over), ["updated", "resolved"])
    assert.deepEqual(after([opened], NOW + HOUR, some("updated", NOW + HOUR, NOW)), ["opened", "updated"])
  })

  it("forgets with a change whether it was heard", () => {
    const [old, young] = [some("opened", NOW), some("opened", NOW + 1)]
    const begun = AlertBook.withBegun(bookOf(old, young), [old, young])
    const after = AlertBook.withNews(begun, [], NOW + DAY)
    assert.deepEqual([after.undelivered, after.perhapsHeard], [[young], [AlertBook.idOf(young)]])
  })
})
