import { strict as assert } from "node:assert"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { Forge, ForgeRefused, ForgeUnavailable } from "@batchbrake/core/port/Forge"
import { refuseBatches } from "@batchbrake/core/program/judgeBatches"
import { operate } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { unavailable } from "../support/FaultyControlStore.ts"
import { openBatches, type Service } from "../support/openBatches.ts"

const refused = new ForgeRefused({
  detail: "not for this token",
  forge: "test",
  operation: "ask",
  permission: "p",
  reason: "permission"
})
const away = new ForgeUnavailable({ detail: "hung up", forge: "test", mayHaveLanded: true, operation: "ask" })

describe("Judging open batches (SPEC.md JU)", () => {
  it("[JU5] [JU8] a stop turns them red and keeps them from landing by themselves, resuming turns them green", async () => {
    const { forge, ids, judge, pause, resume, verdicts } = await openBatches(2)
    const green = await judge()
    assert.deepEqual(
      green.judged.map(({ autoMergeDisabled, batch, failures, isGreen }) => [
        batch,
        isGreen,
        autoMergeDisabled,
        failures
      ]),
      ids.map((id) => [id, true, false, []])
    )
    assert.ok(forge.pullRequests().every(({ mergesItself }) => mergesItself))
    await pause()
    const red = await judge()
    assert.deepEqual(
      [verdicts(), red.judged.map((one) => one.autoMergeDisabled)],
      [
        ["failure", "failure"],
        [true, true]
      ]
    )
    assert.ok(forge.pullRequests().every(({ mergesItself }) => !mergesItself))
    const before = JSON.stringify([forge.checks(), forge.pullRequests()])
    const again = await judge()
    assert.deepEqual(
      again.judged.map(({ autoMergeDisabled }) => autoMergeDisabled),
      [false, false]
    )
    assert.equal(JSON.stringify([forge.checks(), forge.pullRequests()]), before)
    await resume()
    await judge()
    assert.deepEqual(verdicts(), ["success", "success"])
  })

  it("[JU1] [JU2] a moved head, an unknown batch and an edited manifest are red, and the others green", async () => {
    const { forge, ids, judge, registry } = await openBatches(3)
    const [moved = "", edited = "", good = ""] = ids
    forge.push(`batch/${moved}`)
    for (const branch of ["batch/2026-02-06-999", "batch/nonsense"]) {
      forge.push(branch)
      await Effect.runPromise(
        forge.service.openPullRequest({ base: "main", body: "", head: branch, labels: [], title: "" })
      )
    }
    const [year, month, day] = edited.split("-")
    await registry.edit(`manifests/${year}/${month}/${day}/${edited}.json`, (text) => text.replace("npm", "homebrew"))
    // By hand the control file was left as it is: that is for `audit`, and holds nothing.
    const { failure, judged } = await judge()
    assert.equal(failure, undefined)
    assert.deepEqual(
      judged.map(({ batch, isGreen, reasons }) => [batch, isGreen, reasons[0]?.code]),
      [
        [moved, false, "moved"],
        [edited, false, "edited-by-hand"],
        [good, true, "run"],
        ["2026-02-06-999", false, "unknown-batch"],
        ["nonsense", false, "malformed-id"]
      ]
    )
  })

  it("[JU1] the budget's line holds nothing that is done; an edit by hand that nobody stands for holds all", async () => {
    const { judge, pause, registry } = await openBatches(1)
    const { at, author, nonce: id, ...origin } = registry.origin()
    const spent = { minutes: { linux: 5000, macos: 1000 }, reason: "a bill" }
    const adjusted: ControlEvent = { _tag: "BudgetAdjusted", at, author, id, ...spent }
    await registry.run(operate({ at, author, nonce: id, ...origin }, [adjusted]))
    assert.equal((await judge()).judged[0]?.isGreen, true)
    const before = registry.files().get("batch-control.json")
    await pause()
    await registry.edit("batch-control.json", () => before)
    const { failure, judged } = await judge()
    assert.deepEqual([failure, judged[0]?.isGreen, judged[0]?.reasons[0]?.code], [undefined, false, "unexplained-edit"])
  })

  it("[JU3] other repositories' pull requests are left as they are, and so are branches that bring no batch", async () => {
    const { forge, judge, pause } = await openBatches(2)
    const [first] = forge.pullRequests()
    forge.change(first?.number ?? 0, { isForeign: true })
    forge.push("side")
    const draft = { base: "main", body: "", head: "side", labels: ["batchbrake"], title: "" }
    const { pullRequest } = await Effect.runPromise(forge.service.openPullRequest(draft))
    forge.change(pullRequest.number, { mergesItself: true })
    await pause()
    const { judged } = await judge()
    assert.deepEqual(
      [judged.map(({ number }) => number), forge.pullRequests().map(({ mergesItself }) => mergesItself)],
      [[2], [true, false, true]]
    )
    assert.equal(forge.checks().length, 1)
  })

  it("[JU4] of a head that two have neither is green while one of them is red, also if the other is named", async () => {
    const { forge, ids, judge } = await openBatches(2)
    const [good = "", other = ""] = ids
    forge.push(`batch/${other}`, forge.pullRequests()[0]?.head.commit)
    const { judged } = await judge([good])
    assert.deepEqual(
      judged.map(({ batch, isGreen, reasons }) => [batch, isGreen, reasons[0]?.code]),
      [
        [good, false, "shared-head"],
        [other, false, "moved"]
      ]
    )
    const { judged: one } = await judge([other])
    assert.equal(one.length, 2)
    const { judged: none } = await judge(["2026-02-06-999"])
    assert.deepEqual(none, [])
  })

  it("[JU5] [JU6] what is refused for one is named there, and the others are judged", async () => {
    const { forge, judge, pause, verdicts } = await openBatches(3)
    await pause()
    const [, second] = forge.pullRequests()
    const service: Service = {
      ...forge.service,
      disableAutoMerge: (number) => (number === 3 ? Effect.fail(refused) : forge.service.disableAutoMerge(number)),
      setCheck: (check) => (check.commit === second?.head.commit ? Effect.fail(away) : forge.service.setCheck(check))
    }
    const { judged } = await judge([], service)
    assert.deepEqual(
      judged.map(({ autoMergeDisabled, failures }) => [autoMergeDisabled, failures.map(({ _tag }) => _tag)]),
      [
        [true, []],
        [true, ["ForgeUnavailable"]],
        [false, ["ForgeRefused"]]
      ]
    )
    assert.deepEqual(verdicts(), ["failure", "failure"])
  })

  it("[JU7] while the control branch cannot be read all are red, and no check says why", async () => {
    const { forge, judge, registry, verdicts } = await openBatches(2)
    await judge()
    const broken = Effect.fail(unavailable(false))
    registry.services = { ...registry.services, control: { ...registry.control.service, read: () => broken } }
    const { failure, judged } = await judge()
    assert.equal(failure?._tag, "StoreUnavailable")
    assert.deepEqual(
      [judged.map(({ isGreen }) => isGreen), verdicts()],
      [
        [false, false],
        ["failure", "failure"]
      ]
    )
    assert.ok(forge.checks().every(({ says }) => !says.includes("connection reset")))
    const unreadable = { message: "the secret of alice" }
    const { failure: own } = await registry.run(
      Effect.provideService(refuseBatches([], unreadable), Forge, forge.service)
    )
    assert.deepEqual([own, verdicts()], [unreadable, ["failure", "failure"]])
    assert.ok(forge.checks().every(({ says }) => !says.includes("alice")))
  })

  it("[JU9] a stop that is recorded while green is being said turns it red behind that", async () => {
    const { forge, judge, pause, verdicts } = await openBatches(2)
    let saidGreen = 0
    const order: Array<string> = []
    const meanwhile = (then: () => Promise<unknown>): Service => ({
      ...forge.service,
      setCheck: (check) =>
        Effect.gen(function* () {
          order.push(check.verdict)
          yield* forge.service.setCheck(check)
          if (check.verdict === "success" && ++saidGreen === 1) yield* Effect.promise(then)
        })
    })
    const { failure, judged } = await judge([], meanwhile(pause))
    assert.deepEqual([failure, verdicts()], [undefined, ["failure", "failure"]])
    assert.ok(judged.every(({ autoMergeDisabled, isGreen }) => !isGreen && autoMergeDisabled))
    assert.deepEqual(order, ["success", "success", "failure", "failure"])
  })

  it("[JU7] [JU9] a control branch that is away when green has been said turns it red again", async () => {
    const { forge, judge, registry, verdicts } = await openBatches(1)
    const { control } = registry
    let isAway = false
    const read: typeof control.service.read = (wanted) =>
      Effect.suspend(() => (isAway ? Effect.fail(unavailable(false)) : control.service.read(wanted)))
    registry.services = { ...registry.services, control: { ...control.service, read } }
    const service: Service = {
      ...forge.service,
      setCheck: (check) =>
        Effect.tap(forge.service.setCheck(check), () =>
          Effect.sync(() => {
            isAway = true
          })
        )
    }
    const { failure, judged } = await judge([], service)
    assert.deepEqual([failure?._tag, judged[0]?.isGreen, verdicts()], ["StoreUnavailable", false, ["failure"]])
  })

  it("[JU9] what is red is said before anything is said green", async () => {
    const { forge, judge } = await openBatches(3)
    const [, , last] = forge.pullRequests()
    forge.push(last?.head.branch ?? "")
    await judge()
    assert.deepEqual(
      forge.checks().map(({ verdict }) => verdict),
      ["failure", "failure", "success", "success"]
    )
  })
})
