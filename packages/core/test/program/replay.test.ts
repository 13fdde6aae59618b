import { strict as assert } from "node:assert"
import type { ControlEvent, Of } from "@batchbrake/core/control/ControlEvent"
import type { JsonObject } from "@batchbrake/core/json/Json"
import { isObject } from "@batchbrake/core/json/Json"
import type { Policy } from "@batchbrake/core/policy/Policy"
import type { ControlStore } from "@batchbrake/core/port/ControlStore"
import { abandonRun } from "@batchbrake/core/program/abandonRun"
import { admitRuns } from "@batchbrake/core/program/admitRuns"
import { adoptHandEdit, operate } from "@batchbrake/core/program/operate"
import { recordRun } from "@batchbrake/core/program/recordRun"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import * as EventArbitrary from "@batchbrake/core/testing/EventArbitrary"
import { replay as replayLaw } from "@batchbrake/core/testing/laws/records"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { ask, namesOf } from "@batchbrake/core/testing/WorldArbitrary"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import {
  AT,
  begun,
  controlText,
  countsOf,
  editControl,
  headOf,
  origin,
  POLICY,
  replay,
  tagsOf
} from "../support/branch.ts"
import { keeps } from "../support/keeps.ts"
import { answerOf, simulate } from "../support/simulate.ts"

const limitOf = ({ maxAttempts }: Of<"RunAdmitted">): { readonly limit?: number } =>
  maxAttempts === undefined ? {} : { limit: maxAttempts }

/** The program that would make an event. */
const programOf = (policy: Policy, event: ControlEvent): Effect.Effect<unknown, unknown, ControlStore> => {
  const from = origin(event.at, policy)
  switch (event._tag) {
    case "RunAdmitted": {
      const request = { ...ask(event.ecosystem, event.runKey), candidates: event.probeRecipes ?? [], ...limitOf(event) }
      return admitRuns({ ...from, requests: [request, { ...request, ecosystem: namesOf(policy)[0] ?? "" }] })
    }
    case "RunCompleted":
      return recordRun(policy, event, from.nonce)
    case "RunAbandoned":
      return abandonRun(from, { ecosystems: [], minutes: event.minutes, runKey: event.runKey })
    default:
      return operate(from, [event])
  }
}

/** What a person may do to the file between two events: stricter, neutral, looser. */
const EDITS: ReadonlyArray<(control: JsonObject) => JsonObject> = [
  (control) => ({ ...control, enabled: false, reason: "by hand" }),
  (control) => ({ ...control, note: { b: 1, a: 2 } }),
  (control) => ({ ...control, circuit_breaker: {} }),
  (control) => ({
    ...control,
    budget: { ...(isObject(control.budget) ? control.budget : {}), linux_minutes_used: 0.5 }
  })
]

const twoPolicies = fc.tuple(PolicyArbitrary.file, PolicyArbitrary.file).map(([one, other]) => {
  const first = PolicyArbitrary.decoded(one)
  return [first, PolicyArbitrary.decoded({ ...other, ecosystems: one.ecosystems ?? {} })] as const
})

const lives = twoPolicies.chain((policies) =>
  fc.record({
    edits: fc.infiniteStream(fc.nat({ max: 60 })),
    events: EventArbitrary.history(namesOf(policies[0]), AT, 30),
    policies: fc.constant(policies),
    published: fc.option(
      fc.oneof(
        ControlArbitrary.published(namesOf(policies[0]), AT),
        ControlArbitrary.controlFile(namesOf(policies[0]), AT).map((file) =>
          JSON.parse(JSON.stringify({ ...file.unknown, enabled: true }))
        )
      ),
      { nil: undefined }
    )
  })
)

describe("The event log (SPEC.md EV)", () => {
  it("[EV8] folding what the commits say gives the file of each of them, byte for byte", async () => {
    let events = 0
    await fc.assert(
      fc.asyncProperty(lives, async ({ edits, events: list, policies, published }) => {
        const store = await begun(published, policies[0])
        for (const event of list) {
          const chance = edits.next().value
          const edit = EDITS[chance]
          if (edit !== undefined) {
            await editControl(store, edit)
            if (chance > 1) await simulate(adoptHandEdit(origin(event.at, policies[0]), "seen to"), store.service)
          }
          await simulate(programOf(policies[chance % 2] ?? policies[0], event), store.service)
        }
        events += tagsOf(store).length
        replay(store)
        for (const [identity, count] of countsOf(store)) assert.equal(count, 1, identity)
      }),
      { numRuns: 60 }
    )
    assert.ok(events > 300, `only ${events} events were written`)
  })

  it("[EV8] from any state, folding the messages gives the state that the events gave", () => {
    keeps(replayLaw, { numRuns: 100 })
  })

  it("[EV8] a fold that differs is found: the check above looks at each commit", async () => {
    const store = await begun()
    await editControl(store, (control) => ({ ...control, note: 1 }))
    const { controlDigest, message } = headOf(store)
    const forged =
      store.history()[0]?.message.replace(/Batchbrake-Control: .*/, `Batchbrake-Control: ${controlDigest}`) ?? message
    await Effect.runPromise(
      store.service.commit(headOf(store).version, {
        files: new Map([["batch-control.json", controlText(store)]]),
        message: () => forged
      })
    )
    assert.throws(() => replay(store))
  })

  it("[EV8] a report that comes when the claim of its run is forgotten folds as it was reduced", async () => {
    const store = await begun()
    const day = 24 * 3_600_000
    const run = { at: AT, author: "ci", ecosystem: "npm", runKey: "slow" } as const
    const attempts = { failed: 0, passed: 1, skipped: 0 }
    await answerOf(admitRuns({ ...origin(run.at), requests: [ask("npm", "slow")] }), store.service)
    const reset: ControlEvent = {
      _tag: "BreakerReset",
      at: run.at + 36 * day,
      author: "ops",
      ecosystem: "npm",
      id: "r",
      reason: "r"
    }
    await answerOf(operate(origin(reset.at), [reset]), store.service)
    const report = { ...run, _tag: "RunCompleted", at: reset.at, attempts } as const
    await answerOf(recordRun(POLICY, report, "n"), store.service)
    assert.equal(tagsOf(store).at(-1), "RunCompleted")
    replay(store)
  })

  it("[EV8] an imported file keeps the order of fields that nobody knows, in the branch and in the log", async () => {
    const store = await begun({ zebra: { b: 1, a: [{ d: 1, c: 2 }] }, enabled: true, aardvark: 2, 10: 3 })
    await simulate(
      operate(origin(), [
        { _tag: "Paused", at: AT, author: "ops", autoResume: false, id: "p", reason: "r", scope: "*" }
      ]),
      store.service
    )
    replay(store)
    assert.match(controlText(store), /"zebra": \{\n\s+"b": 1,\n\s+"a"[\s\S]*"aardvark"/)
  })
})
