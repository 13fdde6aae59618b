import { strict as assert } from "node:assert"
import * as AdoptionPlan from "@batchbrake/core/batch/AdoptionPlan"
import * as Aliases from "@batchbrake/core/batch/Aliases"
import * as Archive from "@batchbrake/core/batch/Archive"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { AT, changed, ID, MINUTE, merged, objectId } from "./batches.ts"

const DAY = 86_400_000

const candidate = (digit: string, more: Partial<AdoptionPlan.Candidate> = {}): AdoptionPlan.Candidate => ({
  aliases: [],
  changes: [changed(`recipes/${digit}`, undefined, digit)],
  commit: objectId(digit),
  committedAt: AT,
  ecosystems: ["npm"],
  notBlobs: [],
  parent: undefined,
  subject: `batch ${digit}`,
  ...more
})

const planned = (
  candidates: ReadonlyArray<AdoptionPlan.Candidate>,
  files: Archive.Files = new Map(),
  ecosystems: ReadonlyArray<string> = []
): AdoptionPlan.AdoptionPlan =>
  Result.getOrThrow(
    AdoptionPlan.plan(files, {
      at: AT + MINUTE,
      by: "alice",
      candidates,
      content: ["recipes/**", "docs/*"],
      ecosystems
    })
  )

const skippedAs = (more: Partial<AdoptionPlan.Candidate>, files?: Archive.Files) => {
  const { fresh, skipped } = planned([candidate("1", more)], files)
  return fresh.length > 0 ? undefined : skipped.map(({ code, message }) => [code, message])[0]
}

describe("Which commits become batches (SPEC.md AD)", () => {
  it("[AD1] newest first as they are given, each gets the next ID of its day, the older the lower", () => {
    const { aliases, fresh, known, skipped } = planned([
      candidate("4", { committedAt: AT + DAY }),
      candidate("3", { aliases: ["old", "2026-02-06-001"], committedAt: AT - DAY }),
      candidate("2", { aliases: ["old"] }),
      candidate("1")
    ])
    assert.deepEqual(
      fresh.map(({ adopted_from, id }) => [id, adopted_from]),
      [
        ["2026-02-05-001", objectId("3")],
        ["2026-02-06-002", objectId("1")],
        ["2026-02-06-003", objectId("2")],
        ["2026-02-07-001", objectId("4")]
      ]
    )
    assert.deepEqual([known, skipped], [[], []])
    assert.deepEqual(
      [...aliases],
      [
        ["old", ["2026-02-05-001", "2026-02-06-003"]],
        ["2026-02-06-001", ["2026-02-05-001"]]
      ]
    )
  })

  it("its ecosystems are those that are asked for, else its own names that are some", () => {
    const of = (asked: ReadonlyArray<string>) =>
      planned([candidate("1", { ecosystems: ["npm", "NPM"] })], new Map(), asked).fresh[0]?.ecosystems
    assert.deepEqual([of([]), of(["homebrew"])], [["npm"], ["homebrew"]])
  })

  it("what is outside of the content, no path, or no file outside of it, is noted and not adopted", () => {
    const outside = ["recipes/../x", "other/sub", "other/a"]
    const [batch] = planned([
      candidate("1", {
        changes: [
          changed("recipes/a", undefined, "1"),
          changed("other/a", "1", "2"),
          changed("recipes/../x", "1", "2")
        ],
        notBlobs: ["other/sub"]
      })
    ]).fresh
    assert.deepEqual(
      batch?.paths.map(({ path }) => path),
      ["recipes/a"]
    )
    assert.deepEqual(batch?.merged?.outside, [...outside].sort())
  })

  it("names that nobody can type are left out", () => {
    const long = "n".repeat(200)
    const aliases = ["", long, `${long}n`, "two\nlines", "plain"]
    assert.deepEqual(planned([candidate("1", { aliases })]).fresh[0]?.aliases, [long, "plain"])
  })

  it("[AD6] a commit that becomes none says why", () => {
    assert.deepEqual(skippedAs({ changes: [] }), ["nothing-changed", "it changes nothing"])
    assert.deepEqual(skippedAs({ changes: [changed("other/a", "1", "2")] }), [
      "outside-content",
      "nothing that it changes is under recipes/**, docs/*"
    ])
    assert.deepEqual(skippedAs({ notBlobs: ["other/sub", "recipes/sub"] }), [
      "not-a-file",
      'it changes what is no file: "recipes/sub"'
    ])
    const date = ["date-impossible", "its date cannot be in an ID"]
    assert.deepEqual(
      [-1, 0, 253_118_476_800_000, 253_118_476_800_001].map((committedAt) => skippedAs({ committedAt })),
      [date, undefined, undefined, date]
    )
    const files = Archive.changes(new Map(), [{ at: AT, event: "BatchMerged", manifest: merged([]), nonce: "n" }])
    const order = `batchbrake batch merged ${ID} --commit ${objectId("1")}`
    assert.deepEqual(skippedAs({ aliases: ["old", ID] }, files), [
      "issued-here",
      `it names ${ID}, which was given out here: \`${order}\``
    ])
  })

  it("[AD2] a commit that is on record is known and not adopted, and is listed once, oldest first", () => {
    const files = Archive.changes(
      new Map(),
      [merged([], "2026-02-07-001"), { ...merged([]), adopted_from: objectId("8"), merged_again: [objectId("9")] }].map(
        (manifest, index) => ({
          at: AT,
          event: "BatchMerged",
          manifest:
            manifest.merged === undefined
              ? manifest
              : { ...manifest, merged: { ...manifest.merged, commit: objectId(String(index + 6)) } },
          nonce: "n"
        })
      )
    )
    const { fresh, known, skipped } = planned(
      [..."9876"].map((digit) => candidate(digit)).concat(candidate("1")),
      files
    )
    assert.deepEqual(
      known.map(({ id }) => id),
      [ID, "2026-02-07-001"]
    )
    assert.deepEqual([fresh.map(({ id }) => id), skipped], [["2026-02-06-002"], []])
  })

  it("nothing is adopted where a manifest or the list of names is not to be believed", () => {
    const adopting = { at: AT, by: "alice", candidates: [candidate("1")], content: ["recipes/**"], ecosystems: [] }
    const files = new Map(Archive.changes(new Map(), [{ at: AT, event: "e", manifest: merged([]), nonce: "n" }]))
    const codeOf = (more: ReadonlyArray<readonly [string, string]>) => {
      const found = AdoptionPlan.plan(new Map([...files, ...more]), adopting)
      return Result.isFailure(found) ? found.failure : undefined
    }
    assert.equal(codeOf([]), undefined)
    assert.equal(codeOf([[Aliases.PATH, "{}"]])?.code, "manifest-unreadable")
    assert.deepEqual(codeOf([[`manifests/2026/02/06/${ID}.json`, ""]]), {
      code: "edited-by-hand",
      message:
        `manifests/2026/02/06/${ID}.json is not as the last event on ${ID} left it: ` +
        "it was edited by hand and is refused; revert that edit"
    })
    assert.equal(codeOf([["manifests/2026/02/06/ledger.jsonl", "{"]])?.code, "manifest-unreadable")
    const damaged = AdoptionPlan.plan(new Map([["manifests/2026/02/06/ledger.jsonl", "{"]]), adopting)
    assert.ok(Result.isFailure(damaged))
    assert.equal(damaged.failure.code, "manifest-unreadable")
  })

  it("what is written is each manifest, its line, and the older names", () => {
    const plan = planned([candidate("1", { aliases: ["old"] })])
    const [manifest] = plan.fresh
    assert.ok(manifest !== undefined)
    const origin = { at: AT, nonce: "n" }
    assert.deepEqual(
      [...AdoptionPlan.changes(new Map(), plan, origin)],
      [
        ...Archive.changes(new Map(), [{ ...origin, event: "BatchAdopted", manifest }]),
        ["manifests/aliases.json", `[\n  ["old",["${ID}"]]\n]\n`]
      ]
    )
  })
})
