import { strict as assert } from "node:assert"
import type { Alert, Change } from "@batchbrake/core/sli/Alert"
import * as AlertBook from "@batchbrake/core/sli/AlertBook"
import { CONDITIONS } from "@batchbrake/core/sli/Signal"
import { DAY, HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { NOW } from "./figures.ts"

const PLAIN = { noNullPrototype: true } as const
const instant = fc.integer({ max: NOW, min: 0 })
const alert: fc.Arbitrary<Alert> = fc.record(
  {
    condition: fc.constantFrom(...CONDITIONS),
    frozenSince: fc.option(instant, { nil: undefined }),
    incident: fc.constantFrom("critical", "high", "medium", "low"),
    message: fc.string({ unit: "binary" }),
    openedAt: instant,
    severity: fc.constantFrom("critical", "warning", "info"),
    subject: fc.string(),
    updatedAt: instant
  },
  PLAIN
)
const change: fc.Arbitrary<Change> = fc.record(
  {
    alert,
    at: instant,
    transition: fc.constantFrom("opened", "updated", "resolved")
  },
  PLAIN
)
const book: fc.Arbitrary<AlertBook.Book> = fc.record(
  {
    alerts: fc.array(alert, { maxLength: 4 }),
    closings: fc.dictionary(fc.constantFrom("npm", "cask"), fc.array(instant, { maxLength: 3 }), PLAIN),
    evaluatedAt: instant,
    perhapsHeard: fc.array(fc.string(), { maxLength: 2 }),
    setAside: fc.option(fc.string(), { nil: undefined }),
    undelivered: fc.array(change, { maxLength: 3 })
  },
  PLAIN
)

const some = (transition: Change["transition"], at: number, openedAt = at): Change => ({
  alert: {
    condition: "stale",
    frozenSince: undefined,
    incident: "medium",
    message: "",
    openedAt,
    severity: "warning",
    subject: "npm",
    updatedAt: openedAt
  },
  at,
  transition
})

describe("AlertBook (SPEC.md AL)", () => {
  it("[AL16] a book reads back as it was written, and writing it again gives the same text", () => {
    fc.assert(
      fc.property(book, (given) => {
        const text = AlertBook.encode(given)
        const read = Result.getOrThrow(AlertBook.parse(text))
        assert.deepEqual(read, given)
        assert.equal(AlertBook.encode(read), text)
      })
    )
    assert.deepEqual(AlertBook.parse(""), Result.succeed(AlertBook.empty))
  })

  it.each(["nonsense", "{}", "[]", '{"version":2,"alerts":[],"closings":{},"evaluated_at":0,"undelivered":[]}'])(
    "[AL18] the text %j is no book, and its beginning is kept in the one that takes its place",
    (text) => {
      assert.ok(Result.isFailure(AlertBook.parse(text)))
      const instead = AlertBook.inPlaceOf(text)
      assert.equal(Result.getOrThrow(AlertBook.parse(AlertBook.encode(instead))).setAside, text)
      assert.equal(AlertBook.inPlaceOf("x".repeat(1_000_000)).setAside?.length, 2000)
    }
  )

  it("[AL13] of a breaker's closings those of the last day are remembered, each once", () => {
    const seen = (closings: AlertBook.Book["closings"], closedAt: number | undefined, at: number) =>
      AlertBook.withClosings(closings, { npm: { closedAt } }, at)
    const first = seen({}, NOW - HOUR, NOW)
    assert.deepEqual(first, { npm: [NOW - HOUR] })
    assert.deepEqual(seen(first, NOW - HOUR, NOW), first)
    assert.deepEqual(seen(first, NOW, NOW + MINUTE), { npm: [NOW - HOUR, NOW] })
    assert.deepEqual(seen(first, undefined, NOW - HOUR + DAY - 1), first)
    assert.deepEqual(seen(first, undefined, NOW - HOUR + DAY), {})
  })

  it("[NO6] news of a day ago is told no more, and neither is what was resolved before anybody heard that it opened", () => {
    const waiting = { ...AlertBook.empty, undelivered: [some("opened", NOW)] }
    const after = (at: number, ...changes: ReadonlyArray<Change>) =>
      AlertBook.withNews(waiting, changes, at).undelivered.map(({ transition }) => transition)
    assert.deepEqual(after(NOW + DAY - 1), ["opened"])
    assert.deepEqual(after(NOW + DAY), [])
    assert.deepEqual(after(NOW + HOUR, some("resolved", NOW + HOUR, NOW)), [])
    assert.deepEqual(after(NOW + HOUR, some("resolved", NOW + HOUR, NOW + MINUTE)), ["opened", "resolved"])
    // Somebody may be telling it this very minute.
    assert.deepEqual(after(NOW + MINUTE, some("resolved", NOW + MINUTE, NOW)), ["opened", "resolved"])
  })

  it("[NO8] what was perhaps heard is told to be over, and after a refusal for certain it is not", () => {
    const opened = some("opened", NOW)
    const begun = AlertBook.withBegun({ ...AlertBook.empty, undelivered: [opened] }, [opened])
    const over = (book: AlertBook.Book) =>
      AlertBook.withNews(book, [some("resolved", NOW + HOUR, NOW)], NOW + HOUR).undelivered.length
    assert.equal(over(begun), 2)
    assert.equal(over(AlertBook.withOutcome(begun, { told: new Set(), unheard: new Set([AlertBook.idOf(opened)]) })), 0)
    const told = AlertBook.withOutcome(begun, { told: new Set([AlertBook.idOf(opened)]), unheard: new Set() })
    assert.deepEqual([over(told), told.perhapsHeard], [1, []])
  })

  it("[NO9] what follows a change that somebody else may be telling waits with it", () => {
    const undelivered = [some("opened", NOW), some("resolved", NOW + MINUTE, NOW)]
    const queues = (at: number, ...fresh: ReadonlyArray<Change>) =>
      AlertBook.queuesOf({ ...AlertBook.empty, undelivered }, new Set(fresh.map(AlertBook.idOf)), at).map((queue) =>
        queue.map(({ transition }) => transition)
      )
    assert.deepEqual(queues(NOW + MINUTE, some("resolved", NOW + MINUTE, NOW)), [])
    assert.deepEqual(queues(NOW + 2 * MINUTE, some("resolved", NOW + MINUTE, NOW)), [["opened", "resolved"]])
    assert.deepEqual(queues(NOW + 2 * MINUTE), [["opened"]])
  })

  it("[NO2] a change has one ID wherever it is told, and another change has another", () => {
    assert.equal(AlertBook.idOf(some("opened", NOW)), AlertBook.idOf({ ...some("opened", NOW) }))
    const others = [some("resolved", NOW), some("opened", NOW + 1), some("opened", NOW, NOW - 1)]
    assert.equal(new Set([some("opened", NOW), ...others].map(AlertBook.idOf)).size, 4)
  })
})
