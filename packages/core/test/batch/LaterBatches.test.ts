import { strict as assert } from "node:assert"
import * as BatchJson from "@batchbrake/core/batch/BatchJson"
import * as LaterBatches from "@batchbrake/core/batch/LaterBatches"
import * as Lifecycle from "@batchbrake/core/batch/Lifecycle"
import * as Manifest from "@batchbrake/core/batch/Manifest"
import type { PathChange } from "@batchbrake/core/batch/TreeEntry"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { changed, directory, file, ID, landing, merged, objectId, opened, sealed } from "./batches.ts"

const numbered = (number: number, ...changes: ReadonlyArray<PathChange>): Manifest.Manifest =>
  sealed(changes, `2026-02-06-00${number}`)

describe("The batches that built on one (SPEC.md RB)", () => {
  const first = numbered(1, changed("a", undefined, "1"), changed("b", "1", undefined), changed("c", "1", "2"))

  it("[RB17] are those that begin where it ended, and those that begin where these ended, in any order", () => {
    const others = [
      numbered(5, changed("a", "3", "4"), changed("c", "9", "8")),
      numbered(2, changed("c", "2", "3"), changed("a", "1", "2")),
      numbered(3, changed("a", "2", "3"), changed("d", "1", "2")),
      numbered(4, changed("b", "1", "2"), changed("c", "1", "2"), changed("a", undefined, "1")),
      numbered(6, changed("a", "4", undefined)),
      first
    ]
    assert.deepEqual(LaterBatches.builtOn(first, others), [
      { id: "2026-02-06-005", paths: ["a"] },
      { id: "2026-02-06-002", paths: ["a", "c"] },
      { id: "2026-02-06-003", paths: ["a"] },
      { id: "2026-02-06-006", paths: ["a"] }
    ])
    assert.deepEqual(LaterBatches.builtOn(first, []), [])
    assert.deepEqual(LaterBatches.builtOn(opened(), others), [])
  })

  it("[RB17] begin with the same mode, blob and path, and end where they go round in a circle", () => {
    const executable = { ...changed("a", "1", "2"), before: file("1", "100755") }
    assert.deepEqual(LaterBatches.builtOn(first, [numbered(2, executable), numbered(3, changed("x", "1", "2"))]), [])
    const circle = [numbered(2, changed("a", "1", "2")), numbered(3, changed("a", "2", "1"))]
    assert.equal(LaterBatches.builtOn(first, circle).length, 2)
    const round = numbered(1, changed("a", "2", "1"))
    assert.deepEqual(LaterBatches.builtOn(round, [round, numbered(2, changed("a", "1", "2"))]), [
      { id: "2026-02-06-002", paths: ["a"] }
    ])
  })

  it("[RB17] name their paths in order, whichever were found first", () => {
    const others = [numbered(2, changed("a", "2", "3"), changed("c", "2", "3")), numbered(3, changed("a", "1", "2"))]
    assert.deepEqual(LaterBatches.builtOn(first, others)[0], { id: "2026-02-06-002", paths: ["a", "c"] })
  })

  it("[RB17] each landing names its batch", () => {
    const [one, other] = [merged([]), merged([], "2026-02-06-002")]
    const again = Result.getOrThrow(Lifecycle.merged(one, landing({ commit: objectId("e") })))
    const { merged: _, ...adopted } = { ...other, adopted_from: objectId("f") }
    assert.deepEqual(
      [...LaterBatches.batchesByCommit([again, adopted, sealed([])])],
      [
        [objectId("c"), ID],
        [objectId("e"), ID],
        [objectId("f"), "2026-02-06-002"]
      ]
    )
  })
})

describe("Batches as they are printed (SPEC.md BA)", () => {
  it("have the commit that landed, else the one that was sealed, else none", () => {
    const { merged: _, ...adopted } = { ...merged([]), adopted_from: objectId("f") }
    assert.deepEqual(
      [merged([]), adopted, sealed([]), opened()].map((batch) => BatchJson.summary(batch).commit),
      [objectId("c"), objectId("f"), objectId("b"), null]
    )
    assert.deepEqual(BatchJson.summary(sealed([changed("recipes/b", "1", "2"), changed("recipes/a", "1", "2")])), {
      aliases: [],
      commit: objectId("b"),
      ecosystems: ["npm"],
      id: ID,
      paths: ["recipes/a", "recipes/b"],
      state: "sealed"
    })
  })

  it("have every side of a step, absent ones as null, and who changed it since", () => {
    const step = {
      action: "changed-since",
      after: file("2"),
      before: undefined,
      current: file("3", "100755"),
      outcome: directory,
      path: "recipes/a"
    } as const
    const since = [
      { batch: ID, commit: objectId("1"), subject: "one" },
      { batch: undefined, commit: objectId("2"), subject: "other" }
    ]
    assert.deepEqual(BatchJson.step(step, since), {
      action: "changed-since",
      after: { blob: objectId("2"), mode: "100644" },
      before: null,
      changed_by: [since[0], { batch: null, commit: objectId("2"), subject: "other" }],
      current: { blob: objectId("3"), mode: "100755" },
      outcome: { blob: objectId("d"), mode: "040000" },
      path: "recipes/a"
    })
  })
})

describe("The text of a manifest (SPEC.md BA)", () => {
  it("[BA4] has its keys in one order, two spaces a level, and a final newline", () => {
    const edit = changed("recipes/a", "1", "2")
    const whole: Manifest.Manifest = {
      ...merged([edit]),
      adopted_from: objectId("c"),
      merged: {
        at: "2026-02-06T10:02:00Z",
        commit: objectId("c"),
        differs: [{ path: "recipes/a" }],
        onto: objectId("a"),
        outside: []
      },
      pull_request: "https://forge.example/7",
      rollbacks: [
        {
          at: "2026-02-06T11:00:00Z",
          branch: "b",
          by: "alice",
          commit: objectId("e"),
          onto: objectId("c"),
          paths: Manifest.toChanges([edit]),
          reason: "r",
          undoes: objectId("f")
        }
      ]
    }
    const text = Manifest.encode(whole)
    assert.deepEqual(
      [...text.matchAll(/^( *)"([a-z_]+)":/gm)].map(([, indent = "", key]) => `${indent.length} ${key}`),
      [
        ...["2 id", "2 version", "2 state", "2 ecosystems", "2 aliases", "2 by", "2 opened_at", "2 sealed_at"],
        ...["2 base", "2 head", "2 pull_request", "2 adopted_from", "2 merged"],
        ...["4 at", "4 commit", "4 onto", "4 differs", "8 path", "4 outside", "2 merged_again"],
        ...["2 paths", "6 path", "6 before", "8 mode", "8 blob", "6 after", "8 mode", "8 blob"],
        ...["2 rollbacks", "6 at", "6 by", "6 reason", "6 branch", "6 commit", "6 onto", "6 undoes"],
        ...["6 paths", "10 path", "10 before", "12 mode", "12 blob", "10 after", "12 mode", "12 blob"]
      ]
    )
    assert.ok(text.startsWith('{\n  "id":') && text.endsWith("\n}\n"))
    assert.deepEqual(Result.getOrThrow(Manifest.parse(ID, text)), whole)
  })

  it("[BA4] that is none is refused with where it is wrong", () => {
    const text = Manifest.encode(sealed([changed("recipes/a", "1", "2")]))
    const faultOf = (from: string, to: string) => {
      assert.ok(text.includes(from), from)
      const read = Manifest.parse(ID, text.replace(from, to))
      return Result.isFailure(read) ? read.failure.map(({ expected, path }) => [path, expected]) : []
    }
    const hexadecimal = "a git object ID, 40 or 64 hexadecimal digits"
    assert.deepEqual(faultOf("a".repeat(40), "a".repeat(64)), [])
    for (const wrong of ["a".repeat(39), "a".repeat(41), "a".repeat(63), "a".repeat(65), "A".repeat(40), "main"]) {
      assert.deepEqual(faultOf("a".repeat(40), wrong), [["base", hexadecimal]], wrong)
    }
    assert.deepEqual(faultOf(`"${ID}"`, '"2026-02-30-001"'), [["id", "a batch ID, YYYY-MM-DD-NNN"]])
    assert.deepEqual(faultOf(`"${ID}"`, '"2026-02-06-002"'), [["id", `the manifest of ${ID}`]])
    assert.equal(faultOf('"version": 1', '"version": 2')[0]?.[0], "version")
    assert.equal(faultOf('"state": "sealed"', '"state": "gone"')[0]?.[0], "state")
    assert.equal(faultOf('"mode": "100644"', '"mode": "040000"')[0]?.[0], "paths[0].before.mode")
    assert.equal(faultOf('"aliases": []', '"aliases": [""]')[0]?.[0], "aliases[0]")
    assert.equal(faultOf('"by"', '"more": 1, "by"')[0]?.[0], "more")
  })

  it("[BA6] holds files and links, and a side that is neither is none", () => {
    const of = (mode: string) => Manifest.toChange({ after: file("1", mode), before: file("2", mode), path: "a" })
    for (const mode of ["100644", "100755", "120000"]) {
      assert.deepEqual(of(mode), { after: file("1", mode), before: file("2", mode), path: "a" })
    }
    for (const mode of ["040000", "160000", ""]) assert.deepEqual(Object.keys(of(mode)), ["path"])
    assert.deepEqual(Manifest.toChanges([changed("b", undefined, "1"), changed("a", "1", undefined)]), [
      { before: file("1"), path: "a" },
      { after: file("1"), path: "b" }
    ])
  })

  it("[BA8] what it did is as it was merged, in the order of the paths, without what was left alone", () => {
    const batch = merged([changed("b", "1", "2"), changed("a", "1", "2"), changed("d", "1", undefined)])
    const differs = Manifest.toChanges([changed("b", undefined, undefined), changed("c", undefined, "3")])
    assert.ok(batch.merged !== undefined)
    assert.deepEqual(Manifest.changesOf({ ...batch, merged: { ...batch.merged, differs } }), [
      changed("a", "1", "2"),
      changed("c", undefined, "3"),
      changed("d", "1", undefined)
    ])
    assert.equal(Manifest.landedIn({ ...batch, adopted_from: objectId("f") }), objectId("c"))
    assert.deepEqual(Manifest.changesOf(opened()), [])
  })
})
