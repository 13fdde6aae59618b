import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { identityOf, scopeOf } from "@batchbrake/core/control/ControlEvent"
import * as Identity from "@batchbrake/core/control/Identity"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { hostileText } from "@batchbrake/core/testing/TextArbitrary"
import { DAY, formatDate, HOUR } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const ECOSYSTEMS = ["npm", "crates.io", "constructor"]

/** The files of the ledger after some events were written, each in a commit of its own. */
const written = (
  files: Map<string, string>,
  events: ReadonlyArray<ControlEvent>,
  generation?: number
): Map<string, string> => {
  for (const event of events) {
    const scopes = [scopeOf(event)]
    const ledger = ledgerOf(files, scopes)
    const identity = Identity.of(event, "n", generation)
    const next = Identity.add(ledger, identity)
    for (const [path, text] of Identity.changes(files, next, [identity])) {
      if (text === undefined) files.delete(path)
      else files.set(path, text)
    }
  }
  return files
}

const ledgerOf = (files: ReadonlyMap<string, string>, scopes: ReadonlyArray<string>): Identity.Ledger =>
  Result.getOrThrowWith(Identity.read(files, scopes), ({ line, path }) => new Error(`${path}:${line}`))

const events = InstantArbitrary.ofEvent.chain((now) => EventArbitrary.history(ECOSYSTEMS, now, 30))
const report = (at: number, runKey = `run-${at}`): ControlEvent => ({
  _tag: "RunCompleted",
  at,
  attempts: { failed: 0, passed: 1, skipped: 0 },
  author: "ci",
  ecosystem: "npm",
  runKey
})

describe("Identity (SPEC.md EV)", () => {
  it("[EV6] what was written is found by its identity, with its time, payload, nonce and generation", () => {
    fc.assert(
      fc.property(events, hostileText, fc.option(fc.nat(), { nil: undefined }), (list, nonce, generation) => {
        const [event] = list
        if (event === undefined) return
        const identity = Identity.of(event, nonce, generation)
        const files = Identity.changes(new Map(), Identity.empty, [identity])
        const read = ledgerOf(new Map([...files].map(([path, text]) => [path, text ?? ""])), [scopeOf(event)])
        assert.deepEqual(Identity.find(read, identityOf(event)), identity)
        assert.equal(Identity.newestOf(read, scopeOf(event)), event.at)
      })
    )
  })

  it("[EV6] an identity is kept while it is no more than 35 days older than the newest of its scope", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofEvent, fc.integer({ max: 60 * DAY, min: 0 }), (first, gap) => {
        const kept = [35 * DAY, Math.min(gap, 35 * DAY)]
        for (const age of kept) {
          const files = written(new Map(), [report(first), report(first + age)])
          assert.ok(Identity.find(ledgerOf(files, ["npm"]), `RunCompleted npm run-${first}`) !== undefined)
        }
        const pruned = written(new Map(), [report(first), report(first + 37 * DAY + gap)])
        assert.equal(Identity.find(ledgerOf(pruned, ["npm"]), `RunCompleted npm run-${first}`), undefined)
      })
    )
  })

  it("[EV6] keeping goes by time and not by count, and each scope by its own newest event", () => {
    const now = InstantArbitrary.FIRST_EVENT + 100 * DAY
    const many = Array.from({ length: 500 }, (_, index) => report(now - index, `many-${index}`))
    const old = report(now - 35 * DAY, "old")
    const elsewhere = { ...report(now - 90 * DAY, "old"), ecosystem: "constructor" } as ControlEvent
    const files = written(new Map(), [elsewhere, old, ...many])
    assert.ok(Identity.find(ledgerOf(files, ["npm"]), "RunCompleted npm old") !== undefined)
    assert.ok(Identity.find(ledgerOf(files, ["constructor"]), "RunCompleted constructor old") !== undefined)
    assert.equal(Identity.find(ledgerOf(files, ["npm"]), "RunCompleted constructor old"), undefined)
  })

  it("[EV6] an event is known until exactly 35 days before the newest of its scope, whether it was pruned or not", () => {
    fc.assert(
      fc.property(InstantArbitrary.ofEvent, fc.integer({ max: 3 * DAY, min: 1 }), (first, more) => {
        const known = (age: number): boolean => {
          const list = [
            report(first),
            report(first + age),
            { ...report(first + 90 * DAY), ecosystem: "cask" } as ControlEvent
          ]
          const stored = ledgerOf(written(new Map(), list), ["npm", "cask"])
          const whole = list.reduce(
            (sum, event) => Identity.add(sum, Identity.of(event, "n", undefined)),
            Identity.empty
          )
          const [one, other] = [stored, whole].map((ledger) => Identity.find(ledger, `RunCompleted npm run-${first}`))
          assert.deepEqual(one, other)
          return one !== undefined
        }
        assert.equal(known(35 * DAY), true)
        assert.equal(known(35 * DAY + more), false)
      })
    )
  })

  it("[EV6] no order of events, nor an event that comes late, loses what is younger than the horizon", () => {
    const late = fc.array(fc.integer({ max: 50 * DAY, min: 0 }), { maxLength: 15 })
    fc.assert(
      fc.property(InstantArbitrary.ofEvent, late, (begin, offsets) => {
        const list = [...new Set(offsets)].map((offset) => report(begin + offset))
        const files = written(new Map(), list)
        const newest = Math.max(...list.map(({ at }) => at))
        const ledger = ledgerOf(files, ["npm"])
        if (list.length > 0) assert.equal(Identity.newestOf(ledger, "npm"), newest)
        const inMemory = list.reduce(
          (sum, event) => Identity.add(sum, Identity.of(event, "n", undefined)),
          Identity.empty
        )
        assert.equal(Identity.newestOf(inMemory, "npm"), list.length > 0 ? newest : undefined)
        for (const event of list) {
          if (newest - event.at <= Identity.HORIZON) assert.ok(Identity.find(ledger, identityOf(event)) !== undefined)
        }
      })
    )
  })

  it("[EV6] a day's file goes with the first event for which all of that day is past the horizon, its own scope's alone", () => {
    const day = (number: number) => InstantArbitrary.FIRST_EVENT - (InstantArbitrary.FIRST_EVENT % DAY) + number * DAY
    const others = new Map([
      [Identity.pathOf("*", day(0)), ""],
      [Identity.pathOf("npm-next", day(0)), ""],
      ["identities/npm/README.md", ""]
    ])
    assert.deepEqual([...others.keys()].slice(0, 1), [`${Identity.directoryOf("*")}/${formatDate(day(0))}.jsonl`])
    assert.equal(Identity.directoryOf("*"), "identities/_all")
    const files = written(new Map(others), [report(day(0)), report(day(1) - 1), report(day(1))])
    const first = Identity.pathOf("npm", day(0))
    assert.equal(files.get(first)?.split("\n").length, 3)
    assert.ok(written(files, [report(day(36))]).has(first))
    assert.ok(!written(files, [report(day(36) + 1)]).has(first))
    assert.ok(files.has(Identity.pathOf("npm", day(1))))
    for (const path of others.keys()) assert.ok(files.has(path))
    // One that comes late is written all the same.
    assert.ok(written(files, [report(day(0) + 5)]).has(first))
  })

  it("[EV6] ten years of events, four a day, keep the ledger to 37 days of files, and bounded in size", () => {
    const files = new Map<string, string>()
    const start = InstantArbitrary.FIRST_EVENT
    let ledger = Identity.empty
    let most = 0
    for (let hour = 0; hour < 10 * 365 * 24; hour += 6) {
      const identity = Identity.of(
        { ...report(start + hour * HOUR), runKey: `run-${hour}` } as ControlEvent,
        "0123456789abcdef-0",
        undefined
      )
      ledger = { ...Identity.add({ ...Identity.empty, newest: ledger.newest }, identity) }
      for (const [path, text] of Identity.changes(files, ledger, [identity])) {
        if (text === undefined) files.delete(path)
        else files.set(path, text)
      }
      most = Math.max(most, files.size)
    }
    assert.ok(most <= 38, `${most} files`)
    const bytes = [...files.values()].reduce((sum, text) => sum + text.length, 0)
    assert.ok(bytes < 38 * 4 * 200, `${bytes} bytes`)
  })

  it("[EV6] tens of thousands of identities are read and extended without a delay that grows with their square", () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, index) =>
        `["RunCompleted npm run-${index}",${InstantArbitrary.FIRST_EVENT + index},"0123456789abcdef0123456789abcdef","n-0"]\n`
    )
    const files = new Map([["identities/npm/2026-01-01.jsonl", lines.join("")]])
    const started = performance.now()
    const ledger = ledgerOf(files, ["npm"])
    const added = Array.from({ length: 100 }, (_, index) =>
      Identity.of(report(InstantArbitrary.FIRST_EVENT + index, `new-${index}`), "n", undefined)
    )
    Identity.changes(files, ledger, added)
    assert.ok(performance.now() - started < 4000)
  })

  it("[EV6] a line that is no identity is never passed over", () => {
    const line = '["RunCompleted npm a",1,"p","n"]'
    for (const bad of ["<<<<<<< ours", "{}", "[]", '["a",1,"p"]', '["a","1","p","n"]', line.slice(0, -1)]) {
      const files = new Map([["identities/npm/1970-01-01.jsonl", `${line}\n${bad}\n`]])
      const read = Identity.read(files, ["npm"])
      assert.deepEqual(Result.isFailure(read) ? read.failure : undefined, {
        line: 2,
        path: "identities/npm/1970-01-01.jsonl"
      })
      assert.ok(Result.isSuccess(Identity.read(files, ["cask", "np"])))
    }
  })
})
