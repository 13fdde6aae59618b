import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import { operate } from "@batchbrake/core/program/operate"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { AT, begun, headOf, origin, POLICY } from "../support/branch.ts"
import { answerOf, failureOf } from "../support/simulate.ts"

const paused = (
  scope: string,
  id: string,
  more: Partial<Extract<ControlEvent, { _tag: "Paused" }>> = {}
): ControlEvent => ({
  _tag: "Paused",
  at: AT,
  author: "on-call",
  autoResume: false,
  id,
  reason: `stop ${id}`,
  scope,
  ...more
})
const resumed = (scope: string, id: string): ControlEvent => ({ _tag: "Resumed", at: AT, author: "on-call", id, scope })

describe("A person's orders (SPEC.md PA, PR)", () => {
  it("[PA4] one order lifts the pauses of several ecosystems, each under an identity of its own", async () => {
    const store = await begun()
    await answerOf(operate(origin(), [paused("npm", "1"), paused("cask", "1")]), store.service)
    const done = await answerOf(operate(origin(), [resumed("npm", "2"), resumed("cask", "2")]), store.service)
    assert.equal(done.applied, true)
    const { file } = await answerOf(readStatus(POLICY, AT, []), store.service)
    assert.deepEqual(file.pauses, {})
  })

  it("[PA3] a pause that ends sooner than the standing one leaves it, and the log says so", async () => {
    const store = await begun()
    await answerOf(operate(origin(), [paused("npm", "1")]), store.service)
    const shorter = paused("npm", "2", { autoResume: true, expectedResume: AT + 1000, reason: "a short one" })
    const done = await answerOf(operate(origin(), [shorter]), store.service)
    assert.deepEqual(
      done.notices.map(({ code }) => code),
      ["later-end-kept"]
    )
    assert.doesNotMatch(headOf(store).message.split("\n")[0] ?? "", /a short one/)
  })

  it("[PR3] a fault that only a person can mend ends an urgent order at once, and any other does not", async () => {
    const store = await begun()
    let reads = 0
    const gone = (permanent: boolean) => ({
      ...store.service,
      read: () =>
        Effect.suspend(() => {
          reads++
          return Effect.fail(
            new StoreUnavailable({
              detail: "no such repository",
              mayHaveLanded: false,
              permanent,
              remedy: "look",
              store: "test"
            })
          )
        })
    })
    assert.equal((await failureOf(operate(origin(), [paused("npm", "1")]), gone(true)))._tag, "StoreUnavailable")
    assert.equal(reads, 1)
    assert.equal((await failureOf(operate(origin(), [paused("npm", "1")]), gone(false)))._tag, "GaveUp")
    assert.ok(reads > 100)
  })
})
