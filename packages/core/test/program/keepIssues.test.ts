import { strict as assert } from "node:assert"
import { Forge, ForgeRefused, ForgeUnavailable, type Issue } from "@batchbrake/core/port/Forge"
import { MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import { evaluateWithIssues } from "@batchbrake/core/program/evaluateWithIssues"
import { keepHandEditIssue } from "@batchbrake/core/program/keepHandEditIssue"
import { type KeptIssues, keepIssues, MOST_WRITES } from "@batchbrake/core/program/keepIssues"
import { operate } from "@batchbrake/core/program/operate"
import { recordRun } from "@batchbrake/core/program/recordRun"
import type { Alert } from "@batchbrake/core/sli/Alert"
import * as AlertIssue from "@batchbrake/core/sli/AlertIssue"
import { CONDITIONS } from "@batchbrake/core/sli/Signal"
import type * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as MemoryForge from "@batchbrake/core/testing/MemoryForge"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { report } from "@batchbrake/core/testing/SampleRuns"
import { HOUR } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { AT, begun, origin, POLICY } from "../support/branch.ts"
import { answerOf } from "../support/simulate.ts"

type Branch = MemoryControlStore.MemoryControlStore
type Metrics = MetricsStore["Service"]
type Service = Forge["Service"]

const BAD = { failed: 60, passed: 0, skipped: 0 }
const FINE = { failed: 0, passed: 30, skipped: 0 }
const LABEL = "batchbrake-alert"
const AWAY = Effect.fail(
  new ForgeUnavailable({ detail: "503", forge: "the forge", mayHaveLanded: false, operation: "ask" })
)

/** What a new runner has: nothing but the runs that the branch tells of. */
const runs = async (): Promise<Metrics> => {
  const metrics = MemoryMetricsStore.make()
  await Effect.runPromise(
    metrics.ingest([
      report("bad", AT, { attempts: BAD, ecosystem: "npm" }),
      ...["cask", "crates.io"].map((ecosystem) => report(`fine-${ecosystem}`, AT, { attempts: FINE, ecosystem }))
    ])
  )
  return metrics
}

const tripped = async (): Promise<Branch> => {
  const branch = await begun()
  for (const ecosystem of ["npm", "cask", "crates.io"]) {
    const attempts = ecosystem === "npm" ? BAD : FINE
    const event = {
      _tag: "RunCompleted",
      at: AT,
      attempts,
      author: "ci",
      ecosystem,
      runKey: ecosystem === "npm" ? "bad" : `fine-${ecosystem}`
    } as const
    await answerOf(recordRun(POLICY, event, origin().nonce), branch.service)
  }
  return branch
}

const look = (branch: Branch, metrics: Metrics, forge: Service, at: number) =>
  answerOf(
    evaluateWithIssues(POLICY, at, LABEL).pipe(
      Effect.provideService(MetricsStore, metrics),
      Effect.provideService(Forge, forge)
    ),
    branch.service
  )

const reset = (branch: Branch, at: number) =>
  answerOf(
    operate({ ...origin(at), at }, [
      { _tag: "BreakerReset", at, author: "ann", ecosystem: "npm", id: String(at), reason: "mended" }
    ]),
    branch.service
  )

const done = ({ issues }: Pick<KeptIssues, "issues">): ReadonlyArray<string> =>
  issues.map(({ action, alert, issue }) => `${action} #${issue.number} ${alert.condition} ${alert.subject}`)
const states = (forge: MemoryForge.MemoryForge): ReadonlyArray<string> =>
  forge.issues().map(({ number, state }) => `#${number} ${state}`)

const ALERT: Alert = {
  condition: "stale",
  frozenSince: undefined,
  incident: "medium",
  message: "npm: no run has completed",
  openedAt: AT,
  severity: "warning",
  subject: "npm",
  updatedAt: AT
}
const SCENE = { about: CONDITIONS, alerts: [ALERT], at: AT, lastLookAt: undefined, unread: [] }

const keep = (forge: Service, scene: Parameters<typeof keepIssues>[0], issues: ReadonlyArray<Issue>) =>
  Effect.runPromise(Effect.provideService(keepIssues(scene, LABEL, issues), Forge, forge))

describe("keepIssues (SPEC.md IS)", () => {
  it("[IS1] [IS4] [IS7] on runners that forget: opened once, kept since it opened, closed, and another one when it comes back", async () => {
    const [branch, forge] = [await tripped(), MemoryForge.make()]
    const first = await look(branch, await runs(), forge.service, AT + HOUR)
    const standing = first.alerts.map(({ condition, subject }) => `${condition} ${subject}`)
    assert.ok(standing.includes("breaker-open npm"))
    assert.deepEqual(
      done(first),
      standing.map((name, place) => `opened #${place + 1} ${name}`)
    )
    const second = await look(branch, await runs(), forge.service, AT + 2 * HOUR)
    assert.deepEqual(second.changes, [])
    assert.ok(second.alerts.every(({ openedAt }) => openedAt === AT + HOUR))
    assert.ok(second.issues.every(({ action }) => action === "unchanged" || action === "updated"))
    assert.equal(second.issues.length, standing.length)
    await reset(branch, AT + 2 * HOUR)
    const third = await look(branch, await runs(), forge.service, AT + 3 * HOUR)
    assert.ok(done(third).includes("closed #1 breaker-open npm"), done(third).join())
    assert.equal(forge.issues()[0]?.state, "closed")
    assert.match(forge.issues()[0]?.body ?? "", /^Over at /)
    const event = { at: AT + 3 * HOUR, attempts: { failed: 10, passed: 0, skipped: 0 }, author: "ci" }
    const again = { _tag: "RunCompleted", ...event, ecosystem: "npm", runKey: "again" } as const
    await answerOf(recordRun(POLICY, again, origin().nonce), branch.service)
    const fourth = await look(branch, await runs(), forge.service, AT + 4 * HOUR)
    const [one] = fourth.issues.filter(({ alert }) => alert.condition === "breaker-open")
    assert.equal(one?.action, "opened")
    assert.equal(one?.alert.openedAt, AT + 4 * HOUR)
    assert.equal(forge.issues()[0]?.state, "closed")
  })

  it("[IS3] with the metrics away what stands is told, and nothing is closed", async () => {
    const [branch, forge] = [await tripped(), MemoryForge.make()]
    await look(branch, await runs(), forge.service, AT + HOUR)
    await reset(branch, AT + HOUR)
    const unavailable = Effect.fail(new MetricsUnavailable({ detail: "down", store: "metrics" }))
    const metrics = { ...(await runs()), alerts: unavailable, totals: () => unavailable }
    const looked = await look(branch, metrics, forge.service, AT + 2 * HOUR)
    assert.ok(looked.unread.length > 0)
    assert.ok(states(forge).every((state) => state.endsWith("open")))
    assert.ok(
      looked.alerts.some(({ condition, frozenSince }) => condition === "burn-rate" && frozenSince !== undefined)
    )
    const after = await look(branch, await runs(), forge.service, AT + 3 * HOUR)
    assert.ok(done(after).includes("closed #1 breaker-open npm"))
  })

  it("[IS10] a forge that is away hides no alert, and is named; what was done stands, and the next look goes on", async () => {
    const [branch, forge] = [await tripped(), MemoryForge.make()]
    const away = { ...forge.service, openIssues: () => AWAY }
    const looked = await look(branch, await runs(), away, AT + HOUR)
    assert.ok(looked.alerts.length > 1)
    assert.deepEqual([looked.issues, looked.failure?._tag], [[], "ForgeUnavailable"])
    let asked = 0
    const breaking: Service = {
      ...forge.service,
      ensureIssue: (draft) => (++asked === 2 ? AWAY : forge.service.ensureIssue(draft))
    }
    const half = await look(branch, await runs(), breaking, AT + HOUR)
    assert.deepEqual([half.issues.length, half.failure?._tag], [1, "ForgeUnavailable"])
    assert.equal(half.alerts.length, looked.alerts.length)
    const whole = await look(branch, await runs(), forge.service, AT + HOUR)
    assert.deepEqual([forge.issues().length, whole.failure], [looked.alerts.length, undefined])
    assert.ok(whole.issues.some(({ action, issue }) => issue.number === 1 && action === "unchanged"))
  })

  it("[IS10] of what the forge does not take in between, the rest that needs no write is still said", async () => {
    const forge = MemoryForge.make()
    await keep(forge.service, SCENE, [])
    const stranger = { ...ALERT, subject: "cask" }
    const breaking: Service = { ...forge.service, ensureIssue: () => AWAY }
    const kept = await keep(breaking, { ...SCENE, alerts: [stranger, ALERT] }, forge.issues())
    assert.deepEqual([done(kept), kept.failure?._tag], [["unchanged #1 stale npm"], "ForgeUnavailable"])
  })

  it("[IS10] one that the forge will not take keeps none of the others from being kept", async () => {
    const forge = MemoryForge.make()
    const refusal = new ForgeRefused({
      detail: "422, body is too long",
      forge: "the forge",
      operation: "open an issue",
      permission: "issues: write",
      reason: "invalid"
    })
    const choosy: Service = {
      ...forge.service,
      ensureIssue: (draft) => (draft.key.includes("/cask/") ? Effect.fail(refusal) : forge.service.ensureIssue(draft))
    }
    const kept = await keep(choosy, { ...SCENE, alerts: [{ ...ALERT, subject: "cask" }, ALERT] }, [])
    assert.deepEqual([done(kept), kept.failure], [["opened #1 stale npm"], refusal])
  })

  it("[IS11] an issue that somebody closed while its alert stands is opened again", async () => {
    const forge = MemoryForge.make()
    await keep(forge.service, SCENE, [])
    const [made] = forge.issues()
    if (made !== undefined) await Effect.runPromise(forge.service.updateIssue(made, { state: "closed" }))
    const kept = await keep(forge.service, SCENE, [])
    assert.deepEqual([done(kept), states(forge)], [["reopened #1 stale npm"], ["#1 open"]])
    // Somebody who was faster has opened it: it is the same one.
    const raced = await keep(forge.service, SCENE, [])
    assert.deepEqual([done(raced), states(forge)], [["updated #1 stale npm"], ["#1 open"]])
  })

  it("[IS12] one look writes no more than its share, the gravest first, and the next looks do the rest", async () => {
    const forge = MemoryForge.make()
    const alerts = Array.from({ length: 2 * MOST_WRITES + 1 }, (_, place) => ({ ...ALERT, subject: `e${place}` }))
    const counts: Array<number> = []
    for (let looks = 0; looks < 4; looks++) {
      const kept = await keep(forge.service, { ...SCENE, alerts }, forge.issues())
      assert.equal(
        kept.notices.some(({ code }) => code === "issues-left"),
        looks < 2
      )
      counts.push(forge.issues().length)
      assert.deepEqual(
        forge.issues().map(({ key }) => key),
        alerts.slice(0, forge.issues().length).map(AlertIssue.keyOf)
      )
    }
    // What is over waits for what is to be opened.
    const others = alerts.slice(0, MOST_WRITES).map((alert) => ({ ...alert, subject: `${alert.subject}-new` }))
    const busy = await keep(forge.service, { ...SCENE, alerts: others }, forge.issues())
    assert.ok(busy.issues.every(({ action }) => action === "opened"))
    assert.deepEqual(counts, [MOST_WRITES, 2 * MOST_WRITES, alerts.length, alerts.length])
  })

  it("[IS8] what cannot be read is named, and left as it is", async () => {
    const forge = MemoryForge.make()
    const draft = { body: "", labels: [LABEL], title: "" } as const
    for (let count = 0; count < 7; count++) {
      await Effect.runPromise(forge.service.ensureIssue({ ...draft, key: `alert/nonsense/${count}` }))
    }
    const kept = await keep(forge.service, { ...SCENE, alerts: [] }, forge.issues())
    assert.deepEqual(kept.issues, [])
    const [said] = kept.notices
    assert.equal(said?.code, "issue-unreadable")
    assert.match(said?.message ?? "", /^#1, #2, #3, #4, #5 and 2 more: /)
    assert.ok(states(forge).every((state) => state.endsWith("open")))
  })

  it("a look of an earlier time than the newest one changes no issue", async () => {
    const [branch, forge, metrics] = [await tripped(), MemoryForge.make(), await runs()]
    await look(branch, metrics, forge.service, AT + 2 * HOUR)
    const before = forge.issues()
    const older = await look(branch, metrics, forge.service, AT + HOUR)
    assert.deepEqual([older.issues, forge.issues()], [[], before])
    assert.ok(older.alerts.length > 0)
  })
})

describe("keepHandEditIssue (SPEC.md IS)", () => {
  const LOOSENED = { edit: "loosened", paths: ["enabled"] } as const
  const EXPLAINED = { edit: "none", paths: [] } as const
  const seen = (forge: Service, what: Parameters<typeof keepHandEditIssue>[0], at: number) =>
    Effect.runPromise(Effect.provideService(keepHandEditIssue(what, at, LABEL), Forge, forge))

  it("[IS13] an edit by hand has one issue: opened, kept as it grows or cannot be read, closed once it is explained", async () => {
    const forge = MemoryForge.make()
    await keep(forge.service, SCENE, [])
    const edit = "hand-edit batch-control.json"
    assert.deepEqual(done(await seen(forge.service, EXPLAINED, AT)), [])
    assert.deepEqual(done(await seen(forge.service, LOOSENED, AT + HOUR)), [`opened #2 ${edit}`])
    assert.deepEqual(done(await seen(forge.service, LOOSENED, AT + 2 * HOUR)), [`unchanged #2 ${edit}`])
    const more = { edit: "loosened", paths: ["enabled", "budget"] } as const
    assert.deepEqual(done(await seen(forge.service, more, AT + 3 * HOUR)), [`updated #2 ${edit}`])
    const unreadable = { edit: "unreadable", paths: [] } as const
    const kept = await seen(forge.service, unreadable, AT + 4 * HOUR)
    assert.deepEqual([done(kept), kept.alerts[0]?.openedAt], [[`updated #2 ${edit}`], AT + HOUR])
    assert.deepEqual(done(await seen(forge.service, EXPLAINED, AT + 5 * HOUR)), [`closed #2 ${edit}`])
    assert.deepEqual(states(forge), ["#1 open", "#2 closed"])
    assert.deepEqual(done(await seen(forge.service, LOOSENED, AT + 6 * HOUR)), [`opened #3 ${edit}`])
  })

  it("[IS10] of a forge that is away the edit's look says so", async () => {
    const forge = MemoryForge.make()
    const kept = await seen({ ...forge.service, openIssues: () => AWAY }, LOOSENED, AT)
    assert.deepEqual([kept.issues, kept.failure?._tag], [[], "ForgeUnavailable"])
  })
})
