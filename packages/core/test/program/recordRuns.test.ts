import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as RunReports from "@batchbrake/core/control/RunReports"
import { abandonRun } from "@batchbrake/core/program/abandonRun"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { recordRun } from "@batchbrake/core/program/recordRun"
import { type RunEnd, recordRuns } from "@batchbrake/core/program/recordRuns"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { AT, begun, controlText, entriesOf, origin, POLICY, replay, tagsOf } from "../support/branch.ts"
import { answerOf } from "../support/simulate.ts"

const NAMES = ["cask", "crates.io", "npm"]
const MINUTE = 60_000

const claim = (ecosystems: ReadonlyArray<string>, runKey: string) =>
  admitRuns({
    ...origin(),
    requests: ecosystems.map((ecosystem) => ({
      author: "ops",
      batch: undefined,
      candidates: [],
      claim: true,
      ecosystem,
      runKey
    }))
  })

const completed = (ecosystem: string, runKey: string, passed: number, failed: number): RunEnd => ({
  _tag: "RunCompleted",
  at: AT + MINUTE,
  attempts: { failed, passed, skipped: 0 },
  author: "ops",
  ecosystem,
  minutes: { linux: 2 },
  runKey
})
const abandoned = (ecosystem: string, runKey: string): RunEnd => ({
  _tag: "RunAbandoned",
  at: AT + MINUTE,
  author: "ops",
  ecosystem,
  runKey
})

/** The same, one program after the other; what is refused is passed over. */
const oneByOne = (end: RunEnd) => {
  const own = { ...origin(), at: end.at }
  return Effect.ignore(
    end._tag === "RunCompleted"
      ? recordRun(POLICY, end, own.nonce)
      : abandonRun(own, { ecosystems: [end.ecosystem], minutes: end.minutes, runKey: end.runKey })
  )
}

const run = EventArbitrary.completion(fc.constantFrom(...NAMES, "unheard-of"), fc.constant(AT + MINUTE))
const end: fc.Arbitrary<RunEnd> = fc.oneof(
  { arbitrary: run, weight: 3 },
  { arbitrary: run.map(({ ecosystem, runKey }) => abandoned(ecosystem, runKey)), weight: 1 }
)

describe("Reports of many runs (SPEC.md WF)", () => {
  it("[WF1] hundreds of runs are one control commit, and the log replays to the file", async () => {
    const store = await begun()
    await answerOf(claim(NAMES, "1-1"), store.service)
    const before = store.history().length
    const more = Array.from({ length: 300 }, (_, place) => completed(NAMES[place % 3] ?? "npm", `late-${place}`, 1, 0))
    const ends = [
      completed("npm", "1-1", 4, 6),
      completed("cask", "1-1", 10, 0),
      abandoned("crates.io", "1-1"),
      ...more
    ]
    const ended = await answerOf(recordRuns(origin(AT + MINUTE), ends), store.service)
    assert.equal(store.history().length, before + 1)
    assert.equal(ended.length, 303)
    assert.deepEqual([ended[0]?.breaker.state, ended[1]?.breaker.state], ["open", "closed"])
    assert.ok(ended.every(({ rejection }) => rejection === undefined))
    assert.equal(entriesOf(store).at(-1)?.events.length, 303)
    assert.deepEqual(JSON.parse(controlText(store)).budget.reservations ?? [], [])
    replay(store)
  })

  it("[WF1] recording together leaves what recording one by one leaves, refused ones aside", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(end, { maxLength: 6, minLength: 1 }), async (ends) => {
        const [together, apart] = [await begun(), await begun()]
        await answerOf(recordRuns(origin(AT + MINUTE), ends), together.service)
        for (const one of ends) await answerOf(oneByOne(one), apart.service)
        assert.equal(controlText(together), controlText(apart))
        assert.ok(together.history().length <= 2)
      }),
      { numRuns: 40 }
    )
  })

  it("[WF2] a run that is refused is answered so, keeps no other off the record, and leaves no trace", async () => {
    const store = await begun()
    await answerOf(claim(["npm"], "1-1"), store.service)
    const ends = [completed("unheard-of", "1-1", 1, 0), completed("npm", "1-1", 3, 0), completed("npm", "1-1", 1, 2)]
    const ended = await answerOf(recordRuns(origin(AT + MINUTE), ends), store.service)
    assert.deepEqual(
      ended.map(({ applied, rejection }) => [applied, rejection?.code]),
      [
        [false, "unknown-ecosystem"],
        [true, undefined],
        [false, "conflict"]
      ]
    )
    assert.equal(tagsOf(store).filter((tag) => tag === "RunCompleted").length, 1)
  })

  it("[WF2] the same report a second time writes nothing", async () => {
    const store = await begun()
    await answerOf(claim(["npm"], "1-1"), store.service)
    const ends = [completed("npm", "1-1", 3, 0), abandoned("cask", "never")]
    await answerOf(recordRuns(origin(AT + MINUTE), ends), store.service)
    const before = store.history().length
    const again = await answerOf(recordRuns(origin(AT + 2 * MINUTE), ends), store.service)
    assert.equal(store.history().length, before)
    assert.ok(again.every(({ applied }) => !applied))
  })

  const by: Pick<ControlEvent, "at" | "author"> = { at: AT, author: "ops" }
  const line = (fields: object): string => `${JSON.stringify({ ecosystem: "npm", run_key: "1-1", ...fields })}\n`

  it("[WF3] results that cannot be read fail their run alone: its grant goes back, its minutes stay", () => {
    const text =
      line({ minutes: ["linux=2.5"], results: "nonsense" }) + line({ results: '{"recipe":"a","status":"passed"}' })
    const reports = Result.getOrThrow(RunReports.parse(text, by))
    assert.deepEqual(
      reports.map(({ end, faults }) => [end._tag, faults.length]),
      [
        ["RunAbandoned", 1],
        ["RunCompleted", 0]
      ]
    )
    assert.deepEqual(reports[0]?.end.minutes, { linux: 3 })
  })

  it.each<readonly [object, string]>([
    [{}, "no way at all"],
    [{ abandoned: true, results: "" }, "two ways"],
    [{ passed: 1 }, "half a count"],
    [{ abandoned: false }, "a false abandonment"],
    [{ abandoned: true, minutes: ["macos"] }, "minutes without a number"],
    [{ abandoned: true, surprise: 1 }, "an unknown key"],
    [{ abandoned: true, ecosystem: "../x" }, "no name"],
    [{ abandoned: true, run_key: "a\nb" }, "a key of two lines"]
  ])("[WF3] a line is refused by its number and field: %j, %s", (fields, _) => {
    const reports = RunReports.parse(line({ abandoned: true }) + line(fields), by)
    assert.ok(Result.isFailure(reports))
    assert.match(reports.failure[0]?.path ?? "", /^line 2/)
  })
})
