import { strict as assert } from "node:assert"
import * as Judgement from "@batchbrake/core/batch/Judgement"
import type { Manifest } from "@batchbrake/core/batch/Manifest"
import { refusal } from "@batchbrake/core/batch/Refusal"
import { type Decision, hold } from "@batchbrake/core/control/Decision"
import type { Reason } from "@batchbrake/core/control/Obstacle"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { ID, merged, objectId, opened, sealed } from "./batches.ts"

const asked = (more: Partial<Judgement.Asked> = {}): Judgement.Asked => ({
  branch: `batch/${ID}`,
  head: objectId("b"),
  isForeign: false,
  number: 7,
  ...more
})

const answer = (ecosystem: string, decision: Decision["decision"], reasons: ReadonlyArray<Reason>): Decision => ({
  ...hold({ ecosystem, runKey: undefined }, reasons),
  decision
})

const reasonsOf = (manifest: Manifest, decision: Decision, head?: string) => {
  const [judged] = Judgement.judge([asked(head === undefined ? {} : { head })], {
    decide: (ecosystem) => ({ ...decision, ecosystem }),
    manifestOf: () => Result.succeed(manifest)
  })
  return judged?.reasons.map(({ code, message }) => [code, message])
}

const RUN = answer("npm", "run", [])

describe("What is said of a judged batch (SPEC.md JU)", () => {
  it("[JU2] is each thing that stands in the way, in words", () => {
    assert.deepEqual(reasonsOf(opened(), RUN), [["not-sealed", `${ID} is not sealed: nobody said what it changes`]])
    assert.deepEqual(reasonsOf(merged([]), RUN), [["merged", `${ID} has landed: close its pull request`]])
    assert.deepEqual(reasonsOf({ ...sealed([]), state: "rolled-back" }, RUN), [
      ["rolled-back", `${ID} was taken out again: undo its rollback, do not land it anew`]
    ])
    assert.deepEqual(reasonsOf(sealed([]), RUN, objectId("f")), [
      [
        "moved",
        `its branch is at ${objectId("f")}, and ${ID} was sealed with ${objectId("b")}: only what was sealed was judged`
      ]
    ])
    assert.deepEqual(reasonsOf({ ...sealed([]), ecosystems: [] }, RUN), [
      ["no-ecosystem", `${ID} names no ecosystem to ask about`]
    ])
  })

  it("[JU2] is one line an ecosystem: what the gate answers with its reasons, or its answer alone", () => {
    const two = [
      { code: "paused", message: "all is paused" },
      { code: "breaker-open", message: "too much\nfailed" }
    ]
    const both = { ...sealed([]), ecosystems: ["homebrew", "npm"] }
    assert.deepEqual(reasonsOf(both, answer("", "hold", two)), [
      ["paused", "homebrew: all is paused; too much failed"],
      ["paused", "npm: all is paused; too much failed"]
    ])
    assert.deepEqual(reasonsOf(sealed([]), answer("", "hold", [])), [["hold", "npm: hold"]])
    assert.deepEqual(reasonsOf(sealed([]), RUN), [["run", "npm: run"]])
    assert.deepEqual(reasonsOf(sealed([]), answer("", "probe", two)), [
      ["probe", "npm: all is paused; too much failed"]
    ])
  })

  it("[JU2] is why its manifest is not to be believed", () => {
    const [judged] = Judgement.judge([asked()], {
      decide: () => RUN,
      manifestOf: (id) => Result.fail(refusal("unknown-batch", `no ${id}`))
    })
    assert.deepEqual(judged, {
      ...asked(),
      batch: ID,
      isGreen: false,
      reasons: [{ code: "unknown-batch", message: `no ${ID}` }]
    })
  })

  it("[JU4] names the pull request that keeps it, which says its own reasons", () => {
    const known: Judgement.Known = {
      decide: () => RUN,
      manifestOf: (id) =>
        id === ID ? Result.succeed(sealed([])) : Result.fail(refusal("unknown-batch", "there is none"))
    }
    const judged = Judgement.judge([asked(), asked({ branch: "batch/x", number: 8 })], known)
    assert.deepEqual(
      judged.map(({ isGreen, reasons }) => [isGreen, reasons]),
      [
        [
          false,
          [
            {
              code: "shared-head",
              message: "pull request 8 has the same head and may not land, and a check is of the commit"
            }
          ]
        ],
        [false, [{ code: "unknown-batch", message: "there is none" }]]
      ]
    )
  })

  it("[JU3] is the given reason for all where nothing is known, under the published name", () => {
    const reason = { code: "unreachable", message: "the control branch cannot be read" }
    assert.deepEqual(Judgement.refuseAll([asked(), asked({ isForeign: true })], reason), [
      { ...asked(), batch: ID, isGreen: false, reasons: [reason] }
    ])
    assert.deepEqual([Judgement.CHECK, Judgement.BRANCHES], ["batchbrake", "batch/"])
  })

  it("[JU4] names of none are about all, and others about those with a head in common", () => {
    const [one, other, third] = [
      asked(),
      asked({ branch: "main", number: 8 }),
      asked({ branch: "batch/x", head: objectId("f"), number: 9 })
    ]
    const all = [one, other, third]
    assert.deepEqual(Judgement.about(all, []), all)
    assert.deepEqual(Judgement.about(all, [ID]), [one, other])
    assert.deepEqual(Judgement.about(all, ["x", "y"]), [third])
    assert.deepEqual(Judgement.about(all, ["y"]), [])
    assert.deepEqual(Judgement.about([other], [""]), [other])
  })
})
