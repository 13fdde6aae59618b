import { strict as assert } from "node:assert"
import { Forge, ForgeLimited } from "@batchbrake/core/port/Forge"
import { judgeBatches } from "@batchbrake/core/program/judgeBatches"
import { MINUTE, SECOND } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { describe, it } from "vitest"
import { openBatches, type Service } from "../support/openBatches.ts"

const limited = (retryAt: number) =>
  new ForgeLimited({ forge: "test", limit: "secondary", operation: "say a verdict", retryAt })

describe("Red alone (SPEC.md JU)", () => {
  it("[JU18] looking for what is red gives no green, and takes it back from what may not land any more", async () => {
    const { forge, ids, judge, pause, resume, verdicts } = await openBatches(2)
    const first = await judge([], forge.service, { redOnly: true })
    assert.deepEqual(
      first.judged.map(({ batch, isGreen, isSaid }) => [batch, isGreen, isSaid]),
      ids.map((id) => [id, true, false])
    )
    assert.deepEqual(verdicts(), [])
    await judge()
    await pause()
    const red = await judge([], forge.service, { redOnly: true })
    assert.ok(red.judged.every(({ autoMergeDisabled, isGreen, isSaid }) => !isGreen && isSaid && autoMergeDisabled))
    assert.deepEqual(verdicts(), ["failure", "failure"])
    await resume()
    await judge([], forge.service, { redOnly: true })
    assert.deepEqual(verdicts(), ["failure", "failure"])
    await judge()
    assert.deepEqual(verdicts(), ["success", "success"])
  })

  it("[JU19] a branch that moved is red at its head and where it was sealed: put back it is not green", async () => {
    const { forge, ids, judge } = await openBatches(1)
    const [sealed = ""] = forge.pullRequests().map(({ head }) => head.commit)
    await judge()
    const moved = forge.push(`batch/${ids[0]}`)
    await judge()
    assert.deepEqual(
      new Map(forge.checks().map(({ commit, verdict }) => [commit, verdict])),
      new Map([
        [sealed, "failure"],
        [moved, "failure"]
      ])
    )
  })

  const underLimit = async (retryAfterMillis: number) => {
    const { forge, registry, verdicts } = await openBatches(3)
    let asked = 0
    const service: Service = {
      ...forge.service,
      setCheck: (check) =>
        Effect.gen(function* () {
          asked++
          if (asked === 2) return yield* limited(retryAfterMillis)
          return yield* forge.service.setCheck(check)
        })
    }
    const judging = Effect.provideService(judgeBatches({ ...registry.origin(), batches: [] }), Forge, service)
    const found = await registry.run(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(judging)
        yield* TestClock.adjust(10 * MINUTE)
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(TestClock.layer()))
    )
    return { failed: found.judged.filter(({ failures }) => failures.length > 0).length, verdicts: verdicts().length }
  }

  it("[JU20] a limit of the forge's is waited for, and what it held back is said behind it", async () => {
    assert.deepEqual(await underLimit(15 * SECOND), { failed: 0, verdicts: 3 })
    assert.deepEqual(await underLimit(10 * MINUTE), { failed: 0, verdicts: 3 })
  })

  it("[JU20] one that outlasts all patience is a failure, and keeps no other from being judged", async () => {
    assert.deepEqual(await underLimit(10 * MINUTE + 1), { failed: 1, verdicts: 2 })
  })
})
